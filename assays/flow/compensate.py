"""Undo spillover: what a detector saw of other fluorochromes is taken back.

With S the spillover matrix (row: fluorochrome, column: detector), an event's
detector signals are ``seen = true S``, so ``true = seen S⁻¹`` (Bagwell & Adams
1993). Arithmetic is float64; the result keeps the width of the events' numbers.
"""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assays.errors import ControlError, GatingError
from assays.flow.events import Events, Spillover
from assays.flow.unspill import unspill
from plates.source import Source

WORST_CONDITION = 1e6
"""Above this the inverse amplifies noise a millionfold: the matrix is as good as singular."""
MOST_CHANNELS = 512
MOST_REFINED = 64
"""Channels; longer numbers are slow, and a panel has fewer."""


def compensate(events: Events, spillover: Spillover) -> Events:
    """Take spillover out of the events.

    Parameters
    ----------
    events : Events
        Uncompensated, on the linear scale.
    spillover : Spillover
        Its channels must all be in the events; others are left as they are.

    Raises
    ------
    GatingError
        When the events are compensated already, or a channel is absent (names the nearest).
    ControlError
        When the matrix is not square, not finite or singular.
    """
    if events.compensated:
        raise GatingError("these events are compensated already", events.name)
    check_spillover(spillover, events.name)
    columns = locate(events, spillover)
    values = unspill(events.values, columns, undo_spillover(spillover.matrix))
    return dataclasses.replace(events, values=values, compensated=True)


