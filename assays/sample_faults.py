"""Every row of a sample sheet that cannot be read, told at once."""

from __future__ import annotations

from collections.abc import Sequence

from assays.errors import ProtocolError
from plates.errors import LabError

MOST_TOLD = 20
"""Faults that one refusal lists; the rest are counted."""


def refuse_all(faults: Sequence[LabError], name: str) -> None:
    """Refuse a sheet for its faults: one as it is, several in one list.

    Parameters
    ----------
    faults : sequence of LabError
        In the order in which they are told.
    name : str
        Of the sheet's file.

    Raises
    ------
    LabError
        The only fault; or a ProtocolError that lists each with its cell and what to try.
    """
    if not faults:
        return
    if len(faults) == 1:
        raise faults[0]
    told, hints = [], set()
    for at, fault in enumerate(faults[:MOST_TOLD], 1):
        # What to try is said once: a form that nobody filled in has one fault in every row.
        known = fault.hint in hints
        told.append(f"{at}. {LabError(fault.message, fault.where, '' if known else fault.hint)}")
        hints.add(fault.hint)
    more = len(faults) - MOST_TOLD
    if more > 0:
        told.append(f"And {more} more, told when these are mended.")
    raise ProtocolError("\n  ".join([f"{len(faults)} rows of {name} need attention:", *told]))
