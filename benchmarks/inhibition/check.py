"""One number of ours beside the number that somebody else found."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Check:
    """A comparison, and whether it agrees."""

    what: str
    """The kind of number: comparisons are counted by it."""
    case: str
    agrees: bool
    words: str = ""
    """Ours and theirs."""
    cause: str = ""
    """Why such numbers differ, where they do and it is known."""


def differing(checks: Iterable[Check]) -> list[Check]:
    """Those that do not agree."""
    return [check for check in checks if not check.agrees]


def rows(path: Path) -> list[dict[str, str]]:
    """A table with a header line."""
    with path.open(newline="", encoding="utf-8-sig") as stream:
        return list(csv.DictReader(stream))


def answer(path: Path) -> dict[str, Any]:
    """A JSON file of expected results."""
    return dict(json.loads(path.read_text(encoding="utf-8")))


def near(
    what: str,
    case: str,
    ours: float,
    theirs: float,
    *,
    rel: float = 1e-9,
    apart: float = 0.0,
    cause: str = "",
) -> Check:
    """Two numbers that differ by `rel` of theirs, or by `apart`, at most."""
    good = math.isclose(ours, theirs, rel_tol=rel, abs_tol=apart)
    return Check(what, case, good, f"{ours:.10g} for {theirs:.10g}", cause)


def printed(what: str, case: str, ours: float, theirs: str) -> Check:
    """A number that somebody printed, to its last digit."""
    number, _, power = theirs.lower().partition("e")
    places = len(number.partition(".")[2]) - int(power or 0)
    # What ends in a 5 may have been rounded either way.
    good = abs(ours - float(theirs)) <= 0.50001 * 10.0**-places
    return Check(what, case, good, f"{ours:.10g} for {theirs}")
