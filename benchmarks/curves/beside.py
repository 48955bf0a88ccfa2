"""The same plates fitted by other programs: scipy, lmfit and R's nls."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from simulated import Plate

from assays.curves.four_pl import MODEL
from assays.curves.starts import starts_of
from assays.curves.weights import STEADY_FLOOR

NLS = """
plates <- read.csv("plates.csv")
one <- function(d) tryCatch({ nls(y ~ SSfpl(log(x), A, D, xmid, scal), data = d); 0 },
                            error = function(e) 1)
apart <- lapply(split(plates, plates$plate), function(d) d[d$x > 0, ])
taken <- system.time(failed <- sum(vapply(apart, one, 0)))[["elapsed"]]
cat(1000 * taken / length(apart), failed, length(apart))
"""
"""Unweighted; zero standards have no logarithm and are left out."""


def loop_of_curve_fit(plate: Plate) -> None:
    """scipy's `curve_fit` from the same starts, reweighted as often, one call after another."""
    from scipy.optimize import curve_fit

    def response(x: np.ndarray, a: float, b: float, c: float, d: float) -> np.ndarray:
        return MODEL.forward(x, np.array([a, np.exp(b), np.exp(c), d]))

    def jacobian(x: np.ndarray, a: float, b: float, c: float, d: float) -> np.ndarray:
        natural = np.array([a, np.exp(b), np.exp(c), d])
        return MODEL.gradient(x, natural) * np.array([1.0, natural[1], natural[2], 1.0])

    floor = STEADY_FLOOR * np.ptp(plate.y)
    sd = np.maximum(np.abs(plate.y), floor)
    free = np.full((1, 4), np.nan)
    begun = starts_of(MODEL, plate.x[None], plate.y[None], 1 / sd[None] ** 2, free)[0]
    found: list[tuple[float, np.ndarray]] = []
    for start in begun:
        moved = np.array([start[0], np.log(start[1]), np.log(start[2]), start[3]])
        try:
            p, _ = curve_fit(response, plate.x, plate.y, moved, sd, jac=jacobian, maxfev=4000)
        except RuntimeError:
            continue
        found.append((float(np.sum(((plate.y - response(plate.x, *p)) / sd) ** 2)), p))
    if not found:
        return
    p = min(found, key=lambda one: one[0])[1]
    for _ in range(20):
        before = response(plate.x, *p)
        try:
            p, _ = curve_fit(response, plate.x, plate.y, p, np.abs(before), jac=jacobian)
        except RuntimeError:
            return
        if np.allclose(response(plate.x, *p), before, rtol=1e-9, atol=0):
            return


def plain_curve_fit(plate: Plate) -> None:
    """One unweighted `curve_fit` from the data's own ends."""
    from scipy.optimize import curve_fit

    begin = [plate.y.min(), 1.0, 75.0, plate.y.max()]
    try:
        curve_fit(lambda x, *p: MODEL.forward(x, np.array(p)), plate.x, plate.y, begin)
    except RuntimeError:
        return


def plain_lmfit(plate: Plate) -> None:
    """One unweighted lmfit `Model` from the data's own ends."""
    import lmfit  # type: ignore[import-not-found]

    def response(x: np.ndarray, a: float, b: float, c: float, d: float) -> np.ndarray:
        return MODEL.forward(x, np.array([a, b, c, d]))

    try:
        lmfit.Model(response).fit(
            plate.y, x=plate.x, a=plate.y.min(), b=1.0, c=75.0, d=plate.y.max()
        )
    except ValueError:
        return


def plain_nls(plates: Sequence[Plate]) -> tuple[float, int, int] | None:
    """R's ``nls(SSfpl)``: milliseconds per curve, failures, curves; None without R."""
    program = shutil.which("Rscript")
    if program is None:
        return None
    lines = ["plate,x,y"]
    for i, plate in enumerate(plates):
        lines += [
            f"{i},{x!r},{y!r}" for x, y in zip(plate.x.tolist(), plate.y.tolist(), strict=True)
        ]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "plates.csv").write_text("\n".join(lines), encoding="utf-8")
        done = subprocess.run(
            [program, "-e", NLS], cwd=folder, capture_output=True, text=True, check=True
        )
    taken, failed, count = done.stdout.split()
    return float(taken), int(failed), int(count)
