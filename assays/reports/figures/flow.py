"""All pictures of a flow run, with the words that go with them, in the order of the report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from assays.reports.figures import style, words
from assays.reports.figures.budget import Progress, Work, draw_within
from assays.reports.figures.calibration import calibration_work
from assays.reports.figures.compensation import compensation_work
from assays.reports.figures.conditions import Colours, colours_of, tube_key
from assays.reports.figures.contact_sheet import DPI, Grid, draw_contact_sheet, grid_for
from assays.reports.figures.course import course_work
from assays.reports.figures.density import palette as density_colours
from assays.reports.figures.dose_response import PER_SHEET, draw_dose_responses
from assays.reports.figures.gate_panels import Panel, panels_of
from assays.reports.figures.gates import draw_gates
from assays.reports.figures.inhibition import draw_inhibition, main_stimulus
from assays.reports.figures.paired import draw_paired, shown, words_of_paired
from assays.reports.figures.picture import Picture, slug
from assays.reports.figures.pool import in_processes
from assays.reports.figures.protection import protection_work
from assays.reports.figures.raster import raster_picture
from assays.reports.figures.readouts import draw_readout
from assays.reports.figures.responses import (
    Responses,
    draw_responses,
    responses_of,
    sheets_of,
    words_of_responses,
)
from assays.reports.figures.shift import shift_work
from assays.reports.figures.svg import vector_picture
from assays.results.flow import FlowRun, GatePicture, ReadoutHistogram
from assays.results.inhibition import DonorComparison, DoseResponse, Inhibition
from assays.samples import Tube, TubeRole

FINE_SHEETS = 14
"""More contact sheets than this are drawn with fewer pixels, so that all of them fit."""
COARSE_DPI = 130


def flow_pictures(
    run: FlowRun, progress: Progress | None = None, share: float = 1.0, jobs: int = 1
) -> tuple[Picture, ...]:
    """Gates, contact sheets, readouts, inhibition, dose responses and courses of a run.

    Parameters
    ----------
    run : FlowRun
        Its records alone; no events are needed.
    progress : callable, optional
        Told (done, total, what) after every picture.
    share : float
        Of the size that pictures may have in a report.
    jobs : int
        Processes that draw; the pictures are the same.
    """
    work = flow_work(run)
    with in_processes(work, flow_work, run, jobs) as ahead:
        return draw_within(ahead, progress, share)


def flow_work(run: FlowRun) -> list[Work]:
    """Every picture of a run, still to be drawn, in the order of the report."""
    palette = colours_of(
        [tube.inhibitors for tube in run.tubes] + [row.inhibitors for row in run.inhibition]
    )
    return [
        *(("compensation", draw) for draw in compensation_work(run)),
        *(("gates", draw) for draw in _gate_work(run)),
        *(("contact", draw) for draw in _contact_work(run, palette)),
        *(("readouts", draw) for draw in _readout_work(run, palette)),
        *(("inhibition", draw) for draw in _inhibition_work(run, palette)),
        *(("inhibition", draw) for draw in _response_work(run, palette)),
        *(("inhibition", draw) for draw in _paired_work(run, palette)),
        *(("dose", draw) for draw in _dose_work(run, palette)),
        *(("dose", draw) for draw in shift_work(run, palette)),
        *(("course", draw) for draw in course_work(run, palette)),
        *(("protection", draw) for draw in protection_work(run, palette)),
        *(("calibration", draw) for draw in calibration_work(run)),
    ]


@dataclass(frozen=True, slots=True)
class _Strip:
    """Gates of one tube."""

    tube: Tube
    gates: tuple[GatePicture, ...]

    def __call__(self) -> Picture:
        caption, alt = words.of_gates(self.tube, self.gates)
        name = f"gates-{slug(self.tube.file.removesuffix('.fcs'), 60)}"
        figure = draw_gates(self.gates)
        return vector_picture(figure, name, "gates", self.tube.donor, caption, alt)


def _gate_work(run: FlowRun) -> Iterator[_Strip]:
    by_file = _by_file(run)
    drawn = [tube for tube in run.tubes if tube.file in by_file]
    for tube in drawn if run.every_tube_drawn else representative(run.tubes, set(by_file)):
        yield _Strip(tube, tuple(by_file[tube.file]))


def representative(tubes: Sequence[Tube], drawable: set[str]) -> tuple[Tube, ...]:
    """First unstimulated and first stimulated tube of each donor; else the donor's first tube."""
    chosen: list[Tube] = []
    for donor in dict.fromkeys(tube.donor for tube in tubes):
        own = [tube for tube in tubes if tube.donor == donor and tube.file in drawable]
        found = [
            next((tube for tube in own if tube.role is role), None)
            for role in (TubeRole.UNSTIMULATED, TubeRole.STIMULATED)
        ]
        chosen += [tube for tube in found if tube is not None] or own[:1]
    return tuple(chosen)


