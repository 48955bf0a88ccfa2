"""Small pieces of Gating-ML 2.0 text: numbers, channels, scales, ellipsoids."""

from __future__ import annotations

import math
from collections.abc import Mapping
from xml.sax.saxutils import quoteattr

from assays.flow.exchange.gatingml.flog import Flog
from assays.flow.gates.shapes import Ellipse
from assays.flow.scales import Arcsinh, Biex, Bounded, Hyperlog, Linear, Log, Logicle
from assays.flow.scales.contract import LN10


def text(value: float) -> str:
    """A number with every digit that it has."""
    return repr(float(value))


def channel(name: str) -> str:
    """A channel or fluorochrome."""
    return f"<data-type:fcs-dimension data-type:name={quoteattr(name)}/>"


def coordinate(value: float) -> str:
    """One number of a point."""
    return f'<gating:coordinate data-type:value="{text(value)}"/>'


def attributes(values: Mapping[str, float]) -> str:
    """Parameters of a transformation."""
    return "".join(f' transforms:{name}="{text(value)}"' for name, value in values.items())


def function(scale: object) -> str:
    """A scale as the element of the standard; empty when the standard has none.

    FlowJo's biex becomes the logicle that differs least from it.
    """
    match scale:
        case Bounded(inner, _, _) | Flog(inner):
            return function(inner)
        case Biex():
            return function(scale.nearest_logicle)
        case Linear(T, A) if T is not None:
            return f"<transforms:flin{attributes({'T': T, 'A': A})}/>"
        case Log(T, M):
            return f"<transforms:flog{attributes({'T': T, 'M': M})}/>"
        case Arcsinh() if scale.span > 1:
            A = scale.shift / LN10
            M = scale.span / LN10 - A
            T = scale.cofactor * math.sinh(M * LN10)
            return f"<transforms:fasinh{attributes({'T': T, 'M': M, 'A': A})}/>"
        case Logicle() | Hyperlog():
            numbers = {"T": scale.T, "W": scale.W, "M": scale.M, "A": scale.A}
            name = "logicle" if isinstance(scale, Logicle) else "hyperlog"
            return f"<transforms:{name}{attributes(numbers)}/>"
    return ""


def transformation(name: str, inside: str, scale: object) -> list[str]:
    """A function under a name, with the bounds of its scale."""
    bounds = ""
    if isinstance(scale, Bounded):
        bounds = attributes(
            {
                key: value
                for key, value in (("boundMin", scale.low), ("boundMax", scale.high))
                if math.isfinite(value)
            }
        )
    return [
        f"  <transforms:transformation transforms:id={quoteattr(name)}{bounds}>",
        f"    {inside}",
        "  </transforms:transformation>",
    ]


def ellipsoid(shape: Ellipse) -> list[str]:
    """Mean, covariance and squared distance."""
    lines = ["    <gating:mean>" + "".join(map(coordinate, shape.center)) + "</gating:mean>"]
    lines.append("    <gating:covarianceMatrix>")
    for row in shape.covariance:
        entries = "".join(f'<gating:entry data-type:value="{text(value)}"/>' for value in row)
        lines.append(f"      <gating:row>{entries}</gating:row>")
    lines.append("    </gating:covarianceMatrix>")
    square = text(shape.distance_squared)
    return [*lines, f'    <gating:distanceSquare data-type:value="{square}"/>']
