"""What the page says of an ELISA run: tables that could go into a paper."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from assays.reports.cells import Cell, Head, PageTable, figure, table, value_and_interval, words
from assays.reports.page_findings import SIGNS
from assays.reports.reportable import place_of, rows_to_use
from assays.reports.tables_elisa import in_order
from assays.reports.words import (
    MISSING,
    count,
    limited,
    percent,
    plate_in_words,
    significant,
    with_interval,
)
from assays.results.elisa import (
    ElisaRun,
    PlateResult,
    QuantRange,
    RangeStatus,
    SampleConcentration,
    Verdict,
)
from plates.findings import Severity
from plates.layout import Role

STATUS_LOOK = {
    RangeStatus.ABOVE_ULOQ: (Severity.LOOK, "> ULOQ: dilute"),
    RangeStatus.HIGH_CV: (Severity.LOOK, "CV above limit: repeat"),
    RangeStatus.NO_SIGNAL: (Severity.LOOK, "no reading: repeat"),
    RangeStatus.REJECTED: (Severity.STOP, "curve rejected"),
}
"""Statuses that ask for something; the others are told in grey."""
SIGNAL_UNITS = {"absorbance": "OD", "fluorescence": "RFU", "luminescence": "RLU"}
"""Unit of what a plate reader records, by mode; other modes have none of their own."""
FLOORED = "weights-floored"
"""Rule of the finding that weights without a bound were held."""
MOST_LABELS = 3
"""Free labels of the layout shown on the page; csv and workbook have them all."""


def elisa_tables(run: ElisaRun) -> tuple[tuple[str, tuple[PageTable, ...]], ...]:
    """Tables by plate: concentrations, controls, rules, standards, curve."""
    return tuple(
        (
            heading(run, plate),
            tuple(
                each
                for each in (
                    concentrations(run, plate),
                    controls(run, plate),
                    rules(run, plate),
                    standards(run, plate),
                    curve(run, plate),
                )
                if each.rows
            ),
        )
        for plate in run.plates
    )


def anchor(name: str, run: ElisaRun, plate: PlateResult) -> str:
    """Anchor of a plate's table: ``concentrations-1``; labels may hold what an anchor may not."""
    return f"{name}-{run.plates.index(plate) + 1}"


def heading(run: ElisaRun, plate: PlateResult) -> str:
    """``Plate P1``; the analyte alone when there is a single plate."""
    return f"{run.analyte}, {plate_in_words(plate.plate)}" if plate.plate else run.analyte


def concentrations(run: ElisaRun, plate: PlateResult) -> PageTable:
    """Value, interval, n, CV and status of each sample."""
    samples = [sample for sample in in_order(plate.samples) if sample.role != Role.QC]
    labels = [
        name
        for name in dict.fromkeys(n for s in samples for n in s.labels or {})
        if any((s.labels or {}).get(name) for s in samples)
    ][:MOST_LABELS]
    diluted = any(sample.dilution_factor != 1 for sample in samples)
    roles = any(sample.role != Role.SAMPLE for sample in samples)
    units = {s.per_cells_unit for s in samples if s.per_cells_unit}
    used = rows_to_use(run)
    # Where a sample has one row, its status says all.
    rows_of = Counter((s.sample, s.role) for s in samples)
    several = {name for name, n in rows_of.items() if n > 1}
    heads = [
        Head("Sample"),
        *([Head("Role")] if roles else []),
        *(Head(name.replace("_", " ").capitalize()) for name in labels),
    ]
    heads += [Head("Dilution", number=True)] if diluted else []
    heads += [Head("n", number=True), Head(f"{run.analyte}, {run.unit} (95 % interval)", True, 2)]
    heads += [Head("CV, %", number=True)]
    heads += [Head(f"{' or '.join(sorted(units))} (95 % interval)", True, 2)] if units else []
    heads += [Head("Status")]
    rows = []
    for sample in samples:
        row = [words(sample.sample), *([words(sample.role, "muted")] if roles else [])]
        row += [*(words((sample.labels or {}).get(n, "")) for n in labels)]
        row += [figure(f"1:{sample.dilution_factor:g}")] if diluted else []
        row += [figure(str(len(sample.wells))), *result_cells(sample)]
        row += [figure(percent(sample.cv_concentration_percent))]
        if units:
            row += per_cells_cells(sample)
        use = place_of(sample) in used if (sample.sample, sample.role) in several else None
        rows.append((*row, _use(_status(sample, plate), use)))
    note = _tally(samples) + _provisional(run, plate)
    if several:
        note += " \u2714 marks the row to use where a sample has several: its lowest dilution "
        note += "within the limits, or the strongest after a high-dose hook."
    return table(anchor("concentrations", run, plate), "Concentrations", heads, rows, note=note)


