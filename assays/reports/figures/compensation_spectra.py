"""Spectra that an unmixing is made with, and how alike they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from assays.reports.figures import style
from assays.reports.figures.compensation_matrix import heat_map
from assays.results.compensation import Spectra
from plates.draw import WIDTH_MM
from plates.lettering import printable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEFT_MM, RIGHT_MM, BOTTOM_MM = 34.0, 2.0, 14.0
ROW_MM, MOST_MM = 9.0, 200.0
LETTERS = 20
TICK_MM = 3.2
"""Detector names stand at least so far apart."""


def draw_spectra(spectra: Spectra) -> Figure:
    """One line per component, each with its peak at full height, detectors in file order."""
    count, detectors = spectra.signatures.shape
    row = min(ROW_MM, MOST_MM / count)
    width = WIDTH_MM - LEFT_MM - RIGHT_MM
    stride = max(1, int(np.ceil(TICK_MM / (width / detectors))))
    with style.house_style():
        figure = style.new_figure(BOTTOM_MM + row * count + 2.0)
        axes = style.place(figure, LEFT_MM, BOTTOM_MM, width, row * count)
        places = np.arange(detectors)
        for index, line in enumerate(spectra.signatures):
            floor = float(count - 1 - index)
            heights = floor + 0.86 * np.clip(line, 0.0, 1.0)
            glow = index >= count - 1 and spectra.components[index] == "Autofluorescence"
            colour = style.BLANK if glow else style.SAMPLE
            axes.fill_between(places, floor, heights, color=style.tint(colour, 0.35), lw=0)
            axes.plot(places, heights, color=colour, lw=1.0)
        axes.set_ylim(0, count)
        axes.set_xlim(-0.5, detectors - 0.5)
        axes.set_yticks(
            [count - 1 - n + 0.4 for n in range(count)],
            [printable(name, LETTERS) for name in spectra.components],
        )
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        shown = range(0, detectors, stride)
        axes.set_xticks(
            list(shown), [printable(spectra.detectors[n], 8) for n in shown], rotation=90
        )
        axes.set_xlabel("detector")
    return figure


def words_of_spectra(spectra: Spectra) -> tuple[str, str]:
    """Caption and alternative text."""
    peaks = [
        f"{name} peaks in {spectra.detectors[int(line.argmax())]}"
        for name, line in zip(spectra.components, spectra.signatures, strict=True)
    ]
    caption = (
        "Spectra of the single stains, each with its peak at 1: median of stained events less "
        "that of the unstained ones. Raw events are unmixed into these by least squares."
    )
    return caption, f"Spectra over {len(spectra.detectors)} detectors: {'; '.join(peaks)}."


def draw_similarity(spectra: Spectra) -> Figure:
    """Cosine between each two spectra."""
    cosines = np.array(spectra.similarity, dtype=np.float64)
    np.fill_diagonal(cosines, np.nan)
    return heat_map(spectra.components, spectra.components, cosines, 1.0, "cosine", 0.005, 2)


def words_of_similarity(spectra: Spectra) -> tuple[str, str]:
    """Caption and alternative text."""
    cosines = np.array(spectra.similarity) - 2 * np.eye(len(spectra.components))
    row, column = np.unravel_index(int(cosines.argmax()), cosines.shape)
    one, other = spectra.components[row], spectra.components[column]
    caption = (
        "How alike the spectra are: cosine between each two, 0 without overlap, 1 when they are "
        f"the same. Complexity index {spectra.complexity:.2f}."
    )
    return caption, f"The most alike are {one} and {other}, cosine {cosines[row, column]:.2f}."
