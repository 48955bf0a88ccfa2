"""Scales and compensation beside arithmetic of 40 digits (mpmath).

    python benchmarks/gating/forty_digits.py

Nothing is taken from the program: each scale is written here as its standard prints it,
and a position is found by Newton's method on that formula. Parameters are usual ones, the
ends of what is allowed, and a hundred drawn at random. Values lie over the display range,
as far below zero, and beyond both, up to 1e300.

An error of a position is absolute, and divided by the size of positions above 1. An error
of a value is divided by the top of the scale, or by the value where that is larger.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from mpmath import mp, mpf

from assays.errors import GatingError, LabError
from assays.flow import scales
from assays.flow.scales import Scale

DIGITS = 40
AIM = 1e-12
Exact = Callable[[Any], Any]


@dataclass(frozen=True)
class Case:
    """A scale of ours, its formula and the derivative of that, from position to value."""

    kind: str
    scale: Scale
    value: Exact
    slope: Exact
    top: float


def _mirrored(zero: Any, value: Exact, slope: Exact) -> tuple[Exact, Exact]:
    """The formula holds above the position of zero; below, its mirror image (Gating-ML 2.0)."""
    return (
        lambda y: value(y) if y >= zero else -value(2 * zero - y),
        lambda y: slope(y) if y >= zero else slope(2 * zero - y),
    )


def logicle(T: float, W: float, M: float, A: float) -> Case:
    """Moore & Parks (2012), equations 1 to 5."""
    ours = scales.Logicle(T, W, M, A)
    t, b, w = mpf(T), (mpf(M) + mpf(A)) * mp.ln(10), mpf(W) / (mpf(M) + mpf(A))
    x2 = mpf(A) / (mpf(M) + mpf(A))
    x1, x0 = x2 + w, x2 + 2 * w
    d = b if w == 0 else _falling(b, w)
    c_over_a = mp.exp(x0 * (b + d))
    f_over_a = mp.exp(b * x1) - c_over_a * mp.exp(-d * x1)
    a = t / (mp.exp(b) - c_over_a * mp.exp(-d) - f_over_a)
    value, slope = _mirrored(
        x1,
        lambda y: a * (mp.exp(b * y) - c_over_a * mp.exp(-d * y) - f_over_a),
        lambda y: a * (b * mp.exp(b * y) + d * c_over_a * mp.exp(-d * y)),
    )
    return Case("logicle", ours, value, slope, T)


def _falling(b: Any, w: Any) -> Any:
    """d of ``2 (ln d - ln b) + w (d + b) = 0``, by Lambert's function.

    With ``z = w d / 2`` it reads ``z e^z = (w b / 2) e^(-w b / 2)``; the exponent is held small.
    """
    half = w * b / 2
    return 2 * mp.lambertw(half * mp.exp(-half)).real / w


def hyperlog(T: float, W: float, M: float, A: float) -> Case:
    """Gating-ML 2.0, section 6.4."""
    ours = scales.Hyperlog(T, W, M, A)
    t, b, w = mpf(T), (mpf(M) + mpf(A)) * mp.ln(10), mpf(W) / (mpf(M) + mpf(A))
    x2 = mpf(A) / (mpf(M) + mpf(A))
    x1, x0 = x2 + w, x2 + 2 * w
    c_over_a = mp.exp(b * x0) / w
    f_over_a = mp.exp(b * x1) + c_over_a * x1
    a = t / (mp.exp(b) + c_over_a - f_over_a)
    value, slope = _mirrored(
        x1,
        lambda y: a * (mp.exp(b * y) + c_over_a * y - f_over_a),
        lambda y: a * (b * mp.exp(b * y) + c_over_a),
    )
    return Case("hyperlog", ours, value, slope, T)


def biex(top: float, pos: float, neg: float, width: float) -> Case:
    """FlowJo's two exponentials; see `assays.flow.scales.biex` for what sets it apart."""
    ours = scales.Biex(top, pos, neg, width)
    channels = 4096
    decades = mp.log10(-mpf(width))
    if not 0.5 <= decades <= 3:
        decades = mpf(0.5)
    extra, above = max(mpf(neg), 0) + decades / 2, mpf(pos) - decades / 2
    # FlowJo itself counts this channel in double precision.
    zero = round(ours.zero * channels)
    assert abs(zero - extra * channels / (extra + above)) < 1 + 1e-9 or zero == channels // 2
    whole = extra * channels / zero
    w, rise = decades / (2 * whole), whole * mp.ln(10)
    fall = _falling(rise, w)
    step = mpf(channels) / (channels + 1)
    x1 = mpf(zero) / (channels + 1)
    c_over_a = mp.exp((rise + fall) * (w + mpf(zero) / channels))
    a = mpf(top) * mp.exp(-rise)
    f = a * (mp.exp(rise * x1) - c_over_a * mp.exp(-fall * x1))
    value, slope = _mirrored(
        mpf(zero) / channels,
        lambda y: a * (mp.exp(rise * step * y) - c_over_a * mp.exp(-fall * step * y)) - f,
        lambda y: a * step * (rise * mp.exp(rise * step * y)
                              + fall * c_over_a * mp.exp(-fall * step * y)),
    )  # fmt: skip
    return Case("biex", ours, value, slope, top)


