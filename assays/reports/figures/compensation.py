"""Pairs of detectors in the single stains, before and after compensation, the worst first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from assays.reports.figures import style
from assays.reports.figures.compensation_matrix import draw_matrix, words_of_matrix
from assays.reports.figures.compensation_spectra import (
    draw_similarity,
    draw_spectra,
    words_of_similarity,
    words_of_spectra,
)
from assays.reports.figures.density import MOST_PIXELS, colours, upright
from assays.reports.figures.gate_panels import LETTER_EM, limits_of, tick
from assays.reports.figures.picture import Picture
from assays.reports.figures.svg import vector_picture
from assays.results.compensation import PairPicture
from assays.results.flow import FlowRun
from plates.draw import WIDTH_MM
from plates.lettering import POINTS, printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ACROSS = 2
"""Pairs side by side, each before and after."""
PER_SHEET = 6
FRAME_MM, GAP_MM = 12.0, 3.0
ABOVE_MM, BELOW_MM = 9.5, 9.0


def compensation_work(run: FlowRun) -> Iterator[Callable[[], Picture]]:
    """Every picture of the compensation, still to be drawn."""
    if run.spillover is not None and len(run.spillover_channels) > 1:
        yield partial(_matrix, run)
    record = run.controls
    if record is None:
        return
    sheets = [
        record.pictures[at : at + PER_SHEET] for at in range(0, len(record.pictures), PER_SHEET)
    ]
    for number, sheet in enumerate(sheets, start=1):
        yield partial(_pairs, sheet, number, len(sheets))
    if record.spectra is not None:
        yield partial(_spectra, run)
        if len(record.spectra.components) > 1:
            yield partial(_similarity, run)


def _matrix(run: FlowRun) -> Picture:
    assert run.spillover is not None
    caption, alt = words_of_matrix(run.spillover_channels, run.spillover)
    figure = draw_matrix(run.spillover_channels, run.spillover)
    return vector_picture(figure, "compensation-matrix", "compensation", "", caption, alt)


def _pairs(sheet: Sequence[PairPicture], number: int, total: int) -> Picture:
    caption, alt = words_of_pairs(sheet, number, total)
    name = "compensation-pairs" + (f"-{number}" if total > 1 else "")
    return vector_picture(draw_pairs(sheet), name, "compensation", "", caption, alt)


def _spectra(run: FlowRun) -> Picture:
    assert run.controls is not None and run.controls.spectra is not None
    caption, alt = words_of_spectra(run.controls.spectra)
    figure = draw_spectra(run.controls.spectra)
    return vector_picture(figure, "compensation-spectra", "compensation", "", caption, alt)


def _similarity(run: FlowRun) -> Picture:
    assert run.controls is not None and run.controls.spectra is not None
    caption, alt = words_of_similarity(run.controls.spectra)
    figure = draw_similarity(run.controls.spectra)
    return vector_picture(figure, "compensation-similarity", "compensation", "", caption, alt)


def draw_pairs(pairs: Sequence[PairPicture]) -> Figure:
    """Two panels for each pair: recorded on the left, compensated on the right.

    Lines are the medians of unstained and stained events in the other detector: after
    compensation they stand at one height.
    """
    across = min(ACROSS, len(pairs))
    pitch = (WIDTH_MM - 1.0) / ACROSS
    side = (pitch - FRAME_MM - GAP_MM) / 2
    step = side + ABOVE_MM + BELOW_MM
    rows = -(-len(pairs) // ACROSS)
    with style.house_style():
        figure = style.new_figure(rows * step, across * pitch + 1.0)
        for index, pair in enumerate(pairs):
            left = (index % ACROSS) * pitch + FRAME_MM - 1.0
            bottom = (rows - 1 - index // ACROSS) * step + BELOW_MM
            before = style.place(figure, left, bottom, side, side)
            after = style.place(figure, left + side + GAP_MM, bottom, side, side)
            _panel(before, pair, side, compensated=False)
            _panel(after, pair, side, compensated=True)
    return figure


def _panel(axes: Axes, pair: PairPicture, side_mm: float, *, compensated: bool) -> None:
    counts = pair.after if compensated else pair.before
    levels = pair.levels_after if compensated else pair.levels_before
    most = int(side_mm / 25.4 * 72 / (POINTS * LETTER_EM))
    said = (
        f"{_percent(pair.residual)} left" if compensated else f"{_percent(pair.coefficient)} seen"
    )
    kind = "compensated" if compensated else "recorded"
    axes.set_title(f"{kind}\n{said}", pad=2.5, linespacing=1.2)
    axes.set_xlim(*limits_of(pair.x))
    axes.set_ylim(*limits_of(pair.y))
    axes.set_xlabel(printable(pair.x.channel, most))
    tick(axes, pair.x, "x", side_mm)
    tick(axes, pair.y, "y", side_mm)
    if compensated:
        axes.set_yticklabels([])
    else:
        axes.set_ylabel(printable(pair.y.channel, most))
        axes.yaxis.set_label_coords(-8.0 / side_mm, 0.5)
    across, up = (min(bins, MOST_PIXELS) for bins in counts.shape)
    axes.imshow(
        colours(upright(counts, up, across)),
        aspect="auto",
        extent=(*limits_of(pair.x), *limits_of(pair.y)),
        interpolation="none",
        zorder=1,
    )
    unstained, stained = levels
    axes.axhline(
        unstained, color=style.UNSTIMULATED, lw=1.3, path_effects=style.halo(2.4), zorder=3
    )
    # Dashed: where compensation is right the two lie on one another, and both are seen.
    axes.axhline(stained, color=style.STIMULATED, lw=1.3, ls=(0, (4, 3)), zorder=4)


def _percent(share: float) -> str:
    return f"{100 * share + 0.0:.1f} %".replace("-0.0 %", "0.0 %").replace("-", "\u2212")


def words_of_pairs(pairs: Sequence[PairPicture], number: int, total: int) -> tuple[str, str]:
    """Caption and alternative text."""
    sheet = f" ({number} of {total})" if total > 1 else ""
    caption = (
        f"Single stains before and after compensation{sheet}. Pairs that leave a slope come "
        "first, then those that spill the most. Along x the stain's own detector, along y the "
        "one it spills into. Lines are the medians of unstained (grey-blue) and stained "
        "(vermilion, dashed) events: after compensation they should stand at one height."
    )
    told = "; ".join(
        f"{pair.source} into {pair.target}: {_percent(pair.coefficient)}, "
        f"{_percent(pair.residual)} left"
        for pair in pairs
    )
    return caption, f"Two-detector densities of single stains, recorded and compensated: {told}."
