"""Curve models whose equation a spreadsheet can solve, as its formulas and as the same arithmetic.

Each form says how response follows from concentration and back, in terms of
named parameters (``p_A``, ``p_B`` …). The formula and the Python function take
the same steps, so that the values stored beside the formulas are those the
spreadsheet will find.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Params = Mapping[str, float]
Step = Callable[[float, Params], float]
Test = Callable[[float, Params], bool]


@dataclass(frozen=True, slots=True)
class ClosedForm:
    """One model in closed form; ``{x}`` and ``{y}`` stand for the cell of the argument."""

    models: tuple[str, ...]
    params: tuple[str, ...]
    forward: str
    """Response from concentration."""
    inverse: str
    """Concentration from response, where there is one."""
    below: str
    """Whether a response lies beyond that of zero concentration."""
    above: str
    """Whether it lies beyond that of any concentration; asked after `below`."""
    forward_value: Step
    inverse_value: Step
    is_below: Test
    is_above: Test


def _four_forward(x: float, p: Params) -> float:
    return float(p["D"] + (p["A"] - p["D"]) / (1 + (x / p["C"]) ** p["B"]))


def _four_inverse(y: float, p: Params) -> float:
    return float(p["C"] * ((p["A"] - y) / (y - p["D"])) ** (1 / p["B"]))


def _five_forward(x: float, p: Params) -> float:
    return float(p["D"] + (p["A"] - p["D"]) / (1 + (x / p["C"]) ** p["B"]) ** p["G"])


def _five_inverse(y: float, p: Params) -> float:
    ratio = ((p["A"] - p["D"]) / (y - p["D"])) ** (1 / p["G"])
    return float(p["C"] * (ratio - 1) ** (1 / p["B"]))


def _logistic_below(y: float, p: Params) -> bool:
    return (y - p["A"]) * (p["D"] - p["A"]) < 0


def _logistic_above(y: float, p: Params) -> bool:
    return (p["D"] - y) * (p["D"] - p["A"]) <= 0


def _quadratic_root(y: float, p: Params) -> float:
    return p["c1"] ** 2 - 4 * p["c2"] * (p["c0"] - y)


def _quadratic_inverse(y: float, p: Params) -> float:
    # The root on the branch from zero, without cancellation.
    side = math.copysign(math.sqrt(_quadratic_root(y, p)), p["c1"])
    return 2 * (y - p["c0"]) / (p["c1"] + side)


LOGISTIC_BELOW = "({y}-p_A)*(p_D-p_A)<0"
LOGISTIC_ABOVE = "(p_D-{y})*(p_D-p_A)<=0"

FORMS = (
    ClosedForm(
        ("4pl", "3pl", "loglogit"),
        ("A", "B", "C", "D"),
        "p_D+(p_A-p_D)/(1+({x}/p_C)^p_B)",
        "p_C*((p_A-{y})/({y}-p_D))^(1/p_B)",
        LOGISTIC_BELOW,
        LOGISTIC_ABOVE,
        _four_forward,
        _four_inverse,
        _logistic_below,
        _logistic_above,
    ),
    ClosedForm(
        ("5pl",),
        ("A", "B", "C", "D", "G"),
        "p_D+(p_A-p_D)/(1+({x}/p_C)^p_B)^p_G",
        "p_C*(((p_A-p_D)/({y}-p_D))^(1/p_G)-1)^(1/p_B)",
        LOGISTIC_BELOW,
        LOGISTIC_ABOVE,
        _five_forward,
        _five_inverse,
        _logistic_below,
        _logistic_above,
    ),
    ClosedForm(
        ("linear",),
        ("intercept", "slope"),
        "p_intercept+p_slope*{x}",
        "({y}-p_intercept)/p_slope",
        "({y}-p_intercept)*p_slope<0",
        "p_slope=0",
        lambda x, p: p["intercept"] + p["slope"] * x,
        lambda y, p: (y - p["intercept"]) / p["slope"],
        lambda y, p: (y - p["intercept"]) * p["slope"] < 0,
        lambda y, p: p["slope"] == 0,
    ),
    ClosedForm(
        ("quadratic",),
        ("c0", "c1", "c2"),
        "p_c0+{x}*(p_c1+{x}*p_c2)",
        "2*({y}-p_c0)/(p_c1+SIGN(p_c1)*SQRT(p_c1^2-4*p_c2*(p_c0-{y})))",
        "({y}-p_c0)*p_c1<0",
        "p_c1^2-4*p_c2*(p_c0-{y})<0",
        lambda x, p: p["c0"] + x * (p["c1"] + x * p["c2"]),
        _quadratic_inverse,
        lambda y, p: (y - p["c0"]) * p["c1"] < 0,
        lambda y, p: _quadratic_root(y, p) < 0,
    ),
    ClosedForm(
        ("loglog",),
        ("intercept", "slope"),
        "10^(p_intercept+p_slope*LOG10({x}))",
        "10^((LOG10({y})-p_intercept)/p_slope)",
        "AND({y}<=0,p_slope>0)",
        "{y}<=0",
        lambda x, p: float(10 ** (p["intercept"] + p["slope"] * math.log10(x))),
        lambda y, p: float(10 ** ((math.log10(y) - p["intercept"]) / p["slope"])),
        lambda y, p: y <= 0 and p["slope"] > 0,
        lambda y, p: y <= 0,
    ),
)


def form_of(model: str, params: Params) -> ClosedForm | None:
    """The closed form of a fitted model; None when a spreadsheet cannot solve it."""
    known = {name for name, value in params.items() if math.isfinite(value)}
    form = next((form for form in FORMS if model.lower() in form.models), None)
    if form is None or not known >= set(form.params):
        return None
    # A parabola level at zero, or a flat line, has no branch to read back from.
    flat = params.get("c1", 1.0) == 0 or params.get("slope", 1.0) == 0
    return None if flat else form


def read_back(form: ClosedForm, response: float, params: Params) -> float | str:
    """Concentration of a response: a number, or ``below`` or ``above`` the curve."""
    if math.isnan(response):
        return "no reading"
    if form.is_below(response, params):
        return "below"
    if form.is_above(response, params):
        return "above"
    return form.inverse_value(response, params)


def read_back_formula(form: ClosedForm, cell: str) -> str:
    """`read_back` as a formula of the cell that holds the response."""
    below, above, inverse = (
        text.replace("{y}", cell) for text in (form.below, form.above, form.inverse)
    )
    return (
        f'=IF(NOT(ISNUMBER({cell})),"no reading",IF({below},"below",IF({above},"above",{inverse})))'
    )