def _use(status: Cell, used: bool | None) -> Cell:
    """The status with the mark of the row to use; None where there is no choice."""
    if used:
        return replace(status, text=f"\u2714 {status.text}: use this row")
    return words("ok, not this row", "muted") if used is False and status.text == "ok" else status


def _provisional(run: ElisaRun, plate: PlateResult) -> str:
    """That nobody declared the limits, and what they are here."""
    limits = plate.limits
    if not limits.provisional or not plate.samples:
        return ""
    span = f"{significant(limits.lloq)}\u2013{significant(limits.uloq)} {run.unit}"
    return (
        f" Limits are provisional ({span}, from the standards of this plate): "
        "declare those of the method in assay.toml, [elisa.limits]."
    )


def result_cells(sample: SampleConcentration) -> tuple[Cell, Cell]:
    """Value and interval; the limit in grey when it is out of range; struck when excluded."""
    if sample.qualifier:
        return figure(limited(sample.qualifier, sample.limit), "muted"), words("")
    if sample.status == RangeStatus.EXCLUDED:
        whole = sample.concentration_with_excluded
        return figure(significant(whole), "struck" if math.isfinite(whole) else ""), words("")
    return value_and_interval(sample.concentration, sample.interval)


def per_cells_cells(sample: SampleConcentration) -> tuple[Cell, Cell]:
    """Amount per cells and interval; the limit in grey when it is out of range."""
    if sample.qualifier and math.isfinite(sample.per_cells_limit):
        return figure(limited(sample.qualifier, sample.per_cells_limit), "muted"), words("")
    return value_and_interval(sample.per_cells, sample.per_cells_interval)


def _status(sample: SampleConcentration, plate: PlateResult) -> Cell:
    if sample.status == RangeStatus.OK:
        return words("ok")
    severity, text = STATUS_LOOK.get(sample.status, (None, str(sample.status)))
    if sample.qualifier and plate.limits.provisional:
        text = text.replace("LOQ", "LOQ (provisional)", 1)
    return words(f"{SIGNS[severity]} {text}", severity) if severity else words(text, "muted")


def _tally(samples: Sequence[SampleConcentration]) -> str:
    seen = Counter(str(s.status) for s in samples)
    parts = [f"{n} {'within the limits' if name == 'ok' else name}" for name, n in seen.items()]
    rows = count(len(samples), "result")
    return f"{rows}: {', '.join(parts)}. Intervals are within this plate." if samples else ""


def controls(run: ElisaRun, plate: PlateResult) -> PageTable:
    """Control samples against their targets."""
    heads = (
        Head("Control"),
        Head("n", number=True),
        Head(f"Target, {run.unit}", number=True),
        Head(f"Found, {run.unit} (95 % interval)", True, 2),
        Head("Recovery, %", number=True),
        Head("Allowed, %", number=True),
        Head("CV, %", number=True),
        Head("Within"),
    )
    rows = [
        (
            words(each.sample),
            figure(str(each.n_wells)),
            figure(significant(each.nominal)),
            *value_and_interval(each.concentration, each.interval),
            figure(percent(each.recovery_percent)),
            words(f"{100 - each.limit_percent:g}\u2013{100 + each.limit_percent:g}", "right"),
            figure(percent(each.cv_concentration_percent)),
            yes_no(each.within),
        )
        for each in plate.qcs
    ]
    return table(anchor("controls", run, plate), "Control samples", heads, rows)


