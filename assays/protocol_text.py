"""Read `assay.toml`: text to a checked `Protocol`, or one sentence that says what is wrong."""

from __future__ import annotations

import datetime
import json
import re
import tomllib
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from assays.errors import ProtocolError
from assays.protocol import SCHEMA, Protocol
from assays.protocol_faults import model_in, own_path, words_of

MISSING = {
    "kind": 'Write kind = ["elisa"], ["flow"] or both.',
    "flow.compensation": 'Write compensation = "file" (the matrix in each FCS file), "controls" '
    '(worked out from the single stains of the sample sheet), "unmix" (raw spectral files), '
    '"gating" (the matrix of a strategy that is named), "none" (events as recorded), or the name '
    "of a csv of the run folder.",
    "flow.gates": "Add at least one [[flow.gates]].",
    "flow.readouts": "Add at least one [[flow.readouts]].",
}
"""What to write for a key that has no default."""

LIMIT = 1_000_000
"""Longest protocol that is read, characters."""


def parse(text: str, name: str = "assay.toml") -> Protocol:
    """Turn the text of `assay.toml` into a protocol.

    Raises
    ------
    ProtocolError
        When the text is no TOML, has an unknown key (the nearest known one is
        named), a value of the wrong kind, or a schema newer than this program.
    """
    if len(text) > LIMIT:
        raise ProtocolError(f"expected a short text, found {len(text):,} characters", name)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProtocolError(
            f"this is not TOML: {error}",
            name,
            'A text needs quotes (unit = "pg/mL"), a list brackets (plates = ["P1"]).',
        ) from None
    _check_schema(data, name)
    try:
        return _placed(Protocol.model_validate_json(json.dumps(data, default=_plain)), text, name)
    except ValidationError as error:
        raise _explained(error, text, name) from None


def _placed(protocol: Protocol, text: str, name: str) -> Protocol:
    """The same choices, each gate knowing its line."""
    if protocol.flow is None:
        return protocol
    lines = _heads(text, "flow.gates")
    if len(lines) != len(protocol.flow.gates):
        return protocol  # written in one line, or within a text: the population's name must do
    gates = tuple(
        gate.at(f"{name}:{line}") for gate, line in zip(protocol.flow.gates, lines, strict=True)
    )
    return protocol.model_copy(update={"flow": protocol.flow.model_copy(update={"gates": gates})})


def _plain(value: object) -> str:
    # TOML has dates of its own; a protocol keeps them as ISO text.
    if isinstance(value, datetime.date | datetime.time | datetime.datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _check_schema(data: dict[str, Any], name: str) -> None:
    schema = data.get("schema")
    if schema is None:
        raise ProtocolError("the file does not say its schema", name, "Add: schema = 1")
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
        raise ProtocolError(f"schema is {schema!r}, expected a number such as {SCHEMA}", name)
    if schema > SCHEMA:
        raise ProtocolError(
            f"schema {schema} is newer than this program, which knows {SCHEMA}",
            name,
            "Update assays: pip install --upgrade assays",
        )


def _explained(error: ValidationError, text: str, name: str) -> ProtocolError:
    errors = error.errors()
    first = errors[0]
    path = own_path(Protocol, first["loc"])
    # The line tells which gate or readout it is: a number in the key would only be counted wrong.
    key = ".".join(part for part in path if not part.isdigit())
    where = _place(text, path, name)
    if first["type"] == "extra_forbidden":
        known = _keys_beside(path)
        near = get_close_matches(path[-1], known, n=1, cutoff=0.5)
        hint = f"Did you mean {near[0]!r}?" if near else f"Known here: {', '.join(known)}."
        return ProtocolError(f"{key!r} is not a key this program knows", where, hint)
    if first["type"] == "missing":
        return ProtocolError(f"{key!r} is missing{_of_which(path)}", where, MISSING.get(key, ""))
    if not path:
        return ProtocolError(first["msg"].removeprefix("Value error, "), where)
    same = [each for each in errors if own_path(Protocol, each["loc"]) == path]
    message, hint = words_of(same, key.rpartition(".")[2])
    return ProtocolError(f"{key!r}: {message}", where, hint)


def _of_which(path: list[str]) -> str:
    """Which of several tables lacks a key: `` in [[flow.readouts]] number 2``."""
    if len(path) < 2 or not path[-2].isdigit():
        return ""
    table = ".".join(part for part in path[:-1] if not part.isdigit())
    return f" in [[{table}]] number {int(path[-2]) + 1}"


def _keys_beside(path: list[str]) -> list[str]:
    """Keys that the table holding ``path`` knows."""
    model: type[BaseModel] = Protocol
    for part in path[:-1]:
        field = model.model_fields.get(part)
        model = (model_in(field.annotation) if field else None) or model
    return [field.alias or name for name, field in model.model_fields.items()]


def _place(text: str, path: list[str], name: str) -> str:
    """`file:line` of a key, as well as plain text can tell; else the file."""
    keys = [part for part in path if not part.isdigit()]
    if not keys:
        return name
    table = re.escape(".".join(keys[:-1]))
    counts = [int(part) for part in path if part.isdigit()]
    pattern = re.compile(
        rf"^\s*{re.escape(keys[-1])}\s*=|^\s*\[+\s*{re.escape('.'.join(keys))}\s*\]"
    )
    inside, seen = not table, -1
    for number, line in enumerate(text.split("\n"), 1):
        if re.match(r"^\s*\[", line):
            at_home = bool(re.match(rf"^\s*\[+\s*{table}\s*\]", line)) if table else False
            seen += at_home
            inside = at_home and (not counts or seen == counts[0])
        if (inside or re.match(r"^\s*\[", line)) and pattern.match(line):
            return f"{name}:{number}"
    return _row_of(path, text, name)


def _row_of(path: list[str], text: str, name: str) -> str:
    """`file:line` of the ``[[table]]`` or ``[table]`` that a key belongs to; else the file."""
    at = next((index for index, part in enumerate(path) if part.isdigit()), None)
    if at is None:
        head = re.compile(rf"^\s*\[\s*{re.escape('.'.join(path[:-1]))}\s*\]")
        rows = enumerate(text.split("\n"), 1)
        return next((f"{name}:{number}" for number, line in rows if head.match(line)), name)
    lines = _heads(text, ".".join(path[:at]))
    number = int(path[at])
    return f"{name}:{lines[number]}" if number < len(lines) else name


def _heads(text: str, table: str) -> list[int]:
    """Lines of every ``[[table]]``, from 1."""
    head = re.compile(rf"^\s*\[\[\s*{re.escape(table)}\s*\]\]")
    return [number for number, line in enumerate(text.split("\n"), 1) if head.match(line)]
