"""Readings of a run to inhibition: what a journey calls, in the order it calls it.

`inhibitions` and `dose_responses` take the readings of every tube and the protocol;
`inhibition_findings` takes both results and says what a reader should know about them, and
`spread_findings` whether replicate tubes bear a declared scatter out. `donor_comparisons` says
what holds over donors, and `donor_findings` whether there are enough of them. `with_loewe` adds to
pairs of inhibitors what needs the fitted curves of both. `positive_controls` tell whether the cells
can answer at all, `protections` what a stimulus saves, `kinetics` how a response runs over time.
"""

from __future__ import annotations

from assays.inhibition.donors.comparisons import donor_comparisons
from assays.inhibition.dose.series import dose_responses
from assays.inhibition.kinetics import kinetics
from assays.inhibition.pairs.dilution import with_loewe
from assays.inhibition.positive import positive_controls, positive_findings
from assays.inhibition.protection import protections
from assays.inhibition.remarks import donor_findings, inhibition_findings, spread_findings
from assays.inhibition.shift.shifts import dose_shifts
from assays.inhibition.spread import scatters
from assays.inhibition.treatments import inhibitions

__all__ = [
    "donor_comparisons",
    "donor_findings",
    "dose_responses",
    "dose_shifts",
    "inhibition_findings",
    "inhibitions",
    "kinetics",
    "positive_controls",
    "positive_findings",
    "protections",
    "scatters",
    "spread_findings",
    "with_loewe",
]