def fasinh(T: float, M: float, A: float) -> Case:
    """Gating-ML 2.0, section 6.3."""
    shift, span = mpf(A) * mp.ln(10), (mpf(M) + mpf(A)) * mp.ln(10)
    unit = mpf(T) / mp.sinh(mpf(M) * mp.ln(10))
    return Case(
        "arcsinh of Gating-ML",
        scales.Arcsinh(T=T, M=M, A=A),
        lambda y: unit * mp.sinh(span * y - shift),
        lambda y: unit * span * mp.cosh(span * y - shift),
        T,
    )


def plain_asinh(cofactor: float) -> Case:
    return Case(
        "arcsinh, cofactor",
        scales.Arcsinh(cofactor),
        lambda y: mpf(cofactor) * mp.sinh(y),
        lambda y: mpf(cofactor) * mp.cosh(y),
        262_144.0,
    )


def log(T: float, M: float) -> Case:
    """Gating-ML 2.0, section 6.2."""
    return Case(
        "log",
        scales.Log(T, M),
        lambda y: mpf(T) * mpf(10) ** ((y - 1) * mpf(M)),
        lambda y: mpf(T) * mpf(10) ** ((y - 1) * mpf(M)) * mpf(M) * mp.ln(10),
        T,
    )


def linear(T: float, A: float) -> Case:
    """Gating-ML 2.0, section 6.1."""
    width = mpf(T) + mpf(A)
    return Case("linear", scales.Linear(T, A), lambda y: y * width - A, lambda y: width, T)


