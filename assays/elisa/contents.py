"""What is in the wells of each plate of a run, from the layout and from the export's own.

The layout file wins, but it must not contradict the one inside the export about standards
and blanks: then nobody knows which of the two is true.
"""

from __future__ import annotations

import math
from dataclasses import replace

from plates.errors import LayoutError, UnitError
from plates.findings import Finding, Severity
from plates.layout import Layout, WellContent
from plates.layouts.agreement import contradictions
from plates.layouts.require import require_on_plate
from plates.plateread import PlateRead
from plates.units import convert


def contents_of(
    read: PlateRead,
    layout: Layout | None,
    own: Layout | None,
    alone: bool,
    where: str,
    names: tuple[str, ...],
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
    names : tuple of str
        What the layout file may call the plate.

    Raises
    ------
    LayoutError
        When there is no layout, it does not know the plate, has a well that the plate lacks, or
        contradicts the export's own.
    """
    own_names = (read.plate, str(read.plate_number))
    inside = _of_plate(own, own_names, alone, f"{where}: layout of the export") if own else None
    ours = _of_plate(layout, names, alone, layout.name or "layout") if layout else None
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


def of_analyte(layout: Layout, analyte: str) -> Layout:
    """The layout with the known concentrations of one analyte, where a well holds many."""
    if not analyte or not any(content.nominals for content in layout.contents.values()):
        return layout
    nothing = (math.nan, "")
    contents = {
        key: replace(content, nominal=known[0], unit=known[1])
        for key, content in layout.contents.items()
        for known in [content.nominals.get(analyte, nothing)]
        if content.nominals
    }
    return replace(layout, contents={**layout.contents, **contents})


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
    try:
        return convert(value, unit, wanted)
    except UnitError as error:
        raise UnitError(
            f"the layout's {unit!r} cannot be turned into {wanted!r}, the unit of the run: "
            f"{error.message}",
            where,
            'Correct the layout, or unit = "…" under [elisa] in assay.toml.',
        ) from None


def _plain(unit: str) -> str:
    return unit.strip().replace("μ", "µ").lower()


def _of_plate(layout: Layout, names: tuple[str, ...], alone: bool, name: str) -> Layout:
    """One plate of a layout, found by one of its names, or because it is the only one."""
    plates = [plate for plate in layout.plates if plate]
    only = tuple(plates) if alone and len(plates) == 1 else ()
    # A name that the layout knows wins over what it says of every plate.
    known = [label for label in (*names, *only) if label in plates]
    for label in (*known[:1], ""):
        found = layout.of_plate(label)
        if found:
            places = {
                ("", well): layout.places.get((label, well)) or layout.places.get(("", well), "")
                for well in found
            }
            contents = {("", well): content for well, content in found.items()}
            cells = {
                ("", well, property_): cell
                for of in ("", label)
                for (plate, well, property_), cell in layout.cells.items()
                if plate == of and well in found
            }
            return Layout(layout.format, contents, name, places=places, cells=cells)
    listed = ", ".join(repr(plate) for plate in layout.plates)
    raise LayoutError(
        f"the layout knows no plate {names[0]!r}; it has {listed or 'no plates'}",
        name,
        "Name the plates as the export does, or leave the plate name empty.",
    )
