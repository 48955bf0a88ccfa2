"""Names and texts of labels as a form can hold them: what is written must read back."""

from __future__ import annotations

from collections.abc import Iterable

from plates.layouts.cells import EXCEL_ERRORS, LONGEST
from plates.layouts.words import PROPERTIES, key_of, title_of

OWN = ("treatment", "donor", "cell_density")
"""Properties of `PROPERTIES` that are labels with a block of their own."""
_LONGEST_TITLE = 100


def block_titles(labels: Iterable[str]) -> dict[str, str]:
    """A title for the block of each label, by label.

    A label whose name means something else to a layout (``well_id``, ``concentration``) or
    reads like another label's is called ``label well_id``; a number follows where even that is
    taken.
    """
    titles: dict[str, str] = {}
    taken = {*PROPERTIES, ""}
    for label in labels:
        plain = " ".join("".join(c if c.isprintable() else " " for c in label).split())
        plain = plain[:_LONGEST_TITLE] or "unnamed"
        title, number = plain, 1
        # A block is found by the letters in its corner, and 7 could be a column of another.
        while _meaning(title) in taken or key_of(title).isdecimal():
            title = f"label {plain}" + (f" {number}" if number > 1 else "")
            number += 1
        titles[label] = title
        taken.add(_meaning(title))
    return titles


def _meaning(title: str) -> str:
    return title_of(title)[0]


def writable(text: str) -> str:
    """A name or label as a cell can hold it; empty where it could only be misread.

    Control characters become blanks, an error of a spreadsheet program (``#N/A``) says nothing,
    and what is longer than a cell may be is cut.
    """
    plain = "".join(c if c.isprintable() else " " for c in text).strip()
    return "" if plain in EXCEL_ERRORS else plain[:LONGEST]
