"""Which comparisons over donors have no mixed model although there are tubes enough for one."""

from __future__ import annotations

from collections.abc import Sequence

from assays.inhibition.donors.tubes import SHARED
from assays.results.inhibition import DonorComparison
from plates.findings import Finding, Severity


def mixed_model_findings(comparisons: Sequence[DonorComparison]) -> tuple[Finding, ...]:
    """One remark for each reason and comparison, whatever the number of readouts."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in comparisons:
        if row.mixed_status.startswith(SHARED):
            found.setdefault((row.condition, row.mixed_status), []).append(row.readout)
    return tuple(
        Finding(
            "no-mixed-model",
            Severity.NOTE,
            ", ".join(readouts),
            f"{condition}: mixed model of all tubes {status}. The paired tests of donors' means "
            "stand. Controls with each vehicle, or a comparison with one vehicle, give the model.",
        )
        for (condition, status), readouts in found.items()
    )
