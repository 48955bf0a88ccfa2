"""The second engine: the same file read by fcsparser, and compared value by value.

Two readers that nobody wrote together rarely make the same mistake. fcsparser
reads fewer kinds of file than we do; what it cannot read is a note, a different
number is something to look at.

It is called only after our own checks have passed: hostile headers would hang
it. Its one fault on numpy 2, ``array.newbyteorder()``, is mended here from the
outside, by handing it arrays that still know that method.
"""

from __future__ import annotations

import io
import logging
import threading
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assays.flow.events import Events
from assays.flow.fcs.draft import Draft
from assays.flow.fcs.layout import EventLayout
from assays.flow.fcs.packed import unpacked
from assays.flow.fcs.read import understand
from plates.findings import Finding, Severity
from plates.source import Source

RULE = "fcs-second-engine"
NAMES_LOST = "fcs-second-engine-names"


_ONE_AT_A_TIME = threading.Lock()
"""fcsparser is mended, and warnings are silenced, for the whole process while it reads."""


class _Swappable(np.ndarray[Any, np.dtype[Any]]):
    """An array that can still turn its byte order round, as before numpy 2."""

    def newbyteorder(self, order: str = "S") -> Any:
        return self.view(self.dtype.newbyteorder(order))  # type: ignore[arg-type]


def compare(source: Source, events_raw: Events, dataset: int = 0) -> tuple[Finding, ...]:
    """Read a file with the second engine and report every difference.

    Parameters
    ----------
    source : Source
        The file.
    events_raw : Events
        What our own reader made of it, with ``scaled=False``.
    dataset : int
        Which data set of the file, from 0.

    Returns
    -------
    tuple of Finding
        Empty when both agree. Severity `note` where the second engine cannot
        read the file, `look` where a channel or a value differs.
    """
    if events_raw.scaled:
        raise ValueError("compare values as stored: read with scaled=False")
    if events_raw.missing:
        return (_note(source.name, "the file was cut short"),)
    source = unpacked(source)
    beyond = _beyond(*understand(source, dataset))
    if beyond:
        return (_note(source.name, beyond),)
    try:
        names, values = _read(source, dataset)
    # Whatever a foreign parser raises means the same: it could not read the file.
    except Exception as problem:
        reason = " ".join(str(problem).split()) or type(problem).__name__
        return (_note(source.name, reason[:200]),)
    return _differences(source.name, events_raw, names, values)


def _beyond(draft: Draft, layout: EventLayout) -> str:
    """What the second engine is known to read wrongly without saying so; empty if nothing."""
    fields = layout.fields
    written = {draft.dataset.keywords.get(f"$P{n}B") for n in range(1, len(fields) + 1)}
    widths = {field.width for field in fields}
    header = draft.dataset.header.data
    if len({field.kind for field in fields}) > 1 or fields[0].kind == "A":
        return "it knows no $PnDATATYPE and no type A"
    if written - {f"{8 * width}" for width in widths}:
        return "it takes $PnB to be whole bytes"
    if any(width & (width - 1) for width in widths) and (
        len(widths) > 1 or draft.word("$BYTEORD")[0] == "1"
    ):
        return "it reads 24-bit numbers only when all are, most significant byte first"
    if fields[0].kind == "I" and 8 in widths:
        return "it masks 64-bit integers in floating point"
    if header is not None and draft.data is not None and header.begin != draft.data.begin:
        return "it trusts the offsets of HEADER"
    if draft.events != draft.total:
        return "it trusts $TOT"
    return ""


def _read(source: Source, dataset: int) -> tuple[tuple[str, ...], NDArray[Any]]:
    """Names and values as fcsparser reads them, without its warnings and log lines."""
    from fcsparser import api

    original = api.fromfile

    def fromfile(*args: Any, **kwargs: Any) -> Any:
        found = original(*args, **kwargs)
        # Bytes in memory cannot be masked in place.
        return (found if found.flags.writeable else found.copy()).view(_Swappable)

    logger = logging.getLogger("fcsparser.api")
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        silent, logger.disabled = logger.disabled, True
        api.fromfile = fromfile
        try:
            parser = api.FCSParser(channel_naming="$PnN")
            parser.load_file(io.BytesIO(source.read()), data_set=dataset)
            names = tuple(str(name) for name in parser.channel_names_n)
            data = np.asarray(parser.data)
        finally:
            api.fromfile = original
            logger.disabled = silent
    if data.dtype.names is not None:
        data = np.column_stack([data[field] for field in data.dtype.names])
    return names, data


def _differences(
    name: str, events: Events, names: tuple[str, ...], values: NDArray[Any]
) -> tuple[Finding, ...]:
    if values.shape != events.values.shape:
        ours, theirs = events.values.shape, values.shape
        return (
            _look(
                name,
                f"we read {ours[0]} events by {ours[1]} channels, "
                f"the second engine {theirs[0]} by {theirs[1]}",
            ),
        )
    findings = []
    if len(names) != len(events.channels):
        lost = "fcs: the second engine lost the channel names; only values were compared."
        findings.append(Finding(NAMES_LOST, Severity.NOTE, name, lost))
        names = tuple(channel.name for channel in events.channels)
    for index, channel in enumerate(events.channels):
        if names[index].strip() != channel.name.strip():
            findings.append(
                _look(name, f"channel {index + 1} is {channel.name!r}, there {names[index]!r}")
            )
        mine, other = events.values[:, index], values[:, index]
        unlike = ~((mine == other) | (np.isnan(mine) & np.isnan(other.astype(np.float64))))
        count = int(np.count_nonzero(unlike))
        if count:
            first = int(np.argmax(unlike))
            findings.append(
                _look(
                    name,
                    f"{channel.name}: {count} of {len(mine)} values differ from the second "
                    f"engine's, the first at event {first + 1}: {mine[first]:g}, "
                    f"there {other[first]:g}",
                    count,
                )
            )
    return tuple(findings)


def _note(name: str, reason: str) -> Finding:
    return Finding(
        RULE,
        Severity.NOTE,
        name,
        f"fcs: the second engine could not read this file ({reason}); its values are unconfirmed.",
    )


def _look(name: str, what: str, count: float = float("nan")) -> Finding:
    return Finding(RULE, Severity.LOOK, name, f"fcs: {what}.", count, 0.0, "values")
