"""The ELISA journey: from a plate's readings to concentrations that may be used, or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from assays.curves import StandardCurve
from assays.curves.fitting import choose
from assays.elisa.acceptance import Evidence, judge, verdict_of
from assays.elisa.added_analyte import refuse_added
from assays.elisa.curve_record import record_of
from assays.elisa.dilution_series import dilution_results
from assays.elisa.groups import group_wells, usual_wells
from assays.elisa.inspect import inspect_plate
from assays.elisa.limits import find_limits, saturated_levels
from assays.elisa.plates_doubted import doubt_together
from assays.elisa.plates_together import bridges, control_precision, range_over_plates
from assays.elisa.prepare import Prepared, PreparedPlate, prepare
from assays.elisa.printed import compare_printed
from assays.elisa.qc_samples import judge_qcs
from assays.elisa.quantify import quantify
from assays.elisa.rule_set import TITLES, rule_set
from assays.elisa.share import fit_plates, require_shared
from assays.elisa.spikes import spike_results, tell_spikes
from assays.elisa.standards import Fitted, fit_standards, read_back, usable
from assays.elisa.standards_doubted import doubt_standards
from assays.errors import CurveFitError, ProtocolError
from assays.protocol import Elisa
from assays.results.elisa import ElisaRun, PlateResult, Verdict, WellReading
from plates.findings import Finding, Severity, by_severity
from plates.layout import Layout, Role
from plates.plateread import Export
from plates.qc import battery

OUTSIDE_M10 = (
    "Acceptance is ICH M10-style: biomarker assays are outside the scope of ICH M10, and its "
    "limits are borrowed here. Zero standards and anchors stand outside the regression."
)


@dataclass(frozen=True, slots=True, eq=False)
class Quantified:
    """One plate's result, and what was remarked about it."""

    result: PlateResult
    findings: tuple[Finding, ...]


def process_elisa(
    export_reads: Sequence[tuple[str, Export]], layout: Layout | None, protocol: Elisa
) -> ElisaRun:
    """Quantify every plate of a run, each by its own curve.

    Parameters
    ----------
    export_reads : sequence of (str, Export)
        Name of each file, and what was read from it.
    layout : Layout or None
        What is in the wells; None takes the layout inside each export.
    protocol : Elisa
        Every choice of the run.

    Raises
    ------
    LabError
        When files, layout and protocol cannot be brought together. A poor plate raises nothing: it
        comes back with findings.
    """
    _require_model(protocol.curve.model)
    require_shared(protocol)
    prepared = prepare(export_reads, layout, protocol)
    fitted = fit_plates(prepared.plates, protocol)
    plates = [
        quantify_plate(plate, protocol, own, fitted.whole.get(plate.plate))
        for plate, own in zip(prepared.plates, fitted.fitted, strict=True)
    ]
    findings = [
        *prepared.findings,
        *fitted.findings,
        *(one for plate in plates for one in plate.findings),
    ]
    results = tuple(plate.result for plate in plates)
    precision = control_precision(results, protocol.unit)
    bridged = bridges(results, protocol.unit)
    supported = range_over_plates(results, protocol.unit)
    findings += doubt_together(precision, bridged, supported, fitted.shared, protocol)
    return ElisaRun(
        protocol.analyte,
        protocol.unit,
        results,
        TITLES[protocol.acceptance],
        _verdict(results),
        by_severity([*findings, *_about_rules(protocol)]),
        prepared.notes,
        precision,
        bridged,
        supported,
        fitted.shared,
    )


def _require_model(name: str) -> None:
    try:
        choose(name)
    except CurveFitError as error:
        place = "assay.toml: elisa.curve.model"
        raise ProtocolError(error.message, place, error.hint) from None


