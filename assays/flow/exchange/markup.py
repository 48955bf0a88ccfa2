"""XML of other programs as a tree that knows its lines, read safely.

A DTD or an entity is refused before it is looked at, nothing is ever fetched, and
size, depth, elements and gates are counted while the file is read: what is too
much is refused before it costs memory. Names are kept without their prefix; what
a reader does not need (plots, layouts) is dropped on the way.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers.expat import ExpatError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from assays.errors import GatingError
from plates.source import Source

MOST_BYTES = 512 * 1024 * 1024
MOST_ELEMENTS = 2_000_000
MOST_DEPTH = 400
MOST_LETTERS = 1000
"""Of a name."""
_CHUNK = 1 << 20


@dataclass(slots=True)
class Node:
    """One element."""

    name: str
    """Without prefix or namespace."""
    space: str
    """Namespace; empty without one."""
    attributes: dict[str, str]
    """By name without prefix; a prefixed one wins over a bare one of the same name."""
    line: int
    file: str
    children: list[Node] = field(default_factory=list)
    text: str = ""

    def __iter__(self) -> Iterator[Node]:
        return iter(self.children)

    @property
    def place(self) -> str:
        """File and line."""
        return f"{self.file}:{self.line}"

    def all(self, *names: str) -> list[Node]:
        """Children of some names, in order."""
        return [child for child in self.children if child.name in names]

    def first(self, *names: str) -> Node | None:
        """First child of some names."""
        return next((child for child in self.children if child.name in names), None)

    def get(self, name: str, default: str = "") -> str:
        """An attribute, without blanks around it."""
        return self.attributes.get(name, default).strip()

    def word(self, name: str, what: str) -> str:
        """An attribute that must be there and not be empty."""
        value = self.called(name)
        if not value:
            raise self.error(f"{what}: <{self.name}> needs {name!r}")
        return value

    def called(self, name: str) -> str:
        """An attribute that names something, or nothing; no name is a page long."""
        value = self.get(name)
        if len(value) > MOST_LETTERS:
            raise self.error(f"<{self.name}> has {len(value):,} letters under {name!r}")
        return value

    def number(self, name: str, what: str, default: float | None = None) -> float:
        """An attribute that must be a finite number."""
        if name not in self.attributes and default is not None:
            return default
        return finite(self.word(name, what), what, self)

    def need(self, what: str, *names: str) -> Node:
        """First child of some names; there must be one."""
        found = self.first(*names)
        if found is None:
            raise self.error(f"{what}: <{self.name}> needs <{names[0]}>")
        return found

    def error(self, message: str, hint: str = "") -> GatingError:
        """Make an error that says where this element stands."""
        if len(message) > MOST_LETTERS:
            message = f"{message[:MOST_LETTERS]} …"
        return GatingError(message, self.place, hint)


def finite(text: str, what: str, node: Node) -> float:
    """Text as a finite number."""
    value = real(text, what, node)
    if not math.isfinite(value):
        raise node.error(f"{what}: expected a finite number, found {text.strip()[:40]!r}")
    return value


def real(text: str, what: str, node: Node) -> float:
    """Text as a number; infinite is allowed, NaN is not."""
    try:
        value = float(text.strip()) if "_" not in text else math.nan
    except ValueError:
        value = math.nan
    if math.isnan(value):
        raise node.error(f"{what}: expected a number, found {text.strip()[:40]!r}")
    return value


def read_markup(
    source: Source,
    *,
    gates: Collection[str],
    most_gates: int,
    keep: Callable[[str, dict[str, str]], bool] = lambda name, attributes: True,
) -> Node:
    """Read a file into a tree.

    Parameters
    ----------
    source : Source
    gates : collection of str
        Names of the elements that are gates.
    most_gates : int
        More of them are refused.
    keep : callable
        Whether an element of this name and these attributes is wanted; it is dropped
        with all it holds when not.

    Raises
    ------
    GatingError
        For what is no XML, carries a DTD or entities, or is too large.
    """
    if source.size > MOST_BYTES:
        raise GatingError(
            f"{source.size:,} bytes are too many for a gating file; {MOST_BYTES:,} are the most",
            source.name,
        )
    builder = _Builder(source.name, gates, most_gates, keep)
    parser: Any = DefusedXMLParser(target=builder, forbid_dtd=True)
    builder.line = lambda: int(parser.parser.CurrentLineNumber)
    try:
        for start in range(0, source.size, _CHUNK):
            parser.feed(source.read(start, _CHUNK))
        parser.close()
    except DefusedXmlException as refused:
        raise GatingError(
            "the file has a DTD or entities; they are never resolved",
            f"{source.name}:{builder.line()}",
            "A gating strategy needs neither. Where does the file come from?",
        ) from refused
    except (ParseError, ExpatError, ValueError, LookupError) as broken:
        raise GatingError(
            f"expected XML: {_reason(broken)}",
            f"{source.name}:{builder.line()}",
            "Was the file cut short? Export it again.",
        ) from broken
    if builder.root is None:
        raise GatingError("expected XML, found no element", source.name)
    return builder.root


def _reason(broken: Exception) -> str:
    return str(broken).split(":")[0][:80] or type(broken).__name__


class _Builder:
    """Takes the parser's events and counts them."""

    def __init__(
        self,
        file: str,
        gates: Collection[str],
        most_gates: int,
        keep: Callable[[str, dict[str, str]], bool],
    ) -> None:
        self._file, self._gates, self._most, self._keep = file, gates, most_gates, keep
        self.line: Callable[[], int] = lambda: 1
        self.root: Node | None = None
        self._open: list[Node] = []
        self._dropped = 0
        self._elements = 0
        self._count = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > MOST_ELEMENTS:
            raise self._too(f"more than {MOST_ELEMENTS:,} elements")
        if len(self._open) + self._dropped >= MOST_DEPTH:
            raise self._too(f"elements more than {MOST_DEPTH} deep")
        space, _, name = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
        if name in self._gates:
            self._count += 1
            if self._count > self._most:
                raise self._too(f"more than {self._most:,} gates")
        bare = {key: value for key, value in attributes.items() if not key.startswith("{")}
        bare |= {key.rpartition("}")[2]: v for key, v in attributes.items() if key[:1] == "{"}
        if self._dropped or not self._keep(name, bare):
            self._dropped += 1
            return
        node = Node(name, space, bare, self.line(), self._file)
        if self._open:
            self._open[-1].children.append(node)
        elif self.root is None:
            self.root = node
        self._open.append(node)

    def end(self, tag: str) -> None:
        if self._dropped:
            self._dropped -= 1
        else:
            self._open.pop()

    def data(self, text: str) -> None:
        # Numbers and names are short; prose between the elements is of no use here.
        if not self._dropped and self._open and len(self._open[-1].text) < 10_000:
            self._open[-1].text += text[:10_000]

    def close(self) -> None:
        """Nothing is left to do when the file ends."""

    def _too(self, what: str) -> GatingError:
        return GatingError(f"the file has {what}", f"{self._file}:{self.line()}")
