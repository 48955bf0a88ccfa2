"""One raw read of a plate as a heat map, whatever it was used for."""

from __future__ import annotations

import math

import numpy as np

from assays.reports.figures.picture import Picture
from assays.reports.figures.style import house_style
from assays.reports.figures.svg import vector_picture
from plates.draw import draw_plate
from plates.plateread import PlateRead

UNITS = {"absorbance": " (OD)", "fluorescence": " (RFU)", "luminescence": " (RLU)"}


def draw_read(read: PlateRead, name: str, group: str, why: str = "") -> Picture:
    """Heat map of a read as the reader recorded it, A1 at top left.

    Parameters
    ----------
    read : PlateRead
    name : str
        Of the picture's file.
    group : str
        The plate, as the page calls it.
    why : str
        A sentence that follows the caption.
    """
    quantity = _quantity(read)
    with house_style():
        figure = draw_plate(read.values, read.format, quantity=quantity, flags=dict(read.flags))
    when = "" if math.isnan(read.time_s) else f" at {read.time_s:g} s"
    count = int(np.isfinite(read.values).sum())
    wells = f"{count} well{'' if count == 1 else 's'} with a number"
    caption = (
        f"{group or read.plate or 'Plate'}, read {read.read}{when}: {quantity}, {wells}. Look for "
        f"wells unlike their neighbours.{' ' if why else ''}{why}"
    )
    return vector_picture(figure, name, "plate", group, caption, f"Heat map. {caption}")


def _quantity(read: PlateRead) -> str:
    wave = f" at {read.wavelength_nm} nm" if read.wavelength_nm else ""
    unit = UNITS.get(read.mode, "")
    name = f"{read.analyte + ', ' if read.analyte else ''}{read.mode}{wave}{unit}"
    return name[:1].upper() + name[1:]
