"""Which tubes may be held against one another: same donor, same plate, same time point.

A plate is stained, fixed and read as one; cells that were stimulated for another time are another
experiment. So a tube is paired within its plate and its time point. Where the sheet gives no
plate or time there is nothing to choose. Where the right plate has no control, another plate of
the donor serves, and a note says so; a stimulated control of another time never serves, because
the response moves with time. An unstimulated tube of time 0, or of no stated time, is the baseline
of every time point.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from assays.samples import Tube

PairingKey = tuple[str, float | None]


class OfTube(Protocol):
    """Anything that belongs to a tube: a reading, a control."""

    @property
    def tube(self) -> Tube:
        """The tube."""


T = TypeVar("T", bound=OfTube)


def plate_key(plate: str) -> str:
    """``Plate 1`` and ``plate  1`` are the same."""
    return " ".join(plate.split()).casefold()


def plate_words(plate: str) -> str:
    """``plate P1``; a name that says so itself stays as it is."""
    return plate if "plate" in plate.casefold() else f"plate {plate}"


def pairing_key(tube: Tube) -> PairingKey:
    """Plate and time point: tubes with another key are no replicates of this one."""
    return (plate_key(tube.plate), tube.time_min)


def of_plate(
    tube: Tube, candidates: Iterable[T], what: str = "such control"
) -> tuple[tuple[T, ...], str]:
    """Candidates of the tube's own plate.

    Parameters
    ----------
    tube : Tube
    candidates : iterable
    what : str
        What they are, for the note: ``stimulated tube``.

    Returns
    -------
    tuple
        The candidates, and a note when another plate had to serve. Without any on the plate,
        those whose plate is not given serve, else those of every plate.
    """
    all_of_them = tuple(candidates)
    wanted = plate_key(tube.plate)
    same = tuple(one for one in all_of_them if plate_key(one.tube.plate) == wanted)
    if same or not all_of_them:
        return same, ""
    blank = tuple(one for one in all_of_them if not plate_key(one.tube.plate))
    if blank or not wanted:
        return blank or all_of_them, ""
    others = ", ".join(dict.fromkeys(one.tube.plate for one in all_of_them))
    return (
        all_of_them,
        f"{plate_words(tube.plate)} has no {what}; those of {others} were used",
    )


def of_time(tube: Tube, candidates: Sequence[T]) -> tuple[tuple[T, ...], str]:
    """Stimulated candidates of the tube's own time point; none serves from another."""
    same = tuple(one for one in candidates if one.tube.time_min == tube.time_min)
    if same or tube.time_min is None:
        return same, ""
    blank = tuple(one for one in candidates if one.tube.time_min is None)
    told = f"no stimulated tube names {tube.time_min:g} min; those without a time were used"
    return blank, told if blank else ""


def baselines(
    tube: Tube, candidates: Iterable[T], what: str = "unstimulated tube"
) -> tuple[tuple[T, ...], list[str]]:
    """Unstimulated candidates of the tube's plate and, among these, of its time point.

    Returns
    -------
    tuple
        The candidates, and what had to be assumed, a sentence each.
    """
    on_plate, of_rack = of_plate(tube, candidates, what)
    found, of_clock = at_start(tube, on_plate, what)
    return found, [note for note in (of_rack, of_clock) if note]


def at_start(
    tube: Tube, candidates: Sequence[T], what: str = "unstimulated tube"
) -> tuple[tuple[T, ...], str]:
    """Unstimulated candidates for a tube's time point: of that time, else of time 0 or none."""
    same = tuple(one for one in candidates if one.tube.time_min == tube.time_min)
    if same or not candidates:
        return same, ""
    start = tuple(one for one in candidates if not one.tube.time_min)
    if start or tube.time_min is None:
        return start or tuple(candidates), ""
    others = ", ".join(dict.fromkeys(f"{one.tube.time_min:g}" for one in candidates))
    return tuple(candidates), (
        f"no {what} at {tube.time_min:g} min nor at the start; those at {others} min were used"
    )
