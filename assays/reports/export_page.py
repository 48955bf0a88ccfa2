"""One page about one plate-reader export: what was understood, and a heat map per read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from assays.reports.figures.style import house_style
from assays.reports.figures.svg import vector_picture
from assays.reports.html import albums, environment, policy, style_sheet
from plates.draw import draw_plate
from plates.plateread import Export, PlateRead

if TYPE_CHECKING:
    from assays.reports.figures.picture import Picture

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
    pictures = [_heat_map(read, number) for number, read in enumerate(export.reads[:MOST], 1)]
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


def _heat_map(read: PlateRead, number: int) -> Picture:
    with house_style():
        figure = draw_plate(
            read.values, read.format, quantity=_quantity(read), flags=dict(read.flags)
        )
    when = "" if np.isnan(read.time_s) else f" at {read.time_s:g} s"
    name = f"{read.plate or 'Plate'}, read {read.read}{when}"
    count = int(np.isfinite(read.values).sum())
    caption = f"{name}: {_quantity(read)}, {count} wells with a number."
    return vector_picture(
        figure, f"read-{number}", "plate", read.plate, caption, f"Heat map. {caption}"
    )


def _quantity(read: PlateRead) -> str:
    words: Iterable[str] = (read.mode, f"{read.wavelength_nm} nm" if read.wavelength_nm else "")
    return " at ".join(word for word in words if word)
