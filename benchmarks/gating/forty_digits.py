"""Scales and compensation beside arithmetic of 40 digits (mpmath).

    python -m benchmarks.gating.forty_digits

The formulas stand in `exact_scales.py`; a position is found by Newton's method on them. Parameters
are usual ones, the ends of what is allowed, and a hundred drawn at random. Values lie over the
display range, as far below zero, and beyond both, up to 1e300.

An error of a position is absolute, and divided by the size of positions above 1. An error
of a value is divided by the top of the scale, or by the value where that is larger.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from mpmath import mp, mpf

from assays.errors import LabError
from assays.flow import scales
from benchmarks.gating.exact_compensation import DIGITS, MATRICES, compensation
from benchmarks.gating.exact_scales import KINDS, Case, cases

AIM = 1e-12


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
