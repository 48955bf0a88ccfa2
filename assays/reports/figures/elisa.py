"""All pictures of an ELISA run, with the words that go with them, in the order of the report."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

from assays.reports.figures.bridge import bridge_work
from assays.reports.figures.budget import Work, draw_within
from assays.reports.figures.concentrations import PER_SHEET, draw_concentrations, in_words
from assays.reports.figures.picture import Picture
from assays.reports.figures.plate_map import draw_plate_map
from assays.reports.figures.precision_profile import draw_profile, has_profile
from assays.reports.figures.read_map import draw_read
from assays.reports.figures.standard_curve import draw_curve, response_name
from assays.reports.figures.svg import vector_picture
from assays.reports.figures.words import counted, some
from assays.reports.tables_elisa import in_order
from assays.results.elisa import ElisaRun, PlateResult, RangeStatus, SampleConcentration
from plates.layout import Role
from plates.lettering import number

MOST_OTHER_READS = 24
"""Heat maps beside the signal's, per plate; a time course holds hundreds of reads."""


def elisa_pictures(run: ElisaRun, share: float = 1.0) -> tuple[Picture, ...]:
    """Heat map, curve and samples of every plate, then bridges, in `share` of the report's size."""
    work: list[Work] = []
    for index, plate in enumerate(run.plates, start=1):
        name, group = f"plate-{index}", plate.plate or f"Plate {index}"
        work.append(("plate", partial(_heat_map, plate, f"{name}-heatmap", group)))
        work.append(
            ("curve", partial(_curve, plate, f"{name}-curve", group, run.analyte, run.unit))
        )
        if has_profile(plate):
            draw = partial(_profile, plate, f"{name}-precision", group, run.analyte, run.unit)
            work.append(("curve", draw))
        work += _other_reads(plate, name, group)
        # In the order of the table, so that a reader finds a sample in both.
        samples = in_order(s for s in plate.samples if s.role is not Role.QC)
        for page, at in enumerate(range(0, len(samples), PER_SHEET), start=1):
            own = f"{name}-samples" + (f"-{page}" if page > 1 else "")
            some_of_them = samples[at : at + PER_SHEET]
            draw = partial(_samples, plate, some_of_them, own, group, run.analyte, run.unit)
            work.append(("samples", draw))
    work += [("bridge", draw) for draw in bridge_work(run)]
    return draw_within(work, share=share)


def _other_reads(plate: PlateResult, name: str, group: str) -> list[Work]:
    """Heat maps of what else was read from the plate."""
    reads = plate.other_reads[:MOST_OTHER_READS]
    left = len(plate.other_reads) - len(reads)
    more = f"{counted(left, 'further read')} of this plate: see assays read --html." if left else ""
    return [
        (
            "plate",
            partial(
                draw_read, read, f"{name}-read-{number}", group,
                more if number == len(reads) else "",
            ),
        )
        for number, read in enumerate(reads, start=1)
    ]  # fmt: skip


def _heat_map(plate: PlateResult, name: str, group: str) -> Picture:
    numbers = [reading.raw for reading in plate.wells if math.isfinite(reading.raw)]
    roles = [role for role in Role if any(reading.role is role for reading in plate.wells)]
    excluded = [str(r.well) for r in plate.wells if r.excluded_why]
    flagged = [f"{r.well} {r.flag}" for r in plate.wells if r.flag]
    caption = (
        f"{group} as it was read: fill is the raw value, the outline says what the well holds. "
        "Look for edges, gradients and wells unlike their replicate."
    )
    if excluded:
        caption += " Crossed wells were excluded by a person."
    if flagged:
        caption += " A corner marks wells that the reader flagged."
    what = response_name(plate.mode)
    parts = [f"{plate.format.size}-well plate, {what}"]
    if numbers:
        parts.append(f"from {number(min(numbers))} to {number(max(numbers))}")
    else:
        parts.append("no well has a number")
    if roles:
        held = [counted(sum(r.role is role for r in plate.wells), f"{role} well") for role in roles]
        parts.append(", ".join(held))
    alt = "; ".join(parts) + "."
    alt += f" Excluded: {some(excluded)}." if excluded else ""
    alt += f" Flagged: {some(flagged)}." if flagged else ""
    return vector_picture(draw_plate_map(plate), name, "plate", group, caption, alt)


