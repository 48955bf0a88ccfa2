"""One page about one gating file: every sample's populations, the matrices and the scales."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assays.reports.cells import Head, PageTable, figure, table, words
from assays.reports.html import environment, policy, style_sheet
from assays.reports.words import MISSING, fixed, grouped

MOST_SAMPLES = 60
"""Tables of populations on one page."""
MANY_GATES = 40
"""A longer table of populations is folded where there are several."""
COLUMNS = ("population", "kind", "channels", "stored count", "% of parent", "gate")


@dataclass(frozen=True, slots=True)
class GatingSample:
    """One sample's populations."""

    name: str
    groups: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """Sample, population, kind, channels, stored count, percent of parent, gate in words."""


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """A matrix of the file."""

    name: str
    fluorochromes: tuple[str, ...]
    detectors: tuple[str, ...]
    numbers: NDArray[np.float64]
    """shape (fluorochromes, detectors); (detectors, fluorochromes) when inverted."""
    inverted: bool


@dataclass(frozen=True, slots=True, eq=False)
class GatingPage:
    """What the page shows."""

    facts: tuple[tuple[str, str], ...]
    """Name and value of what was understood; the file's name first."""
    samples: tuple[GatingSample, ...]
    matrices: tuple[Matrix, ...]
    scales: tuple[tuple[str, str], ...]
    """Channel and its scale in words."""
    notes: tuple[str, ...]


def render(page: GatingPage) -> bytes:
    """Write the page; the same file gives the same bytes."""
    style = style_sheet()
    shown = page.samples[:MOST_SAMPLES]
    text = (
        environment()
        .get_template("gating.html")
        .render(
            title=dict(page.facts).get("file", "Gating file"),
            facts=page.facts[1:],
            populations=[
                _populations(number, sample, folded=len(shown) > 3 or len(sample.rows) > MANY_GATES)
                for number, sample in enumerate(shown, 1)
            ],
            more=len(page.samples) - len(shown),
            matrices=[_matrix(number, matrix) for number, matrix in enumerate(page.matrices, 1)],
            scales=_scales(page.scales),
            notes=page.notes,
            style=style,
            policy=policy(style),
        )
    )
    return text.encode("utf-8", errors="replace")


def _populations(number: int, sample: GatingSample, *, folded: bool) -> PageTable:
    # The gate in words names its channels already.
    kept = [n for n in range(len(COLUMNS)) if n != 2 and any(row[n + 1] for row in sample.rows)]
    numbers = (3, 4)
    rows = [
        [
            figure(row[n + 1] or MISSING)
            if n in numbers
            else words(grouped(row[n + 1]), look="wide")
            if n == len(COLUMNS) - 1
            else words(row[n + 1])
            for n in kept
        ]
        for row in sample.rows
    ]
    groups = ", ".join(sample.groups)
    return table(
        f"populations-{number}",
        sample.name,
        [Head(COLUMNS[n], number=n in numbers) for n in kept],
        rows,
        note=f"Groups: {groups}." if groups else "",
        folded=folded,
        small=True,
    )


def _matrix(number: int, matrix: Matrix) -> PageTable:
    down, across = matrix.fluorochromes, matrix.detectors
    note = "Share of the fluorochrome in each row that is seen in the detector of each column."
    if matrix.inverted:
        down, across = across, down
        note = "As the file has it, inverted: signals of the rows' detectors are multiplied by it."
    return table(
        f"matrix-{number}",
        f"Matrix {matrix.name}",
        [Head(""), *(Head(name, number=True) for name in across)],
        [
            [words(name), *(figure(fixed(float(share), 4)) for share in row)]
            for name, row in zip(down, matrix.numbers, strict=True)
        ],
        note=note,
        folded=len(across) > 8,
        small=True,
    )


def _scales(scales: tuple[tuple[str, str], ...]) -> PageTable | None:
    if not scales:
        return None
    return table(
        "scales",
        "Scales",
        [Head("channel"), Head("scale")],
        [[words(channel), words(scale)] for channel, scale in scales],
        note="As the samples have them; a channel stands twice where samples differ.",
        folded=len(scales) > 30,
        small=True,
    )
