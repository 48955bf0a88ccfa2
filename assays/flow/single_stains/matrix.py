"""The journey from single-stained controls to a spillover matrix."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from assays.errors import ControlError
from assays.flow.compensate import check_spillover
from assays.flow.events import Events, Spillover
from assays.flow.single_stains.control import (
    Control,
    find_channel,
    open_control,
    single_stains,
    unstained_for,
)
from assays.flow.single_stains.line import Slopes, by_regression, of_medians
from assays.flow.single_stains.pairs import pairs, pictures
from assays.flow.single_stains.populations import Populations, populations
from assays.flow.single_stains.refine import refine
from assays.flow.single_stains.remarks import remarks, two_controls
from assays.flow.single_stains.voltages import one_voltage
from assays.flow.spectral.recognise import raw_spectral
from assays.protocol import SingleStains
from assays.results.compensation import ControlRecord, StainRow
from assays.samples import Tube
from plates.findings import Finding

Floats = NDArray[np.float64]
Open = Callable[[Tube], Events]

METHODS = {
    "medians": "medians of stained and unstained events",
    "regression": "robust regression",
    "iterated": "robust regression, iterated until nothing is left",
}


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class ControlMatrix:
    """A spillover matrix from controls, with what speaks for and against it."""

    spillover: Spillover
    record: ControlRecord
    findings: tuple[Finding, ...]
    voltages: dict[str, float]
    """$PnV of the controls by detector, volts; NaN where not given."""
    files: tuple[str, ...]
    """Tubes that were used."""


def matrix_from_controls(
    tubes: Sequence[Tube], open_events: Open, choice: SingleStains
) -> ControlMatrix:
    """Work out the spillover matrix of a run from its single stains.

    Parameters
    ----------
    tubes : sequence of Tube
        The sample sheet; its single stains and unstained tubes are used.
    open_events : callable
        Reads one tube, uncompensated.
    choice : SingleStains
        ``[flow.single_stains]`` of ``assay.toml``.

    Raises
    ------
    ControlError
        When a control is missing, shows no positive population, is too dim, has nothing
        of its kind to be held against, was recorded at other voltages than the
        rest, or when the matrix cannot be undone.
    """
    declared = single_stains(tubes)
    channels = _channels(declared, open_events)
    names = list(dict.fromkeys(channels.values()))
    opened: dict[str, Control] = {}

    def take(tube: Tube) -> Control:
        if tube.file not in opened:
            opened[tube.file] = open_control(tube, open_events(tube), names)
        return opened[tube.file]

    rows: list[tuple[Tube, Populations, Slopes]] = []
    for tube in declared:
        own = names.index(channels[tube.file])
        blank = unstained_for(tube, tubes)
        part = populations(take(tube), own, None if blank is None else take(blank), choice)
        rows.append((tube, part, _slopes(part, choice.method)))
    voltages = one_voltage(list(opened.values()))
    best = _brightest(rows, names)
    parts = [rows[index][1] for index in best]
    raw = np.array([rows[index][2].values for index in best])
    errors = np.array([rows[index][2].errors for index in best])
    if choice.method == "iterated":
        raw, errors = refine(raw, [(part.positive, part.negative) for part in parts])
    matrix = np.maximum(raw, 0.0)
    np.fill_diagonal(matrix, 1.0)
    spillover = Spillover(tuple(names), matrix, "the single stains")
    condition = check_spillover(spillover)
    found = pairs(names, matrix, raw, errors, parts, choice.method)
    files = [rows[index][0].file for index in best]
    record = ControlRecord(
        METHODS[choice.method],
        tuple(
            _row(tube, part, opened[tube.file], index in best)
            for index, (tube, part, _) in enumerate(rows)
        ),
        found,
        pictures(found, opened[files[0]].channels, matrix, parts, files),
        condition,
    )
    findings = [
        *remarks(record, choice),
        *two_controls(names, [(tube.file, p.own, s) for tube, p, s in rows], best),
    ]
    return ControlMatrix(spillover, record, tuple(findings), voltages, tuple(opened))


def _channels(declared: Sequence[Tube], open_events: Open) -> dict[str, str]:
    """Detector of each single stain, by file."""
    channels = {}
    for tube in declared:
        events = open_events(tube)
        if why := raw_spectral(events):
            raise ControlError(
                f"this control was recorded by a spectral cytometer and is not unmixed: {why}",
                tube.file,
                'Write compensation = "unmix" to unmix the run with its single stains.',
            )
        channels[tube.file] = events.channels[find_channel(events, tube.stain, tube)].name
    return channels


def _slopes(part: Populations, method: str) -> Slopes:
    if method == "medians":
        return of_medians(part.positive, part.negative, part.own)
    return by_regression(part.positive, part.negative, part.own)


def _brightest(rows: Sequence[tuple[Tube, Populations, Slopes]], names: Sequence[str]) -> list[int]:
    """The control that stands for each detector: the one whose stain is furthest from none."""
    best = []
    for own in range(len(names)):
        of_channel = [index for index, (_, part, _) in enumerate(rows) if part.own == own]
        best.append(max(of_channel, key=lambda index: _brightness(rows[index][1])))
    return best


def _brightness(part: Populations) -> float:
    return float(np.median(part.positive[:, part.own]) - np.median(part.negative[:, part.own]))


def _row(tube: Tube, part: Populations, control: Control, used: bool) -> StainRow:
    bright, dark = part.positive[:, part.own], part.negative[:, part.own]
    background = float(np.median(dark))
    return StainRow(
        tube.file,
        control.channels[part.own].name,
        tube.stain,
        tube.material,
        part.against,
        control.total,
        len(bright),
        len(dark),
        float(np.median(bright)),
        background,
        part.separation,
        part.off_scale_percent,
        float(np.quantile(bright, 0.99)) - background,
        used=used,
    )