def rules(run: ElisaRun, plate: PlateResult) -> PageTable:
    """Acceptance rules and whether the plate keeps them."""
    heads = (Head("Rule"), Head("Observed"), Head("Limit"), Head("Kept"), Head("Source"))
    rows = [
        (
            words(each.rule),
            words(each.observed),
            words(each.limit),
            yes_no(each.passed, unknown="not assessable"),
            words(each.source, "wide muted"),
        )
        for each in plate.rules
    ]
    said = {
        Verdict.ACCEPTED: "accepted",
        Verdict.FAILED: "failed",
        Verdict.NOT_ASSESSABLE: "acceptance not assessable",
    }[plate.verdict]
    note = f"Rule set: {run.rule_set}. Plate {said}."
    return table(anchor("rules", run, plate), "Acceptance", heads, rows, note=note)


def yes_no(value: bool | None, unknown: str = "not judged") -> Cell:
    """A judgement with its sign."""
    if value is None:
        return words(unknown, "muted")
    return words("yes") if value else words(f"{SIGNS[Severity.STOP]} no", "stop")


def standards(run: ElisaRun, plate: PlateResult) -> PageTable:
    """Standards read back through the curve."""
    heads = (
        Head("Standard"),
        Head(f"Nominal, {run.unit}", number=True),
        Head("Wells"),
        Head(f"Signal, {SIGNAL_UNITS.get(plate.mode, 'as read')}", number=True),
        Head("CV, %", number=True),
        Head(f"Back-calculated, {run.unit}", number=True),
        Head("Recovery, %", number=True),
        Head("Within"),
    )
    rows = []
    for level in plate.standards:
        wells = " ".join(map(str, level.wells))
        out = " ".join(map(str, level.excluded))
        outside = words("not in the fit", "muted")
        rows.append(
            (
                words(level.sample),
                figure(significant(level.nominal)),
                Cell(wells, struck=out),
                figure(significant(level.signal)),
                figure(percent(level.cv_signal_percent)),
                figure(significant(level.back_calculated)),
                figure(percent(level.recovery_percent)),
                yes_no(level.within) if level.in_fit else outside,
            )
        )
    return table(anchor("standards", run, plate), "Standards", heads, rows)


def curve(run: ElisaRun, plate: PlateResult) -> PageTable:
    """Parameters of the curve and the limits of the plate."""
    fitted = plate.curve
    if fitted is None:
        return table("curve", "Curve", (), ())
    rows = []
    for name, value in fitted.params.items():
        error = fitted.standard_errors.get(name, math.nan)
        shown, _ = with_interval(value, (value - error, value + error), digits=4)
        rows.append((words(name), figure(shown), figure(significant(error, 2)), words("")))
    limits = plate.limits
    for name, value, source in _limits(limits):
        rows.append(
            (words(name), figure(significant(value)), figure(MISSING), words(source, "wide"))
        )
    heads = (
        Head("Parameter"),
        Head("Value", number=True),
        Head("Standard error", number=True),
        Head("From"),
    )
    fit = [
        f"{fitted.formula}.",
        f"Weights {fitted.weighting}, fitted on {fitted.on}; {count(fitted.n, 'point')},",
        f"{fitted.df} degrees of freedom, weighted R\u00b2 {fitted.r_squared:.4f},",
        f"residual SD {significant(fitted.residual_sd)}.",
    ]
    floor = floor_used(run, plate)
    if floor:
        fit.append(f"Weights held at {floor:g} % of the response range.")
    if not fitted.accepted:
        fit.append(f"The curve was refused: {fitted.refused_why}")
    return table(anchor("curve", run, plate), "Curve and limits", heads, rows, note=" ".join(fit))


def floor_used(run: ElisaRun, plate: PlateResult) -> float:
    """Percent of the response range that weights were held at though none was chosen; else 0."""
    held = [
        finding.observed
        for finding in run.findings
        if finding.rule == FLOORED
        and (len(run.plates) == 1 or finding.where.partition(":")[0] == plate.plate)
    ]
    return max((each for each in held if math.isfinite(each)), default=0.0)


def _limits(limits: QuantRange) -> tuple[tuple[str, float, str], ...]:
    return (
        ("LOD", limits.lod, limits.lod_source),
        ("LLOQ", limits.lloq, limits.lloq_source),
        ("ULOQ", limits.uloq, limits.uloq_source),
    )
