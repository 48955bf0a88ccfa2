"""A fitted curve can be kept in a file or sent to another process."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from assays import curves

X = [0.0, 1.0, 3.0, 10.0, 30.0, 100.0]
Y = [0.05, 0.1, 0.25, 0.7, 1.5, 2.6]


@pytest.mark.parametrize("model", ["4pl", "5pl", "3pl", "linear", "quadratic", "loglog", "spline"])
def test_a_curve_reads_back_the_same_after_it_was_kept(model: str) -> None:
    curve = curves.fit(X, Y, model=model)
    kept = pickle.loads(pickle.dumps(curve))
    before, after = curve.inverse([0.5, 1.0], wells=2), kept.inverse([0.5, 1.0], wells=2)
    for name in ("value", "lower", "upper"):
        np.testing.assert_array_equal(getattr(after, name), getattr(before, name))
    assert kept.findings == curve.findings
