"""Whether a population is another share of its parent once the cells are treated.

A stimulus of minutes does not turn cells into others: where a gate holds a share twice as large
or half as large as in the donor's unstimulated tubes, the gate's own markers or the scatter moved
with the treatment, and readings before and after are of different cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from assays.protocol import Flow
from assays.results.flow import PopulationCount
from assays.samples import STAINING, Tube, TubeRole
from plates.findings import Finding, Severity

FOLD = 2.0
"""Ratio of two shares from which it is told (a choice)."""
FEWEST = 100
"""Events of the parent, and of the larger share in it, below which nothing is said."""

Counts = dict[str, list[int]]
"""By condition: events in the population and in its parent, summed over tubes."""


def share_moves(
    tubes: Sequence[Tube], populations: Sequence[PopulationCount], protocol: Flow
) -> Iterable[Finding]:
    """Tell of gates above a signal whose share of the parent moves with the treatment.

    Fractions are left out: theirs are the shares that are meant to move.
    """
    role = {tube.file: tube.role for tube in tubes}
    for name in _gated(populations, protocol):
        moved = []
        for donor, counts in _counts(populations, name, role).items():
            moved += [(*worst, donor) for worst in _furthest(counts)]
        if not moved:
            continue
        fold, condition, share, before, donor = max(moved)
        donors = ", ".join(row[-1] for row in moved)
        yield Finding(
            "share-moves",
            Severity.LOOK,
            donors,
            f"{name!r} is {share:.1f} % of its parent in donor {donor} with {condition}, and "
            f"{before:.1f} % unstimulated: the gate may follow a marker or the scatter that the "
            "treatment moves, so that other cells are read than before. Look at this gate over "
            "all tubes.",
            fold,
            FOLD,
            "fold",
        )


def _gated(populations: Sequence[PopulationCount], protocol: Flow) -> list[str]:
    """Populations that signals are read in, and all above them."""
    parent = {row.population: row.parent for row in populations}
    found: dict[str, None] = {}
    for readout in protocol.readouts:
        name = readout.population if readout.kind != "fraction" else ""
        while name in parent and name not in found:
            found[name] = None
            name = parent[name]
    return list(found)


def _counts(
    populations: Sequence[PopulationCount], name: str, role: Mapping[str, TubeRole]
) -> dict[str, Counts]:
    """By donor; unstimulated tubes are one condition, whatever their vehicle."""
    of_file = {(row.file, row.population): row.count for row in populations}
    total = {row.file: round(100 * row.count / row.percent_of_total) for row in populations
             if row.percent_of_total > 0}  # fmt: skip
    donors: dict[str, Counts] = {}
    for row in populations:
        its = role.get(row.file)
        if row.population != name or its is None or its in STAINING:
            continue
        condition = "" if its is TubeRole.UNSTIMULATED else row.condition
        both = donors.setdefault(row.donor, {}).setdefault(condition, [0, 0])
        both[0] += row.count
        both[1] += of_file.get((row.file, row.parent), total.get(row.file, 0))
    return donors


def _furthest(counts: Counts) -> list[tuple[float, str, float, float]]:
    """The condition that lies furthest off: fold, condition, its share and the one before."""
    inside, parent = counts.get("", (0, 0))
    found = []
    for condition, (part, whole) in counts.items():
        if not condition or min(whole, parent) < FEWEST or not (part and inside):
            continue
        share, before = 100 * part / whole, 100 * inside / parent
        fold = max(share / before, before / share)
        # The larger share must be more than a handful of events in both.
        if fold >= FOLD and max(share, before) * min(whole, parent) >= 100 * FEWEST:
            found.append((fold, condition, share, before))
    return [max(found)] if found else []