def quantify_plate(
    plate: PreparedPlate, protocol: Elisa, fitted: Fitted, whole: StandardCurve | None = None
) -> Quantified:
    """Read the samples of one plate back from its curve.

    Parameters
    ----------
    whole : StandardCurve, optional
        The curve had nothing been excluded, where it is not this plate's alone.
    """
    label = plate.plate
    curve = fitted.curve
    wells = _read_wells(plate.wells, curve)
    levels = read_back(label, wells, curve, protocol)
    saturated = saturated_levels(wells)
    groups = group_wells(wells, plate.contents)
    often = usual_wells(groups)
    zeros = [one.signal for one in wells if one.role == Role.STANDARD and one.nominal == 0
             and usable(one, with_excluded=False)]  # fmt: skip
    limits = find_limits(
        label, curve, levels, protocol.limits, saturated, rule_set(protocol), zeros, often
    )
    whole = whole or _with_everything(plate, protocol)
    samples = quantify(groups, curve, limits, protocol, whole)
    samples, added = refuse_added(samples, protocol.analyte, label)
    qcs = judge_qcs(groups, curve, limits, protocol)
    evidence = Evidence(label, curve is not None, fitted.refused, levels, qcs, wells, limits)
    rules, verdict = judge(evidence, rule_set(protocol))
    signal = plate.signal
    result = PlateResult(
        label,
        plate.file,
        signal.read.format,
        plate.export.software,
        plate.export.instrument,
        plate.export.read_at,
        signal.read.mode,
        signal.read.wavelength_nm,
        signal.reference.wavelength_nm if signal.reference is not None else "",
        np.array(signal.read.values, dtype=np.float64),
        plate.values,
        wells,
        levels,
        record_of(label, curve, wells=often) if curve is not None else None,
        record_of(label, whole, wells=often) if whole is not None else None,
        limits,
        samples,
        qcs,
        rules,
        verdict,
        tuple(
            read
            for read in plate.export.reads
            if read.plate_number == signal.read.plate_number and read is not signal.read
        ),
        dilution_results(samples, groups, curve, protocol),
        spike_results(samples),
    )
    checked = battery.run(
        signal.read,
        plate.contents,
        signal=plate.values,
        excluded=[well.well for well in wells if well.excluded_why],
        cv_limit_percent=protocol.replicates.cv_signal_percent,
    )
    return Quantified(
        result,
        (
            *fitted.findings,
            *_named(label, checked),
            *inspect_plate(result, protocol),
            *doubt_standards(result, saturated, protocol),
            *tell_spikes(result.spikes),
            *added,
            *compare_printed(plate, wells, protocol.unit),
        ),
    )


def _named(plate: str, findings: Sequence[Finding]) -> list[Finding]:
    """Checks of a plate speak of wells; a run has several plates."""
    return [
        replace(one, where=f"{plate}: {one.where}" if one.where not in ("", plate) else plate)
        for one in findings
    ]


def _read_wells(
    wells: Sequence[WellReading], curve: StandardCurve | None
) -> tuple[WellReading, ...]:
    if curve is None:
        return tuple(wells)
    values = curve.read_back([well.signal for well in wells])
    return tuple(
        replace(well, concentration=float(value)) for well, value in zip(wells, values, strict=True)
    )


def _with_everything(plate: PreparedPlate, protocol: Elisa) -> StandardCurve | None:
    """The curve had nothing been excluded; None when nothing was."""
    if not any(well.excluded_why for well in plate.wells):
        return None
    return fit_standards(plate.plate, plate.wells, protocol, with_excluded=True).curve


def _verdict(plates: Sequence[PlateResult]) -> Verdict:
    by_verdict = {Verdict.FAILED: False, Verdict.NOT_ASSESSABLE: None, Verdict.ACCEPTED: True}
    return verdict_of([by_verdict[plate.verdict] for plate in plates])


def _about_rules(protocol: Elisa) -> list[Finding]:
    if protocol.acceptance != "m10":
        return []
    return [Finding("outside-m10", Severity.NOTE, "", OUTSIDE_M10)]


__all__ = ["Prepared", "process_elisa", "quantify_plate"]
