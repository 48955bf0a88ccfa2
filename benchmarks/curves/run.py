"""Standard curves on 2,000 simulated plates: failures, errors, coverage, and time beside others.

Run with: python benchmarks/curves/run.py [plates per class]

Prints, for the four classes of `simulated.py`:

- fits that failed or did not settle, and how far the weighted misfit at the frozen final weights
  lies above the best that scipy finds from many starts;
- the median error of the concentrations, each weighting beside the row that a reference fitter
  reached on the same plates;
- how often nominal 95 % intervals hold the truth, by class and by third of the range. A limit
  that is open (0 or inf) counts as it is;
- milliseconds per curve beside scipy's `curve_fit` doing the same starts and reweighting, plain
  `curve_fit`, and lmfit and R's `nls(SSfpl)` where they are installed. (The R package drc is on
  CRAN only.)
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Sequence

import numpy as np
from beside import loop_of_curve_fit, plain_curve_fit, plain_lmfit, plain_nls
from simulated import CLASSES, PLATES, Plate, plates, third_of

from assays import curves
from assays.curves import StandardCurve
from assays.curves.four_pl import MODEL
from assays.curves.weights import STEADY_FLOOR

DEFAULT = "two-component"
REFERENCE = {
    "none": (3.84, 5.20, 13.1, 4.80),
    "1/y^2": (3.64, 5.01, 12.4, 5.20),
    "1/yhat^2": (3.58, 4.92, 11.6, 4.96),
    "power": (3.51, 4.96, 11.8, 4.49),
}
"""Median relative error, %, of the reference fitter (responses floored at 2 % of the range)."""
TARGET = (93.0, 97.0)


def fit_class(batch: Sequence[Plate], weighting: str) -> list[StandardCurve]:
    """All plates of a class; responses floored at 2 % of the range, as the reference had them."""
    floor = 0.0 if weighting in ("none", DEFAULT, "robust") else STEADY_FLOOR
    x, y = [plate.x for plate in batch], [plate.y for plate in batch]
    return curves.fit_many(x, y, weighting=weighting, floor=floor)


def errors_of(batch: Sequence[Plate], fitted: Sequence[StandardCurve]) -> np.ndarray:
    """Relative error of every unknown, %; inf where there is no concentration."""
    found = []
    for plate, curve in zip(batch, fitted, strict=True):
        value = curve.read_back(plate.wells.mean(axis=1))
        found.append(100 * np.abs(value / plate.unknown - 1))
    return np.nan_to_num(np.concatenate(found), nan=np.inf)


def coverage(batch: Sequence[Plate], fitted: Sequence[StandardCurve]) -> tuple[list[float], float]:
    """Percent of intervals that hold the truth: all, and by third; percent with an open limit."""
    held, third, opened = [], [], []
    for plate, curve in zip(batch, fitted, strict=True):
        back = curve.inverse(plate.wells.mean(axis=1), wells=plate.wells.shape[1])
        held.append((back.lower <= plate.unknown) & (plate.unknown <= back.upper))
        third.append(third_of(plate.unknown))
        opened.append((back.lower == 0) | np.isinf(back.upper))
    inside, part = np.concatenate(held), np.concatenate(third)
    shares = [inside.mean(), *(inside[part == i].mean() for i in range(3))]
    return [100 * float(share) for share in shares], 100 * float(np.concatenate(opened).mean())


def above_the_best(plate: Plate, curve: StandardCurve, starts: int = 10) -> float:
    """Share by which the misfit lies above the best of many starts at the final weights."""
    from scipy.optimize import least_squares

    rng = np.random.default_rng(len(plate.x))
    root = np.sqrt(curve.weights)

    def apart(p: np.ndarray) -> np.ndarray:
        natural = np.array([p[0], np.exp(p[1]), np.exp(p[2]), p[3]])
        return np.asarray(root * (curve.y - MODEL.forward(curve.x, natural)))

    best, scale = curve.rss, np.ptp(curve.y)
    low, high = curve.y[curve.x.argmin()], curve.y[curve.x.argmax()]
    for _ in range(starts):
        begin = [low, rng.uniform(-0.5, 1), np.log(300 * 10 ** rng.uniform(-2, 1.5))]
        begin.append(high + scale * 10 ** rng.uniform(-2, 1))
        found = least_squares(apart, begin, method="lm", max_nfev=2000)
        best = min(best, 2 * found.cost)
    return curve.rss / best - 1 if best > 0 else 0.0


def milliseconds(work: Callable[[Plate], object], batch: Sequence[Plate]) -> float:
    """Per curve, the lower of two rounds."""
    taken = []
    for _ in range(2):
        start = time.perf_counter()
        for plate in batch:
            work(plate)
        taken.append(time.perf_counter() - start)
    return 1000 * min(taken) / len(batch)


def single(plate: Plate) -> None:
    """One curve, ten unknowns and their intervals."""
    curves.fit(plate.x, plate.y).inverse(plate.wells.mean(axis=1), wells=2)


def times(every: dict[str, list[Plate]]) -> None:
    """Print milliseconds per curve."""
    some = [plate for kind in CLASSES[:3] for plate in every[kind][:15]]
    together = [plate for kind in CLASSES[:3] for plate in every[kind]]
    x, y = [plate.x for plate in together], [plate.y for plate in together]
    ours = []
    for _ in range(3):
        start = time.perf_counter()
        curves.fit_many(x, y)
        ours.append(1000 * (time.perf_counter() - start) / len(x))
    loop = milliseconds(loop_of_curve_fit, some)
    print("\nms per curve (typical, middle, noisy; 1/yhat^2)")
    print(f"  fit_many                         {min(ours):8.2f}")
    print(f"  curve_fit, same starts, reweighted{loop:7.2f}   {loop / min(ours):.0f} times")
    alone = milliseconds(lambda p: curves.fit(p.x, p.y), some)
    print(f"  fit, one by one                  {alone:8.2f}")
    print(f"  fit, 10 unknowns with intervals  {milliseconds(single, some):8.2f}   (aim 3)")
    print(f"  curve_fit, one unweighted fit    {milliseconds(plain_curve_fit, some):8.2f}")
    try:
        print(f"  lmfit, one unweighted fit        {milliseconds(plain_lmfit, some):8.2f}")
    except ImportError:
        print("  lmfit                             not installed")
    found = plain_nls(some)
    if found is None:
        print("  R                                 not installed")
    else:
        print(
            f"  R nls(SSfpl), unweighted, no zero{found[0]:8.2f}   {found[1]} of {found[2]} failed"
        )


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else PLATES
    every = {kind: plates(kind, count) for kind in CLASSES}
    print(f"{count} plates per class: {', '.join(CLASSES)}\n")
    print("median error of concentrations, % (reference); fits not settled; 95 % coverage, %")
    for weighting in ("none", "1/y", "1/y^2", "1/yhat", "1/yhat^2", "power", DEFAULT, "robust"):
        named = f"{weighting} (constant noise too)" if weighting == DEFAULT else weighting
        print(f"\n{named}")
        for i, kind in enumerate(CLASSES):
            fitted = fit_class(every[kind], weighting)
            error = float(np.median(errors_of(every[kind], fitted)))
            known = REFERENCE.get(weighting)
            beside = f"({known[i]:5.2f})" if known else "       "
            loose = sum(not curve.converged for curve in fitted)
            share, opened = coverage(every[kind], fitted)
            good = all(TARGET[0] <= one <= TARGET[1] for one in share)
            mark = "" if kind == "hard" else "within 93–97" if good else "OUTSIDE 93–97"
            thirds = " ".join(f"{one:5.1f}" for one in share[1:])
            print(
                f"  {kind:8s} {error:6.2f} {beside}  unsettled {loose:2d}  "
                f"{share[0]:5.1f} [{thirds}]  open {opened:4.1f}  {mark}"
            )
    print(
        "\nmisfit above the best of many starts, at the final weights: "
        "worst of a class, and how many above 1e-6"
    )
    for weighting in ("1/yhat^2", DEFAULT):
        for kind in CLASSES:
            fitted = fit_class(every[kind], weighting)
            over = [above_the_best(*pair) for pair in zip(every[kind], fitted, strict=True)]
            many = sum(one > 1e-6 for one in over)
            print(f"  {weighting:14s} {kind:8s} {max(over):8.1e}  {many} of {len(over)}")
    times(every)


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        main()
