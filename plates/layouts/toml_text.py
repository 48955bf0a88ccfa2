"""The tables of a toml file, within a fixed size."""

from __future__ import annotations

import tomllib

from plates.errors import LayoutError
from plates.source import Source

MOST_BYTES = 1_000_000
"""Largest layout in toml."""


def load_toml(source: Source) -> dict[str, object]:
    """Read the tables.

    Raises
    ------
    LayoutError
        When it is no toml, or far larger than a layout.
    """
    if source.size > MOST_BYTES:
        raise LayoutError(f"{source.size:,} bytes are too many for a layout", source.name)
    try:
        return tomllib.loads(source.text)
    # A number of five thousand digits is a ValueError of its own.
    except (ValueError, RecursionError) as error:
        raise LayoutError(f"this is no toml: {error}", source.name) from error
