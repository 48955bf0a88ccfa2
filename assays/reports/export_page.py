"""One page about one plate-reader export: what was understood, and a heat map per read."""

from __future__ import annotations

from collections.abc import Sequence

from assays.reports.figures.read_map import draw_read
from assays.reports.html import albums, environment, policy, style_sheet
from plates.plateread import Export

MOST = 24
"""Heat maps on one page; a kinetic export holds hundreds of reads."""


def render(facts: Sequence[tuple[str, str]], export: Export) -> bytes:
    """Write the page; the same export gives the same bytes.

    Parameters
    ----------
    facts : sequence of (str, str)
        Name and value of everything that was understood, in words.
    export : Export
        The export; its first reads are drawn, and the page says how many are not.
    """
    pictures = [
        draw_read(read, f"read-{number}", read.plate)
        for number, read in enumerate(export.reads[:MOST], 1)
    ]
    style = style_sheet()
    page = (
        environment()
        .get_template("export.html")
        .render(
            title=dict(facts).get("file", "Export"),
            facts=facts,
            notes=export.notes,
            albums=albums(pictures),
            more=len(export.reads) - len(pictures),
            style=style,
            policy=policy(style),
        )
    )
    return page.encode("utf-8")