def _by_file(run: FlowRun) -> dict[str, list[GatePicture]]:
    found: dict[str, list[GatePicture]] = {}
    for gate in run.gates:
        found.setdefault(gate.file, []).append(gate)
    return found


def _contact_work(run: FlowRun, palette: Colours) -> Iterator[Callable[[], Picture]]:
    """Sheets by gate: donors as in the sample sheet, each donor's tubes in dose order."""
    tubes = {tube.file: tube for tube in run.tubes}
    donors = {donor: rank for rank, donor in enumerate(dict.fromkeys(t.donor for t in run.tubes))}
    by_file = _by_file(run)
    ordered = sorted(
        (tube for tube in run.tubes if tube.file in by_file),
        key=lambda tube: (donors[tube.donor], tube_key(tube)),
    )
    by_gate: dict[tuple[str, str, str, str], list[Panel]] = {}
    for tube in ordered:
        for panel in panels_of(by_file[tube.file]):
            by_gate.setdefault(panel.key, []).append(panel)
    if len(ordered) < 2:
        return
    all_sheets = sum(-(-len(panels) // grid_for(len(panels)).tiles) for panels in by_gate.values())
    dpi = DPI if all_sheets <= FINE_SHEETS else COARSE_DPI
    for panels in by_gate.values():
        grid = grid_for(len(panels))
        sheets = [panels[at : at + grid.tiles] for at in range(0, len(panels), grid.tiles)]
        for number, sheet in enumerate(sheets, start=1):

            def draw(
                sheet: list[Panel] = sheet,
                number: int = number,
                total: int = len(sheets),
                grid: Grid = grid,
            ) -> Picture:
                caption, alt = words.of_contact_sheet(sheet, number, total)
                name = f"contact-{slug(sheet[0].first.population)}"
                name += f"-{number}" if total > 1 else ""
                figure = draw_contact_sheet(sheet, tubes, palette, grid, dpi)
                return raster_picture(
                    figure,
                    dpi,
                    name,
                    "contact",
                    "",
                    caption,
                    alt,
                    palette=(*density_colours(), *palette.every),
                )

            yield draw


@dataclass(frozen=True, slots=True)
class _Readout:
    """Histograms of one readout in one donor."""

    run: FlowRun
    palette: Colours
    histograms: tuple[ReadoutHistogram, ...]

    def __call__(self) -> Picture:
        first = self.histograms[0]
        positives = {
            reading.file: reading.percent_positive
            for reading in self.run.readings
            if reading.readout == first.readout
        }
        caption, alt = words.of_readout(self.histograms, positives, self.run)
        name = f"readout-{slug(first.readout)}-{slug(first.donor)}"
        figure = draw_readout(self.histograms, self.palette, positives)
        return vector_picture(figure, name, "readouts", first.donor, caption, alt)


def _readout_work(run: FlowRun, palette: Colours) -> Iterator[_Readout]:
    found: dict[tuple[str, str], list[ReadoutHistogram]] = {}
    for histogram in run.histograms:
        found.setdefault((histogram.readout, histogram.donor), []).append(histogram)
    for own in found.values():
        yield _Readout(run, palette, tuple(own))


def _response_work(run: FlowRun, palette: Colours) -> Iterator[Callable[[], Picture]]:
    """A heat map per readout, where several donors or conditions can be compared."""
    for readout in dict.fromkeys(reading.readout for reading in run.readings):
        own = [reading for reading in run.readings if reading.readout == readout]
        found = responses_of(own)
        if found.values.size < 2:
            continue
        sheets = sheets_of(found)
        for number, sheet in enumerate(sheets, start=1):

            def draw(
                sheet: Responses = sheet,
                reach: float = found.reach,
                cofactor: float = own[0].cofactor,
                readout: str = readout,
                name: str = f"responses-{slug(readout)}"
                + (f"-{number}" if len(sheets) > 1 else ""),
            ) -> Picture:
                caption, alt = words_of_responses(readout, sheet, cofactor)
                figure = draw_responses(sheet, reach, palette)
                return vector_picture(figure, name, "inhibition", "", caption, alt)

            yield draw


def _paired_work(run: FlowRun, palette: Colours) -> Iterator[Callable[[], Picture]]:
    """Slopes of the donors, where a condition was compared over them."""
    cofactors = {reading.readout: reading.cofactor for reading in run.readings}
    for readout in dict.fromkeys(row.readout for row in run.donors):
        rows = shown([row for row in run.donors if row.readout == readout])
        if not rows:
            continue

        def draw(rows: list[DonorComparison] = rows, readout: str = readout) -> Picture:
            caption, alt = words_of_paired(rows)
            ends = [
                style.STIMULATED if row.kind == "activation" else palette.full(row.member)
                for row in rows
            ]
            figure = draw_paired(rows, cofactors[readout], ends)
            name = f"donors-{slug(readout)}"
            return vector_picture(figure, name, "inhibition", "", caption, alt)

        yield draw


def _inhibition_work(run: FlowRun, palette: Colours) -> Iterator[Callable[[], Picture]]:
    for readout in dict.fromkeys(row.readout for row in run.inhibition):
        every = [row for row in run.inhibition if row.readout == readout]
        stimulus = main_stimulus(every, [row for row in run.donors if row.readout == readout])
        rows = tuple(row for row in every if row.stimulus == stimulus)

        def draw(
            rows: tuple[Inhibition, ...] = rows,
            readout: str = readout,
            alone: bool = len(rows) == len(every),
        ) -> Picture:
            caption, alt = words.of_inhibition(rows, run.level)
            if not alone:
                caption += f" Stimulated with {rows[0].stimulus}; other stimuli are in the table."
            figure = draw_inhibition(rows, palette)
            name = f"inhibition-{slug(readout)}"
            return vector_picture(figure, name, "inhibition", "", caption, alt)

        yield draw


def _dose_work(run: FlowRun, palette: Colours) -> Iterator[Callable[[], Picture]]:
    groups: dict[tuple[str, str, str], list[DoseResponse]] = {}
    for own in run.dose_responses:
        groups.setdefault((own.readout, own.inhibitor, own.unit), []).append(own)
    for (readout, inhibitor, _), found in groups.items():
        sheets = [found[at : at + PER_SHEET] for at in range(0, len(found), PER_SHEET)]
        for number, sheet in enumerate(sheets, start=1):

            def draw(
                sheet: list[DoseResponse] = sheet,
                name: str = f"dose-response-{slug(readout)}-{slug(inhibitor)}"
                + (f"-{number}" if len(sheets) > 1 else ""),
            ) -> Picture:
                quantity = words.response_quantity(sheet[0].readout, run.inhibition_scale)
                caption, alt = words.of_dose_responses(sheet, run.level)
                figure = draw_dose_responses(sheet, quantity, palette.full(sheet[0].inhibitor))
                return vector_picture(figure, name, "dose", "", caption, alt)

            yield draw
