"""What a dose series leaves open: bounds, IC50s not bracketed, weak windows, doses swapped."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from assays.inhibition.dose.order import CHANCE
from assays.inhibition.dose.response import NOT_BRACKETED, TOO_WEAK
from assays.inhibition.magnitude import brief
from assays.results.disorder import Disorder
from assays.results.inhibition import DoseResponse
from plates.findings import Finding, Severity

MOST_NAMED = 4
"""Files that one sentence names."""


def dose_findings(curves: Sequence[DoseResponse]) -> Iterable[Finding]:
    """A remark on every series whose IC50 is a bound or not known."""
    bounds = {
        "> highest dose": (max, "more than half of the response is left up to the highest"),
        "< lowest dose": (min, "more than half of the response is gone from the lowest"),
    }
    for curve in curves:
        if curve.status == NOT_BRACKETED:
            yield _left_open(curve)
        if curve.disorder is not None:
            yield _out_of_order(curve, curve.disorder)
        if curve.status == TOO_WEAK:
            yield _too_weak(curve)
        if curve.status not in bounds:
            continue
        end, words = bounds[curve.status]
        dose = float(end(curve.doses))
        bound = f"{curve.status[0]} {dose:g} {curve.unit}"
        yield Finding(
            "ic50-not-bracketed",
            Severity.NOTE,
            f"donor {curve.donor}",
            f"{curve.inhibitor} on {curve.readout} in donor {curve.donor}: {words} dose, so the "
            f"IC50 is reported as {bound}.{_reach(curve)}",
            observed=math.nan,
            limit=dose,
            unit=curve.unit,
        )


def _left_open(curve: DoseResponse) -> Finding:
    """The curve crosses half-way among the doses, but so little for sure that it may be chance."""
    low, high = curve.ic50_interval
    among = float(min(curve.doses)), float(max(curve.doses))
    reach = "below" if low < among[0] else "above"
    reach = "below and above" if low < among[0] and high > among[1] else reach
    return Finding(
        "ic50-not-bracketed",
        Severity.NOTE,
        f"donor {curve.donor}",
        f"{curve.inhibitor} on {curve.readout} in donor {curve.donor}: its IC50 may lie {reach} "
        f"the doses of {among[0]:g} to {among[1]:g} {curve.unit} as well as among them, so no "
        "number is given. More replicate tubes of controls and doses would settle it.",
        unit=curve.unit,
    )


def _too_weak(curve: DoseResponse) -> Finding:
    """No dose can be refused as the IC50."""
    return Finding(
        "ic50-window-too-weak",
        Severity.NOTE,
        f"donor {curve.donor}",
        f"{curve.inhibitor} on {curve.readout} in donor {curve.donor}: stimulated and unstimulated "
        "tubes lie so close, for the scatter of the series around its curve, that any dose may be "
        "the IC50. Neither a number nor a bound is given. More replicate tubes of the controls, or "
        "a stronger stimulus, would settle it.",
        unit=curve.unit,
    )


def _out_of_order(curve: DoseResponse, found: Disorder) -> Finding:
    """The responses turn back by more than tubes scatter."""
    unit = curve.unit
    falls = curve.unstimulated > curve.stimulated
    told = (
        f"{found.low:g} {unit} leaves {brief(found.left_low)}, {'more' if falls else 'less'} than "
        f"{found.high:g} {unit} with {brief(found.left_high)}"
    )
    number = f"Its IC50 of {brief(curve.ic50)} {unit} is then not to be trusted."
    return Finding(
        "doses-out-of-order",
        Severity.LOOK,
        f"donor {curve.donor}",
        f"{curve.inhibitor} on {curve.readout} in donor {curve.donor}: the responses do not follow "
        f"the dose. {told}, beyond the scatter of tubes (p = {found.p:.1g}). "
        f"{_remedy(found, unit)} Look at the rows of {', '.join(found.files[:MOST_NAMED])}. "
        f"{number if math.isfinite(curve.ic50) else 'No IC50 is given.'}",
        found.p,
        CHANCE,
    )


def _remedy(found: Disorder, unit: str) -> str:
    """What would put the series right."""
    if found.backwards:
        return "They follow it backwards: are the doses in the reverse order?"
    asked = "Swapped tubes, or a dose in another unit?"
    ways = []
    if found.exchanged:
        low, high = found.exchanged
        ways.append(f"with {low:g} and {high:g} {unit} exchanged")
    if found.without is not None:
        ways.append(f"without {found.without:g} {unit}")
    return f"{asked} They would follow it {' or '.join(ways)}." if ways else asked


def _reach(curve: DoseResponse) -> str:
    """What the curve allows, where its interval reaches back among the doses."""
    low, high = curve.ic50_interval
    above = curve.status.startswith(">")
    end, dose = (low, max(curve.doses)) if above else (high, min(curve.doses))
    if not math.isfinite(end) or (end >= dose if above else end <= dose):
        return ""
    side = "from" if above else "up to"
    return (
        f" The fitted curve allows values {side} {brief(end)} {curve.unit} ({curve.level:.0%} "
        "interval)."
    )
