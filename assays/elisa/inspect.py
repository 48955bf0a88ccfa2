"""What a colleague would remark on a quantified plate, beyond what plate checks say of wells."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from assays.elisa.dilutions import compare_dilutions
from assays.elisa.numbers import percent_beside, place, short
from assays.elisa.rule_set import rule_set
from assays.elisa.signal import UNIT_OF_MODE
from assays.protocol import Elisa
from assays.results.elisa import (
    PlateResult,
    QcResult,
    RangeStatus,
    SampleConcentration,
    StandardLevel,
)
from plates.findings import Finding, Severity
from plates.layout import Role
from plates.well import Well

FOLDS = (2, 3, 4, 5, 8, 10, 20, 50, 100, 200, 500, 1000)
"""Dilutions that people pipette."""
OUT_OF_SIGHT_FOLD = 10
"""Advised when a reading lies above the whole curve, so that nobody knows how far."""


def inspect_plate(plate: PlateResult, protocol: Elisa) -> tuple[Finding, ...]:
    """Findings about standards, controls and samples of one plate."""
    return (
        *_standards(plate.standards, protocol),
        *_direction(plate),
        *_limits(plate, protocol),
        *_qcs(plate.qcs),
        *_samples(plate, protocol),
        *compare_dilutions(plate.dilutions, plate.samples),
        *_medium(plate.samples),
    )


def _named(wells: Iterable[Well]) -> str:
    return ", ".join(str(well) for well in wells)


def _standards(levels: Sequence[StandardLevel], protocol: Elisa) -> Iterator[Finding]:
    rules = rule_set(protocol)
    judged = sorted(level.nominal for level in levels if level.within is not None)
    for level in levels:
        where = place(level.plate, f"standard {level.nominal:g} {level.unit}")
        if level.within is False:
            known = not math.isnan(level.recovery_percent)
            said = f"reads back as {short(level.back_calculated)} {level.unit}"
            ends = level.nominal in (judged[0], judged[-1])
            allowed = rules.ends_percent if ends else rules.standards_percent
            low, high = 100 - allowed, 100 + allowed
            yield Finding(
                "standard-recovery",
                Severity.LOOK,
                where,
                f"Standard {level.nominal:g} {level.unit} "
                + (
                    f"{said}: {percent_beside(level.recovery_percent, (low, high))} %, "
                    f"allowed {low:g}–{high:g} %. "
                    if known
                    else "lies outside its own curve. "
                )
                + "Look at its wells on the plate; exclude one only with a reason.",
                level.recovery_percent,
                high if level.recovery_percent > 100 else low,
                "%",
            )


def _limits(plate: PlateResult, protocol: Elisa) -> Iterator[Finding]:
    limits, unit = plate.limits, protocol.unit
    if plate.curve is None:
        return
    if limits.lloq > limits.uloq:
        yield Finding(
            "range-mismatch",
            Severity.STOP,
            plate.plate,
            f"The declared limits ({_declared(protocol)} {unit}) and the standards of this plate "
            f"({_standard_range(plate)} {unit}) do not overlap. Is the unit of one of them wrong?",
            limits.uloq,
            limits.lloq,
            unit,
        )
        return
    if math.isnan(limits.lloq) or math.isnan(limits.uloq):
        yield Finding(
            "no-range",
            Severity.STOP,
            plate.plate,
            "Fewer than two standards read back within "
            f"{rule_set(protocol).ends_percent:g} %: no concentration of this plate can be "
            "reported. Repeat the plate.",
        )
        return
    if limits.provisional:
        yield Finding(
            "provisional-limits",
            Severity.NOTE,
            plate.plate,
            f"LLOQ {short(limits.lloq)} and ULOQ {short(limits.uloq)} {unit} are this plate's own: "
            "nobody declared limits for the method in [elisa.limits].",
        )
    for name, source, value in (
        ("LLOQ", limits.lloq_source, limits.lloq),
        ("ULOQ", limits.uloq_source, limits.uloq),
    ):
        if "narrowed" in source:
            declared = protocol.limits.lloq if name == "LLOQ" else protocol.limits.uloq
            yield Finding(
                "range-narrowed",
                Severity.LOOK,
                plate.plate,
                f"{name} is {short(value)} {unit} on this plate instead of the declared "
                f"{declared:g}: {_why_narrowed(plate, name, value, protocol)}.",
                value,
                declared if declared is not None else math.nan,
                unit,
            )


def _why_narrowed(plate: PlateResult, name: str, value: float, protocol: Elisa) -> str:
    nominals = [level.nominal for level in plate.standards if level.nominal > 0]
    beyond = [n for n in nominals if (n < value if name == "LLOQ" else n > value)]
    if beyond:
        allowed = rule_set(protocol).ends_percent
        return f"the standards nearer the end do not read back within {allowed:g} %"
    side = "below" if name == "LLOQ" else "above"
    return f"the plate has no standard {side} it"


def _declared(protocol: Elisa) -> str:
    low, high = protocol.limits.lloq, protocol.limits.uloq
    return f"{'?' if low is None else short(low)}–{'?' if high is None else short(high)}"


def _standard_range(plate: PlateResult) -> str:
    nominals = [level.nominal for level in plate.standards if level.nominal > 0]
    return f"{short(min(nominals))}–{short(max(nominals))}"


def _direction(plate: PlateResult) -> Iterator[Finding]:
    if plate.curve is not None and plate.curve.y[-1] < plate.curve.zero_response:
        yield Finding(
            "falling-curve",
            Severity.LOOK,
            plate.plate,
            "The signal falls with concentration. That is right for a competitive assay; in a "
            "sandwich assay the standards were entered in reverse order.",
        )


def _qcs(qcs: Sequence[QcResult]) -> Iterator[Finding]:
    for qc in qcs:
        if qc.within is not False:
            continue
        found = (
            f"reads {short(qc.concentration)} {qc.unit}, {qc.recovery_percent:.0f} % of its target"
            if not math.isnan(qc.concentration)
            else "has no concentration on this curve; its target is"
        )
        yield Finding(
            "qc-outside",
            Severity.LOOK,
            place(qc.plate, qc.sample),
            f"Control {qc.sample} {found} {qc.nominal:g} {qc.unit} "
            f"(allowed {100 - qc.limit_percent:g}–{100 + qc.limit_percent:g} %).",
            qc.recovery_percent,
            qc.limit_percent,
            "%",
        )


def _samples(plate: PlateResult, protocol: Elisa) -> Iterator[Finding]:
    signal_unit = UNIT_OF_MODE.get(plate.mode, "")
    tops = [level.signal for level in plate.standards if level.wells and level.nominal > 0]
    for sample in plate.samples:
        where = place(sample.plate, sample.sample)
        if sample.status == RangeStatus.ABOVE_ULOQ:
            yield _above(sample, plate, tops[-1] if tops else math.nan, signal_unit, where)
        yield from _spread(sample, protocol, where)


def _above(
    sample: SampleConcentration, plate: PlateResult, top: float, unit: str, where: str
) -> Finding:
    over = sample.estimate / (plate.limits.uloq * sample.dilution_factor)
    least = OUT_OF_SIGHT_FOLD if math.isnan(over) else over
    fold = next((fold for fold in FOLDS if fold >= least), math.ceil(least))
    total = fold * sample.dilution_factor
    stronger = [other for other in plate.samples if _same_sample(other, sample) and _known(other)]
    dilute = f"Dilute at least 1:{total:g} and repeat."
    if stronger:
        dilute = f"Its 1:{stronger[0].dilution_factor:g} dilution is in range."
    wells = _named(sample.wells)
    if math.isnan(sample.signal):
        said = f"{sample.sample} reads above what the reader can measure."
    else:
        many = "Wells" if len(sample.wells) > 1 else "Well"
        reads = "read" if len(sample.wells) > 1 else "reads"
        said = f"{many} {wells} ({sample.sample}) {reads} {short(sample.signal)} {unit}, "
        beyond = sample.signal > top if plate.curve is None else True
        said += (
            f"above the top standard ({short(top)})."
            if beyond and sample.signal > top
            else f"above the ULOQ of {short(plate.limits.uloq)} {sample.unit}."
        )
    return Finding(
        "above-uloq",
        Severity.NOTE if stronger else Severity.LOOK,
        where,
        f"{said} {dilute}",
        sample.signal,
        top,
        unit,
    )


def _same_sample(one: SampleConcentration, other: SampleConcentration) -> bool:
    return (one.sample, one.role, one.labels) == (other.sample, other.role, other.labels)


def _known(sample: SampleConcentration) -> bool:
    return not math.isnan(sample.concentration)


def _spread(sample: SampleConcentration, protocol: Elisa, where: str) -> Iterator[Finding]:
    limits = protocol.replicates
    if sample.status == RangeStatus.HIGH_CV:
        yield Finding(
            "concentration-cv",
            Severity.LOOK,
            where,
            f"Concentrations of {sample.sample} in {_named(sample.wells)} differ by a CV of "
            f"{sample.cv_concentration_percent:.1f} % (limit "
            f"{limits.cv_concentration_percent:g} %). Repeat the sample.",
            sample.cv_concentration_percent,
            limits.cv_concentration_percent,
            "%",
        )


def _medium(samples: Sequence[SampleConcentration]) -> Iterator[Finding]:
    for sample in samples:
        if sample.role != Role.MEDIUM:
            continue
        value = (
            f"{short(sample.concentration)}"
            if not math.isnan(sample.concentration)
            else f"{sample.qualifier} {short(sample.limit)}"
            if sample.qualifier
            else "no number"
        )
        yield Finding(
            "medium-background",
            Severity.NOTE,
            place(sample.plate, sample.sample),
            f"Cell-free medium ({_named(sample.wells)}) reads {value} {sample.unit}. It is "
            "reported, not subtracted.",
            sample.concentration,
            unit=sample.unit,
        )
