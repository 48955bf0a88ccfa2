"""Give a curve some of its parameters instead of fitting them.

An end that is known, the 0 % and 100 % of an inhibition curve, or a slope of 1 where one binding
site is meant: what is given is not estimated, counts no degree of freedom, and has no error of its
own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches

import numpy as np

from assays.curves.contract import CurveModel, Floats
from assays.errors import CurveFitError

FEWEST_LEVELS = 3
"""Levels that are asked for, however many parameters are given."""


def hold(model: CurveModel, fix: Mapping[str, float] | None) -> CurveModel:
    """The same model with some parameters at given values.

    Parameters
    ----------
    model : CurveModel
        A logistic curve, when anything is given.
    fix : mapping of parameter name to value, optional
        Ends in response units, B and G as they are, C in the standards' unit.

    Raises
    ------
    CurveFitError
        When a name is not among the model's parameters, a value is not a finite number, or not
        above zero where it has to be.
    """
    if not fix:
        return model
    if model.share is None:
        raise CurveFitError(
            f"the parameters of {model.name} cannot be fixed",
            hint="Only those of the logistic curves can: 4pl, 5pl, 3pl, loglogit.",
        )
    known = dict(zip(model.names, model.positive, strict=True))
    values: dict[str, float] = {}
    for name, value in fix.items():
        if name not in known:
            near = get_close_matches(str(name).upper(), known, n=1)
            raise CurveFitError(
                f"{model.name} has no parameter {name!r} to fix",
                hint=f"Did you mean {near[0]!r}?" if near else f"It has {', '.join(known)}.",
            )
        values[name] = _number(name, value, known[name])
    levels = min(model.min_levels, max(FEWEST_LEVELS, model.min_levels - len(values)))
    return replace(model, held=tuple(values.items()), min_levels=levels)


def refuse_given(model: CurveModel, x: Floats, y: Floats) -> None:
    """Raise when what is given, by the caller and by the model, leaves nothing to fit.

    Raises
    ------
    CurveFitError
        When no parameter is left, or both ends are the same.
    """
    if not model.held:
        return
    given = dict(zip(model.names, model.given(x, y).tolist(), strict=True))
    if all(np.isfinite(value) for value in given.values()):
        raise CurveFitError(f"every parameter of {model.name} is given: nothing is left to fit")
    if given["A"] == given["D"]:
        raise CurveFitError(f"A and D are both given as {given['A']:g}: no response is left")


def _number(name: str, value: object, positive: bool) -> float:
    real = isinstance(value, int | float | np.integer | np.floating)
    if not real or isinstance(value, bool) or not np.isfinite(float(value)):  # type: ignore[arg-type]
        raise CurveFitError(f"{name} cannot be fixed at {value!r}: expected a finite number")
    number = float(value)  # type: ignore[arg-type]
    if positive and number <= 0:
        raise CurveFitError(f"{name} cannot be fixed at {number:g}: it is above zero")
    return number
