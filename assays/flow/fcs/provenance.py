"""Where the events of a file that we write came from, as keywords of that file.

``$ORIGINALITY``, ``$LAST_MODIFIER`` and ``$LAST_MODIFIED`` are those of FCS 3.1. The others
begin with ``ASSAYS``, so that no other program takes them for its own.

=====================  ==========================================================
``ASSAYS SOURCE``      file that the events were read from
``ASSAYS EVENTS``      ``120 of 5000``: how many of its events were written
``ASSAYS POPULATION``  name of the population, when only its events were written
``ASSAYS MISSING``     events that the source promised and, cut short, did not hold
``ASSAYS VALUES``      ``linear`` or ``as stored``
``ASSAYS COMPENSATED`` spillover that was taken out of the values
``ASSAYS TIMESTEP``    what ``$TIMESTEP`` was taken from, where the source had none
=====================  ==========================================================
"""

from __future__ import annotations

from datetime import datetime

from assays import __version__
from assays.flow.events import Events
from assays.flow.fcs.clock import origin

MISSING = "ASSAYS MISSING"
# English whatever the language of the computer, as the standard wants it.
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]


def provenance(
    events: Events, written: int, population: str = "", modified_at: datetime | None = None
) -> dict[str, str]:
    """Keywords that tell where events came from; none for events that no file gave.

    Parameters
    ----------
    events : Events
        All events, as they were read.
    written : int
        How many of them are written.
    population : str
        Whose events these are; empty for all.
    modified_at : datetime, optional
        Left out when not given, so that the same events give the same bytes.
    """
    if not events.name and not events.keywords and not population:
        return {}
    found = {
        "$ORIGINALITY": "DataModified",
        "$LAST_MODIFIER": f"assays {__version__}",
        "ASSAYS SOURCE": events.name,
        "ASSAYS EVENTS": f"{written} of {len(events)}",
        "ASSAYS POPULATION": population,
        "ASSAYS VALUES": "linear" if events.scaled else "as stored",
    }
    if modified_at is not None:
        month = _MONTHS[modified_at.month - 1]
        found["$LAST_MODIFIED"] = f"{modified_at:%d}-{month}-{modified_at:%Y %H:%M:%S}"
    if events.missing:
        found[MISSING] = str(events.missing)
    if events.compensated:
        spillover = events.spillover
        found["ASSAYS COMPENSATED"] = (spillover.origin if spillover else "") or "yes"
    if events.time_step_s is not None:
        took = origin(events.keywords)
        found["ASSAYS TIMESTEP"] = "" if took == "$TIMESTEP" else took
    return {key: value for key, value in found.items() if value}