KINDS: dict[str, tuple[Callable[..., Case], Sequence[tuple[float, ...]]]] = {
    "logicle": (logicle, [
        (262144, 0.5, 4.5, 0), (262144, 1.0, 4.5, 0), (262144, 0, 4.5, 0), (10000, 2.25, 4.5, 0),
        (1000, 1, 4, 1), (10000, 1, 4.5, -1), (10000, 1, 4.5, 2.5), (262144, 0.5, 4.5, 3.5),
        (1, 0.5, 4.5, 0), (1e-3, 0.5, 4.5, 0), (1e12, 0.5, 4.5, 0), (262144, 0.5, 12, 0),
        (262144, 0.5, 40, 0), (262144, 0.05, 0.3, 0), (262144, 1e-6, 4.5, 0),
        (262144, 2.25, 4.5, -2.25), (262144, 1.5, 18.5, 6), (4194304, 1.2, 7.2, 0.3),
    ]),
    "hyperlog": (hyperlog, [
        (262144, 0.5, 4.5, 0), (262144, 1.0, 4.5, 0), (10000, 2.25, 4.5, 0), (1000, 1, 4, 1),
        (10000, 1, 4.5, -1), (10000, 1, 4.5, 2.5), (262144, 1e-3, 4.5, 0), (262144, 1e-9, 4.5, 0),
        (1, 0.5, 4.5, 0), (1e-3, 0.5, 4.5, 0), (1e12, 0.5, 4.5, 0), (262144, 0.5, 12, 0),
        (262144, 0.5, 40, 0), (262144, 0.05, 0.3, 0), (262144, 1.5, 18.5, 6),
    ]),
    "biex": (biex, [
        (262144, 4.418539922, 0, -100), (262144, 4.418539922, 1, -7.943282347),
        (262144, 4.5, 0, -10), (262144, 4.5, 1, -1000), (262144, 3, 0, -1000),
        (262144, 5.5, 2, -1), (4194304, 6, 0.5, -50), (1, 4.5, 0, -100), (262144, 12, 3, -10),
        (1023, 2.0, -1, -5000),
    ]),
    "arcsinh of Gating-ML": (fasinh, [
        (262144, 4.5, 0), (10000, 4, 1), (1000, 5, 5), (1, 4.5, 0), (1e9, 9, 0), (262144, 0.1, 0),
        (262144, 20, 3), (1e-3, 4.5, 0.5), (262144, 1e-3, 1e-3), (262144, 99, 0),
    ]),
    "arcsinh, cofactor": (plain_asinh, [(150,), (5,), (1,), (1e-3,), (3000,), (1e6,)]),
    "log": (log, [(262144, 4.5), (10000, 4), (1, 5), (1e12, 12), (1e-3, 1), (262144, 0.01)]),
    "linear": (linear, [(262144, 0), (262144, 1000), (1000, 1000), (1, 0.5), (1e12, 1e-3)]),
}  # fmt: skip


def drawn(kind: str, number: int) -> Iterator[tuple[float, ...]]:
    """Parameters at random, over more than anybody uses."""
    rng = random.Random(kind)
    for _ in range(number):
        top = 10 ** rng.uniform(-3, 12)
        decades = 10 ** rng.uniform(-0.5, 1.2)
        wide = decades / 2 * rng.random() ** 2
        if kind in ("logicle", "hyperlog"):
            yield top, max(wide, 1e-6), decades, rng.uniform(-wide, decades - 2 * wide)
        elif kind == "biex":
            yield top, rng.uniform(2, 8), rng.uniform(-1, 3), -(10 ** rng.uniform(0.2, 3.2))
        elif kind == "arcsinh of Gating-ML":
            yield top, decades, decades * rng.random()
        elif kind == "arcsinh, cofactor":
            yield (10 ** rng.uniform(-3, 6),)
        elif kind == "log":
            yield top, decades
        else:
            yield top, top * rng.random()


def cases(kind: str, at_random: int) -> Iterator[Case]:
    """Those that are allowed: some drawn ones leave what a number can hold."""
    make, usual = KINDS[kind]
    for parameters in usual:
        yield make(*map(float, parameters))
    for parameters in drawn(kind, at_random):
        try:
            yield make(*parameters)
        except GatingError:
            continue


HUGE = (1e7, 1e9, 1e15, 1e30, 1e100, 1e200, 1e300)
TINY = (0.0, 5e-324, 1e-300, 1e-100, 1e-30, 1e-12, 1e-6, 1e-3)


