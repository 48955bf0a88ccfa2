"""What was seen in one file, ready to print or to write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from assays.errors import ResultsError
from plates.findings import Finding


@dataclass(frozen=True, slots=True)
class Look:
    """What a file holds, ready to print."""

    kind: str
    """``export``, ``fcs``, ``gating``, ``layout`` or ``samples``."""
    facts: tuple[tuple[str, str], ...]
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    to_csv: Callable[[], str] = field(default=str)
    """The numbers, long form."""
    to_html: Callable[[], bytes] | None = None
    more: Callable[[], dict[str, object]] = field(default=dict)
    """What only machines want to know beside the rest."""

    def as_record(self) -> dict[str, object]:
        """The look for machines."""
        return {
            "kind": self.kind,
            "facts": dict(self.facts),
            "table": [dict(zip(self.columns, row, strict=True)) for row in self.rows],
            "notes": list(self.notes),
            "findings": [
                {
                    "rule": f.rule,
                    "severity": str(f.severity),
                    "where": f.where,
                    "message": f.message,
                }
                for f in self.findings
            ],
            **self.more(),
        }

    def write_csv(self, path: Path) -> None:
        """Write the numbers."""
        _write(path, self.to_csv().encode())

    def write_html(self, path: Path) -> None:
        """Write a page with pictures."""
        if self.to_html is None:
            raise ResultsError(
                "only a plate-reader export, an FCS file and a gating file have a page", path.name
            )
        _write(path, self.to_html())


def some(words: Sequence[str], most: int = 8) -> str:
    """The first words, and how many more there are."""
    shown = ", ".join(words[:most])
    return f"{shown} and {len(words) - most} more" if len(words) > most else shown


def span(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> str:
    """Smallest and largest number; empty without one."""
    finite = values[np.isfinite(values)]
    return f"{finite.min():g} to {finite.max():g}" if finite.size else ""


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise ResultsError(f"cannot be written: {error.strerror or error}", str(path)) from None
