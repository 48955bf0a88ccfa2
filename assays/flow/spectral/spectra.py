"""The journey from single stains of a spectral cytometer to the signatures of its run."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from assays.errors import ControlError
from assays.flow.events import Events
from assays.flow.single_stains.control import (
    Control,
    open_control,
    single_stains,
    unstained_for,
)
from assays.flow.single_stains.populations import Populations, populations
from assays.flow.single_stains.voltages import one_voltage
from assays.flow.spectral.recognise import detectors, raw_spectral
from assays.flow.spectral.unmix import Signatures, most_alike, residual_percent, signatures
from assays.protocol import SingleStains
from assays.results.compensation import ControlRecord, Spectra, StainRow
from assays.samples import Tube, TubeRole
from plates.findings import Finding, Severity

Floats = NDArray[np.float64]
Open = Callable[[Tube], Events]

AUTOFLUORESCENCE = "Autofluorescence"
ALIKE = 0.98
"""Cosine above which two signatures are told as hard to part (a choice of the field's usage)."""
MOST_RESIDUAL = 10.0
"""Percent of a control's signal that its own signatures may leave unexplained (a choice)."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Unmixing:
    """Signatures from controls, with what speaks for and against them."""

    signatures: Signatures
    record: ControlRecord
    findings: tuple[Finding, ...]
    voltages: dict[str, float]
    files: tuple[str, ...]
    """Tubes that were used."""


def spectra_from_controls(
    tubes: Sequence[Tube], open_events: Open, choice: SingleStains
) -> Unmixing:
    """Work out the signatures of a run's fluorochromes from its single stains.

    The signature of a fluorochrome is the median of its stained events less that of
    what they are held against, so that autofluorescence is not in it. The stained events
    are found in the detector that is brightest in the control and not in the unstained
    tube.

    Parameters
    ----------
    tubes : sequence of Tube
        The sample sheet; the stain of each single stain names the unmixed channel.
    open_events : callable
        Reads one tube as recorded.
    choice : SingleStains
        ``[flow.single_stains]`` of ``assay.toml``.

    Raises
    ------
    ControlError
        When a control is no raw spectral file, a spectrum cannot be seen, or two cannot be
        told apart.
    """
    declared = single_stains(tubes)
    first = open_events(declared[0])
    if not raw_spectral(first):
        raise ControlError(
            "this control is no raw spectral file: its channels are not numbered detectors",
            declared[0].file,
            'Write compensation = "controls" for a conventional cytometer, "none" for unmixed '
            "files.",
        )
    names = detectors(first)
    opened: dict[str, Control] = {}

    def take(tube: Tube) -> Control:
        if tube.file not in opened:
            opened[tube.file] = open_control(tube, open_events(tube), names)
        return opened[tube.file]

    parts = []
    for tube in declared:
        blank = unstained_for(tube, tubes)
        dark = None if blank is None else take(blank)
        parts.append(populations(take(tube), _brightest(take(tube), dark), dark, choice))
    components = [tube.stain.strip() for tube in declared]
    rows = [_spectrum(part) for part in parts]
    if choice.autofluorescence:
        components.append(AUTOFLUORESCENCE)
        rows.append(_autofluorescence(tubes, take))
    made = signatures(components, names, np.array(rows))
    stains = tuple(
        _row(tube, part, opened[tube.file]) for tube, part in zip(declared, parts, strict=True)
    )
    left = tuple(
        (tube.file, residual_percent(_without(part), made))
        for tube, part in zip(declared, parts, strict=True)
    )
    record = ControlRecord(
        f"ordinary least squares, {len(components)} components from {len(names)} detectors",
        stains,
        spectra=Spectra(
            made.components, made.detectors, made.matrix, made.similarity, made.complexity, left
        ),
    )
    voltages = one_voltage(list(opened.values()))
    return Unmixing(made, record, tuple(_remarks(made, left)), voltages, tuple(opened))


def _brightest(control: Control, dark: Control | None) -> int:
    """Detector in which the stain stands out most."""
    background = np.median(control.values if dark is None else dark.values, axis=0)
    return int(np.argmax(np.quantile(control.values, 0.95, axis=0) - background))


def _spectrum(part: Populations) -> Floats:
    rise: Floats = np.median(part.positive, axis=0) - np.median(part.negative, axis=0)
    return np.maximum(rise, 0.0)


def _without(part: Populations) -> Floats:
    """Stained events less their background."""
    rest: Floats = part.positive - np.median(part.negative, axis=0)
    return rest


def _autofluorescence(tubes: Sequence[Tube], take: Callable[[Tube], Control]) -> Floats:
    """Median spectrum of the unstained cells: those of the tubes, not the beads."""
    blanks = [tube for tube in tubes if tube.role == TubeRole.UNSTAINED]
    cells = [tube for tube in blanks if tube.material != "beads"]
    if not cells:
        raise ControlError(
            "autofluorescence is to be unmixed, but the sample sheet has no unstained cells",
            "assay.toml: flow.single_stains.autofluorescence",
            "Add the unstained cells, or write autofluorescence = false.",
        )
    seen = np.concatenate([take(tube).values for tube in cells])
    middle: Floats = np.maximum(np.median(seen, axis=0), 0.0)
    return middle


def _row(tube: Tube, part: Populations, control: Control) -> StainRow:
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
    )


def _remarks(made: Signatures, left: Sequence[tuple[str, float]]) -> list[Finding]:
    found = []
    one, other, cosine = most_alike(made)
    if len(made.components) > 1 and cosine > ALIKE:
        found.append(
            Finding(
                "spectra-alike",
                Severity.LOOK,
                f"{one}, {other}",
                f"The spectra of {one} and {other} are nearly the same (cosine {cosine:.3f}): "
                "unmixing spreads dim events of both widely.",
                cosine,
                ALIKE,
            )
        )
    for file, percent in left:
        if not math.isnan(percent) and percent > MOST_RESIDUAL:
            found.append(
                Finding(
                    "unmixing-residual",
                    Severity.LOOK,
                    file,
                    f"The spectra leave {percent:.0f} % of this control's signal unexplained: its "
                    "stained events do not all have one spectrum, or are near the noise.",
                    percent,
                    MOST_RESIDUAL,
                    "%",
                )
            )
    return found
