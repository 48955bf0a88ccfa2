"""What a journey needs of a layout before it starts."""

from __future__ import annotations

import math

from plates.errors import LayoutError
from plates.layout import Layout, Role
from plates.layouts.content import off_the_plate
from plates.well import PlateFormat


def require_standards(layout: Layout) -> None:
    """Refuse a layout that no standard curve can come from.

    Raises
    ------
    LayoutError
        When no well is a standard, a standard has no nominal concentration or no
        unit, or no standard is above zero.
    """
    require_nominals(layout)
    nominals = [c.nominal for c in layout.contents.values() if c.role is Role.STANDARD]
    if not nominals:
        raise LayoutError(
            "the layout names no standards",
            layout.name,
            "Give the wells of the standard curve the role standard and their concentrations.",
        )
    if not any(nominal > 0 for nominal in nominals):
        raise LayoutError(
            "every standard of the layout has the concentration 0",
            layout.name,
            "Write the concentration of each standard as it was put on the plate.",
        )


def require_nominals(layout: Layout) -> None:
    """Refuse standards without a concentration, and concentrations without a unit.

    Raises
    ------
    LayoutError
        Names the first such well and its place in the file.
    """
    for key, content in layout.contents.items():
        where = layout.places.get(key) or layout.name
        if content.role is Role.STANDARD and math.isnan(content.nominal):
            raise LayoutError(
                f"the standard in well {key[1]} has no nominal concentration",
                where,
                "Write the concentration as it was put on the plate; 0 for a zero standard.",
            )
        # A zero needs no unit; a missing one is missing for every other level too.
        if content.nominal > 0 and not content.unit:
            raise LayoutError(
                f"the concentration of the {content.role} in well {key[1]} has no unit",
                where,
                "Choose it in the cell beside 'Unit of concentrations', or write it in the title "
                "(concentration (pg/mL)), a column unit or the cell itself.",
            )


def require_on_plate(layout: Layout, plate_format: PlateFormat) -> None:
    """Refuse a layout with a well that the plate does not have.

    Raises
    ------
    LayoutError
        Names the first such well and its place in the file.
    """
    for key in layout.contents:
        if key[1] not in plate_format:
            raise off_the_plate(key[1], plate_format, layout.places.get(key) or layout.name)
