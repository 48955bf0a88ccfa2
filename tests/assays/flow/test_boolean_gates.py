"""Populations combined from others: in all, in any, or in what one leaves out."""

from __future__ import annotations

import numpy as np
import pytest

from assays.errors import GatingError
from assays.flow.events import Channel, Events
from assays.flow.strategy import check_strategy
from assays.protocol import Gate

TUBE = Events(
    np.array([[1.0, 1.0], [1.0, 9.0], [9.0, 1.0], [9.0, 9.0]]),
    (Channel("CD19", None, 10.0), Channel("CD3", None, 10.0)),
    name="tube.fcs",
)


def above(name: str, channel: str, parent: str = "root") -> Gate:
    return Gate(
        population=name, parent=parent, method="interval", channels=(channel,), params={"low": 5.0}
    )


def combined(name: str, parent: str = "root", exclude: bool = False, **params: object) -> Gate:
    return Gate(
        population=name, parent=parent, method="boolean", params=dict(params), exclude=exclude
    )


def members(*gates: Gate, population: str) -> list[int]:
    found = check_strategy(gates).apply(TUBE)
    return np.flatnonzero(found[population].mask).tolist()


@pytest.mark.parametrize(
    ("params", "events"),
    [
        ({"and": ["B", "T"]}, [3]),
        ({"or": ["B", "T"]}, [1, 2, 3]),
        ({"not": "B"}, [0, 1]),
        ({"and": ["B", "not T"]}, [2]),
        ({"or": ["not B", "not T"]}, [0, 1, 2]),
    ],
)
def test_populations_are_combined(params: dict[str, object], events: list[int]) -> None:
    both = (above("B", "CD19"), above("T", "CD3"))
    assert members(*both, combined("x", **params), population="x") == events
    assert members(combined("x", **params), *both, population="x") == events
    left = combined("x", exclude=True, **params)
    assert members(*both, left, population="x") == [n for n in range(4) if n not in events]


def test_members_of_a_combination_are_members_of_its_parent() -> None:
    gates = (above("B", "CD19"), above("T", "CD3"), combined("x", "T", **{"not": "B"}))
    assert members(*gates, population="x") == [1]


def test_what_is_wrong_with_a_combination_is_told() -> None:
    both = (above("B", "CD19"), above("T", "CD3"))
    for params, told in (
        ({}, "needs one of and, or, not"),
        ({"and": ["B"], "or": ["T"]}, "needs one of"),
        ({"and": []}, "of 0 populations"),
        ({"not": ["B", "T"]}, "of 2 populations"),
        ({"and": [1]}, "takes names"),
        ({"and": ["not "]}, "without a name"),
    ):
        with pytest.raises(GatingError, match=told):
            check_strategy((*both, combined("x", **params)))
    with pytest.raises(GatingError, match="names population 'b'") as caught:
        check_strategy((*both, combined("x", **{"and": ["b"]})))
    assert "Did you mean 'B'?" in caught.value.hint
    with pytest.raises(GatingError, match="x → y → x"):
        check_strategy((combined("x", **{"and": ["y"]}), combined("y", **{"not": "x"})))
    with pytest.raises(GatingError, match="boolean gate takes 0 channel"):
        check_strategy((Gate(population="x", method="boolean", channels=("CD3",)),))
