"""Every choice of a protocol as rows: what was chosen, and what was left at its default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from assays.protocol import Protocol, Section


@dataclass(frozen=True, slots=True)
class Choice:
    """One key of `assay.toml`."""

    key: str
    """Dotted, as in the file: ``elisa.curve.model``."""
    value: str
    """In words; empty when it was left blank."""
    chosen: bool
    """False when it is the default."""


APART = ("trace", "experiment", "elisa.exclude", "flow.overrides")
"""Tables of `assay.toml` that the page shows in places of their own."""


def choices_of(protocol: Protocol) -> tuple[Choice, ...]:
    """Every choice, in the order of the protocol, those of `APART` left to their own tables."""
    return tuple(
        choice
        for choice in _section("", protocol, True)
        if not (choice.key in ("elisa", "flow") and not choice.value)
        and not any(choice.key == key or choice.key.startswith((f"{key}.", f"{key}["))
                   for key in APART)
    )  # fmt: skip


def _section(prefix: str, section: Section, chosen: bool) -> Iterator[Choice]:
    for name, field in type(section).model_fields.items():
        key = f"{prefix}{field.alias or name}"
        value = getattr(section, name)
        yield from _value(key, value, chosen and name in section.model_fields_set)


def _value(key: str, value: object, chosen: bool) -> Iterator[Choice]:
    if isinstance(value, Section):
        yield from _section(f"{key}.", value, chosen)
    elif isinstance(value, tuple | list) and any(isinstance(each, Section) for each in value):
        for number, each in enumerate(value, start=1):
            yield from _value(f"{key}[{number}]", each, chosen)
    elif isinstance(value, Mapping) and any(isinstance(v, Section) for v in value.values()):
        for name, each in value.items():
            yield from _value(f"{key}.{name}", each, chosen)
    else:
        yield Choice(key, in_words(value), chosen)


def in_words(value: object) -> str:
    """A value of the protocol as text."""
    if value is None or value == () or value == {}:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return "; ".join(f"{key} = {in_words(each)}" for key, each in value.items())
    if isinstance(value, tuple | list):
        nested = any(isinstance(each, tuple | list) for each in value)
        parts = [f"({in_words(e)})" if nested and isinstance(e, tuple | list) else in_words(e)
                 for e in value]  # fmt: skip
        return ", ".join(parts)
    return str(value)