def values_of(case: Case, number: int) -> tuple[list[float], list[float]]:
    """Values on the display range (with as much below zero), and beyond it."""
    signs = (1.0,) if case.kind == "log" else (1.0, -1.0)
    sizes = [case.top * share for share in np.linspace(0, 1, number)]
    sizes += [case.top * 10 ** -float(power) for power in np.linspace(0, 8, number)]
    sizes += [case.top * size for size in TINY]
    shown = [sign * size for sign in signs for size in sizes]
    beyond = [sign * case.top * size for sign in signs for size in (1.0001, 1.9, 11.0, 300.0)]
    beyond += [sign * size for sign in signs for size in HUGE if size > case.top]
    if case.kind == "log":
        shown = [x for x in shown if x > 0]
    return shown, beyond


def position(case: Case, x: float, near: float) -> Any:
    """Where the formula has the value x, by Newton's method with 40 digits from a guess."""
    y, sought = mpf(near), mpf(x)
    for _ in range(200):
        step = (case.value(y) - sought) / case.slope(y)
        # From far away one step of Newton overshoots a wall of exponentials.
        most = mpf(0.2) * max(abs(y), 1)
        step = max(min(step, most), -most)
        y -= step
        if abs(step) < mpf(10) ** (5 - DIGITS) * max(abs(y), mpf(1e-3)):
            return y
    raise ArithmeticError(f"{case.scale.words}: no position of {x} was found")


def errors_of_positions(case: Case, sizes: Sequence[float]) -> list[float]:
    """Absolute; divided by the position's size where that is above 1."""
    found = np.asarray(case.scale.forward(np.array(sizes)))
    exact = [position(case, x, y) for x, y in zip(sizes, found.tolist(), strict=True)]
    return [float(abs(mpf(one) - true) / max(abs(true), 1))
            for one, true in zip(found.tolist(), exact, strict=True)]  # fmt: skip


def errors_of_values(case: Case, places: Sequence[float]) -> list[float]:
    """Of the inverse: as a share of the top of the scale, or of larger values themselves."""
    found = np.asarray(case.scale.inverse(np.array(places)))
    exact = [case.value(mpf(place)) for place in places]
    return [float(abs(mpf(one) - true) / max(abs(true), mpf(case.top)))
            for one, true in zip(found.tolist(), exact, strict=True)]  # fmt: skip


def odd_values_hold(case: Case) -> bool:
    """NaN stays, infinities go to the ends, both zeros to one place; both ways."""
    odd = case.scale.forward(np.array([math.nan, math.inf, -math.inf, -0.0, 0.0]))
    back = case.scale.inverse(np.array([math.nan, math.inf, -math.inf]))
    lowest = 0.0 if case.kind == "log" else -math.inf
    return bool(
        math.isnan(odd[0]) and odd[1] == math.inf and odd[2] == -math.inf and odd[3] == odd[4]
        and math.isnan(back[0]) and back[1] == math.inf and back[2] == lowest
    )  # fmt: skip


@dataclass(frozen=True)
class Worst:
    """Largest errors over all cases of a kind."""

    cases: int
    shown: float
    """Of positions, values within the display range."""
    beyond: float
    back: float
    """Of values, positions on the axis from -0.2 to 1.2."""
    at: str
    """The scale of the largest of them."""
    odd: bool
    """Whether NaN, infinities and -0.0 are as they should be in every case."""


def worst(kind: str, at_random: int, number: int) -> Worst:
    """All cases of a kind of scale."""
    with mp.workdps(DIGITS):
        most, at, odd, asked = [0.0, 0.0, 0.0], "", True, 0
        for case in cases(kind, at_random):
            shown, beyond = values_of(case, number)
            ends = (0.0, 12.0) if kind == "arcsinh, cofactor" else (-0.2, 1.2)
            found = (
                max(errors_of_positions(case, shown)),
                max(errors_of_positions(case, beyond)),
                max(errors_of_values(case, np.linspace(*ends, 3 * number).tolist())),
            )
            at = case.scale.words if max(found) > max(most) else at
            most = [max(pair) for pair in zip(most, found, strict=True)]
            odd, asked = odd and odd_values_hold(case), asked + 1
    return Worst(asked, *most, at, odd)


