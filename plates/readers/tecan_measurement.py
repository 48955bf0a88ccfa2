"""One measurement of a Tecan program: its settings, and what mode and wavelength they mean."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from plates.grid import parse_number
from plates.wellcells import WellCells

_MODES = (
    ("absorbance", re.compile(r"absorb", re.I)),
    ("fluorescence", re.compile(r"fluor|trf|fret", re.I)),
    ("luminescence", re.compile(r"lumin|alpha|bret", re.I)),
)


@dataclass(slots=True)
class Measurement:
    """The facts of one measurement, and its data: once, or over time or wavelengths."""

    label: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    """By lower-case name without its unit: ``measurement wavelength`` → ``600``."""
    series: list[WellCells] = field(default_factory=list)
    row: int = 0
    """Where the data begin, for messages."""
    calculated: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def mode(self) -> str:
        """What was measured; empty when neither a word nor a wavelength tells."""
        named = f"{self.facts.get('mode', '')} {self.label}"
        for mode, words in _MODES:
            if words.search(self.facts.get("mode", "")):
                return mode
        if any(key.startswith(("excitation", "emission")) for key in self.facts):
            return "fluorescence"
        if "measurement wavelength" in self.facts or "wavelength" in self.facts:
            return "absorbance"
        if "wavelength start" in self.facts:
            return "absorbance"
        if "integration time" in self.facts:
            return "luminescence"
        return next((mode for mode, words in _MODES if words.search(named)), "")

    @property
    def wave(self) -> str:
        """``600``, ``485:535``, or the fixed side of a spectrum."""
        plain = self._nm("measurement wavelength") or self._nm("wavelength")
        excitation, emission = self._nm("excitation wavelength"), self._nm("emission wavelength")
        return f"{excitation}:{emission}" if excitation or emission else plain

    def wave_at(self, wavelength: str) -> str:
        """Wavelength of one row of a spectrum, with the side that stays fixed."""
        excitation, emission = self._nm("excitation wavelength"), self._nm("emission wavelength")
        if self.mode != "fluorescence":
            return wavelength
        return f"{wavelength}:{emission}" if emission and not excitation else (
            f"{excitation}:{wavelength}"
        )  # fmt: skip

    def _nm(self, key: str) -> str:
        number = parse_number(self.facts.get(key, "").removesuffix("nm"))
        return f"{number:g}" if number is not None and 180 <= number <= 1400 else ""
