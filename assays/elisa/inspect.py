"""What a colleague would remark on a quantified plate."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence

from assays.curves import StandardCurve
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
LINEARITY_PERCENT = 20.0
"""Allowed deviation of a dilution from the mean of the others (ICH M10, dilution linearity)."""


def inspect_plate(
    plate: PlateResult, curve: StandardCurve | None, protocol: Elisa
) -> tuple[Finding, ...]:
    """Findings about standards, controls and samples of one plate."""
    return (
        *_standards(plate.standards, protocol),
        *_limits(plate, protocol),
        *_qcs(plate.qcs),
        *_samples(plate, curve, protocol),
        *_dilutions(plate.samples),
        *_medium(plate.samples),
    )


def _place(plate: str, what: str) -> str:
    return f"{plate}: {what}" if plate else what


def _named(wells: Iterable[Well]) -> str:
    return ", ".join(str(well) for well in wells)


def _standards(levels: Sequence[StandardLevel], protocol: Elisa) -> Iterator[Finding]:
    for level in levels:
        where = _place(level.plate, f"standard {level.nominal:g} {level.unit}")
        limit = protocol.replicates.cv_signal_percent
        if level.cv_signal_percent > limit and level.nominal > 0:
            yield Finding(
                "replicate-cv",
                Severity.LOOK,
                where,
                f"Wells {_named(level.wells)} of standard {level.nominal:g} {level.unit} differ by "
                f"a CV of {level.cv_signal_percent:.1f} % (limit {limit:g} %). Look at the wells; "
                "exclude one only for a reason you can name.",
                level.cv_signal_percent,
                limit,
                "%",
            )
        if level.within is False:
            known = not math.isnan(level.recovery_percent)
            said = f"reads back as {level.back_calculated:.3g} {level.unit}"
            yield Finding(
                "standard-recovery",
                Severity.LOOK,
                where,
                f"Standard {level.nominal:g} {level.unit} "
                + (
                    f"{said} ({level.recovery_percent:.0f} %)."
                    if known
                    else "lies outside its own curve."
                ),
                level.recovery_percent,
                100.0,
                "%",
            )
        if not level.wells and not level.excluded:
            yield Finding(
                "missing-standard",
                Severity.LOOK,
                where,
                f"Standard {level.nominal:g} {level.unit} has no reading.",
            )


def _limits(plate: PlateResult, protocol: Elisa) -> Iterator[Finding]:
    limits, unit = plate.limits, protocol.unit
    if plate.curve is None:
        return
    if math.isnan(limits.lloq) or math.isnan(limits.uloq):
        yield Finding(
            "no-range",
            Severity.STOP,
            plate.plate,
            "Fewer than two standards read back within 25 %: no concentration of this plate can "
            "be reported. Repeat the plate.",
        )
        return
    if limits.provisional:
        yield Finding(
            "provisional-limits",
            Severity.NOTE,
            plate.plate,
            f"LLOQ {limits.lloq:.3g} and ULOQ {limits.uloq:.3g} {unit} are this plate's own: "
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
                f"{name} is {value:.3g} {unit} on this plate instead of the declared "
                f"{declared:g}: the standards nearer the end do not read back within 25 %.",
                value,
                declared if declared is not None else math.nan,
                unit,
            )


def _qcs(qcs: Sequence[QcResult]) -> Iterator[Finding]:
    for qc in qcs:
        if qc.within is not False:
            continue
        found = (
            f"reads {qc.concentration:.3g} {qc.unit}, {qc.recovery_percent:.0f} % of its target"
            if not math.isnan(qc.concentration)
            else "has no concentration on this curve; its target is"
        )
        yield Finding(
            "qc-outside",
            Severity.LOOK,
            _place(qc.plate, qc.sample),
            f"Control {qc.sample} {found} {qc.nominal:g} {qc.unit} "
            f"(allowed {100 - qc.limit_percent:g}–{100 + qc.limit_percent:g} %).",
            qc.recovery_percent,
            qc.limit_percent,
            "%",
        )


def _samples(plate: PlateResult, curve: StandardCurve | None, protocol: Elisa) -> Iterator[Finding]:
    signal_unit = UNIT_OF_MODE.get(plate.mode, "")
    tops = [level.signal for level in plate.standards if level.wells and level.nominal > 0]
    for sample in plate.samples:
        where = _place(sample.plate, sample.sample)
        if sample.status == RangeStatus.ABOVE_ULOQ:
            yield _above(sample, plate, tops[-1] if tops else math.nan, signal_unit, where)
        elif sample.status == RangeStatus.NO_SIGNAL:
            yield Finding(
                "no-reading", Severity.LOOK, where, f"No well of {sample.sample} has a reading."
            )
        yield from _spread(sample, protocol, where)
    if curve is None:
        return


def _above(
    sample: SampleConcentration, plate: PlateResult, top: float, unit: str, where: str
) -> Finding:
    over = sample.estimate / (plate.limits.uloq * sample.dilution_factor)
    least = OUT_OF_SIGHT_FOLD if math.isnan(over) else over
    fold = next((fold for fold in FOLDS if fold >= least), math.ceil(least))
    total = fold * sample.dilution_factor
    dilute = f"Dilute at least 1:{total:g} and repeat."
    wells = _named(sample.wells)
    if math.isnan(sample.signal):
        said = f"{sample.sample} reads above what the reader can measure."
    else:
        many = "Wells" if len(sample.wells) > 1 else "Well"
        reads = "read" if len(sample.wells) > 1 else "reads"
        said = f"{many} {wells} ({sample.sample}) {reads} {sample.signal:.3g} {unit}, "
        beyond = sample.signal > top if plate.curve is None else True
        said += (
            f"above the top standard ({top:.3g})."
            if beyond and sample.signal > top
            else f"above the ULOQ of {plate.limits.uloq:.3g} {sample.unit}."
        )
    return Finding(
        "above-uloq",
        Severity.LOOK,
        where,
        f"{said} {dilute}",
        sample.signal,
        top,
        unit,
    )


def _spread(sample: SampleConcentration, protocol: Elisa, where: str) -> Iterator[Finding]:
    limits = protocol.replicates
    if sample.status == RangeStatus.HIGH_CV:
        yield Finding(
            "replicate-cv",
            Severity.LOOK,
            where,
            f"Concentrations of {sample.sample} in {_named(sample.wells)} differ by a CV of "
            f"{sample.cv_concentration_percent:.1f} % (limit "
            f"{limits.cv_concentration_percent:g} %). Repeat the sample.",
            sample.cv_concentration_percent,
            limits.cv_concentration_percent,
            "%",
        )
    elif sample.cv_signal_percent > limits.cv_signal_percent:
        low = sample.status in (RangeStatus.BELOW_LLOQ, RangeStatus.BELOW_LOD)
        yield Finding(
            "replicate-cv",
            Severity.NOTE if low else Severity.LOOK,
            where,
            f"Readings of {sample.sample} in {_named(sample.wells)} differ by a CV of "
            f"{sample.cv_signal_percent:.1f} % (limit {limits.cv_signal_percent:g} %).",
            sample.cv_signal_percent,
            limits.cv_signal_percent,
            "%",
        )


def _dilutions(samples: Sequence[SampleConcentration]) -> Iterator[Finding]:
    """Dilutions of one sample should agree; rising with dilution is the mark of a hook."""
    groups: dict[tuple[object, ...], list[SampleConcentration]] = {}
    for sample in samples:
        key = (sample.sample, sample.role, tuple(sorted((sample.labels or {}).items())))
        groups.setdefault(key, []).append(sample)
    for found in groups.values():
        series = sorted(found, key=lambda one: one.dilution_factor)
        known = [one for one in series if not math.isnan(one.concentration)]
        if len(known) > 1:
            yield _linearity(known)
        yield from _hook(series)


def _linearity(known: Sequence[SampleConcentration]) -> Finding:
    middle = sum(one.concentration for one in known) / len(known)
    worst = max(known, key=lambda one: abs(one.concentration - middle))
    off = 100 * (worst.concentration / middle - 1)
    said = ", ".join(f"1:{one.dilution_factor:g} gives {one.concentration:.3g}" for one in known)
    agree = abs(off) <= LINEARITY_PERCENT
    return Finding(
        "dilution-linearity",
        Severity.NOTE if agree else Severity.LOOK,
        _place(worst.plate, worst.sample),
        f"Dilutions of {worst.sample} {'agree' if agree else 'disagree'}: {said} {worst.unit} "
        f"(largest deviation from their mean {off:+.0f} %)."
        + ("" if agree else " Matrix effect, hook or pipetting: do not average them unseen."),
        abs(off),
        LINEARITY_PERCENT,
        "%",
    )


def _hook(series: Sequence[SampleConcentration]) -> Iterator[Finding]:
    """A stronger dilution that reads a higher signal than a weaker one."""
    for weak, strong in itertools.pairwise(series):
        if weak.signal > 0 and strong.signal > 1.1 * weak.signal:
            yield Finding(
                "high-dose-hook",
                Severity.LOOK,
                _place(weak.plate, weak.sample),
                f"{weak.sample} reads higher at 1:{strong.dilution_factor:g} "
                f"({strong.signal:.3g}) than at 1:{weak.dilution_factor:g} ({weak.signal:.3g}): "
                "a high-dose hook or swapped wells. Trust the stronger dilution only.",
                strong.signal,
                weak.signal,
            )
            return


def _medium(samples: Sequence[SampleConcentration]) -> Iterator[Finding]:
    for sample in samples:
        if sample.role != Role.MEDIUM:
            continue
        value = (
            f"{sample.concentration:.3g}"
            if not math.isnan(sample.concentration)
            else f"{sample.qualifier} {sample.limit:.3g}"
            if sample.qualifier
            else "no number"
        )
        yield Finding(
            "medium-background",
            Severity.NOTE,
            _place(sample.plate, sample.sample),
            f"Cell-free medium ({_named(sample.wells)}) reads {value} {sample.unit}. It is "
            "reported, not subtracted.",
            sample.concentration,
            unit=sample.unit,
        )
