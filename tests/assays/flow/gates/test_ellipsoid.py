"""An ellipse on more than two channels: Mahalanobis distance in all of them."""

from __future__ import annotations

import numpy as np
import pytest

from assays.errors import GatingError
from assays.flow.gates.ellipse import GATE

SPREAD = [[4.0, 1.0, 0.0], [1.0, 2.0, 0.5], [0.0, 0.5, 1.0]]


def test_an_ellipsoid_holds_what_lies_within_its_distance_in_three_channels() -> None:
    shape = GATE.shape(
        {"center": [1.0, 2.0, 3.0], "covariance": SPREAD, "distance_squared": 2.5}, channels=3
    )
    points = np.random.default_rng(7).normal([1, 2, 3], 2, (4000, 3))
    away = points - [1, 2, 3]
    inside = np.array([row @ np.linalg.solve(SPREAD, row) <= 2.5 for row in away])
    assert 0 < inside.sum() < len(points)
    assert np.array_equal(shape.contains(points), inside)


def test_its_outline_is_the_shadow_on_the_first_two_channels() -> None:
    shape = GATE.shape({"center": [0.0, 0.0, 0.0], "covariance": SPREAD}, channels=3)
    assert shape.outline()[:, 0].max() == pytest.approx(2.0, rel=1e-3)
    assert shape.bounds()[1] == pytest.approx(np.sqrt([4.0, 2.0, 1.0]))


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"center": [0, 0], "covariance": SPREAD}, "3 numbers"),
        ({"center": [0, 0, 0], "covariance": [[1, 0], [0, 1]]}, "3 numbers"),
        ({"center": [0, 0, 0], "axes": [1, 1]}, "two channels"),
        ({"center": [0, 0, 0], "covariance": [[1, 0, 0], [0, 1, 0], [0, 1, 1]]}, "symmetric"),
        ({"center": [0, 0, 0], "covariance": [[1, 1, 0], [1, 1, 0], [0, 0, 1]]}, "no area"),
    ],
)
def test_what_makes_no_ellipsoid_is_refused(params, said) -> None:
    with pytest.raises(GatingError, match=said):
        GATE.shape(params, channels=3, where="CLL")
