"""Control samples held against their target."""

from __future__ import annotations

import math
from collections.abc import Sequence

from assays.curves import StandardCurve
from assays.elisa.groups import Group
from assays.elisa.quantify import Reading, read_groups
from assays.elisa.replicates import cv_percent
from assays.elisa.rule_set import RuleSet, rule_set
from assays.elisa.standards import usable
from assays.protocol import Elisa
from assays.results.elisa import QcResult, QuantRange
from plates.layout import Role

AT_END = 1.05
"""A control this close to a limit of quantitation is a control at that limit."""


def judge_qcs(
    groups: Sequence[Group], curve: StandardCurve | None, limits: QuantRange, protocol: Elisa
) -> tuple[QcResult, ...]:
    """Every control sample with a target.

    Allowed is what the rule set says, more at the limits of quantitation. A control without a
    number (outside the curve, or on a rejected one) is not within.
    """
    controls = [g for g in groups if g.role == Role.QC and not math.isnan(g.wells[0].nominal)]
    nothing: tuple[Reading | None, ...] = (None,) * len(controls)
    readings = read_groups(controls, curve, protocol) if curve is not None else nothing
    return tuple(
        _judge(group, reading, limits, protocol)
        for group, reading in zip(controls, readings, strict=True)
    )


def tolerance_percent(nominal_in_well: float, limits: QuantRange, rules: RuleSet) -> float:
    """Allowed deviation of a control from its target."""
    at_low = nominal_in_well <= limits.lloq * AT_END
    at_high = nominal_in_well >= limits.uloq / AT_END
    return rules.ends_percent if at_low or at_high else rules.qc_percent


def _judge(group: Group, reading: Reading | None, limits: QuantRange, protocol: Elisa) -> QcResult:
    factor, nominal = group.dilution_factor, group.wells[0].nominal
    used = [well for well in group.wells if usable(well, with_excluded=False)]
    allowed = tolerance_percent(nominal / factor, limits, rule_set(protocol))
    value, interval, cv = math.nan, (math.nan, math.nan), math.nan
    if reading is not None:
        value = reading.value * factor
        interval = (reading.interval[0] * factor, reading.interval[1] * factor)
        cv = cv_percent(reading.concentrations)
    recovery = 100 * value / nominal if nominal > 0 else math.nan
    within = None
    if used and nominal > 0:
        within = abs(recovery - 100) <= allowed
    return QcResult(
        group.wells[0].plate,
        group.sample,
        nominal,
        value,
        interval,
        protocol.unit,
        recovery,
        cv,
        len(used),
        within,
        allowed,
    )
