"""A finished picture: its bytes, and the words that go with it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

Section = Literal[
    "plate",
    "curve",
    "samples",
    "compensation",
    "gates",
    "contact",
    "readouts",
    "inhibition",
    "dose",
    "course",
    "protection",
    "calibration",
    "bridge",
    "correlation",
]


@dataclass(frozen=True, slots=True)
class Picture:
    """One figure of a report."""

    name: str
    """File stem, unique within a run: ``plate-1-curve``."""
    section: Section
    """Where in the report it belongs."""
    group: str
    """Plate or donor it is about; empty for the whole run."""
    caption: str
    """What to see."""
    alt: str
    """What it shows, in words, for those who cannot see it."""
    width_px: int
    """At 96 pixels per inch: the size at which its text is 7 points."""
    height_px: int
    svg: bytes = b""
    """One ``<svg>`` element without XML declaration: a file, or straight into a page."""
    png: bytes = b""
    """Instead of `svg`, where the picture is a raster."""

    @property
    def data(self) -> bytes:
        """The bytes of the file."""
        return self.svg or self.png

    @property
    def suffix(self) -> str:
        """``.svg`` or ``.png``."""
        return ".svg" if self.svg else ".png"

    @property
    def media_type(self) -> str:
        """``image/svg+xml`` or ``image/png``."""
        return "image/svg+xml" if self.svg else "image/png"

    @property
    def file_name(self) -> str:
        """Name with suffix."""
        return self.name + self.suffix


_GREEK = str.maketrans("αβγδεκλµμστφω", "abgdekluustfo")


def slug(text: str, most: int = 40) -> str:
    """A name as part of a file name: lower-case letters, digits and hyphens.

    >>> slug("pSTAT3 (Y705)"), slug("NF-κB"), slug("../<x>"), slug("")
    ('pstat3-y705', 'nf-kb', 'x', 'unnamed')
    """
    plain = unicodedata.normalize("NFKD", text.lower().translate(_GREEK))
    words = re.findall(r"[a-z0-9]+", plain.encode("ascii", "ignore").decode())
    return "-".join(words)[:most].strip("-") or "unnamed"


def with_own_names(pictures: Iterable[Picture]) -> tuple[Picture, ...]:
    """Number the names that occur twice, so that no file overwrites another."""
    seen: set[str] = set()
    kept: list[Picture] = []
    for picture in pictures:
        name, count = picture.name, 1
        while name in seen:
            count += 1
            name = f"{picture.name}-{count}"
        seen.add(name)
        kept.append(picture if name == picture.name else replace(picture, name=name))
    return tuple(kept)