def undo_spillover(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Inverse of a spillover matrix, shape (k, k), to the last digits.

    The library's inverse loses as many digits as the condition number has; one step of
    refinement, where the computer has longer numbers, gives them back.
    """
    undo = np.asarray(np.linalg.inv(matrix), dtype=np.float64)
    if len(matrix) > MOST_REFINED:
        return undo
    long = undo.astype(np.longdouble)
    off = np.eye(len(matrix), dtype=np.longdouble) - matrix.astype(np.longdouble) @ long
    return np.asarray((long + long @ off).astype(np.float64))


def locate(events: Events, spillover: Spillover) -> list[int]:
    """Positions of the matrix' channels among the events' channels.

    Raises
    ------
    GatingError
        When a channel is absent or named twice.
    """
    columns = []
    for name in spillover.channels:
        try:
            columns.append(events.index(name))
        except GatingError as absent:
            bare = name.split(" :: ")[0]
            if bare in {channel.name for channel in events.channels}:
                columns.append(events.index(bare))
                continue
            hint = absent.hint
            if looks_compensated(events):
                hint = "The file looks compensated already: choose compensation = 'none'."
            raise GatingError(
                f"the spillover matrix ({spillover.origin or 'given'}) names channel {name!r}, "
                "which the events do not have",
                events.name,
                hint,
            ) from absent
    if len(set(columns)) < len(columns):
        raise GatingError("the spillover matrix names a channel twice", events.name)
    return columns


def check_spillover(spillover: Spillover, where: str = "") -> float:
    """Condition number of a spillover matrix that can be undone.

    Raises
    ------
    ControlError
        When it is not square, not finite, or (nearly) singular.
    """
    matrix, size = spillover.matrix, len(spillover.channels)
    place = where or spillover.origin
    if matrix.shape != (size, size) or size == 0:
        shape = " x ".join(str(n) for n in matrix.shape)
        raise ControlError(f"spillover matrix: {size} channels, but {shape} numbers", place)
    if not np.isfinite(matrix).all():
        raise ControlError("spillover matrix: a coefficient is not a number", place)
    condition = float(np.linalg.cond(matrix))
    if not condition < WORST_CONDITION:
        raise ControlError(
            f"spillover matrix: cannot be undone (condition number {condition:.3g})",
            place,
            "Two fluorochromes have the same spectrum in it; check the single stains.",
        )
    return condition


def is_identity(spillover: Spillover) -> bool:
    """Whether the matrix takes nothing out of any channel."""
    return bool(np.allclose(spillover.matrix, np.eye(len(spillover.channels)), atol=1e-9))


def looks_compensated(events: Events) -> str:
    """Why the data look compensated already, in words; empty when they do not."""
    named = [c.name for c in events.channels if re.match(r"(?i)comp[-_ ]", c.name)]
    if named:
        return f"its channels are named {named[0]!r} and so on"
    for key in ("CREATOR", "$SYS", "SOFTWARE", "APPLY COMPENSATION"):
        value = events.keywords.get(key, "")
        if key == "APPLY COMPENSATION":
            if value.strip().upper() == "APPLIED":
                return f"keyword {key} is {value!r}"
        elif (
            # The Collectors' Edition records events; it does not export analysed ones.
            "flowjo" in value.lower()
            and "collector" not in value.lower()
            and events.spillover is None
        ):
            return f"FlowJo wrote it ({key} = {value!r}) without a spillover matrix"
    return ""


def read_spillover_csv(source: str | Path | Source) -> Spillover:
    """Read a spillover matrix from a text table.

    A first row of detector names, then one row per fluorochrome, with or without its
    name in front; comma, semicolon or tab between, decimal commas allowed with the
    latter two. Named rows are put in the order of the columns. A diagonal of 100 is
    read as percent.

    Raises
    ------
    ControlError
        When the table is not square, a cell is no number, or the matrix is singular.
    """
    source = Source.of(source)
    table = _cells(source)
    header, body = table[0][1], table[1:]
    width = max(len(row) for _, row in body) if body else 0
    names = header[1:] if len(header) == width and _number(body[0][1][0]) is None else header
    if not 0 < len(names) <= MOST_CHANNELS:
        raise ControlError("expected a row of detector names", source.at(table[0][0]))
    if len(set(names)) < len(names) or "" in names:
        raise ControlError("detector names must be given, and given once", source.at(table[0][0]))
    matrix, order = np.empty((len(body), len(names))), []
    for index, (line, row) in enumerate(body):
        label, cells = (row[0], row[1:]) if len(row) == len(names) + 1 else ("", row)
        numbers = [_number(cell) for cell in cells]
        if len(cells) != len(names) or None in numbers:
            raise ControlError(
                f"expected {len(names)} numbers, found {', '.join(cells) or 'none'}",
                source.at(line),
                "One number per detector, with or without the fluorochrome's name in front.",
            )
        matrix[index] = [number for number in numbers if number is not None]
        order.append(label)
    if len(body) != len(names):
        raise ControlError(f"{len(body)} rows for {len(names)} detectors", source.name)
    if set(order) == set(names):
        matrix = matrix[[order.index(name) for name in names]]
    if np.allclose(np.diag(matrix), 100.0):
        matrix = matrix / 100.0
    spillover = Spillover(tuple(names), matrix, source.name)
    check_spillover(spillover)
    return spillover


def _cells(source: Source) -> list[tuple[int, list[str]]]:
    """Non-empty lines with their numbers, split at the separator that the first one shows."""
    lines = [(n, line) for n, line in enumerate(source.lines, 1) if line.strip(" ,;\t")]
    if len(lines) < 2:
        raise ControlError("expected a spillover matrix with names in its first row", source.name)
    first = lines[0][1]
    separator = max(("\t", ";", ","), key=first.count)
    if len(lines) > MOST_CHANNELS + 1 or len(first) > 100_000:
        raise ControlError("too large for a spillover matrix", source.name)
    if separator not in first:
        # Names and numbers with blanks between, as R writes them.
        words = re.compile(r'"([^"]*)"|(\S+)')
        return [(n, [a or b for a, b in words.findall(line)]) for n, line in lines]
    return [(n, [cell.strip().strip('"') for cell in line.split(separator)]) for n, line in lines]


def _number(cell: str) -> float | None:
    text = cell.replace(",", ".").rstrip("%").strip()
    try:
        return float(text)
    except ValueError:
        return None


def same_matrix(one: Spillover, other: Spillover) -> bool:
    """Whether two matrices undo the same, channel by channel."""
    return one.channels == other.channels and _close(one.matrix, other.matrix)


def _close(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    return one.shape == other.shape and bool(np.allclose(one, other, rtol=1e-6, atol=1e-9))
