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


@dataclass(frozen=True, slots=True)
class ClosedForm:
    """One model in closed form."""

    model: str
    params: tuple[str, ...]
    low: str
    """Response at zero concentration, as a formula; empty when it has no bound."""
    high: str
    """Response at infinite concentration, likewise."""
    forward: str
    """Response from concentration ``{x}``, as a formula."""
    inverse: str
    """Concentration from response ``{y}``, as a formula; valid between `low` and `high`."""
    ends: Callable[[Params], tuple[float, float]]
    """The same two bounds in numbers."""
    forward_value: Callable[[float, Params], float]
    inverse_value: Callable[[float, Params], float]


def _four_forward(x: float, p: Params) -> float:
    return float(p["D"] + (p["A"] - p["D"]) / (1 + (x / p["C"]) ** p["B"]))


def _four_inverse(y: float, p: Params) -> float:
    return float(p["C"] * ((p["A"] - y) / (y - p["D"])) ** (1 / p["B"]))


def _five_forward(x: float, p: Params) -> float:
    return float(p["D"] + (p["A"] - p["D"]) / (1 + (x / p["C"]) ** p["B"]) ** p["G"])


def _five_inverse(y: float, p: Params) -> float:
    ratio = ((p["A"] - p["D"]) / (y - p["D"])) ** (1 / p["G"])
    return float(p["C"] * (ratio - 1) ** (1 / p["B"]))


FOUR = ClosedForm(
    "4pl",
    ("A", "B", "C", "D"),
    "p_A",
    "p_D",
    "p_D+(p_A-p_D)/(1+({x}/p_C)^p_B)",
    "p_C*((p_A-{y})/({y}-p_D))^(1/p_B)",
    lambda p: (p["A"], p["D"]),
    _four_forward,
    _four_inverse,
)
FIVE = ClosedForm(
    "5pl",
    ("A", "B", "C", "D", "G"),
    "p_A",
    "p_D",
    "p_D+(p_A-p_D)/(1+({x}/p_C)^p_B)^p_G",
    "p_C*(((p_A-p_D)/({y}-p_D))^(1/p_G)-1)^(1/p_B)",
    lambda p: (p["A"], p["D"]),
    _five_forward,
    _five_inverse,
)
FORMS = (FOUR, FIVE)


def form_of(model: str, params: Params) -> ClosedForm | None:
    """The closed form of a fitted model; None when a spreadsheet cannot solve it."""
    names = {name for name, value in params.items() if math.isfinite(value)}
    return next((f for f in FORMS if f.model == model.lower() and names >= set(f.params)), None)


def read_back(form: ClosedForm, response: float, params: Params) -> float | str:
    """Concentration of a response: a number, or ``below`` or ``above`` the curve."""
    low, high = form.ends(params)
    if math.isnan(response):
        return "no reading"
    if (response - low) * (high - low) <= 0:
        return "below"
    if (high - response) * (high - low) <= 0:
        return "above"
    return form.inverse_value(response, params)


def read_back_formula(form: ClosedForm, cell: str) -> str:
    """`read_back` as a formula of the cell that holds the response."""
    low, high = form.low, form.high
    inverse = form.inverse.format(y=cell)
    return (
        f'=IF(NOT(ISNUMBER({cell})),"no reading",IF(({cell}-{low})*({high}-{low})<=0,"below",'
        f'IF(({high}-{cell})*({high}-{low})<=0,"above",{inverse})))'
    )
