"""Save a figure as a small PNG: few colours, the same bytes every time."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from assays.reports.figures.picture import Picture, Section
from assays.reports.figures.style import house_style
from assays.reports.figures.svg import size_px

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GREYS = 24
"""Shades of paper, ink and their edges."""


def raster_picture(
    figure: Figure,
    dpi: int,
    name: str,
    section: Section,
    group: str,
    caption: str,
    alt: str,
    palette: Sequence[str],
) -> Picture:
    """A figure as PNG with nothing but pixels in the file.

    Every pixel takes the nearest colour of `palette`, given as hex, or a grey; at most 256 in
    all. A palette found from the pixels would let rare colours drift to others' meanings.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.colors import to_rgb
    from PIL import Image

    with house_style():
        figure.set_dpi(dpi)
        canvas: Any = FigureCanvasAgg(figure)
        canvas.draw()
        pixels = np.ascontiguousarray(np.asarray(canvas.buffer_rgba())[..., :3])
    flat = [round(255 * grey / (GREYS - 1)) for grey in range(GREYS) for _ in "rgb"]
    flat += [round(255 * part) for colour in palette[: 256 - GREYS] for part in to_rgb(colour)]
    chosen = Image.new("P", (1, 1))
    # Unused places repeat white, else they would be black twice.
    chosen.putpalette(flat + [255] * (768 - len(flat)))
    small = Image.fromarray(pixels).quantize(palette=chosen, dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    small.save(buffer, format="PNG", optimize=True)
    width, height = size_px(figure)
    return Picture(name, section, group, caption, alt, width, height, png=buffer.getvalue())
