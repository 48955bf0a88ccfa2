"""Hold a layout file against the layout inside an export."""

from __future__ import annotations

import math

from plates.errors import UnitError
from plates.layout import Layout, Role, WellContent
from plates.units import convert
from plates.well import Well

_TOLERANCE = 0.01
"""Relative difference of concentrations that is rounding, not contradiction: exports print
few digits."""
# What an instrument's software cannot tell apart is no contradiction: it knows standards,
# blanks, controls and unknowns, and calls a supernatant's medium any of the last three.
_KIND = {Role.STANDARD: "standard", Role.BLANK: "blank"}


def contradictions(own: Layout, inside: Layout) -> list[str]:
    """Differences that change results, a sentence each, showing both sides.

    Parameters
    ----------
    own : Layout
        From the layout file.
    inside : Layout
        From the export. Wells that only one of the two describes contradict nothing.

    Returns
    -------
    list of str
        Empty when the two agree.
    """
    found: list[str] = []
    for plate, well, ours, theirs in _shared(own, inside):
        said = _difference(ours, theirs)
        if said:
            place = own.places.get((plate, well)) or own.name or "the layout"
            on = f" of plate {plate}" if plate else ""
            mine, other = said
            found.append(f"Well {well}{on} is {mine} in {place} and {other} in the export.")
    return found


def _shared(own: Layout, inside: Layout) -> list[tuple[str, Well, WellContent, WellContent]]:
    """Wells that both describe; a layout for every plate is held against each."""
    plates = list(dict.fromkeys([*own.plates, *inside.plates]))
    if len(plates) > 1:
        plates = [plate for plate in plates if plate]
    # A single plate on each side is the same one, whatever it is called.
    if len(own.plates) == len(inside.plates) == 1:
        plates = [own.plates[0]]
        theirs = {
            "": inside.of_plate(inside.plates[0]),
            plates[0]: inside.of_plate(inside.plates[0]),
        }
    else:
        theirs = {plate: inside.of_plate(plate) for plate in plates}
    return [
        (plate, well, content, theirs[plate][well])
        for plate in plates
        for well, content in own.of_plate(plate).items()
        if well in theirs[plate]
    ]


def _difference(ours: WellContent, theirs: WellContent) -> tuple[str, str] | None:
    if Role.EMPTY in (ours.role, theirs.role):
        return None
    kinds = (_KIND.get(ours.role, ""), _KIND.get(theirs.role, ""))
    if kinds[0] != kinds[1] and not _both_zero(ours, theirs):
        return _words(ours), _words(theirs)
    if math.isnan(ours.nominal) or math.isnan(theirs.nominal):
        return None
    if math.isclose(ours.nominal, _in_unit_of(ours, theirs), rel_tol=_TOLERANCE):
        return None
    return _words(ours), _words(theirs)


def _in_unit_of(ours: WellContent, theirs: WellContent) -> float:
    """Their concentration in our unit; as it stands where one of the two has no unit."""
    if not ours.unit or not theirs.unit or ours.unit.casefold() == theirs.unit.casefold():
        return theirs.nominal
    try:
        return convert(theirs.nominal, theirs.unit, ours.unit)
    except UnitError:
        return math.nan


def _both_zero(ours: WellContent, theirs: WellContent) -> bool:
    """Some instruments call a zero standard a blank."""
    return all(
        content.role is Role.BLANK or (content.role is Role.STANDARD and content.nominal == 0)
        for content in (ours, theirs)
    )


def _words(content: WellContent) -> str:
    nominal = "" if math.isnan(content.nominal) else f" {content.nominal:g} {content.unit}".rstrip()
    name = f" ({content.sample})" if content.sample and not nominal else ""
    return f"{content.role}{nominal}{name}"
