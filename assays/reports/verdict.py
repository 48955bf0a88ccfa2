"""Can I use this run? One line in words, the same on page, terminal and record."""

from __future__ import annotations

from collections.abc import Iterable

from assays.reports.tables_elisa import in_order
from assays.reports.verdict_flow import flow_line, flow_severity
from assays.reports.verdict_stops import NO_CURVE, stop_sentence, stops
from assays.reports.words import count, listed, units_in_words
from assays.results.elisa import ElisaRun, PlateResult, RangeStatus, SampleConcentration, Verdict
from assays.results.run import Run
from plates.findings import Severity
from plates.layout import Role

REPEAT = (RangeStatus.ABOVE_ULOQ, RangeStatus.HIGH_CV, RangeStatus.NO_SIGNAL)
"""Statuses that another well could mend; below a limit is a result."""


def verdict_line(run: Run) -> str:
    """Whether the run may be used, in one to three sentences."""
    return " ".join(verdict_sentences(run))


def verdict_sentences(run: Run) -> tuple[str, ...]:
    """Why the run must not be used as it is, if so; then one sentence for each journey."""
    told = stop_sentence(each for each in stops(run) if each.rule != NO_CURVE)
    sentences = [told] if told else []
    if run.elisa is not None:
        sentences.append(elisa_line(run.elisa))
    if run.flow is not None:
        sentences.append(flow_line(run.flow))
    return tuple(units_in_words(sentence) for sentence in sentences)


def advice(run: Run) -> str:
    """Which samples to repeat and why, in one sentence; empty when there are none."""
    if run.elisa is None:
        return ""
    why = {
        sample.sample: str(sample.status)
        for sample in _measured(run.elisa.plates)
        if sample.status in REPEAT
    }
    names = [f"{name} ({why[name]})" for name in to_repeat(run.elisa)]
    return f"Repeat {listed(names, 12)}." if names else ""


def headline(run: Run) -> Severity:
    """How the verdict reads: stop, look, or (note) fine as it is.

    Stop is for a failed rule, a plate without a curve, a readout without a
    number, a grave finding that concerns more than one well or sample. A grave
    one about a single well asks for a look at the run.
    """
    plates = run.elisa.plates if run.elisa is not None else ()
    refused = any(plate.curve is None or not plate.curve.accepted for plate in plates)
    flow = flow_severity(run.flow) if run.flow is not None else Severity.NOTE
    if run.failed or refused or flow == Severity.STOP or stops(run):
        return Severity.STOP
    repeats = run.elisa is not None and bool(to_repeat(run.elisa))
    assessed = run.elisa is None or run.elisa.verdict == Verdict.ACCEPTED
    looks = any(finding.severity != Severity.NOTE for finding in run.findings)
    looks = looks or flow == Severity.LOOK
    return Severity.LOOK if looks or repeats or not assessed else Severity.NOTE


def elisa_line(run: ElisaRun) -> str:
    """``Plate accepted; 2 samples need a repeat.``"""
    parts = [_plates(run.plates)]
    repeats = to_repeat(run)
    if repeats:
        verb = "needs" if len(repeats) == 1 else "need"
        parts.append(f"{count(len(repeats), 'sample')} {verb} a repeat")
    elif any(plate.curve is not None and plate.curve.accepted for plate in run.plates):
        parts.append("no sample needs a repeat")
    return "; ".join(parts) + "."


def _plates(plates: tuple[PlateResult, ...]) -> str:
    if not plates:
        return "No plate was read"
    if len(plates) == 1:
        return f"Plate {_words(plates[0])}"
    parts = [f"{len(plates)} plates"]
    groups: dict[str, list[str]] = {}
    for plate in plates:
        groups.setdefault(_words(plate), []).append(plate.plate)
    if len(groups) == 1:
        all_of_them = "Both plates" if len(plates) == 2 else f"All {parts[0]}"
        return f"{all_of_them} {next(iter(groups))}"
    told = [
        f"{len(names)} {words}" + ("" if words == "accepted" else f" ({listed(names)})")
        for words, names in groups.items()
    ]
    return f"{parts[0]}: {', '.join(told)}"


def _words(plate: PlateResult) -> str:
    if plate.curve is None:
        return "has no standard curve"
    if not plate.curve.accepted:
        return "has a refused standard curve"
    if plate.verdict == Verdict.NOT_ASSESSABLE:
        return "read; acceptance not assessable"
    return str(plate.verdict)


def to_repeat(run: ElisaRun) -> tuple[str, ...]:
    """Samples without a usable result at any dilution, whose wells say that a repeat would help.

    Samples of a plate without a curve are not counted: there the plate is to be
    repeated, and the first half of the verdict says so.
    """
    by_name: dict[str, list[SampleConcentration]] = {}
    for sample in _measured(run.plates):
        by_name.setdefault(sample.sample, []).append(sample)
    return tuple(
        name
        for name, all_of_it in by_name.items()
        if not any(each.status == RangeStatus.OK for each in all_of_it)
        and any(each.status in REPEAT for each in all_of_it)
    )


def _measured(plates: Iterable[PlateResult]) -> Iterable[SampleConcentration]:
    return (
        s
        for plate in plates
        for s in in_order(plate.samples)
        if s.role == Role.SAMPLE and not s.spike
    )
