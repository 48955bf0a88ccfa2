"""Which program wrote a gating file."""

from __future__ import annotations

from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Any

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from plates.source import Source

_HEAD = 1 << 16


class Program(StrEnum):
    """Program or standard of a gating file."""

    GATINGML_20 = "Gating-ML 2.0"
    GATINGML_15 = "Gating-ML 1.5"
    FLOWJO = "FlowJo"
    DIVA = "BD FACSDiva"


def identify(place: str | Path | Source) -> Program | None:
    """Program that wrote a file, from its first element; None when it is none that we read.

    Only the first 64 kB are looked at, and nothing in them is resolved.
    """
    head = Source.of(place).head(_HEAD)
    if b"<" not in head:
        return None
    first = _First()
    parser: Any = DefusedXMLParser(target=first, forbid_dtd=True)
    # Either the first element is met, or there is none: `first` says which.
    with suppress(_FoundError, DefusedXmlException, ParseError, ValueError, LookupError):
        parser.feed(head)
    return _program(first.tag)


def is_gating(place: str | Path | Source) -> bool:
    """Whether a file is a gating file: of a program that is read, or named as one."""
    source = Source.of(place)
    return identify(source) is not None or source.name.lower().endswith((".wsp", ".wspt"))


class _FoundError(Exception):
    """Enough was read."""


class _First:
    """Keeps the name of the first element."""

    def __init__(self) -> None:
        self.tag = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag = tag
        raise _FoundError

    def end(self, tag: str) -> None:
        """Nothing ends before something has started."""

    def data(self, text: str) -> None:
        """Text is not looked at."""

    def close(self) -> None:
        """Nothing is left to do."""


def _program(tag: str) -> Program | None:
    space, _, name = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
    match name:
        case "Gating-ML" if "/v2.0" in space:
            return Program.GATINGML_20
        case "Gating-ML" if "/v1.5" in space:
            return Program.GATINGML_15
        case "Workspace":
            return Program.FLOWJO
        case "bdfacs":
            return Program.DIVA
    return None
