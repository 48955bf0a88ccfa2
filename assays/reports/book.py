"""A workbook being written: its formats, its sheet names, and text that a cell can hold."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from assays.reports.words import harmless

LONGEST_TEXT = 32_767
"""Characters that Excel holds in one cell."""
INK, MUTED, RULE = "#1a1a1a", "#57606a", "#1a1a1a"
SEVERITY = {"stop": "#B3261E", "look": "#9A6700", "note": "#57606A"}


@dataclass
class Book:
    """A workbook being written, with its formats and the sheet names that are taken."""

    file: Any
    formats: dict[tuple[tuple[str, object], ...], Any] = field(default_factory=dict)
    taken: set[str] = field(default_factory=lambda: {"history"})

    def format(self, **look: object) -> Any:
        """A cell format; the same look is made once."""
        key = tuple(sorted(look.items()))
        if key not in self.formats:
            self.formats[key] = self.file.add_format(
                {"font_name": "Calibri", "font_size": 11, "font_color": INK, **look}
            )
        return self.formats[key]

    def sheet(self, name: str) -> Any:
        """A new sheet under a name that Excel allows and that is not taken."""
        return self.file.add_worksheet(self.free_name(name))

    def free_name(self, name: str) -> str:
        """At most 31 characters, none of ``[]:*?/\\``, no apostrophe at an end, unique."""
        stem = re.sub(r"[\[\]:*?/\\]", "-", harmless(name)).strip("' ")[:31].strip("' ") or "sheet"
        free, n = stem, 2
        while free.lower() in self.taken:
            free, n = f"{stem[: 31 - len(str(n)) - 1]} {n}", n + 1
        self.taken.add(free.lower())
        return free


def cell_text(text: str) -> str:
    """Text as a cell can hold it."""
    clean = harmless(text)
    return clean if len(clean) <= LONGEST_TEXT else clean[: LONGEST_TEXT - 1] + "\u2026"
