"""Doses on one footing: nmol/L where the unit or a molar mass allows it, else the base unit."""

from __future__ import annotations

import math
from collections.abc import Mapping

from assays.dose_units import concentration_unit
from assays.samples import Agent
from plates.units import Kind, convert

_BASE = {Kind.MASS: "g/L", Kind.INTERNATIONAL: "IU/L", Kind.ACTIVITY: "U/L"}


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
    return in_unit(agent, "nM", molar_mass_g_per_mol)


def in_unit(agent: Agent, unit: str, molar_mass_g_per_mol: Mapping[str, float]) -> float:
    """Dose of an agent in another unit.

    Returns
    -------
    float
        NaN when the dose is not given, or its unit cannot be turned into the other one: an amount,
        a share or a ratio meets its own kind only, mass meets moles through a molar mass.

    Examples
    --------
    >>> in_unit(Agent("IL-6", 10000.0, "pg/mL"), "ng/mL", {})
    10.0
    >>> in_unit(Agent("serum", 5.0, "%"), "ng/mL", {})
    nan
    """
    if agent.unit.strip() == unit.strip():
        return agent.dose
    own, wanted = concentration_unit(agent.unit), concentration_unit(unit)
    if own is None or wanted is None:
        return math.nan
    mass = math.nan
    if own.kind is not wanted.kind:
        masses = {name.strip().casefold(): each for name, each in molar_mass_g_per_mol.items()}
        mass = masses.get(agent.name.strip().casefold(), math.nan)
        if {own.kind, wanted.kind} != {Kind.MASS, Kind.MOLAR} or not mass > 0:
            return math.nan
    return float(convert(agent.dose, own.symbol, wanted.symbol, mass))


def on_footing(agent: Agent, molar_mass_g_per_mol: Mapping[str, float]) -> tuple[float, str]:
    """Dose and unit such that equal doses are equal numbers, however the sheet writes them.

    Returns
    -------
    tuple
        In nmol/L where that can be told, else in g/L, IU/L or U/L, else as it was given. NaN and
        an empty unit without a dose.

    Examples
    --------
    >>> on_footing(Agent("IL-6", 10.0, "ug/mL"), {}), on_footing(Agent("BAY", 1.0, "µM"), {})
    ((0.01, 'g/L'), (1000.0, 'nmol/L'))
    """
    if math.isnan(agent.dose):
        return math.nan, ""
    molar = dose_nmol_l(agent, molar_mass_g_per_mol)
    if math.isfinite(molar):
        return molar, "nmol/L"
    own = concentration_unit(agent.unit)
    base = _BASE.get(own.kind, "") if own is not None else ""
    if base:
        return in_unit(agent, base, {}), base
    return agent.dose, " ".join(agent.unit.split()).casefold()
