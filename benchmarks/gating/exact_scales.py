"""Every scale as its standard prints it, in arithmetic of forty digits (mpmath), beside ours.

Nothing is taken from the program but the scale that is judged. Parameters are usual ones, the ends
of what is allowed, and some drawn at random.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mpmath import mp, mpf

from assays.errors import GatingError
from assays.flow import scales
from assays.flow.scales import Scale

Exact = Callable[[Any], Any]


@dataclass(frozen=True)
class Case:
    """A scale of ours, its formula and the derivative of that, from position to value."""

    kind: str
    scale: Scale
    value: Exact
    slope: Exact
    top: float


def _mirrored(zero: Any, value: Exact, slope: Exact) -> tuple[Exact, Exact]:
    """The formula holds above the position of zero; below, its mirror image (Gating-ML 2.0)."""
    return (
        lambda y: value(y) if y >= zero else -value(2 * zero - y),
        lambda y: slope(y) if y >= zero else slope(2 * zero - y),
    )


def logicle(T: float, W: float, M: float, A: float) -> Case:
    """Moore & Parks (2012), equations 1 to 5."""
    ours = scales.Logicle(T, W, M, A)
    t, b, w = mpf(T), (mpf(M) + mpf(A)) * mp.ln(10), mpf(W) / (mpf(M) + mpf(A))
    x2 = mpf(A) / (mpf(M) + mpf(A))
    x1, x0 = x2 + w, x2 + 2 * w
    d = b if w == 0 else _falling(b, w)
    c_over_a = mp.exp(x0 * (b + d))
    f_over_a = mp.exp(b * x1) - c_over_a * mp.exp(-d * x1)
    a = t / (mp.exp(b) - c_over_a * mp.exp(-d) - f_over_a)
    value, slope = _mirrored(
        x1,
        lambda y: a * (mp.exp(b * y) - c_over_a * mp.exp(-d * y) - f_over_a),
        lambda y: a * (b * mp.exp(b * y) + d * c_over_a * mp.exp(-d * y)),
    )
    return Case("logicle", ours, value, slope, T)


def _falling(b: Any, w: Any) -> Any:
    """d of ``2 (ln d - ln b) + w (d + b) = 0``, by Lambert's function.

    With ``z = w d / 2`` it reads ``z e^z = (w b / 2) e^(-w b / 2)``; the exponent is held small.
    """
    half = w * b / 2
    return 2 * mp.lambertw(half * mp.exp(-half)).real / w


def hyperlog(T: float, W: float, M: float, A: float) -> Case:
    """Gating-ML 2.0, section 6.4."""
    ours = scales.Hyperlog(T, W, M, A)
    t, b, w = mpf(T), (mpf(M) + mpf(A)) * mp.ln(10), mpf(W) / (mpf(M) + mpf(A))
    x2 = mpf(A) / (mpf(M) + mpf(A))
    x1, x0 = x2 + w, x2 + 2 * w
    c_over_a = mp.exp(b * x0) / w
    f_over_a = mp.exp(b * x1) + c_over_a * x1
    a = t / (mp.exp(b) + c_over_a - f_over_a)
    value, slope = _mirrored(
        x1,
        lambda y: a * (mp.exp(b * y) + c_over_a * y - f_over_a),
        lambda y: a * (b * mp.exp(b * y) + c_over_a),
    )
    return Case("hyperlog", ours, value, slope, T)


def biex(top: float, pos: float, neg: float, width: float) -> Case:
    """FlowJo's two exponentials; see `assays.flow.scales.biex` for what sets it apart."""
    ours = scales.Biex(top, pos, neg, width)
    channels = 4096
    decades = mp.log10(-mpf(width))
    if not 0.5 <= decades <= 3:
        decades = mpf(0.5)
    extra, above = max(mpf(neg), 0) + decades / 2, mpf(pos) - decades / 2
    # FlowJo itself counts this channel in double precision.
    zero = round(ours.zero * channels)
    assert abs(zero - extra * channels / (extra + above)) < 1 + 1e-9 or zero == channels // 2
    whole = extra * channels / zero
    w, rise = decades / (2 * whole), whole * mp.ln(10)
    fall = _falling(rise, w)
    step = mpf(channels) / (channels + 1)
    x1 = mpf(zero) / (channels + 1)
    c_over_a = mp.exp((rise + fall) * (w + mpf(zero) / channels))
    a = mpf(top) * mp.exp(-rise)
    f = a * (mp.exp(rise * x1) - c_over_a * mp.exp(-fall * x1))
    value, slope = _mirrored(
        mpf(zero) / channels,
        lambda y: a * (mp.exp(rise * step * y) - c_over_a * mp.exp(-fall * step * y)) - f,
        lambda y: a * step * (rise * mp.exp(rise * step * y)
                              + fall * c_over_a * mp.exp(-fall * step * y)),
    )  # fmt: skip
    return Case("biex", ours, value, slope, top)


def fasinh(T: float, M: float, A: float) -> Case:
    """Gating-ML 2.0, section 6.3."""
    shift, span = mpf(A) * mp.ln(10), (mpf(M) + mpf(A)) * mp.ln(10)
    unit = mpf(T) / mp.sinh(mpf(M) * mp.ln(10))
    return Case(
        "arcsinh of Gating-ML",
        scales.Arcsinh(T=T, M=M, A=A),
        lambda y: unit * mp.sinh(span * y - shift),
        lambda y: unit * span * mp.cosh(span * y - shift),
        T,
    )


