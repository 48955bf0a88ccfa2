"""The end of an EnVision or EnSpire export: plate type, plate map, labels, filters, instrument.

A label names its filters, a filter says its wavelength in words (``CWL=450nm``).
The first digit of a label's number tells the technology. EnSpire has
``Measurements`` instead, with wavelengths of monochromators.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from plates.grid import read_block
from plates.table import Row, Table, cell, is_blank
from plates.well import FORMATS, PlateFormat, Well

_NUMBER = re.compile(r"\d{6,8}")
_CWL = re.compile(r"CWL\s*=\s*(\d{3,4})\s*nm")
_NM = re.compile(r"(\d{3,4})(?:\.0+)?\s*nm")
_NAMED_NM = re.compile(r"(?<!\d)(\d{3,4})(?!\d)")
_TECHNOLOGY = {
    "1": "fluorescence", "2": "absorbance", "3": "fluorescence", "4": "fluorescence",
    "5": "fluorescence", "6": "fluorescence", "7": "luminescence", "8": "luminescence",
}  # fmt: skip
_PARTS = ("Platemap:", "Labels:", "Measurements:", "Filters:", "Instrument:", "Plate type:",
          "Calculations:", "Operations:", "Auto export parameters:", "Mirror modules:",
          "Aperture:", "Normalization:")  # fmt: skip


@dataclass(slots=True)
class Settings:
    """What the end of the file says, by part."""

    facts: dict[str, str] = field(default_factory=dict)
    """Lines ``name,,,,value`` of every part but labels and filters; the first counts."""
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    """Lines of each label or measurement, with its number as ``id``."""
    filters: dict[str, dict[str, str]] = field(default_factory=dict)
    maps: dict[str, dict[Well, str]] = field(default_factory=dict)
    """Plate map by plate: what was to be measured; ``-`` is a well without a name."""

    @property
    def format(self) -> PlateFormat | None:
        """The plate type; None where the export leaves it out."""
        rows, columns = self.facts.get("number of rows"), self.facts.get("number of columns")
        known = {(str(each.rows), str(each.columns)): each for each in FORMATS.values()}
        return known.get((rows or "", columns or ""))

    def label(self, name: str) -> dict[str, str]:
        """Lines of a label, by its name in a title: ``A450(1)``, ``Meas A``, ``A``."""
        plain = re.sub(r"\s*\(\d+\)$", "", name).strip()
        for key in (plain, plain.removeprefix("Meas").strip()):
            if key in self.labels:
                return self.labels[key]
        return {}

    def mode(self, name: str, measinfo: str) -> str:
        """What a label measured; the optics of ``Measinfo`` tell where there is no label."""
        label = self.label(name)
        if label.get("id"):
            return _TECHNOLOGY.get(label["id"][0], "fluorescence")
        tech = label.get("technology", "")
        for mode in ("absorbance", "luminescence"):
            if mode in tech.lower():
                return mode
        if "excitation wavelength" in label:
            return "fluorescence" if "emission wavelength" in label else "absorbance"
        if "measurement wavelength" in label:
            return "absorbance"
        if "Ex=N/A" in measinfo:
            return "luminescence"
        return "absorbance" if "Em=N/A" in measinfo else "fluorescence"

    def wave(self, name: str, mode: str, second: bool) -> str:
        """Wavelength of a label; ``second`` is the second detector behind its own filter."""
        label = self.label(name)
        excitation = self._side(label, "excitation wavelength", "exc. filter")
        emission = self._side(label, "emission wavelength", "ems. filter")
        if second:
            emission = self._side(label, "2nd emission wavelength", "2nd ems. filter") or emission
        if mode == "absorbance":
            plain = self._side(label, "measurement wavelength", "")
            return plain or excitation or emission
        if mode == "luminescence":
            return emission
        return f"{excitation}:{emission}" if excitation or emission else ""

    def _side(self, label: dict[str, str], wavelength: str, place: str) -> str:
        if found := _NM.match(label.get(wavelength, "")):
            return found[1]
        name = label.get(place, "") if place else ""
        described = _CWL.search(self.filters.get(name, {}).get("description", ""))
        if described:
            return described[1]
        # A filter that the list leaves out often has the wavelength in its name: APC 665.
        named = [each for each in _NAMED_NM.findall(name) if 180 <= int(each) <= 1400]
        return named[0] if len(named) == 1 else ""


def read_settings(table: Table, start: int) -> Settings:
    """Read the end of a file from ``Basic assay information`` on."""
    settings = Settings()
    part = plate = technology = ""
    current: dict[str, str] = {}
    index = start
    while index < len(table.rows):
        row = table.rows[index]
        first, value = cell(row, 0), _value(row)
        block = None if is_blank(row) else read_block(table, index)
        if block is not None and part == "Platemap:":
            wells = settings.maps.setdefault(plate, {})
            for line in block.lines:
                for column, text in enumerate(line.cells):
                    if text:
                        wells[Well(line.letter, column)] = text
            index = block.end
            continue
        if first in _PARTS:
            part, current = first, {}
            technology = value
        elif part == "Platemap:" and first == "Plate":
            plate = value
        elif part == "Labels:" and _NUMBER.fullmatch(value):
            current = settings.labels.setdefault(first, {"id": value})
        elif part == "Measurements:" and first == "Meas":
            current = settings.labels.setdefault(value, {"technology": technology})
        elif part == "Filters:" and re.fullmatch(r"\d{1,4}", value):
            current = settings.filters.setdefault(first, {})
        elif part in ("Labels:", "Measurements:", "Filters:"):
            current.setdefault(first.lower(), value)
        elif first:
            settings.facts.setdefault(first.rstrip(": ").lower(), value)
        index += 1
    return settings


def _value(row: Row) -> str:
    """The value of a line stands four columns on, or right behind its name."""
    text = next((text for text in row[1:] if text), "")
    return unwrap(text)


def unwrap(text: str) -> str:
    """Barcodes and serial numbers come as a formula, ``="1050242"``, to stay text in Excel."""
    found = re.fullmatch(r'="?(.*?)"?', text)
    return found[1].strip('"') if found else text
