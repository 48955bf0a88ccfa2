"""How long a tick of the Time channel is.

``$TIMESTEP`` says so since FCS 3.0. Before it, BD programs wrote ``TIMETICKS``, in
milliseconds. Where both are missing the clock times ``$BTIM`` and ``$ETIM`` give an
estimate, since Time runs from the one to the other: good to a second or two over the whole
acquisition, wrong when the acquisition was paused or the events are an extract. It is
therefore made only of a Time channel that never runs backwards, over at least
`LEAST_SECONDS` and `LEAST_EVENTS`, and always told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from assays.flow.fcs.number import number

LEAST_SECONDS = 10.0
"""Clock times are whole seconds: below, the estimate would be off by more than a tenth."""
LEAST_EVENTS = 100
_DAY_S = 86_400.0
_CLOCK = re.compile(r"\s*(\d{1,2}):(\d{2}):(\d{2})(?:([.:])(\d{1,3}))?\s*", re.ASCII)

Ticks = Callable[[], NDArray[np.floating]]


def time_step(words: Mapping[str, str], ticks: Ticks | None) -> tuple[float | None, str]:
    """Seconds of a tick, and what is to be told of it.

    Parameters
    ----------
    words : mapping
        Keywords of the data set.
    ticks : callable, optional
        Gives every value of the Time channel, as stored; None without such a channel.

    Returns
    -------
    seconds : float or None
        None when the file does not say.
    note : str
        Empty when ``$TIMESTEP`` says it all.
    """
    step = number(words.get("$TIMESTEP", ""))
    if step > 0:
        return step, ""
    if ticks is None:
        return None, ""
    milliseconds = number(words.get("TIMETICKS", ""))
    if milliseconds > 0:
        return milliseconds / 1000, (
            f"There is no $TIMESTEP; a tick of Time is {milliseconds:g} ms by TIMETICKS."
        )
    seconds = _between(words)
    if not seconds >= LEAST_SECONDS:
        return None, ""
    found = ticks()
    if len(found) < LEAST_EVENTS or not np.isfinite(found).all():
        return None, ""
    span = float(found[-1]) - float(found[0])
    if not span > 0 or (np.diff(found) < 0).any():
        return None, ""
    step = seconds / span
    return step, (
        f"There is no $TIMESTEP; a tick of Time was estimated as {step:.3g} s from "
        f"{seconds:g} s between $BTIM and $ETIM, too long if the acquisition paused or the "
        "file holds only a part of it."
    )


def origin(words: Mapping[str, str]) -> str:
    """What the length of a tick was read from, for the record."""
    if number(words.get("$TIMESTEP", "")) > 0:
        return "$TIMESTEP"
    if number(words.get("TIMETICKS", "")) > 0:
        return "TIMETICKS"
    return "estimated from $BTIM and $ETIM" if _between(words) > 0 else ""


def _between(words: Mapping[str, str]) -> float:
    """Seconds from $BTIM to $ETIM, over midnight if need be; NaN when not given."""
    begin, end = (_of_day(words.get(key, "")) for key in ("$BTIM", "$ETIM"))
    return (end - begin) % _DAY_S


def _of_day(text: str) -> float:
    """Seconds since midnight; NaN for anything that is no clock time."""
    match = _CLOCK.fullmatch(text.strip("\0"))
    if match is None:
        return float("nan")
    hours, minutes, seconds = (int(part) for part in match.groups()[:3])
    if hours > 23 or minutes > 59 or seconds > 60:
        return float("nan")
    # FCS 3.0: a fourth part counts sixtieths of a second; FCS 3.1: .cc are hundredths.
    part = float(f"0.{match[5]}") if match[4] == "." else int(match[5] or 0) / 60
    return 3600.0 * hours + 60.0 * minutes + seconds + part
