"""The pairing of a run, walked on its sample sheet alone.

A check must tell what the run will do, so it asks the same functions: `is_compared`, `replicates`,
`find_controls`, `find_alone`. They need the tubes and no numbers, so that rows of the sheet serve.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from assays.inhibition.arms import Anchors, find_alone, find_controls, replicates
from assays.inhibition.window import is_compared
from assays.protocol import Flow, Readout
from assays.samples import Tube, TubeRole

MOST_NAMED = 6
"""Donors that one sentence names."""

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Row:
    """A tube without its numbers, paired as its readings will be."""

    tube: Tube


@dataclass(frozen=True, slots=True)
class Condition:
    """Replicate treated tubes of one donor, and the controls that the run holds them against."""

    tubes: tuple[Row, ...]
    controls: Anchors[Row]
    alone: tuple[Row, ...]
    """The own floor: inhibitor alone at the same dose; empty without."""
    alone_note: str
    """What had to be assumed of the own floor's plate, time or vehicle."""

    @property
    def tube(self) -> Tube:
        """One tube of it; what pairing looks at is the same in all."""
        return self.tubes[0].tube


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What is paired for readouts that are driven by the same stimulus."""

    readouts: tuple[Readout, ...]
    rows: tuple[Row, ...]
    """Tubes that these readouts' inhibition may be worked out from."""
    conditions: tuple[Condition, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Of the readouts."""
        return tuple(readout.name for readout in self.readouts)


def rehearse(tubes: Sequence[Tube], protocol: Flow) -> tuple[Rehearsed, ...]:
    """Pair every treated condition of a sheet with its controls.

    Parameters
    ----------
    tubes : sequence of Tube
        Rows of the sample sheet.
    protocol : Flow
        Readouts with their stimulus, molar masses.

    Returns
    -------
    tuple of Rehearsed
        One per stimulus that readouts declare, and one for those that declare none. Readouts of a
        receptor's expression are driven by nothing and stand in none.
    """
    groups: dict[str | None, list[Readout]] = {}
    for readout in protocol.readouts:
        if readout.kind != "expression":
            driver = None if readout.stimulus is None else readout.stimulus.strip().casefold()
            groups.setdefault(driver, []).append(readout)
    return tuple(_rehearsed(readouts, tubes, protocol) for readouts in groups.values())


def _rehearsed(readouts: Sequence[Readout], tubes: Sequence[Tube], protocol: Flow) -> Rehearsed:
    masses = protocol.molar_mass_g_per_mol
    rows = [Row(tube) for tube in tubes if is_compared(tube, readouts[0])]
    by_donor: dict[str, list[Row]] = {}
    for row in rows:
        by_donor.setdefault(row.tube.donor, []).append(row)
    conditions = []
    for own in by_donor.values():
        for group in replicates(own, masses).values():
            if group[0].tube.role == TubeRole.TREATED:
                controls = find_controls(group[0], own, masses)
                conditions.append(Condition(group, controls, *find_alone(group[0], own, masses)))
    return Rehearsed(tuple(readouts), tuple(rows), tuple(conditions))


def gathered(found: Iterable[tuple[K, str, str]]) -> Iterator[tuple[K, list[str], list[str]]]:
    """What several readouts and donors lack alike, once.

    Parameters
    ----------
    found : iterable of (what, readout, donor)

    Yields
    ------
    tuple
        What is lacking, the readouts it is lacking for, and the donors that lack it for just
        these; in the order in which they came.
    """
    readouts: dict[tuple[K, str], dict[str, None]] = {}
    for what, readout, donor in found:
        readouts.setdefault((what, donor), {})[readout] = None
    donors: dict[tuple[K, tuple[str, ...]], list[str]] = {}
    for (what, donor), names in readouts.items():
        donors.setdefault((what, tuple(names)), []).append(donor)
    for (what, for_these), of_these in donors.items():
        yield what, list(for_these), of_these


def for_readouts(names: Sequence[str], protocol: Flow) -> str:
    """`` for pSTAT3 and p-p65``; nothing where every readout that has controls is meant."""
    driven = {readout.name for readout in protocol.readouts if readout.kind != "expression"}
    return "" if set(names) == driven else f" for {' and '.join(names)}"


def named(donors: Sequence[str]) -> str:
    """``donor D1``, ``donors D1, D2 and 3 more``."""
    more = f" and {len(donors) - MOST_NAMED} more" if len(donors) > MOST_NAMED else ""
    return f"donor{'s' * (len(donors) > 1)} {', '.join(donors[:MOST_NAMED])}{more}"


def of_inhibitors(tube: Tube) -> str:
    """Names of one or two inhibitors, whatever their order in the sheet."""
    return " + ".join(sorted((agent.name.strip() for agent in tube.inhibitors), key=str.casefold))
