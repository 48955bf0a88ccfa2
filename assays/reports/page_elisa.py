"""What the page says of an ELISA run: tables that could go into a paper."""

from __future__ import annotations

import math

from assays.reports.cells import Cell, Head, PageTable, figure, table, value_and_interval, words
from assays.reports.page_concentrations import anchor, concentrations
from assays.reports.page_dilution import dilution_series, dilution_steps, spikes
from assays.reports.page_findings import SIGNS
from assays.reports.page_plates import plates_together
from assays.reports.page_signals import signals
from assays.reports.words import (
    MINUS,
    MISSING,
    count,
    percent,
    plate_in_words,
    significant,
)
from assays.results.elisa import (
    CurveRecord,
    ElisaRun,
    PlateResult,
    Verdict,
)
from plates.findings import Severity

SIGNAL_UNITS = {"absorbance": "OD", "fluorescence": "RFU", "luminescence": "RLU"}
"""Unit of what a plate reader records, by mode; other modes have none of their own."""
PARAMETER_DIGITS = 5
"""Of a curve's parameters, so that a concentration worked out from them is that of the page."""
FLOORED = "weights-floored"
"""Rule of the finding that weights without a bound were held."""


def elisa_tables(run: ElisaRun) -> tuple[tuple[str, tuple[PageTable, ...]], ...]:
    """Tables by plate: concentrations, dilutions, controls, rules, curve; then over plates."""
    together = plates_together(run)
    over = ((f"{run.analyte}, plates together", together),) if together else ()
    by_plate = tuple(
        (
            heading(run, plate),
            tuple(
                each
                for each in (
                    concentrations(run, plate),
                    signals(run, plate, SIGNAL_UNITS.get(plate.mode, "as read")),
                    dilution_steps(run, plate),
                    dilution_series(run, plate),
                    spikes(run, plate),
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
    return (*by_plate, *over)


def heading(run: ElisaRun, plate: PlateResult) -> str:
    """``Plate P1``; the analyte alone when there is a single plate."""
    return f"{run.analyte}, {plate_in_words(plate.plate)}" if plate.plate else run.analyte


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
            words(each.observed, "wide"),
            words(each.limit, "wide"),
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
        # More than its standard error supports: parameters err together, and rounding each to its
        # own error would move the concentrations that are worked out from them.
        shown = significant(value, PARAMETER_DIGITS)
        unit = _unit_of(name, fitted.model, run, plate)
        rows.append(
            (words(name), figure(shown), figure(significant(error, 2)), words(unit), words(""))
        )
    for name, value, source in _limits(plate, fitted):
        rows.append(
            (
                words(name),
                figure(significant(value)),
                figure(MISSING),
                words(run.unit),
                words(source, "wide"),
            )
        )
    heads = (
        Head("Parameter"),
        Head("Value", number=True),
        Head("Standard error", number=True),
        Head("Unit"),
        Head("From"),
    )
    fit = [
        f"{fitted.formula.replace(' - ', f' {MINUS} ')}.",
        f"Weights {weights_in_words(fitted.weighting)}, fitted on {fitted.on};",
        f"{count(fitted.n, 'point')},",
        f"{fitted.df} degrees of freedom, weighted R\u00b2 {fitted.r_squared:.4f},",
        f"residual SD {significant(fitted.residual_sd)}.",
    ]
    floor = floor_used(run, plate)
    if floor:
        fit.append(f"Weights held at {floor:g} % of the response range.")
    if not fitted.accepted:
        fit.append(f"The curve was refused: {fitted.refused_why}")
    return table(anchor("curve", run, plate), "Curve and limits", heads, rows, note=" ".join(fit))


LOGISTIC = {"3pl", "4pl", "5pl"}
"""Models whose A and D are signals, and whose C is a concentration."""


def _unit_of(parameter: str, model: str, run: ElisaRun, plate: PlateResult) -> str:
    """Unit of a parameter; empty where it has none or the model is another."""
    if model not in LOGISTIC:
        return ""
    if parameter in ("A", "D"):
        return SIGNAL_UNITS.get(plate.mode, "")
    return run.unit if parameter == "C" else ""


def weights_in_words(weighting: str) -> str:
    """A weighting as it is written: ``1/ŷ²`` for ``1/yhat^2``."""
    return weighting.replace("yhat", "\u0177").replace("^2", "\u00b2")


def floor_used(run: ElisaRun, plate: PlateResult) -> float:
    """Percent of the response range that weights were held at though none was chosen; else 0."""
    held = [
        finding.observed
        for finding in run.findings
        if finding.rule == FLOORED
        and (len(run.plates) == 1 or finding.where.partition(":")[0] == plate.plate)
    ]
    return max((each for each in held if math.isfinite(each)), default=0.0)


def _limits(plate: PlateResult, fitted: CurveRecord) -> tuple[tuple[str, float, str], ...]:
    """Each limit with where it is from, or why there is none."""
    limits = plate.limits
    why = _no_detection(plate, fitted)
    found = (
        ("MDC", limits.mdc, "single well: leaves the 95 % limits of zero"),
        ("RDL", limits.rdl, "single well: its own 95 % limit leaves them too"),
        ("LOD", limits.lod, limits.lod_source),
    )
    return (
        *((name, value, why if math.isnan(value) else told) for name, value, told in found),
        ("LLOQ", limits.lloq, limits.lloq_source),
        ("ULOQ", limits.uloq, limits.uloq_source),
    )


def _no_detection(plate: PlateResult, fitted: CurveRecord) -> str:
    """Why nothing is known of what can just be told from zero."""
    if not any(level.nominal == 0 and level.in_fit and level.wells for level in plate.standards):
        return "not known: no zero standard in the fit"
    if fitted.df <= 0:
        return "not known: no degrees of freedom"
    return "not known: no standard stands out from zero"
