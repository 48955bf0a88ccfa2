"""What a value of `assay.toml` should have been, in the words of the file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from plates.layouts.words import nearest

_PLAIN = {
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a number",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "a text in quotes",
    "string_too_short": "a text that is not empty",
    "too_short": "a list that is not empty",
    "tuple_type": "a list in brackets",
    "list_type": "a list in brackets",
    "dict_type": "a table, such as { low = 450 }",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "date_type": "a date, such as 2026-01-31",
    "date_from_datetime_parsing": "a date, such as 2026-01-31",
}
_BOUNDS = {
    "greater_than": ("a number above", "gt"),
    "greater_than_equal": ("a number of at least", "ge"),
    "less_than": ("a number below", "lt"),
    "less_than_equal": ("a number of at most", "le"),
}


def own_path(model: type[BaseModel], loc: Sequence[object]) -> list[str]:
    """The keys that a person wrote, with places in lists from 0.

    A validator adds names of its own where a value may be of several kinds
    (``cofactor.constrained-float``): they are no keys of the file.
    """
    path: list[str] = []
    inner: type[BaseModel] | None = model
    free = False
    for part in map(str, loc):
        if part.isdigit():
            path.append(part)
            continue
        fields = {} if inner is None else _fields(inner)
        if part in fields:
            path.append(part)
            annotation = fields[part]
            inner, free = model_in(annotation), "dict" in str(annotation).lower()
            free = free or "mapping" in str(annotation).lower()
        elif free or inner is not None:
            # A key of a free table, such as a molar mass, or one that nobody knows.
            path.append(part)
            inner, free = (inner, False) if inner is not None else (None, False)
    return path


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def model_in(annotation: Any) -> type[BaseModel] | None:
    """The table that an annotation speaks of, inside lists and choices too."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (model_in(part) for part in getattr(annotation, "__args__", ()))
    return next((model for model in found if model), None)


def words_of(errors: Sequence[Mapping[str, Any]], key: str) -> tuple[str, str]:
    """What was expected and found, and what to write instead.

    Parameters
    ----------
    errors : sequence of mapping
        The validator's errors of one value: several where it may be of several kinds.
    key : str
        The last key, for the hint.
    """
    first = errors[0]
    if first["type"] == "value_error" or any(_expected(error) is None for error in errors):
        message = str(first["msg"]).removeprefix("Value error, ")
        said = f"{message[:1].lower()}{message[1:]}"
    else:
        wanted = dict.fromkeys(filter(None, (_expected(error) for error in errors)))
        said = f"expected {' or '.join(wanted)}"
    value = first["input"]
    if isinstance(value, str | int | float | bool):
        said += f", found {_toml(value)}"
    return said, _hint(first, errors, value, key)


def _expected(error: Mapping[str, Any]) -> str | None:
    kind, given = error["type"], error.get("ctx") or {}
    if kind in _BOUNDS:
        words, name = _BOUNDS[kind]
        return f"{words} {float(given[name]):g}"
    if kind in ("literal_error", "enum"):
        return str(given["expected"]).replace("'", '"')
    return _PLAIN.get(kind)


def _hint(
    first: Mapping[str, Any], errors: Sequence[Mapping[str, Any]], value: object, key: str
) -> str:
    kind = first["type"]
    if own := (first.get("ctx") or {}).get("hint"):
        return str(own)
    options = [
        option
        for error in errors
        if error["type"] in ("literal_error", "enum")
        for option in re.findall(r"'([^']*)'", str(error["ctx"]["expected"]))
    ]
    if isinstance(value, str) and options and (near := nearest(value, options)):
        return near
    if kind in ("tuple_type", "list_type") and isinstance(value, str | int | float):
        return f"Write {key} = [{_toml(value)}]."
    if kind in ("float_type", "int_type") and isinstance(value, str):
        number = value.strip().replace(",", ".")
        return f"Write {key} = {number}" if re.fullmatch(r"-?\d+(\.\d+)?", number) else ""
    if kind == "string_type" and isinstance(value, int | float) and not isinstance(value, bool):
        return f'Write {key} = "{value}".'
    if kind in ("less_than", "less_than_equal") and isinstance(value, int | float):
        bound = (first.get("ctx") or {}).get(_BOUNDS[kind][1])
        if bound == 1 and 1 < value <= 100:
            return f"It is a share: write {value / 100:g} for {value:g} %."
    if kind == "bool_type":
        return "Write it without quotes."
    return ""


def _toml(value: object) -> str:
    """A value as the file has it: texts in double quotes, true in lower case."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value[:80]}"'
    return f"{value:g}" if isinstance(value, float) else str(value)
