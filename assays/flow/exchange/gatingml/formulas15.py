"""Transformations of Gating-ML 1.5: formulas over channels, by reference or in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches

from assays.flow.exchange.gatingml.axes import MOST_AXES, walk
from assays.flow.exchange.gatingml.functions15 import (
    Exponential,
    ExponentialLine,
    HyperbolicSine,
    HyperlogRoot,
    InverseSine,
    InverseSplitScale,
    NaturalLog,
    Quadratic,
    SplitScale,
    SquareRoot,
)
from assays.flow.exchange.markup import Node
from assays.flow.exchange.matrix import Matrix, checked, rows_of
from assays.flow.exchange.quantity import (
    Compensated,
    Function,
    Quantity,
    Quotient,
    Recorded,
    Scaled,
    Sum,
)
from assays.flow.scales import Ratio

MOST_DEEP = 50
"""Formulas inside formulas, references followed."""
MOST_TERMS = 2000
"""Of one formula, written out."""
_INPUTS = ("parameter", "transformationReference", "transformation")
Ask = Callable[[str], float]


def _split(of: Ask) -> SplitScale:
    return SplitScale(of("r"), of("maxValue"), of("transitionChannel"))


_FUNCTIONS: Mapping[str, tuple[Callable[[Ask], Function], tuple[str, ...]]] = {
    "quadratic": (lambda of: Quadratic(of("a")), ()),
    "sqrt": (lambda of: SquareRoot(of("a")), ("a",)),
    "ln": (lambda of: NaturalLog(of("a"), of("b")), ()),
    "exponential": (lambda of: Exponential(of("a"), of("b")), ("a", "b")),
    "asinh": (lambda of: InverseSine(of("a"), of("b")), ()),
    "sinh": (lambda of: HyperbolicSine(of("a"), of("b")), ("a", "b")),
    "EH": (lambda of: ExponentialLine(of("a"), of("b")), ("+a",)),
    "hyperlog": (lambda of: HyperlogRoot(of("a"), of("b")), ("+a", "+b")),
    "split-scale": (_split, ("+r", "+maxValue", "+transitionChannel")),
    "inverse-split-scale": (
        lambda of: InverseSplitScale(_split(of)),
        ("+r", "+maxValue", "+transitionChannel"),
    ),
}
"""By element: how it is made, and which parameters must not be 0 (``+``: must be above 0)."""


class Formulas:
    """Transformations and matrices of one file, asked for by name."""

    def __init__(self, root: Node) -> None:
        self.matrices: dict[str, Matrix] = {}
        self._written: dict[str, Node] = {}
        self._read: dict[str, Quantity] = {}
        self._sizes: dict[int, tuple[int, Quantity]] = {}
        self._of_formulas: dict[str, list[Node]] = {}
        named = _all_named(root)
        matrices = walk(root, ("spilloverMatrix",))
        if len(named) + len(matrices) > MOST_AXES:
            raise root.error(f"more than {MOST_AXES:,} transformations and matrices")
        for node in matrices:
            matrix = _spillover(node)
            if matrix.name in self.matrices:
                raise node.error(f"matrix {matrix.name!r} is defined twice")
            self.matrices[matrix.name] = matrix
            inputs = node.need(matrix.name, "parameters").all(*_INPUTS)
            if any(one.name != "parameter" for one in inputs):
                self._of_formulas[matrix.name] = inputs
        for node in named:
            name = node.called("id")
            if name in self._written:
                raise node.error(f"transformation {name!r} is defined twice")
            self._written[name] = node

    def quantity(self, node: Node, what: str, deep: int = 0) -> Quantity:
        """What the one channel, formula or reference inside an element stands for.

        Raises
        ------
        GatingError
            For an unknown reference (names the nearest), or formulas without end.
        """
        found = node.all(*_INPUTS)
        if len(found) != 1:
            raise node.error(f"{what}: expected one channel or transformation, found {len(found)}")
        return self._input(found[0], what, deep)

    def _input(self, node: Node, what: str, deep: int) -> Quantity:
        if deep > MOST_DEEP:
            raise node.error(f"{what}: transformations refer to one another without end")
        if node.name == "parameter":
            return Recorded(node.word("name", what))
        if node.name == "transformation":
            return self._small(self._transformation(node, what, deep), node, what)
        name = node.word("ref", what)
        if name not in self._written:
            near = get_close_matches(name, self._written, n=1, cutoff=0.5)
            known = ", ".join([*self._written][:20]) or "none"
            raise node.error(
                f"{what} names transformation {name!r}",
                f"Did you mean {near[0]!r}?" if near else f"Known: {known}.",
            )
        if name not in self._read:
            whole = f"{what}, transformation {name!r}" if deep == 0 else what
            found = self._transformation(self._written[name], whole, deep)
            self._read[name] = self._small(found, node, whole)
        return self._read[name]

    def _small(self, found: Quantity, node: Node, what: str) -> Quantity:
        """The formula, unless written out it is endless: sums of sums of sums."""
        match found:
            case Scaled(of, _):
                parts: tuple[Quantity, ...] = (of,)
            case Quotient(upper, lower, _):
                parts = (upper, lower)
            case Sum(of, _, _):
                parts = of
            case _:
                parts = ()
        size = 1 + sum(self._sizes.get(id(part), (1, part))[0] for part in parts)
        if size > MOST_TERMS:
            raise node.error(f"{what}: a formula of more than {MOST_TERMS:,} terms")
        self._sizes[id(found)] = size, found
        return found

    def _transformation(self, node: Node, what: str, deep: int) -> Quantity:
        kinds = [child for child in node if child.name != "custom_info"]
        if len(kinds) != 1:
            raise node.error(f"{what}: expected one function, found {len(kinds)}")
        kind = kinds[0]
        match kind.name:
            case "dg1polynomial":
                return self._polynomial(kind, what, deep)
            case "ratio":
                parts = self._inputs(kind, what, deep)
                if len(parts) != 2:
                    raise kind.error(f"{what}: a ratio takes two inputs, found {len(parts)}")
                return Quotient(parts[0], parts[1], Ratio())
            case "compensation":
                return self._compensation(kind, what, deep)
        if kind.name not in _FUNCTIONS:
            known = [*_FUNCTIONS, "dg1polynomial", "ratio", "compensation"]
            near = get_close_matches(kind.name, known, n=1, cutoff=0.5)
            raise kind.error(
                f"{what}: unknown function {kind.name!r}",
                f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known)}.",
            )
        make, limits = _FUNCTIONS[kind.name]
        for limit in limits:
            value = kind.number(limit.removeprefix("+"), what)
            if value == 0 or (limit[0] == "+" and value < 0):
                least = "above 0" if limit[0] == "+" else "other than 0"
                raise kind.error(f"{what}: {kind.name} needs {limit.strip('+')} {least}")
        return Scaled(self.quantity(kind, what, deep + 1), make(lambda n: kind.number(n, what)))

    def _inputs(self, kind: Node, what: str, deep: int) -> tuple[Quantity, ...]:
        return tuple(self._input(node, what, deep + 1) for node in kind.all(*_INPUTS))

    def _polynomial(self, kind: Node, what: str, deep: int) -> Sum:
        parts = self._inputs(kind, what, deep)
        numbers = [c.number("value", what) for c in kind.all("coefficient")]
        if len(numbers) != len(parts) + 1:
            raise kind.error(
                f"{what}: {len(parts)} inputs take {len(parts) + 1} coefficients, "
                f"found {len(numbers)}"
            )
        return Sum(parts, tuple(numbers[:-1]), numbers[-1])

    def _compensation(self, kind: Node, what: str, deep: int) -> Quantity:
        reference = kind.word("spilloverMatrixRef", what)
        name = _called(kind.need(what, *_INPUTS), what)
        if reference not in self.matrices:
            known = ", ".join(self.matrices) or "none"
            raise kind.error(f"{what} names spillover matrix {reference!r}", f"Known: {known}.")
        matrix = self.matrices[reference]
        if name not in matrix.detectors:
            near = get_close_matches(name, matrix.detectors, n=1, cutoff=0.5)
            raise kind.error(
                f"{what}: matrix {reference!r} does not have {name!r}",
                f"Did you mean {near[0]!r}?" if near else "",
            )
        if reference not in self._of_formulas:
            return Compensated(name, reference)
        # The matrix mixes formulas, not channels: the undone one is their weighted sum.
        parts = tuple(self._input(one, what, deep + 1) for one in self._of_formulas[reference])
        weights = matrix.undo[:, matrix.fluorochromes.index(name)].tolist()
        return Sum(parts, tuple(weights), 0.0)


def _all_named(root: Node) -> list[Node]:
    """Transformations with a name, wherever they are written: one in place may be named too."""
    found: list[Node] = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.name == "transformation" and node.get("id"):
            found.append(node)
        if node.name != "custom_info":
            waiting.extend(reversed(node.children))
    return found


def _called(node: Node, what: str) -> str:
    """Name of a channel, or of a formula."""
    key = {"parameter": "name", "transformationReference": "ref"}.get(node.name, "id")
    return node.word(key, what)


def _spillover(node: Node) -> Matrix:
    name = node.word("id", "spillover matrix")
    what = f"matrix {name!r}"
    names = tuple(_called(p, what) for p in node.need(what, "parameters").all(*_INPUTS))
    rows = [
        [c.number("value", what) for c in row.all("coefficient")] for row in node.all("spillover")
    ]
    # In 1.5 a row is a detector and a column a fluorochrome: seen = S · true (the suite's
    # set 31 gives the numbers). From FCS 3.1 and Gating-ML 2.0 on it is the other way round.
    return checked(Matrix(name, names, names, rows_of(rows, node, what).T), node)
