"""The axes of Gating-ML gates: dimensions, transformations and matrices become quantities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeVar

from assays.errors import GatingError
from assays.flow.exchange.gatingml.flog import Flog
from assays.flow.exchange.markup import Node
from assays.flow.exchange.matrix import Matrix, checked, rows_of
from assays.flow.exchange.quantity import (
    FCS,
    Compensated,
    Function,
    Quantity,
    Quotient,
    Recorded,
    Scaled,
)
from assays.flow.scales import Arcsinh, Bounded, Hyperlog, Linear, Log, Logicle, Ratio, Scale

T = TypeVar("T")

MOST_AXES = 10_000
UNCOMPENSATED = "uncompensated"

_SCALES: Mapping[str, Callable[[Callable[[str], float]], Scale]] = {
    "flin": lambda of: Linear(T=of("T"), A=of("A")),
    "flog": lambda of: Log(T=of("T"), M=of("M")),
    "fasinh": lambda of: Arcsinh(T=of("T"), M=of("M"), A=of("A")),
    "logicle": lambda of: Logicle(T=of("T"), W=of("W"), M=of("M"), A=of("A")),
    "hyperlog": lambda of: Hyperlog(T=of("T"), W=of("W"), M=of("M"), A=of("A")),
}


@dataclass(frozen=True, slots=True)
class _Ratio:
    """One ``fratio``: of which channels, and where its values stop."""

    ratio: Ratio
    upper: str
    lower: str
    bounds: Bounded | None


class Axes:
    """Transformations and matrices of one Gating-ML 2.0 file, asked for by name."""

    def __init__(self, root: Node) -> None:
        self.matrices: dict[str, Matrix] = {}
        self._scales: dict[str, Function] = {}
        self._ratios: dict[str, _Ratio] = {}
        self.notes: list[str] = []
        found = walk(root, ("transformation", "spectrumMatrix"))
        if len(found) > MOST_AXES:
            raise root.error(f"more than {MOST_AXES:,} transformations and matrices")
        for node in found:
            if node.name == "spectrumMatrix":
                self._take_matrix(node)
            else:
                self._take_transformation(node)

    def _take_matrix(self, node: Node) -> None:
        matrix = spectrum(node)
        if matrix.name in self.matrices or matrix.name in (FCS, UNCOMPENSATED):
            raise node.error(f"matrix {matrix.name!r} is defined twice, or its name is reserved")
        self.matrices[matrix.name] = matrix

    def _take_transformation(self, node: Node) -> None:
        name = node.word("id", "transformation")
        what = f"transformation {name!r}"
        if name in self._scales or name in self._ratios:
            raise node.error(f"{what} is defined twice")
        kinds = [child for child in node if child.name != "custom_info"]
        if len(kinds) != 1:
            raise node.error(f"{what}: expected one function, found {len(kinds)}")
        kind = kinds[0]
        if kind.name == "fratio":
            self._ratios[name] = self._ratio(kind, what, _bounds(node, Linear(), what))
        elif kind.name in _SCALES:
            scale = located(kind, what, lambda: _SCALES[kind.name](_reader(kind, what)))
            free = Flog(scale) if isinstance(scale, Log) else scale
            self._scales[name] = _bounds(node, scale, what) or free
        else:
            raise kind.error(
                f"{what}: unknown function {kind.name!r}", _nearest(kind.name, [*_SCALES, "fratio"])
            )

    def _ratio(self, kind: Node, what: str, bounds: Bounded | None) -> _Ratio:
        of = _reader(kind, what)
        ratio = located(kind, what, lambda: Ratio(A=of("A"), B=of("B"), C=of("C")))
        names = [child.word("name", what) for child in kind.all("fcs-dimension")]
        if len(names) != 2:
            raise kind.error(f"{what}: a ratio takes two channels, found {len(names)}")
        return _Ratio(ratio, names[0], names[1], bounds)

    def quantity(self, dimension: Node, what: str) -> Quantity:
        """What a dimension or divider measures.

        Raises
        ------
        GatingError
            For an unknown transformation or matrix (names the nearest).
        """
        compensation = dimension.called("compensation-ref") or UNCOMPENSATED
        if compensation not in (FCS, UNCOMPENSATED, *self.matrices):
            raise dimension.error(
                f"{what} names compensation {compensation!r}",
                _nearest(compensation, [FCS, UNCOMPENSATED, *self.matrices]),
            )
        quantity = self._measured(dimension, compensation, what)
        reference = dimension.called("transformation-ref")
        if not reference:
            return quantity
        if reference not in self._scales:
            raise self._unknown(dimension, reference, what)
        return Scaled(quantity, self._scales[reference])

    def _measured(self, dimension: Node, compensation: str, what: str) -> Quantity:
        new = dimension.first("new-dimension")
        if new is None:
            named = dimension.need(what, "fcs-dimension")
            return self._channel(named.word("name", what), compensation, dimension, what)
        reference = new.word("transformation-ref", what)
        if reference not in self._ratios:
            raise self._unknown(new, reference, what)
        known = self._ratios[reference]
        quotient = Quotient(
            self._channel(known.upper, compensation, dimension, what),
            self._channel(known.lower, compensation, dimension, what),
            known.ratio,
        )
        return Scaled(quotient, known.bounds) if known.bounds else quotient

    def _channel(self, name: str, compensation: str, node: Node, what: str) -> Quantity:
        if compensation == UNCOMPENSATED:
            return Recorded(name)
        if compensation != FCS:
            matrix = self.matrices[compensation]
            if name not in matrix.fluorochromes and name not in matrix.detectors:
                # Compensation changes the channels of its matrix and no others.
                self.notes.append(
                    f"{what} ({node.place}): matrix {compensation!r} does not have {name!r}, "
                    "which is taken as recorded."
                )
                return Recorded(name)
        return Compensated(name, compensation)

    def _unknown(self, node: Node, reference: str, what: str) -> GatingError:
        known = [*self._scales, *self._ratios]
        return node.error(f"{what} names transformation {reference!r}", _nearest(reference, known))


def walk(root: Node, names: tuple[str, ...]) -> list[Node]:
    """Elements of some names, in order; not looked for inside one another or in custom_info."""
    found: list[Node] = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.name in names:
            found.append(node)
        elif node.name != "custom_info":
            waiting.extend(reversed(node.children))
    return found


def spectrum(node: Node) -> Matrix:
    """A ``spectrumMatrix`` of Gating-ML 2.0.

    Raises
    ------
    GatingError
        When it is not rectangular, holds no numbers, or is singular.
    """
    name = node.word("id", "matrix")
    what = f"matrix {name!r}"
    dyes, detectors = (
        tuple(d.word("name", what) for d in node.need(what, kind).all("fcs-dimension"))
        for kind in ("fluorochromes", "detectors")
    )
    rows = [
        [c.number("value", what) for c in row.all("coefficient")] for row in node.all("spectrum")
    ]
    inverted = node.get("matrix-inverted-already").lower() in ("true", "1")
    return checked(Matrix(name, dyes, detectors, rows_of(rows, node, what), inverted), node)


def located(node: Node, what: str, make: Callable[[], T]) -> T:
    """What a function makes, its error told with the place in the file."""
    try:
        return make()
    except GatingError as fault:
        raise node.error(f"{what}: {fault.message}", fault.hint) from fault


def _bounds(node: Node, scale: Scale, what: str) -> Bounded | None:
    """The scale kept within ``boundMin`` and ``boundMax``; None where neither is given."""
    if "boundMin" not in node.attributes and "boundMax" not in node.attributes:
        return None
    low = node.number("boundMin", what, -float("inf"))
    high = node.number("boundMax", what, float("inf"))
    return located(node, what, lambda: Bounded(scale, low, high))


def _reader(kind: Node, what: str) -> Callable[[str], float]:
    return lambda name: kind.number(name, what)


def _nearest(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    return f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known[:20]) or 'none'}."
