"""What is in the wells of each plate of a run, from the layout and from the export's own.

The layout file wins, but it must not contradict the one inside the export about standards
and blanks: then nobody knows which of the two is true.
"""

from __future__ import annotations

import math
from dataclasses import replace

from plates.errors import LayoutError
from plates.findings import Finding, Severity
from plates.layout import Layout, WellContent
from plates.layouts.agreement import contradictions
from plates.layouts.require import require_on_plate
from plates.plateread import PlateRead
from plates.units import convert


def contents_of(
    read: PlateRead, layout: Layout | None, own: Layout | None, alone: bool, where: str
) -> Layout:
    """Contents of one plate, as a layout of that plate alone.

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
        When there is no layout, it does not know the plate, has a well that the plate lacks, or
        contradicts the export's own.
    """
    inside = _of_plate(own, read, alone, f"{where}: layout of the export") if own else None
    ours = _of_plate(layout, read, alone, layout.name or "layout") if layout else None
    chosen = inside if layout is None else ours
    if chosen is None:
        raise LayoutError(
            "nothing says what is in the wells",
            where,
            "Add a layout.xlsx; assays init elisa writes one to fill in.",
        )
    require_on_plate(chosen, read.format)
    if ours is not None and inside is not None:
        found = contradictions(ours, inside)
        if found:
            more = f" {len(found) - 1} more wells differ." if len(found) > 1 else ""
            raise LayoutError(found[0], where, f"Correct whichever is wrong.{more}")
    return chosen


def with_units(layout: Layout, unit: str) -> tuple[Layout, list[Finding]]:
    """The layout inside an export with the run's unit where its software left the unit out.

    What was taken is told: vendor software often prints concentrations without one.
    """
    bare = {
        key: replace(content, unit=unit)
        for key, content in layout.contents.items()
        if content.nominal > 0 and not content.unit.strip()
    }
    if not bare:
        return layout, []
    said = f"The export gives its standards no unit; they were taken as {unit}, the run's unit."
    told = Finding("unit-taken", Severity.LOOK, layout.name, f"{said} Check it against the kit.")
    return replace(layout, contents={**layout.contents, **bare}), [told]


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


def _of_plate(layout: Layout, read: PlateRead, alone: bool, name: str) -> Layout:
    """One plate of a layout, found by label, by number, or because it is the only one."""
    names = [plate for plate in layout.plates if plate]
    only = names if alone and len(names) == 1 else []
    for label in (read.plate, str(read.plate_number), *only):
        found = layout.of_plate(label)
        if found:
            places = {
                ("", well): layout.places.get((label, well)) or layout.places.get(("", well), "")
                for well in found
            }
            contents = {("", well): content for well, content in found.items()}
            return Layout(layout.format, contents, name, places=places)
    known = ", ".join(repr(plate) for plate in layout.plates)
    raise LayoutError(
        f"the layout knows no plate {read.plate!r}; it has {known or 'no plates'}",
        name,
        "Name the plates as the export does, or leave the plate name empty.",
    )
