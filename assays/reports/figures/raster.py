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

COLOURS = 56


def raster_picture(
    figure: Figure,
    dpi: int,
    name: str,
    section: Section,
    group: str,
    caption: str,
    alt: str,
    keep: Sequence[str] = (),
) -> Picture:
    """A figure as PNG of `COLOURS` colours, and nothing but pixels in the file.

    Colours that carry a meaning and must not drift are named in `keep`.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.colors import to_rgb
    from PIL import Image

    with house_style():
        figure.set_dpi(dpi)
        canvas: Any = FigureCanvasAgg(figure)
        canvas.draw()
        pixels = np.ascontiguousarray(np.asarray(canvas.buffer_rgba())[..., :3])
    image = Image.fromarray(pixels)
    # Every third pixel either way tells the colours as well as all of them.
    some = Image.fromarray(np.ascontiguousarray(pixels[::3, ::3]))
    found = some.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    flat = (found.getpalette() or [])[: 3 * COLOURS]
    flat += [round(255 * part) for colour in keep[: 255 - COLOURS] for part in to_rgb(colour)]
    flat += [255, 255, 255]
    palette = Image.new("P", (1, 1))
    palette.putpalette(flat)
    small = image.quantize(palette=palette, dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    small.save(buffer, format="PNG", optimize=True)
    width, height = size_px(figure)
    return Picture(name, section, group, caption, alt, width, height, png=buffer.getvalue())
