"""Doses on one footing: nmol/L where the unit or a molar mass allows it."""

from __future__ import annotations

import math
from collections.abc import Mapping

from assays.samples import Agent

_MOLAR = {"m": 1e9, "mm": 1e6, "um": 1e3, "nm": 1.0, "pm": 1e-3, "fm": 1e-6}
_PER_LITRE = {"mol": 1e9, "mmol": 1e6, "umol": 1e3, "nmol": 1.0, "pmol": 1e-3, "fmol": 1e-6}
_GRAMS = {"g": 1.0, "mg": 1e-3, "ug": 1e-6, "ng": 1e-9, "pg": 1e-12}
_LITRES = {"l": 1.0, "dl": 1e-1, "ml": 1e-3, "ul": 1e-6}


def dose_nmol_l(agent: Agent, molar_mass_g_per_mol: Mapping[str, float]) -> float:
    """Dose of an agent in nmol/L.

    Parameters
    ----------
    agent : Agent
    molar_mass_g_per_mol : mapping
        By name of the agent; needed for units of mass such as ``ug/mL``.

    Returns
    -------
    float
        NaN when the dose is not given, the unit is neither molar nor mass per volume, or a
        molar mass is not known.

    Examples
    --------
    >>> dose_nmol_l(Agent("ruxolitinib", 0.5, "µM"), {})
    500.0
    >>> round(dose_nmol_l(Agent("tocilizumab", 10.0, "ug/mL"), {"tocilizumab": 148000.0}), 2)
    67.57
    """
    # Upper-case M is molar and m is milli: only the last letter of a molar unit is an M.
    unit = agent.unit.strip().replace("µ", "u").replace("μ", "u").replace(" ", "")
    if unit.endswith("M") and unit.lower() in _MOLAR:
        return agent.dose * _MOLAR[unit.lower()]
    top, _, bottom = unit.lower().partition("/")
    if bottom not in _LITRES:
        return math.nan
    if top in _PER_LITRE:
        return agent.dose * _PER_LITRE[top] / _LITRES[bottom]
    mass = {name.casefold(): value for name, value in molar_mass_g_per_mol.items()}
    molar = mass.get(agent.name.casefold())
    if top in _GRAMS and molar:
        return agent.dose * _GRAMS[top] / _LITRES[bottom] / molar * 1e9
    return math.nan
