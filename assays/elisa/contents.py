"""What is in the wells of each plate of a run, from the layout and from the export's own.

The layout file wins, but it must not contradict the one inside the export about standards
and blanks: then nobody knows which of the two is true.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from assays.errors import ProtocolError
from plates.errors import LayoutError, UnitError
from plates.findings import Finding, Severity
from plates.layout import Layout, Role, WellContent
from plates.plateread import PlateRead
from plates.units import convert
from plates.well import Well

Contents = Mapping[Well, WellContent]

SHOWN = 4
"""Wells named in a message."""


def contents_of(
    read: PlateRead, layout: Layout | None, own: Layout | None, alone: bool, where: str
) -> dict[Well, WellContent]:
    """Contents of one plate.

    Parameters
    ----------
    layout : Layout or None
        The run's layout file.
    own : Layout or None
        The layout inside the export.
    alone : bool
        Whether the run has this one plate only; then a layout of one plate fits by whatever name.

    Raises
    ------
    LayoutError
        When there is no layout, it does not know the plate, names no standards or one without a
        unit, or contradicts the export's own.
    """
    if layout is None and own is None:
        raise LayoutError(
            "nothing says what is in the wells",
            where,
            "Add a layout.xlsx; assays init elisa writes one to fill in.",
        )
    inside = _of_plate(own, read, alone) if own is not None else {}
    if layout is None:
        chosen, name = inside, f"{where}: layout of the export"
    else:
        chosen, name = _of_plate(layout, read, alone), layout.name or "layout"
        _compare(chosen, inside, name, where)
    if not chosen:
        known = ", ".join(repr(plate) for plate in (layout or own).plates)  # type: ignore[union-attr]
        raise LayoutError(
            f"the layout knows no plate {read.plate!r}; it has {known or 'no plates'}",
            name,
            "Name the plates as the export does, or leave the plate name empty.",
        )
    for well in chosen:
        if well not in read.format:
            raise LayoutError(f"well {well} leaves the {read.format.size}-well plate", name)
    return chosen


def check_standards(contents: Contents, name: str, own: bool, unit: str) -> list[Finding]:
    """Raise unless there are standards, each with a concentration and a unit.

    Parameters
    ----------
    own : bool
        Whether the layout is the one inside the export. Vendor software often leaves the unit out
        there; then the run's unit is taken, and that is told.
    unit : str
        The run's unit.

    Raises
    ------
    LayoutError
        Names the wells that lack one.
    """
    standards = {w: c for w, c in contents.items() if c.role == Role.STANDARD}
    if not standards:
        raise LayoutError(
            "the layout names no standards", name, "Give the standard wells the role 'standard'."
        )
    bare = [well for well, content in standards.items() if math.isnan(content.nominal)]
    if bare:
        raise LayoutError(
            f"standards without a concentration: {_listed(bare)}", name, "0 is a zero standard."
        )
    wordless = [well for well, c in standards.items() if not c.unit.strip() and c.nominal != 0]
    if wordless and not own:
        raise LayoutError(
            f"standards without a unit: {_listed(wordless)}", name, "Write pg/mL beside them."
        )
    if not wordless:
        return []
    said = f"The export gives its standards no unit; they were taken as {unit}, the run's unit."
    return [Finding("unit-taken", Severity.LOOK, name, f"{said} Check it against the kit.")]


def nominal_in(content: WellContent, unit: str, where: str) -> float:
    """Known concentration of a well in the run's unit; NaN where there is none.

    Raises
    ------
    UnitError
        When the units do not measure the same thing.
    """
    if math.isnan(content.nominal) or content.nominal == 0 or not content.unit.strip():
        return content.nominal
    return in_unit(content.nominal, content.unit, unit, where)


def in_unit(value: float, unit: str, wanted: str, where: str) -> float:
    """A concentration in another unit; a unit that only this run knows must be spelled alike."""
    if _plain(unit) == _plain(wanted):
        return value
    return convert(value, unit, wanted, where=where)


def _plain(unit: str) -> str:
    return unit.strip().replace("μ", "µ").lower()


def _of_plate(layout: Layout, read: PlateRead, alone: bool) -> dict[Well, WellContent]:
    found = layout.of_plate(read.plate)
    if found:
        return found
    by_number = layout.of_plate(str(read.plate_number))
    if by_number:
        return by_number
    names = [plate for plate in layout.plates if plate]
    if alone and len(names) == 1:
        return layout.of_plate(names[0])
    return {}


KINDS = {Role.STANDARD: "standard", Role.BLANK: "blank"}


def _compare(chosen: Contents, inside: Contents, name: str, where: str) -> None:
    """A standard or blank in one layout must be one in the other, at the same concentration."""
    for well in sorted(set(chosen) & set(inside)):
        ours, theirs = chosen[well], inside[well]
        if Role.EMPTY in (ours.role, theirs.role):
            continue
        kinds = KINDS.get(ours.role, "sample"), KINDS.get(theirs.role, "sample")
        # Some readers call a zero standard a blank.
        zero = "blank" in kinds and any(
            c.role == Role.STANDARD and c.nominal == 0 for c in (ours, theirs)
        )
        if kinds[0] != kinds[1] and not zero:
            raise _contradiction(well, str(ours.role), str(theirs.role), name, where)
        if kinds == ("standard", "standard") and _apart(ours, theirs):
            raise _contradiction(well, _nominal(ours), _nominal(theirs), name, where)


def _apart(ours: WellContent, theirs: WellContent) -> bool:
    if math.isnan(ours.nominal) or math.isnan(theirs.nominal):
        return False
    try:
        other = nominal_in(theirs, ours.unit or theirs.unit, "")
    except UnitError:
        return True
    return not math.isclose(ours.nominal, other, rel_tol=0.01)


def _nominal(content: WellContent) -> str:
    return f"standard {content.nominal:g} {content.unit}".rstrip()


def _contradiction(well: Well, ours: str, theirs: str, name: str, where: str) -> ProtocolError:
    return ProtocolError(
        f"well {well} is {ours} in the layout ({name}) and {theirs} in the export",
        where,
        "Correct whichever is wrong.",
    )


def _listed(wells: list[Well]) -> str:
    shown = ", ".join(str(well) for well in wells[:SHOWN])
    return shown + (f" and {len(wells) - SHOWN} more" if len(wells) > SHOWN else "")
