"""Save a figure so that the same figure gives the same bytes."""

from __future__ import annotations

import hashlib
import io
import re
from html import escape
from typing import TYPE_CHECKING

from assays.reports.figures.picture import Picture, Section
from assays.reports.figures.style import house_style
from plates.lettering import MM

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RASTER_DPI = 220
"""Of event clouds inside a vector figure."""
_HEAD = re.compile(r"\A.*?(?=<svg\b)", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->\s*", re.DOTALL)
_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_PIXELATED = re.compile(r"image-rendering:[a-z-]+;?")
_ID = re.compile(r'(?<= )id="([^"]+)"')
_USE = re.compile(r'(?:href="#|url\(#)([^")]+)')
_PATH = re.compile(r' d="([^"]+)"')
_AROUND = re.compile(r" ?([A-Za-z]) ?")
_BETWEEN = re.compile(r">\s+<")
_LONG = re.compile(r"-?\d+\.\d{3,}")


def vector_picture(
    figure: Figure, name: str, section: Section, group: str, caption: str, alt: str
) -> Picture:
    """A figure as SVG, with letters as outlines and ids that no other picture has."""
    # Saved alike under any salt: the name keeps ids apart when pictures share a page.
    salt = hashlib.sha256(name.encode()).hexdigest()[:8]
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    buffer = io.BytesIO()
    with house_style(**{"svg.hashsalt": salt}):
        figure.savefig(buffer, format="svg", metadata=nothing, dpi=RASTER_DPI)
    svg = _tidy(buffer.getvalue().decode("utf-8"), f"p{salt}-", alt)
    width, height = size_px(figure)
    return Picture(name, section, group, caption, alt, width, height, svg=svg.encode("utf-8"))


def size_px(figure: Figure) -> tuple[int, int]:
    """Width and height at 96 pixels per inch."""
    width, height = figure.get_size_inches()
    return round(width * 96), round(height * 96)


def width_mm(figure: Figure) -> float:
    """Printed width."""
    return float(figure.get_size_inches()[0] / MM)


def _tidy(text: str, prefix: str, alt: str) -> str:
    """One bare element: no declaration, comments or metadata; ids only where they are used.

    Comments would repeat the names of samples unescaped.
    """
    text = _METADATA.sub("", _COMMENT.sub("", _HEAD.sub("", text)))
    # Densities are drawn smoothly between their bins, as on the instrument.
    text = _PIXELATED.sub("", text)
    used = set(_USE.findall(text))
    text = _ID.sub(lambda m: f'id="{prefix}{m[1]}"' if m[1] in used else "", text)
    text = _USE.sub(lambda m: m[0][: -len(m[1])] + prefix + m[1], text)
    # A hundredth of a point is finer than any printer.
    text = _PATH.sub(lambda m: f' d="{_tight(m[1])}"', text)
    text = _BETWEEN.sub("><", text)
    label = escape("".join(c for c in alt if c.isprintable()), quote=True)
    return text.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)


def _tight(path: str) -> str:
    """Path data without the white space that no viewer needs."""
    return _AROUND.sub(r"\1", " ".join(_LONG.sub(_shorter, path).split()))


def _shorter(found: re.Match[str]) -> str:
    return f"{float(found[0]):.2f}".rstrip("0").rstrip(".")
