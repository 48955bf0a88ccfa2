"""Scales: the standard's numbers, exact inverses, and what happens at the odd values."""

from __future__ import annotations

import csv
import math
from decimal import Decimal, getcontext
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.errors import GatingError
from assays.flow.scales import (
    Arcsinh,
    Biex,
    Bounded,
    Hyperlog,
    Linear,
    Log,
    Logicle,
    Ratio,
    Scale,
    estimate_width,
)

KINDS = {"logicle": Logicle, "asinh": Arcsinh, "log": Log}
SCALES: list[Scale] = [
    Linear(),
    Linear(T=262144.0, A=1000.0),
    Arcsinh(150.0),
    Arcsinh(T=10000.0, M=4.0, A=1.0),
    Logicle(T=262144.0, W=0.5, M=4.5, A=0.0),
    Logicle(T=262144.0, W=0.0, M=4.5, A=0.0),
    Logicle(T=10000.0, W=2.25, M=4.5, A=0.0),
    Logicle(T=10000.0, W=1.0, M=4.5, A=-0.5),
    Logicle(T=1000.0, W=0.5, M=4.0, A=1.0),
    Hyperlog(T=262144.0, W=0.5, M=4.5, A=0.0),
    Hyperlog(T=10000.0, W=0.01, M=5.0, A=0.5),
    Biex(),
    Biex(top=262144.0, pos=4.5, neg=1.0, width=-10.0),
    Biex(top=262144.0, pos=3.0, neg=0.0, width=-1000.0),
]


