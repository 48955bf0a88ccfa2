"""Inhibitions in the order a reader looks for: by readout, donor and inhibitor, doses rising."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assays.reports.figures.conditions import scaled_dose
from assays.results.inhibition import Inhibition


def by_dose(rows: Sequence[Inhibition], *, across_donors: bool = False) -> tuple[Inhibition, ...]:
    """Readouts, donors and inhibitors as they first appear; single inhibitors before pairs, then
    doses from low to high whatever their prefix.

    With `across_donors` the same dose of all donors stands together.
    """
    readouts = _ranks(row.readout for row in rows)
    donors = _ranks(row.donor for row in rows)
    inhibitors = _ranks(row.inhibitor for row in rows)

    def key(row: Inhibition) -> tuple[object, ...]:
        return (
            readouts[row.readout],
            0 if across_donors else donors[row.donor],
            len(row.inhibitors),
            inhibitors[row.inhibitor],
            tuple(scaled_dose(agent) for agent in row.inhibitors),
        )

    return tuple(sorted(rows, key=key))


def _ranks(names: Iterable[str]) -> dict[str, int]:
    return {name: rank for rank, name in enumerate(dict.fromkeys(names))}
