"""A known spillover comes back from simulated single stains, and poor controls are refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from assays.errors import ControlError
from assays.flow.single_stains.matrix import ControlMatrix, matrix_from_controls
from assays.protocol import SingleStains

METHODS = ("medians", "regression", "iterated")


def worked_out(rack: Any, **choice: Any) -> ControlMatrix:
    return matrix_from_controls(rack.tubes, rack.open, SingleStains(**choice))


def rules(made: ControlMatrix) -> set[str]:
    return {finding.rule for finding in made.findings}


# What medians miss by is not noise: the median of a sum is not the sum of the medians where
# autofluorescence is as large as the spillover. It shrinks as the stain gets brighter.
@pytest.mark.parametrize(
    ("method", "material", "brightness", "bound"),
    [
        ("medians", "cells", 3_000, 0.006),
        ("medians", "cells", 12_000, 0.003),
        ("medians", "beads", 12_000, 0.002),
        ("regression", "cells", 3_000, 0.003),
        ("regression", "cells", 12_000, 0.001),
        ("regression", "beads", 12_000, 0.001),
        ("iterated", "cells", 12_000, 0.001),
        ("iterated", "beads", 60_000, 0.0003),
    ],
)
@pytest.mark.parametrize("negative", ["unstained", "own"])
def test_every_coefficient_comes_back(
    rack: Any, method: str, material: str, brightness: float, bound: float, negative: str
) -> None:
    rack.single_stains(material, brightness, n=8000)
    made = worked_out(rack, method=method, negative=negative)
    truth = rack.cytometer.spillover
    assert made.spillover.channels == tuple(rack.cytometer.detectors)
    np.testing.assert_allclose(made.spillover.matrix, truth, atol=bound)
    assert (made.spillover.matrix.diagonal() == 1).all()
    assert made.record.condition == pytest.approx(np.linalg.cond(truth), rel=0.02)
    assert all(pair.status == "ok" for pair in made.record.pairs)
    assert rules(made) == set()


def test_standard_errors_hold_the_error_of_beads(rack: Any) -> None:
    made = worked_out(rack.single_stains("beads"), method="regression")
    names = list(made.spillover.channels)
    off = [
        (pair.coefficient - rack.cytometer.spillover[names.index(pair.source), names.index(
            pair.target)]) / pair.standard_error
        for pair in made.record.pairs
    ]  # fmt: skip
    assert np.mean(np.abs(off) < 1.96) >= 0.8
    assert np.sqrt(np.mean(np.square(off))) < 1.6


def test_a_control_without_unstained_events_of_its_own_takes_the_unstained_tube(rack: Any) -> None:
    rack.single_stains(stained=1.0)
    made = worked_out(rack)
    np.testing.assert_allclose(made.spillover.matrix, rack.cytometer.spillover, atol=0.003)
    assert {row.negative for row in made.record.stains} == {"unstained cells.fcs"}
    with pytest.raises(ControlError, match="nothing to hold this control against"):
        worked_out(rack, negative="own")


def test_beads_are_never_held_against_unstained_cells(rack: Any, cytometer: Any) -> None:
    rack.single_stains("beads", stained=1.0).without("unstained beads.fcs")
    rack.add("unstained cells.fcs", "unstained", cytometer.events("u", {}), material="cells")
    with pytest.raises(ControlError, match="no unstained tube of beads") as caught:
        worked_out(rack)
    assert "same kind" in caught.value.hint
    # Where the sheet does not say, the scatter does.
    unsaid = [replace(tube, material="") for tube in rack.tubes]
    with pytest.raises(ControlError, match="beads and the other cells"):
        matrix_from_controls(unsaid, rack.open, SingleStains(negative="unstained"))


def test_an_unstained_tube_of_other_autofluorescence_is_told(rack: Any, cytometer: Any) -> None:
    rack.single_stains("beads", 1_500.0).without("unstained beads.fcs")
    glowing = type(cytometer)(glow={"beads": np.full(6, 400.0)})
    rack.add("u.fcs", "unstained", glowing.events("glow", {}, material="beads"), material="beads")
    made = worked_out(rack)
    assert "negative-spillover" in rules(made)
    assert (made.spillover.matrix >= 0).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"stained": 0.0}, "no positive population in PE-A"),
        ({"brightness": 25.0}, "no positive population in PE-A"),
        ({"brightness": 2e6}, "off scale"),
        ({"n": 150, "stained": 0.4}, "brighter than"),
    ],
    ids=["unstained", "too dim", "off scale", "few"],
)
def test_a_control_that_shows_nothing_is_refused_by_name(
    rack: Any, cytometer: Any, change: dict[str, float], words: str
) -> None:
    rack.single_stains()
    brightness = change.pop("brightness", 12_000.0)
    rack.events["PE-A cells.fcs"] = cytometer.events("poor", {1: brightness}, **change)
    with pytest.raises(ControlError, match=words) as caught:
        worked_out(rack)
    assert caught.value.where == "PE-A cells.fcs"
    assert caught.value.hint


def test_a_stain_in_the_wrong_detector_is_suspected(rack: Any, cytometer: Any) -> None:
    rack.single_stains()
    rack.events["PE-A cells.fcs"] = cytometer.events("swapped", {3: 20_000.0})
    with pytest.raises(ControlError, match="PE-A") as caught:
        worked_out(rack)
    assert "brightest in APC-A" in caught.value.hint


def test_some_events_off_scale_are_left_out_and_told(rack: Any, cytometer: Any) -> None:
    rack.single_stains()
    rack.events["FITC-A cells.fcs"] = cytometer.events("bright", {0: 150_000.0}, cv=0.5)
    made = worked_out(rack)
    (told,) = [finding for finding in made.findings if finding.rule == "control-off-scale"]
    assert told.where == "FITC-A cells.fcs" and 5 < told.observed < 25
    np.testing.assert_allclose(made.spillover.matrix[0], rack.cytometer.spillover[0], atol=0.003)


def test_two_controls_of_a_detector_are_told_and_the_brighter_one_is_used(
    rack: Any, cytometer: Any
) -> None:
    rack.single_stains()
    other = cytometer.events("second PE", {1: 30_000.0})
    rack.add("second PE.fcs", "single stain", other, stain="PE", material="cells")
    made = worked_out(rack)
    (told,) = made.findings
    assert told.rule == "two-controls" and "second PE.fcs" in told.message
    assert {row.file: row.used for row in made.record.stains if row.channel == "PE-A"} == {
        "PE-A cells.fcs": False,
        "second PE.fcs": True,
    }
    assert made.spillover.channels.count("PE-A") == 1


def test_controls_of_different_voltages_are_refused(rack: Any, cytometer: Any) -> None:
    rack.single_stains()
    rack.events["PE-A cells.fcs"] = cytometer.events("v", {1: 12_000.0}, volts={"APC-A": 520.0})
    with pytest.raises(ControlError, match="APC-A was recorded at") as caught:
        worked_out(rack)
    assert "520" in caught.value.message and "450" in caught.value.message


def test_a_dead_cell_tail_that_bends_the_control_leaves_a_residual(
    rack: Any, cytometer: Any
) -> None:
    """Medians and line disagree where bright events have another spectrum than the rest."""
    rack.single_stains()
    events = rack.events["PE-A cells.fcs"]
    values = events.values.copy()
    pe, apc = events.index("PE-A"), events.index("APC-A")
    bright = values[:, pe] > 15_000
    values[bright, apc] += 0.2 * values[bright, pe]
    rack.events["PE-A cells.fcs"] = replace(events, values=values)
    made = worked_out(rack)
    assert "residual-slope" in rules(made)
    worst = made.record.pairs[0]
    assert (worst.source, worst.target, worst.status) == ("PE-A", "APC-A", "residual")
    assert worst.residual_low < worst.residual < worst.residual_high
    first = made.record.pictures[0]
    assert (first.source, first.target, first.file) == ("PE-A", "APC-A", "PE-A cells.fcs")
    assert first.before.sum() == first.after.sum() > 0


def test_what_the_sheet_leaves_out_is_named(rack: Any, cytometer: Any) -> None:
    rack.add("u.fcs", "unstained", cytometer.events("u", {}))
    with pytest.raises(ControlError, match="no single stain") as caught:
        worked_out(rack)
    assert "single stain" in caught.value.hint
    rack.add("x.fcs", "single stain", cytometer.events("x", {0: 9e3}), where="samples.csv:3")
    with pytest.raises(ControlError, match="does not say") as caught:
        worked_out(rack)
    assert caught.value.where == "samples.csv:3"
    rack.without("x.fcs").add("x.fcs", "single stain", cytometer.events("x", {0: 9e3}), stain="FIT")
    with pytest.raises(ControlError) as caught:
        worked_out(rack)
    assert caught.value.hint == "Did you mean 'FITC-A'?"


@pytest.mark.parametrize("method", METHODS)
def test_the_same_controls_give_the_same_matrix_in_any_order(rack: Any, method: str) -> None:
    rack.single_stains(n=2000)
    one = worked_out(rack, method=method)
    rack.tubes.reverse()
    other = worked_out(rack, method=method)
    order = [other.spillover.channels.index(name) for name in one.spillover.channels]
    again = other.spillover.matrix[np.ix_(order, order)]
    np.testing.assert_allclose(one.spillover.matrix, again, atol=1e-9)


def test_a_dim_control_is_told_with_what_it_may_cost(rack: Any) -> None:
    rack.single_stains("cells", brightness=800.0)
    made = worked_out(rack)
    off = np.abs(made.spillover.matrix - rack.cytometer.spillover).max(axis=1)
    told = {one.where for one in made.findings if one.rule == "control-dim"}
    for row, error in zip(made.record.stains, off, strict=True):
        assert error < 0.015 or row.file in told
    assert 1 <= len(told) < 6

    bright = type(rack)(rack.cytometer).single_stains("cells", brightness=8_000.0)
    assert "control-dim" not in rules(worked_out(bright))


def test_a_control_of_equal_values_is_refused(rack: Any) -> None:
    rack.single_stains("beads")
    made = rack.events["PE-A beads.fcs"]
    flat = np.full_like(made.values, 500.0)
    rack.events["PE-A beads.fcs"] = replace(made, values=flat)
    with pytest.raises(ControlError, match="the same value, 500") as caught:
        worked_out(rack)
    assert caught.value.where == "PE-A beads.fcs"
