"""The axes of FlowJo gates: a sample's channels, matrix and scales.

FlowJo keeps the corners of rectangles and polygons in data units, but draws
edges straight on the scale; ellipses it keeps in the 256 channels of its display.
There an event beyond the axis lies on the axis' end: a polygon that reaches the end
takes it in, and so it is here. A linear channel may have a gain: gates on it are in
units of stored value times gain (for Time: seconds).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from assays.errors import GatingError
from assays.flow.exchange.markup import MOST_LETTERS, Node
from assays.flow.exchange.matrix import Matrix, checked
from assays.flow.exchange.quantity import Compensated, Quantity, Recorded, Scaled, Sum
from assays.flow.scales import Arcsinh, Biex, Bounded, Hyperlog, Linear, Log, Logicle, Scale

DISPLAY = 256.0
"""Channels of FlowJo's display, in which ellipses are kept."""
KNOWN = ("linear", "log", "biex", "logicle", "hyperlog", "fasinh")
FINEST = 1e-5
"""Share of an axis within which a corner is at its end: by so much its digits may be rounded."""


@dataclass(frozen=True, slots=True)
class Transform:
    """One channel's scale in one sample."""

    scale: Scale | None
    """None: linear, gates stand in data units."""
    low: float = 0.0
    """Ends of a linear axis, in units of stored value times gain."""
    high: float = 262144.0
    gain: float = 1.0
    """A linear axis shows stored values times this."""
    unknown: str = ""
    """Name of a scale that is not known; then rectangles alone can be applied."""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Axis:
    """What a gate's axis measures, and how FlowJo's numbers stand on it."""

    straight: Quantity
    """On which edges are straight; an event beyond the axis is at its end."""
    plain: Quantity
    """In data units, for rectangles."""
    scale: Scale | None
    factor: float
    """FlowJo's data units over ours."""
    display: tuple[float, float]
    """Place on `straight` = display channel times the first plus the second."""
    transform: Transform

    def place(self, value: float) -> float:
        """Place of one of FlowJo's data values on `straight`; at an end when next to it."""
        if self.scale is not None:
            at, ends = float(self.scale.forward(value)), (0.0, 1.0)
        else:
            step, low = self.display
            at, ends = value / self.factor, (low, low + step * DISPLAY)
        near = abs(ends[1] - ends[0]) * FINEST
        return next((end for end in ends if abs(at - end) <= near), at)


class Axes:
    """Channels of one sample, asked for as its gates name them."""

    def __init__(self, sample: Node) -> None:
        self.matrix = _matrix_of(sample)
        self.transforms: dict[str, Transform] = {}
        block = sample.first("Transformations")
        for node in block or ():
            named = node.first("parameter")
            if named is not None:
                channel = named.word("name", "transformation")
                self.transforms[channel] = _transform(node, f"transformation of {channel!r}")
        self._gains = _gains(sample)

    @property
    def matrices(self) -> Mapping[str, Matrix]:
        """The sample's matrix under its name; empty without one."""
        return {self.matrix.name: self.matrix} if self.matrix else {}

    def axis(self, dimension: Node, what: str) -> Axis:
        """Axis of a gate's dimension."""
        name = dimension.need(what, "fcs-dimension").word("name", what)
        base: Quantity = Recorded(name)
        if self.matrix is not None and name in self.matrix.fluorochromes:
            base = Compensated(name, self.matrix.name)
        transform = self._transform(name)
        factor = transform.gain * self._gain(name)
        scale = transform.scale
        if scale is not None:
            inner = base if factor == 1 else Sum((base,), (factor,), 0.0)
            straight = Scaled(inner, Bounded(_within(scale), 0.0, 1.0))
            return Axis(straight, base, scale, factor, (1 / DISPLAY, 0.0), transform)
        low, high = transform.low / factor, transform.high / factor
        display = ((high - low) / DISPLAY, low)
        if -np.inf < low < high < np.inf:
            straight = Scaled(base, Bounded(Linear(), low, high))
            return Axis(straight, base, None, factor, display, transform)
        return Axis(base, base, None, factor, display, transform)

    def _transform(self, name: str) -> Transform:
        """Scale of a channel; that of the bare detector where the compensated one has none."""
        return self.transforms.get(name) or self.transforms.get(self._bare(name), Transform(None))

    def _gain(self, name: str) -> float:
        return self._gains.get(name, self._gains.get(self._bare(name), 1.0))

    def _bare(self, name: str) -> str:
        if self.matrix is None or name not in self.matrix.fluorochromes:
            return name.removeprefix("Comp-")
        if len(self.matrix.fluorochromes) != len(self.matrix.detectors):
            return name
        return self.matrix.detectors[self.matrix.fluorochromes.index(name)]