def _curve(plate: PlateResult, name: str, group: str, analyte: str, unit: str) -> Picture:
    curve, limits = plate.curve, plate.limits
    caption = (
        f"{analyte} standard curve of {group}. Points are wells, the line is the fitted curve, "
        "the band its 95 % interval of the mean response. Black standards read back within 10 %, "
        "amber ones within their limits, hollow ones outside; crossed ones were excluded. Blue "
        "ticks are samples; arrowheads at an edge are samples beyond the axis; controls stand at "
        "their target. Below: signal minus curve, percent of the curve."
    )
    if curve is None:
        shape = "No curve could be fitted"
    elif not curve.accepted:
        shape = f"Curve refused: {curve.refused_why or 'see findings'}".rstrip(".")
    else:
        shape = f"{curve.model.upper()} curve, weighted R² {curve.r_squared:.4f}"
    positive = [level.nominal for level in plate.standards if level.nominal > 0]
    parts = [shape, counted(len(plate.standards), "standard level")]
    if positive:
        parts[-1] += f" from {number(min(positive))} to {number(max(positive))} {unit}"
    outside = [level.sample for level in plate.standards if level.within is False]
    if outside:
        parts.append(f"outside recovery limits: {some(outside)}")
    if math.isfinite(limits.lloq) or math.isfinite(limits.uloq):
        told = "provisional limits" if limits.provisional else "limits"
        parts.append(f"{told} {number(limits.lloq)} to {number(limits.uloq)} {unit}")
    samples = [sample for sample in plate.samples if sample.role is not Role.QC]
    inside = sum(sample.status is RangeStatus.OK for sample in samples)
    parts.append(f"{inside} of {counted(len(samples), 'sample')} within limits")
    alt = "; ".join(parts) + "."
    return vector_picture(draw_curve(plate, unit), name, "curve", group, caption, alt)


def _profile(plate: PlateResult, name: str, group: str, analyte: str, unit: str) -> Picture:
    assert plate.curve is not None
    limits, wells = plate.limits, plate.curve.profile_wells
    low, high = limits.working
    allowed = f"{limits.working_cv_percent:g} %"
    caption = (
        f"Precision profile of {group}: the line is the CV that {analyte} read back from "
        f"{counted(wells, 'well')} should have, by the noise of the standards. Dots are the CV of "
        "each sample's mean, from its own wells: they should scatter about the line. Grey is "
        "outside the limits of quantitation."
    )
    reach = f"at most {allowed} from {number(low)} to {number(high)} {unit}"
    known = math.isfinite(low) and math.isfinite(high)
    alt = f"Expected CV {reach if known else f'nowhere at most {allowed}'}."
    detected = [
        f"{what} {number(value)} {unit}"
        for what, value in (("MDC", limits.mdc), ("RDL", limits.rdl))
        if math.isfinite(value)
    ]
    if detected:
        alt += f" {', '.join(detected)} for a single well."
        caption += " MDC and RDL: the least that a single well can tell from zero, and surely."
    return vector_picture(draw_profile(plate, unit), name, "curve", group, caption, alt)


def _samples(
    plate: PlateResult,
    samples: Sequence[SampleConcentration],
    name: str,
    group: str,
    analyte: str,
    unit: str,
) -> Picture:
    caption = (
        f"{analyte} in the samples of {group}: dots with 95 % within-plate intervals. Grey is "
        "outside the limits of quantitation, which move with the dilution; an arrowhead stands "
        "at the limit that a sample lies beyond. Hollow dots (*) carry a remark in the table."
    )
    told = [f"{sample.sample} {in_words(sample)}" for sample in samples]
    alt = f"{analyte} in {unit}: {some(told, PER_SHEET)}."
    figure = draw_concentrations(plate, samples, unit)
    return vector_picture(figure, name, "samples", group, caption, alt)
