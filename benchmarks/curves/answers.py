"""An expected number of the corpus, the standards of a curve, and when two numbers agree."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Check = tuple[str, bool]
Answer = dict[str, Any]
Rows = list[dict[str, str]]


def near(found: Any, wanted: Any, rel: float, slack: float = 0.0) -> bool:
    """None is an open or missing answer: NaN, 0 or inf."""
    if wanted is None:
        return not math.isfinite(float(found)) or float(found) == 0
    return math.isclose(float(found), float(wanted), rel_tol=rel, abs_tol=slack)


def points(rows: Rows, curve: str = "") -> tuple[np.ndarray, np.ndarray]:
    """Standards of one curve; text that is no number is a missing well."""

    def number(text: str) -> float:
        try:
            return float(text)
        except ValueError:
            return math.nan

    kept = [row for row in rows if not curve or row.get("curve", curve) == curve]
    kept = [row for row in kept if row.get("role", "standard").lower() in ("standard", "std")]
    x, y = ([number(row[key]) for row in kept] for key in ("conc", "resp"))
    return np.array(x), np.array(y)