def plain_asinh(cofactor: float) -> Case:
    return Case(
        "arcsinh, cofactor",
        scales.Arcsinh(cofactor),
        lambda y: mpf(cofactor) * mp.sinh(y),
        lambda y: mpf(cofactor) * mp.cosh(y),
        262_144.0,
    )


def log(T: float, M: float) -> Case:
    """Gating-ML 2.0, section 6.2."""
    return Case(
        "log",
        scales.Log(T, M),
        lambda y: mpf(T) * mpf(10) ** ((y - 1) * mpf(M)),
        lambda y: mpf(T) * mpf(10) ** ((y - 1) * mpf(M)) * mpf(M) * mp.ln(10),
        T,
    )


def linear(T: float, A: float) -> Case:
    """Gating-ML 2.0, section 6.1."""
    width = mpf(T) + mpf(A)
    return Case("linear", scales.Linear(T, A), lambda y: y * width - A, lambda y: width, T)


KINDS: dict[str, tuple[Callable[..., Case], Sequence[tuple[float, ...]]]] = {
    "logicle": (logicle, [
        (262144, 0.5, 4.5, 0), (262144, 1.0, 4.5, 0), (262144, 0, 4.5, 0), (10000, 2.25, 4.5, 0),
        (1000, 1, 4, 1), (10000, 1, 4.5, -1), (10000, 1, 4.5, 2.5), (262144, 0.5, 4.5, 3.5),
        (1, 0.5, 4.5, 0), (1e-3, 0.5, 4.5, 0), (1e12, 0.5, 4.5, 0), (262144, 0.5, 12, 0),
        (262144, 0.5, 40, 0), (262144, 0.05, 0.3, 0), (262144, 1e-6, 4.5, 0),
        (262144, 2.25, 4.5, -2.25), (262144, 1.5, 18.5, 6), (4194304, 1.2, 7.2, 0.3),
    ]),
    "hyperlog": (hyperlog, [
        (262144, 0.5, 4.5, 0), (262144, 1.0, 4.5, 0), (10000, 2.25, 4.5, 0), (1000, 1, 4, 1),
        (10000, 1, 4.5, -1), (10000, 1, 4.5, 2.5), (262144, 1e-3, 4.5, 0), (262144, 1e-9, 4.5, 0),
        (1, 0.5, 4.5, 0), (1e-3, 0.5, 4.5, 0), (1e12, 0.5, 4.5, 0), (262144, 0.5, 12, 0),
        (262144, 0.5, 40, 0), (262144, 0.05, 0.3, 0), (262144, 1.5, 18.5, 6),
    ]),
    "biex": (biex, [
        (262144, 4.418539922, 0, -100), (262144, 4.418539922, 1, -7.943282347),
        (262144, 4.5, 0, -10), (262144, 4.5, 1, -1000), (262144, 3, 0, -1000),
        (262144, 5.5, 2, -1), (4194304, 6, 0.5, -50), (1, 4.5, 0, -100), (262144, 12, 3, -10),
        (1023, 2.0, -1, -5000),
    ]),
    "arcsinh of Gating-ML": (fasinh, [
        (262144, 4.5, 0), (10000, 4, 1), (1000, 5, 5), (1, 4.5, 0), (1e9, 9, 0), (262144, 0.1, 0),
        (262144, 20, 3), (1e-3, 4.5, 0.5), (262144, 1e-3, 1e-3), (262144, 99, 0),
    ]),
    "arcsinh, cofactor": (plain_asinh, [(150,), (5,), (1,), (1e-3,), (3000,), (1e6,)]),
    "log": (log, [(262144, 4.5), (10000, 4), (1, 5), (1e12, 12), (1e-3, 1), (262144, 0.01)]),
    "linear": (linear, [(262144, 0), (262144, 1000), (1000, 1000), (1, 0.5), (1e12, 1e-3)]),
}  # fmt: skip


def drawn(kind: str, number: int) -> Iterator[tuple[float, ...]]:
    """Parameters at random, over more than anybody uses."""
    rng = random.Random(kind)
    for _ in range(number):
        top = 10 ** rng.uniform(-3, 12)
        decades = 10 ** rng.uniform(-0.5, 1.2)
        wide = decades / 2 * rng.random() ** 2
        if kind in ("logicle", "hyperlog"):
            yield top, max(wide, 1e-6), decades, rng.uniform(-wide, decades - 2 * wide)
        elif kind == "biex":
            yield top, rng.uniform(2, 8), rng.uniform(-1, 3), -(10 ** rng.uniform(0.2, 3.2))
        elif kind == "arcsinh of Gating-ML":
            yield top, decades, decades * rng.random()
        elif kind == "arcsinh, cofactor":
            yield (10 ** rng.uniform(-3, 6),)
        elif kind == "log":
            yield top, decades
        else:
            yield top, top * rng.random()


def cases(kind: str, at_random: int) -> Iterator[Case]:
    """Those that are allowed: some drawn ones leave what a number can hold."""
    make, usual = KINDS[kind]
    for parameters in usual:
        yield make(*map(float, parameters))
    for parameters in drawn(kind, at_random):
        try:
            yield make(*parameters)
        except GatingError:
            continue