def test_the_standards_tables_are_met_to_six_decimals(corpus: Path) -> None:
    with (corpus / "gating" / "transforms" / "gatingml20_points.csv").open(newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == 29
    for row in rows:
        kind, *parameters = row["transform"].split()
        numbers = {name: float(value) for name, value in (p.split("=") for p in parameters)}
        scale = KINDS[kind](**numbers)
        x, y = float(row["x"]), float(row["y"])
        assert float(scale.forward(x)) == pytest.approx(y, abs=5.1e-7), row
        assert float(scale.inverse(scale.forward(x))) == pytest.approx(x, rel=1e-12, abs=1e-11)


@pytest.mark.parametrize("scale", SCALES, ids=lambda scale: scale.words)
def test_inverse_undoes_forward_over_the_whole_axis_and_beyond(scale: Scale) -> None:
    ends = scale.forward([-5e4, 5e5])
    places = np.linspace(ends[0], ends[1], 1001)
    np.testing.assert_allclose(scale.forward(scale.inverse(places)), places, rtol=0, atol=1e-11)
    assert (np.diff(scale.inverse(places)) > 0).all()


@pytest.mark.parametrize("scale", SCALES, ids=lambda scale: scale.words)
def test_odd_values_are_defined(scale: Scale) -> None:
    odd = scale.forward([math.nan, math.inf, -math.inf, -0.0, 0.0, 1e30, -1e30])
    assert math.isnan(odd[0])
    assert odd[1] == math.inf and odd[2] == -math.inf
    assert odd[3] == odd[4]
    assert odd[5] > odd[4] > odd[6]
    narrow = np.array([-3.5, 0.0, 1234.5], dtype=np.float32)
    np.testing.assert_array_equal(scale.forward(narrow), scale.forward(narrow.astype(float)))
    assert scale.forward(narrow).dtype == np.float64
    assert scale.forward(np.empty(0)).shape == (0,)


def decimal_logicle(T: float, W: float, M: float, A: float, y: float) -> Decimal:
    """Moore & Parks' formula as printed, with 40 digits; for y at or above x1."""
    getcontext().prec = 40
    ln10 = Decimal(10).ln()
    b = (Decimal(M) + Decimal(A)) * ln10
    w = Decimal(W) / (Decimal(M) + Decimal(A))
    x2 = Decimal(A) / (Decimal(M) + Decimal(A))
    x1, x0 = x2 + w, x2 + 2 * w
    low, high = Decimal(10) ** -30, b
    for _ in range(140):
        d = (low + high) / 2
        low, high = (d, high) if 2 * (d.ln() - b.ln()) + w * (b + d) < 0 else (low, d)
    c_over_a = (x0 * (b + d)).exp()
    f_over_a = (b * x1).exp() - c_over_a * (-d * x1).exp()
    a = Decimal(T) / (b.exp() - c_over_a * (-d).exp() - f_over_a)
    place = Decimal(y)
    return a * ((b * place).exp() - c_over_a * (-d * place).exp() - f_over_a)


@pytest.mark.parametrize(
    "shape",
    [(262144.0, 0.5, 4.5, 0.0), (1000.0, 1.0, 4.0, 0.5), (1e4, 2.0, 4.5, 0.0), (1e4, 0.1, 6, 0)],
)
def test_logicle_agrees_with_forty_digit_arithmetic(
    shape: tuple[float, float, float, float],
) -> None:
    scale = Logicle(*shape)
    for y in np.linspace(scale.zero + 1e-3, 1.0, 60):
        exact = float(decimal_logicle(*shape, float(y)))
        assert float(scale.inverse(y)) == pytest.approx(exact, rel=1e-12)
        # The display range, and its mirror image about zero.
        assert float(scale.forward(exact)) == pytest.approx(float(y), abs=1e-14)
        below = 2 * scale.zero - float(y)
        assert float(scale.forward(-exact)) == pytest.approx(below, abs=1e-14)
    assert float(scale.forward(shape[0])) == pytest.approx(1.0, abs=1e-15)


def test_biex_and_arcsinh_agree_with_forty_digit_arithmetic() -> None:
    getcontext().prec = 40
    biex, asinh = Biex(pos=4.4, neg=1.0, width=-30.0), Arcsinh(T=1e4, M=4.5, A=1.0)
    b, d, p, q = (Decimal(number) for number in (biex.b, biex.d, biex.p, biex.q))
    for y in np.linspace(0.0, 1.0, 101):
        u = Decimal(abs(float(y) - biex.zero))
        value = math.copysign(float(p * ((b * u).exp() - 1) - q * ((-d * u).exp() - 1)),
                              float(y) - biex.zero)  # fmt: skip
        assert float(biex.inverse(y)) == pytest.approx(value, rel=1e-12, abs=1e-12)
        assert float(biex.forward(value)) == pytest.approx(float(y), abs=1e-14)
        # Gating-ML 2.0: x = T sinh(ln10 ((M + A) y - A)) / sinh(M ln10).
        turn = Decimal(10).ln() * (Decimal("5.5") * Decimal(float(y)) - 1)
        top = Decimal(10) ** Decimal("4.5")
        sine = (turn.exp() - (-turn).exp()) / (top - 1 / top)
        value = float(Decimal(10_000) * sine)
        assert float(asinh.inverse(y)) == pytest.approx(value, rel=1e-12, abs=1e-12)
        assert float(asinh.forward(value)) == pytest.approx(float(y), abs=1e-14)


@given(st.floats(-1e6, 1e6))
def test_negative_values_mirror_positive_ones_about_zero(x: float) -> None:
    scale = Logicle(T=262144.0, W=0.8, M=4.5, A=0.0)
    up, down = float(scale.forward(x)), float(scale.forward(-x))
    assert up - scale.zero == pytest.approx(scale.zero - down, abs=1e-12)


def test_log_sends_what_has_no_logarithm_below_every_cut() -> None:
    assert (Log(T=1e4, M=4.0).forward([0.0, -0.0, -5.0]) == -np.inf).all()


def test_width_follows_the_fifth_percentile_of_the_negative_values() -> None:
    negatives = -np.arange(1.0, 1001.0)
    reference = abs(np.percentile(negatives, 5))
    expected = (4.5 - math.log10(262144 / reference)) / 2
    assert estimate_width(negatives, 262144.0) == pytest.approx(expected, rel=1e-12)
    mixed = np.concatenate([negatives, np.arange(5000.0), [np.nan, -np.inf]])
    assert estimate_width(mixed, 262144.0) == pytest.approx(expected, rel=1e-12)


def test_width_stays_within_what_the_scale_allows() -> None:
    assert estimate_width(np.full(100, -1e9), 262144.0) == 2.25
    assert estimate_width(np.full(100, -1e-9), 262144.0) == 0.0
    assert estimate_width([-1.0, -2.0], 262144.0) == 0.5
    assert estimate_width([], 262144.0) == 0.5


@pytest.mark.parametrize(
    "bad",
    [
        lambda: Logicle(T=0.0),
        lambda: Logicle(W=-0.1),
        lambda: Logicle(W=2.3, M=4.5),
        lambda: Logicle(W=1.0, M=4.5, A=3.0),
        lambda: Logicle(W=0.5, M=4.5, A=-0.6),
        lambda: Logicle(T=math.nan),
        lambda: Log(M=0.0),
        lambda: Arcsinh(0.0),
        lambda: Arcsinh(150.0, T=1000.0),
        lambda: Arcsinh(T=1000.0, M=4.0, A=5.0),
        lambda: Linear(T=-1.0),
        lambda: Hyperlog(W=0.0),
        lambda: Hyperlog(T=math.inf),
        lambda: Biex(width=10.0),
        lambda: Biex(pos=1.0, width=-1000.0),
        lambda: Biex(top=0.0),
        lambda: Ratio(A=0.0),
        lambda: Ratio(C=math.nan),
        lambda: Bounded(Linear(), 2.0, 1.0),
    ],
)
def test_impossible_parameters_are_refused(bad: object) -> None:
    with pytest.raises(GatingError, match="scale"):
        bad()  # type: ignore[operator]


def test_ticks_are_decades_around_zero_that_do_not_crowd() -> None:
    scale = Logicle(T=262144.0, W=0.8, M=4.5, A=0.0)
    places, labels = scale.ticks(-2000.0, 262144.0)
    assert labels == ("−10³", "0", "10³", "10⁴", "10⁵")
    np.testing.assert_allclose(places, scale.forward([-1e3, 0, 1e3, 1e4, 1e5]))


def test_ticks_of_a_linear_axis_are_round() -> None:
    places, labels = Linear().ticks(0.0, 262144.0)
    assert labels == ("0", "50k", "100k", "150k", "200k", "250k")
    assert list(places) == [0, 5e4, 1e5, 1.5e5, 2e5, 2.5e5]
    assert Linear().ticks(0.0, math.inf)[1] == ()
    assert Linear().ticks(3.0, 3.0)[1] == ()


def test_a_log_axis_has_ticks_down_to_its_foot() -> None:
    assert Log(T=1e4, M=4.0).ticks(-100.0, 1e4)[1] == ("10⁰", "10¹", "10²", "10³", "10⁴")


@pytest.mark.parametrize(
    ("shape", "x", "y"),
    [
        # A e^(by) + C y - F of Gating-ML 2.0, solved with 40 digits.
        ((1000.0, 1.0, 4.0, 0.0), 0.0, 0.25),
        ((1000.0, 1.0, 4.0, 0.0), 1000.0, 1.0),
    ],
)
def test_hyperlog_ends_where_the_standard_says(
    shape: tuple[float, float, float, float], x: float, y: float
) -> None:
    assert float(Hyperlog(*shape).forward(x)) == pytest.approx(y, abs=1e-15)


def decimal_hyperlog(T: float, W: float, M: float, A: float, y: float) -> Decimal:
    """The standard's formula as printed, with 40 digits; for y at or above x1."""
    getcontext().prec = 40
    b = (Decimal(M) + Decimal(A)) * Decimal(10).ln()
    w = Decimal(W) / (Decimal(M) + Decimal(A))
    x2 = Decimal(A) / (Decimal(M) + Decimal(A))
    x1, x0 = x2 + w, x2 + 2 * w
    c_over_a = (b * x0).exp() / w
    f_over_a = (b * x1).exp() + c_over_a * x1
    a = Decimal(T) / (b.exp() + c_over_a - f_over_a)
    place = Decimal(y)
    return a * ((b * place).exp() + c_over_a * place - f_over_a)


@pytest.mark.parametrize(
    "shape",
    [(262144.0, 0.5, 4.5, 0.0), (1000.0, 1.0, 4.0, 0.5), (1e4, 2.0, 4.5, 0.0), (1e4, 0.1, 6, 0)],
)
def test_hyperlog_agrees_with_forty_digit_arithmetic(
    shape: tuple[float, float, float, float],
) -> None:
    scale = Hyperlog(*shape)
    for y in np.linspace(scale.zero + 1e-3, 1.0, 60):
        exact = float(decimal_hyperlog(*shape, float(y)))
        assert float(scale.inverse(y)) == pytest.approx(exact, rel=1e-12)
        # The display range, and its mirror image about zero.
        assert float(scale.forward(exact)) == pytest.approx(float(y), abs=1e-14)
        below = 2 * scale.zero - float(y)
        assert float(scale.forward(-exact)) == pytest.approx(below, abs=1e-14)


@pytest.mark.parametrize("scale", [Biex(), Biex(pos=4.41854, neg=1.0, width=-7.943282)])
def test_the_nearest_logicle_of_a_biex_is_within_a_thousandth(scale: Biex) -> None:
    places = np.linspace(0.0, 1.0, 500)
    other = scale.nearest_logicle.inverse(places)
    np.testing.assert_allclose(other, scale.inverse(places), rtol=1e-3, atol=1.0)


def test_a_ratio_is_undone_and_infinite_over_nothing() -> None:
    ratio = Ratio(A=2.0, B=1.0, C=-1.0)
    assert float(ratio.forward(7.0, 3.0)) == 3.0
    assert float(ratio.inverse(3.0, 3.0)) == 7.0
    assert float(ratio.forward(7.0, -1.0)) == math.inf
    assert math.isnan(float(ratio.forward(1.0, -1.0)))
    assert ratio.ticks(0.0, 4.0)[1] == ("0", "1", "2", "3", "4")


def test_bounds_hold_what_lies_beyond_them() -> None:
    scale = Bounded(Linear(T=100.0), 0.1, 0.9)
    assert scale.forward([0.0, 50.0, 100.0]).tolist() == [0.1, 0.5, 0.9]
    assert scale.inverse([0.0, 0.5]).tolist() == [10.0, 50.0]
    places, labels = scale.ticks(0.0, 100.0)
    assert labels == ("20", "40", "60", "80") and len(places) == 4


WIDE: list[Scale] = [
    *SCALES,
    Log(T=1e4, M=4.0),
    Logicle(T=1e5, W=0.5, M=40.0),
    Logicle(T=262144.0, W=0.5, M=4.5, A=3.4),
    Hyperlog(T=1000.0, W=1e-6, M=4.0),
    Hyperlog(T=1000.0, W=2.0, M=4.0),
    Hyperlog(T=1e5, W=1.0, M=5.0, A=-1.0),
]


@pytest.mark.parametrize("scale", WIDE, ids=lambda scale: scale.words)
def test_every_value_rises_and_comes_back_however_many_are_asked_at_once(scale: Scale) -> None:
    places = np.linspace(scale.forward(1e-3), 1.2, 40_001)
    values = scale.inverse(places)
    found = scale.forward(values)
    np.testing.assert_allclose(found, places, rtol=0, atol=4e-15)
    # One value alone gets the same place as among thousands.
    some = slice(None, None, 997)
    alone = [float(scale.forward(x)) for x in values[some]]
    np.testing.assert_allclose(alone, found[some], rtol=4e-16, atol=0)


@given(st.floats(-1e7, 1e7), st.floats(1e-9, 1e6), st.sampled_from(WIDE))
def test_a_larger_value_never_stands_lower(x: float, more: float, scale: Scale) -> None:
    low, high = (float(place) for place in scale.forward([x, x + more]))
    # Where the step is lost in the rounding of the axis both may be the same place.
    assert high >= low - 4e-15 * max(1.0, abs(low) if math.isfinite(low) else 1.0)


@given(st.floats(-1e6, 1e6), st.sampled_from(WIDE))
def test_every_value_comes_back(x: float, scale: Scale) -> None:
    place = float(scale.forward(x))
    if math.isinf(place):
        assert isinstance(scale, Log) and x <= 0
        return
    back = float(scale.inverse(place))
    # What one step of the axis is worth there.
    ends = scale.inverse([place - 4e-15 * max(1, abs(place)), place + 4e-15 * max(1, abs(place))])
    assert back == pytest.approx(x, rel=1e-12, abs=float(np.ptp(ends)) + 1e-300)


@pytest.mark.parametrize("scale", WIDE, ids=lambda scale: scale.words)
def test_shape_stride_and_width_of_the_numbers_do_not_matter(scale: Scale) -> None:
    grid = (np.linspace(-300, 5000, 3 * 9001).reshape(9001, 3)).astype(np.float32)
    found = scale.forward(grid)
    assert found.shape == grid.shape and found.dtype == np.float64
    np.testing.assert_array_equal(found[:, 1], scale.forward(grid[:, 1]))
    np.testing.assert_array_equal(found, scale.forward(grid.astype(np.float64)))
    np.testing.assert_array_equal(scale.forward(grid[:5].astype(int)).shape, (5, 3))


@pytest.mark.parametrize(
    "bad",
    [
        lambda: Logicle(T=1e-300, W=0.5, M=99.0),
        lambda: Hyperlog(T=1e-300, W=0.5, M=99.0),
        lambda: Hyperlog(W=1e-300),
        lambda: Biex(top=1e-308, pos=49.0),
    ],
)
def test_more_decades_than_a_number_holds_are_refused(bad: object) -> None:
    with pytest.raises(GatingError, match="hold"):
        bad()  # type: ignore[operator]
