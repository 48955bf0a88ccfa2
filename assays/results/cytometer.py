"""The circumstances of a recording: which cytometer, when, with what lasers and voltages.

Words of the file, tidied and not interpreted: a field that the file leaves
blank is empty here, a number it does not give is NaN.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Laser:
    """A laser as the acquisition program names it."""

    name: str
    delay: str = ""
    """In the unit of the program, mostly microseconds."""


@dataclass(frozen=True, slots=True)
class Detector:
    """How one channel was measured."""

    channel: str
    marker: str
    voltage_v: float = math.nan
    """$PnV; NaN when not given."""
    gain: float = 1.0
    """$PnG."""
    excitation_nm: str = ""
    """$PnL: one wavelength, or several parted by commas; empty when none is given."""
    power_mw: float = math.nan
    """$PnO; NaN when not given."""
    filter: str = ""
    """$PnF, such as ``525 BP``."""
    scale: str = ""
    """``linear`` or ``log 4 decades``: how the numbers were stored."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The circumstances of one data set."""

    cytometer: str = ""
    serial: str = ""
    software: str = ""
    date: str = ""
    """$DATE as written."""
    begin: str = ""
    """$BTIM as written."""
    end: str = ""
    """$ETIM as written."""
    operator: str = ""
    institution: str = ""
    specimen: str = ""
    tube: str = ""
    plate: str = ""
    well: str = ""
    lasers: tuple[Laser, ...] = ()
    detectors: tuple[Detector, ...] = ()
