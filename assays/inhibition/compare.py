"""Everything that the readings of a run are compared for, in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assays.inhibition.donors.remarks import mixed_model_findings
from assays.inhibition.odd_replicates import odd_replicates
from assays.inhibition.over_tubes import (
    donor_comparisons,
    donor_findings,
    dose_responses,
    dose_shifts,
    inhibition_findings,
    inhibitions,
    positive_controls,
    spread_findings,
    with_loewe,
)
from assays.inhibition.pairs.remarks import pair_findings
from assays.protocol import Flow
from assays.results.flow import Reading
from assays.results.inhibition import DonorComparison, DoseResponse, Inhibition
from assays.results.shift import DoseShift
from plates.findings import Finding


@dataclass(frozen=True, slots=True)
class Compared:
    """Inhibition, dose series and donors of a run, and what a reader should know of them."""

    inhibitions: tuple[Inhibition, ...]
    doses: tuple[DoseResponse, ...]
    shifts: tuple[DoseShift, ...]
    donors: tuple[DonorComparison, ...]
    findings: tuple[Finding, ...]


def compare(readings: Sequence[Reading], *, protocol: Flow) -> Compared:
    """Compare the readings of every tube and readout, as the protocol asks."""
    inhibited = inhibitions(readings, protocol=protocol)
    doses = dose_responses(readings, protocol=protocol)
    inhibited = with_loewe(inhibited, doses, protocol=protocol)
    donors = donor_comparisons(readings, inhibited, protocol=protocol)
    return Compared(
        inhibited,
        doses,
        dose_shifts(readings, protocol=protocol),
        donors,
        (
            *inhibition_findings(inhibited, doses, positive_controls(readings, protocol=protocol)),
            *pair_findings(inhibited),
            *odd_replicates(readings, protocol),
            *spread_findings(readings, protocol),
            *donor_findings(donors),
            *mixed_model_findings(donors),
        ),
    )