def _transform(node: Node, what: str) -> Transform:
    """Scale of one channel.

    Raises
    ------
    GatingError
        For a scale that is not known, or parameters that give none.
    """

    def of(name: str) -> float:
        return node.number(name, what)

    try:
        match node.name:
            case "linear":
                gain = node.number("gain", what, 1.0)
                if gain <= 0:
                    raise node.error(f"{what}: gain must be > 0, found {gain:g}")
                low, high = node.number("minRange", what, 0.0), of("maxRange")
                return Transform(None, low, high, gain)
            case "biex":
                return Transform(Biex(of("maxRange"), of("pos"), of("neg"), of("width")))
            case "logicle":
                return Transform(Logicle(of("T"), of("W"), of("M"), of("A")))
            case "hyperlog":
                return Transform(Hyperlog(of("T"), of("W"), of("M"), of("A")))
            case "fasinh":
                return Transform(Arcsinh(T=of("T"), M=of("M"), A=of("A")))
            case "log":
                # FlowJo puts everything below the offset onto the axis' foot.
                top = of("offset") * 10.0 ** min(of("decades"), 100.0)
                return Transform(Bounded(Log(top, of("decades")), low=0.0))
    except GatingError as fault:
        if fault.where:
            raise
        raise node.error(f"{what}: {fault.message}", fault.hint) from fault
    # Rectangles stand in data units and need no scale; for other gates `shown_on` refuses.
    return Transform(None, unknown=node.name, place=node.place)


def shown_on(axis: Axis, node: Node, what: str) -> None:
    """Refuse a gate whose edges are drawn on a scale that is not known.

    Raises
    ------
    GatingError
        With the gate's line, and the scale's.
    """
    if axis.transform.unknown:
        raise node.error(
            f"{what}: its edges are drawn on the scale {axis.transform.unknown!r}, "
            f"which is not known ({axis.transform.place})",
            f"Known: {', '.join(KNOWN)}. Choose one of them in FlowJo and save again, or "
            "export the gates as Gating-ML 2.0. Rectangles can be read on any scale.",
        )


def _within(scale: Scale) -> Scale:
    return scale.scale if isinstance(scale, Bounded) else scale


def _matrix_of(sample: Node) -> Matrix | None:
    """The sample's spillover matrix, its fluorochromes named as FlowJo's gates name them."""
    node = sample.first("spilloverMatrix")
    if node is None or not node.all("spillover"):
        return None
    name = node.get("name") or "compensation"
    what = f"matrix {name!r}"
    rows = node.all("spillover")
    dyes, table = [], []
    detectors: list[str] = []
    for row in rows:
        dye = row.word("parameter", what)
        shown = row.get("userProvidedCompInfix")
        dyes.append(shown or f"{node.get('prefix')}{dye}{node.get('suffix')}")
        if len(dyes[-1]) > MOST_LETTERS:
            raise row.error(f"{what}: a channel of {len(dyes[-1]):,} letters")
        numbers = {
            c.word("parameter", what): c.number("value", what) for c in row.all("coefficient")
        }
        detectors += [detector for detector in numbers if detector not in detectors]
        table.append(numbers)
    matrix = np.array([[numbers.get(d, 0.0) for d in detectors] for numbers in table])
    return checked(Matrix(name, tuple(dyes), tuple(detectors), matrix), node)


def _gains(sample: Node) -> dict[str, float]:
    """$PnG by channel: our values have it divided out, FlowJo's have not.

    Left out: Time, whose gain is never divided out, and channels of logarithmic
    amplifiers, which have none.
    """
    block = sample.first("Keywords")
    words = {k.get("name").upper(): k.get("value") for k in block.all("Keyword")} if block else {}
    gains = {}
    for key, name in words.items():
        found = re.fullmatch(r"\$P(\d{1,4})N", key)
        if found is None or name.lower() == "time":
            continue
        number = found[1]
        try:
            gain = float(words.get(f"$P{number}G", "1"))
            decades = float(words.get(f"$P{number}E", "0,0").split(",")[0])
        except ValueError:
            continue
        logarithmic = decades > 0 and words.get("$DATATYPE", "F").upper() == "I"
        if np.isfinite(gain) and gain > 0 and not logarithmic:
            gains[name] = gain
    return gains