def ratios(number: int) -> float:
    """Largest relative error of the ratio scale and of its inverse (Gating-ML 2.0, 6.7)."""
    rng = random.Random("ratio")
    most = 0.0
    with mp.workdps(DIGITS):
        for _ in range(number):
            a, b, c = (rng.uniform(-10, 10) for _ in range(3))
            x, y = rng.uniform(-1e5, 3e5), rng.uniform(-1e5, 3e5)
            scale = scales.Ratio(a, b, c)
            place = float(scale.forward(x, y))
            true = mpf(a) * (mpf(x) - mpf(b)) / (mpf(y) - mpf(c))
            back = mpf(place) * (mpf(y) - mpf(c)) / mpf(a) + mpf(b)
            off = abs(mpf(float(scale.inverse(place, y))) - back) / max(abs(back), abs(mpf(b)))
            most = max(most, float(abs(place - true) / max(abs(true), 1)), float(off))
    return most


def compensation(
    size: int, spill: float, events: int, apart: float = 1.0
) -> tuple[float, float, float]:
    """Condition number of a matrix; the largest error as a share of the range, and of the results.

    Every pair of channels overlaps by `spill` at most; signals lie between -5 % and 100 %
    of a range of 262,144. The first two fluorochromes differ by `apart` of what they
    would: near 0 the results are far larger than the signals.
    """
    from assays.flow.compensate import compensate
    from assays.flow.events import Channel, Events, Spillover

    rng = np.random.default_rng(size)
    matrix = spill * rng.random((size, size))
    np.fill_diagonal(matrix, 1.0)
    matrix[1] = (1 - apart) * matrix[0] + apart * matrix[1]
    top = 262_144.0
    seen = rng.uniform(-0.05 * top, top, (events, size))
    names = tuple(f"FL{n}" for n in range(size))
    given = Events(seen, tuple(Channel(name, None, top) for name in names))
    found = compensate(given, Spillover(names, matrix)).values
    with mp.workdps(DIGITS):
        undo = mpmath.matrix(matrix.tolist()) ** -1
        exact = mpmath.matrix(seen.tolist()) * undo
        far = max(abs(mpf(float(found[i, j])) - exact[i, j])
                  for i in range(events) for j in range(size))  # fmt: skip
        largest = max(abs(one) for one in exact)
    return float(np.linalg.cond(matrix)), float(far) / top, float(far / largest)


MATRICES = ((2, 0.3, 1.0), (4, 0.5, 1.0), (6, 0.9, 1.0), (10, 0.2, 1.0), (10, 0.9, 1.0),
            (18, 0.5, 1.0), (30, 0.3, 1.0), (10, 0.3, 0.01), (10, 0.3, 1e-4))  # fmt: skip


def main() -> None:
    print(f"Beside arithmetic of {DIGITS} digits (aim {AIM:.0e}); float64\n")
    print(f"{'scale':22}{'cases':>6}{'positions':>11}{'beyond':>10}{'inverse':>10}  odd  worst at")
    for kind in KINDS:
        try:
            one = worst(kind, 100, 40)
        except (LabError, ArithmeticError) as lost:
            print(f"{kind:22} {lost}")
            continue
        print(f"{kind:22}{one.cases:6}{one.shown:11.1e}{one.beyond:10.1e}{one.back:10.1e}"
              f"  {'yes' if one.odd else 'NO':3}  {one.at}")  # fmt: skip
    print(f"{'ratio':22}{1000:6}{ratios(1000):11.1e}")
    print(f"\n{'compensation':22}{'condition':>11}{'error, share of the range':>28}"
          f"{'of the largest result':>24}")  # fmt: skip
    for size, spill, apart in MATRICES:
        condition, off, share = compensation(size, spill, 200, apart)
        print(f"{f'{size} channels':22}{condition:11.1f}{off:28.1e}{share:24.1e}")


if __name__ == "__main__":
    main()
