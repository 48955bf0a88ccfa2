"""The arithmetic of compensation: which columns, which width, block after block."""

from __future__ import annotations

import numpy as np
import pytest

from assays.flow.unspill import BLOCK, SHARE, unspill


@pytest.mark.parametrize("columns", [[0, 1, 2, 3], [1, 2], [3, 0, 2], [2]])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int32])
def test_named_columns_are_multiplied_and_the_rest_stay(columns: list[int], dtype: type) -> None:
    rng = np.random.default_rng(20)
    values = (1000 * rng.random((2 * BLOCK + 17, 4))).astype(dtype)
    before = values.copy()
    undo = rng.random((len(columns), len(columns)))
    found = unspill(values, columns, undo)
    expected = values.astype(np.float32 if dtype is np.float32 else np.float64)
    expected[:, columns] = values[:, columns].astype(np.float64) @ undo
    np.testing.assert_allclose(found, expected, rtol=1e-6 if dtype is np.float32 else 1e-13)
    np.testing.assert_array_equal(values, before)
    assert found.dtype == expected.dtype and found.flags.f_contiguous


def test_an_event_without_a_number_spoils_no_other() -> None:
    values = np.ones((5, 2), dtype=np.float32)
    values[2, 0] = np.nan
    found = unspill(values, [0, 1], np.array([[1.0, -0.1], [-0.1, 1.0]]))
    assert np.isnan(found[2]).all() and np.isfinite(found[[0, 1, 3, 4]]).all()
    assert unspill(values[:0], [0, 1], np.eye(2)).shape == (0, 2)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_two_threads_give_the_numbers_of_one(dtype: type, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(21)
    values = (1000 * rng.random((3 * SHARE * BLOCK + 17, 3))).astype(dtype)
    undo = rng.random((2, 2))
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    for columns in ([0, 1], [2, 0]):
        monkeypatch.setattr("assays.flow.unspill.MANY", 10**12)
        alone = unspill(values, columns, undo)
        monkeypatch.setattr("assays.flow.unspill.MANY", 1)
        np.testing.assert_array_equal(unspill(values, columns, undo), alone)
