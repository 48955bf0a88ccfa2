"""Remarks on the plates of a run together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from assays.elisa.limits import ROUNDING
from assays.elisa.numbers import short
from assays.protocol import Elisa
from assays.results.plates_together import (
    BridgeResult,
    ControlPrecision,
    RangeOverPlates,
    SharedFit,
)
from plates.findings import Finding, Severity


def doubt_together(
    precision: Sequence[ControlPrecision],
    bridges: Sequence[BridgeResult],
    range_: RangeOverPlates | None,
    shared: SharedFit | None,
    protocol: Elisa,
) -> Iterator[Finding]:
    """What a colleague would remark on the plates beside one another."""
    yield from _precision(precision, protocol)
    yield from _bridges(bridges)
    if range_ is not None:
        yield from _range(range_, protocol)
    if shared is not None:
        yield _shared(shared)


def _precision(precision: Sequence[ControlPrecision], protocol: Elisa) -> Iterator[Finding]:
    limit = protocol.replicates.cv_concentration_percent
    for one in precision:
        if one.inter_cv_percent > limit:
            low, high = one.inter_interval
            yield Finding(
                "inter-assay-cv",
                Severity.LOOK,
                one.sample,
                f"Control {one.sample} differs by a CV of {one.inter_cv_percent:.1f} % over "
                f"{one.n_plates} plates (95 % interval {low:.1f}–{high:.1f} %, limit {limit:g} %): "
                "results of different plates are not alike. Look which plate stands apart.",
                one.inter_cv_percent,
                limit,
                "%",
            )


def _bridges(bridges: Sequence[BridgeResult]) -> Iterator[Finding]:
    for one in bridges:
        said = f"{one.second} against {one.first}: "
        count = f"{len(one.pairs)} sample{'s' if len(one.pairs) > 1 else ''} on both plates"
        if one.alike is None:
            yield Finding(
                "bridge-short",
                Severity.NOTE,
                one.second,
                f"{said}{count}, too few for a bridge between them; three or more, spread over "
                "the range, would do.",
                float(len(one.pairs)),
                3.0,
            )
        elif one.alike and not one.interval[0] <= 1 <= one.interval[1]:
            low, high = one.interval
            yield Finding(
                "bridge-shift",
                Severity.NOTE,
                one.second,
                f"{said}{count}, mean ratio {one.ratio:.2f} (95 % interval {low:.2f}–{high:.2f}): "
                "alike by the limits, and still no chance. Compare donors within a plate first.",
                one.ratio,
                1.0,
            )
        elif not one.alike:
            low, high = one.interval
            # An interval apart from 1 is a difference; one across 1 is not knowing.
            apart = high < 1 or low > 1
            what = "the plates differ" if apart else "too few to call the plates alike"
            yield Finding(
                "bridge-apart",
                Severity.LOOK if apart else Severity.NOTE,
                one.second,
                f"{said}{count}, mean ratio {one.ratio:.2f} (95 % interval {low:.2f}–{high:.2f}, "
                f"alike within {one.limits[0]:g}–{one.limits[1]:g}): {what}.",
                one.ratio,
                one.limits[1] if one.ratio > 1 else one.limits[0],
            )


def _range(found: RangeOverPlates, protocol: Elisa) -> Iterator[Finding]:
    declared = protocol.limits
    unit = found.unit
    few = "" if found.enough else " Fewer plates than a validation asks for: preliminary."
    if math.isnan(found.lloq) or math.isnan(found.uloq):
        yield Finding(
            "range-over-plates",
            Severity.LOOK,
            "",
            f"Over {found.n_plates} plates no two standards keep recovery, CV and total error: "
            f"there is no range that the plates support together.{few}",
        )
        return
    span = f"{short(found.lloq)}–{short(found.uloq)} {unit}"
    wider = (declared.lloq is not None and found.lloq > declared.lloq * (1 + ROUNDING)) or (
        declared.uloq is not None and found.uloq < declared.uloq * (1 - ROUNDING)
    )
    undeclared = declared.lloq is None or declared.uloq is None
    if not wider and not undeclared:
        return
    said = f"Over {found.n_plates} plates the standards keep recovery, CV and total error "
    said += f"from {span}."
    advice = (
        " The declared limits reach further: look at the levels and declare what holds."
        if wider
        else " Nobody declared limits for the method: these are what [elisa.limits] could say."
    )
    yield Finding(
        "range-over-plates", Severity.LOOK if wider else Severity.NOTE, "", said + advice + few
    )


def _shared(shared: SharedFit) -> Finding:
    named = ", ".join(f"{name} {short(value)}" for name, value in shared.shared.items())
    said = f"The curves of {len(shared.plates)} plates share {named}; each has its own rest. "
    said += f"F-test against curves of their own: p = {shared.p_value:.2g}. "
    said += (
        "The plates do not share them: leave out [elisa.curve] shared, or share less."
        if shared.apart
        else "Nothing speaks against it."
    )
    severity = Severity.LOOK if shared.apart else Severity.NOTE
    return Finding("shared-fit", severity, "", said, shared.p_value, 0.05)
