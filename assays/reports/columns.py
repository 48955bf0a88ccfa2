"""Columns that several tables share: numbers, wells, free labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from assays.reports.words import slug
from assays.results.table import Column, Kind
from plates.well import Well


def names_of(wells: Iterable[Well]) -> str:
    """Wells in a row: ``A1 A2``."""
    return " ".join(str(well) for well in wells)


def number(key: str, title: str, unit: str = "", kind: Kind = "number") -> Column:
    """A column of numbers."""
    return Column(key, title, unit, kind)


def label_columns(taken: Iterable[str], labels: Iterable[Mapping[str, str]]) -> dict[str, Column]:
    """One text column for each free label, in order of appearance, by the label's own name."""
    keys = set(taken)
    columns: dict[str, Column] = {}
    for name in dict.fromkeys(name for each in labels for name in each):
        key = slug(name) if slug(name) not in keys else f"label_{slug(name)}"
        stem, n = key, 2
        while key in keys:
            key, n = f"{stem}_{n}", n + 1
        keys.add(key)
        columns[name] = Column(key, name.replace("_", " "))
    return columns
