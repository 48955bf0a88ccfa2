"""How often each interval of a concentration holds the truth, on simulated plates.

    python benchmarks/curves/intervals.py [PLATES] [WEIGHTING]

Prints, for every class of plates and every interval: coverage of nominal 95 % intervals, in all and
by thirds of the range; how often the truth lies below and above the interval (2.5 % each is even);
how often a lower limit is negative or an upper one open; and the median width over the value.
"""

from __future__ import annotations

import sys

import numpy as np
from simulated import CLASSES, Plate, plates, third_of

from assays import curves


def ends_of(
    every: list[Plate], fitted: list[curves.StandardCurve], interval: str
) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper limits of every unknown, shape (plates, unknowns) each."""
    found = [
        curve.inverse(plate.wells.mean(axis=1), wells=2, interval=interval)
        for plate, curve in zip(every, fitted, strict=True)
    ]
    return np.stack([one.lower for one in found]), np.stack([one.upper for one in found])


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    weighting = sys.argv[2] if len(sys.argv) > 2 else "two-component"
    print(f"{count} plates per class, 10 unknowns in duplicate each, weighting {weighting}\n")
    print("class    interval   cover %  [thirds]             below above  negative  open  width %")
    for kind in CLASSES:
        every = plates(kind, count)
        fitted = curves.fit_many([p.x for p in every], [p.y for p in every], weighting=weighting)
        truth = np.stack([plate.unknown for plate in every])
        third = third_of(truth)
        for interval in curves.INTERVALS:
            lower, upper = ends_of(every, fitted, interval)
            held = (lower <= truth) & (truth <= upper)
            thirds = " ".join(f"{100 * held[third == i].mean():5.1f}" for i in range(3))
            wide = 100 * np.nanmedian((upper - lower) / truth)
            opened = 100 * np.mean(np.isinf(upper))
            print(
                f"{kind:8s} {interval:9s} {100 * held.mean():7.1f}  [{thirds}]  "
                f"{100 * np.mean(truth < lower):10.1f} {100 * np.mean(truth > upper):5.1f} "
                f"{100 * np.mean(lower < 0):8.1f} {opened:6.1f} {wide:7.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
