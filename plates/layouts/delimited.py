"""Find the delimiter under which a text becomes a table of a wanted kind."""

from __future__ import annotations

from collections.abc import Callable

from plates.errors import LabError
from plates.layouts.cells import Sheet
from plates.layouts.sheets import DELIMITERS, sheet_of_text
from plates.source import Source


def best_sheet(source: Source, score: Callable[[Sheet], int]) -> Sheet | None:
    """The sheet with the highest score over all delimiters; None when every score is 0.

    Trying the delimiters on the whole file beats sniffing: a decimal comma looks
    like a delimiter until the table falls apart.
    """
    if not source.is_text or source.opening.startswith("FCS"):
        return None
    best: tuple[int, Sheet] | None = None
    for delimiter in DELIMITERS:
        try:
            sheet = sheet_of_text(source, delimiter)
        except LabError:
            continue
        points = score(sheet)
        if points > (best[0] if best else 0):
            best = (points, sheet)
    return best[1] if best else None
