"""The plate as it was read: raw signal, roles, exclusions and the reader's flags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assays.reports.figures.standard_curve import response_name
from assays.reports.figures.style import house_style
from assays.results.elisa import PlateResult
from plates.draw import draw_plate

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_plate_map(plate: PlateResult) -> Figure:
    """Heat map of the raw values as the reader recorded them, A1 at top left."""
    name = response_name(plate.mode)
    if plate.wavelength_nm:
        name = name.replace(" (", f" at {plate.wavelength_nm} nm (")
    with house_style():
        return draw_plate(
            plate.raw,
            plate.format,
            quantity=name,
            roles={reading.well: reading.role for reading in plate.wells},
            excluded={reading.well for reading in plate.wells if reading.excluded_why},
            flags={reading.well: reading.flag for reading in plate.wells if reading.flag},
        )
