"""The layout of an xPONENT batch: samples, expected concentrations, units and dilutions."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from plates.errors import ReaderError
from plates.grid import parse_number
from plates.layout import Role, WellContent
from plates.readers.xponent_tables import Part
from plates.roles import role_of
from plates.table import Table, cell
from plates.well import Well
from plates.wellwise import one_nominal


@dataclass(frozen=True, slots=True)
class Reagents:
    """The tables that say what was put into the wells."""

    analytes: tuple[str, ...]
    """In the order of the columns."""
    expected: list[Part]
    """Known concentrations of standards and controls, a row per reagent."""
    units: Part | None
    dilutions: Part | None

    def unit_of(self) -> dict[str, str]:
        """Unit of concentration by analyte; ``Bead`` and nothing are none."""
        rows = self.units.rows if self.units else []
        texts = next((row[1:] for _, row in rows if row[0].startswith("Units")), ())
        return {
            name: text if "/" in text or text.endswith("M") else ""
            for name, text in zip(self.analytes, texts, strict=False)
        }

    def nominals(self, mark: str) -> dict[str, dict[str, tuple[float, str]]]:
        """Known concentrations and their units, by reagent and analyte."""
        units = self.unit_of()
        found: dict[str, dict[str, tuple[float, str]]] = {}
        for table in self.expected:
            for _, row in table.rows:
                numbers = (parse_number(text, mark) for text in row[1:])
                pairs = zip(self.analytes, numbers, strict=False)
                known = {n: (v, units.get(n, "")) for n, v in pairs if v is not None}
                found.setdefault(row[0], {}).update(known)
        return found


def contents_of(
    samples: dict[tuple[int, Well], str],
    reagents: Reagents,
    labels: dict[int, str],
    mark: str,
    table: Table,
) -> dict[tuple[str, Well], WellContent]:
    """Content by plate label and well.

    A sample with an expected concentration is a standard, or a control (``qc``)
    where its name says so; any other is what its name says, else a sample.

    Raises
    ------
    ReaderError
        When a dilution factor is no number from 1 on.
    """
    nominals = reagents.nominals(mark)
    factors = _factors(reagents.dilutions, mark, table)
    seen: Counter[tuple[int, str]] = Counter()
    contents: dict[tuple[str, Well], WellContent] = {}
    for (number, well), sample in samples.items():
        known = nominals.get(sample, {})
        role = role_of(sample) or (Role.STANDARD if known else Role.SAMPLE)
        if role is Role.CONTROL and known:
            role = Role.QC
        own = known if role in (Role.STANDARD, Role.QC) else {}
        nominal, unit = one_nominal(own) if own else (math.nan, "")
        seen[number, sample] += 1
        contents[labels[number], well] = WellContent(
            role,
            sample,
            nominal=nominal,
            unit=unit,
            dilution_factor=factors.get((str(number), str(well)), 1.0),
            replicate=seen[number, sample],
            nominals=own,
        )
    return contents


def _factors(part: Part | None, mark: str, table: Table) -> dict[tuple[str, str], float]:
    """Dilution factor by plate and well; blanks have none."""
    factors: dict[tuple[str, str], float] = {}
    for index, row in part.rows if part else []:
        text = cell(row, 2)
        if not text:
            continue
        factor = parse_number(text, mark)
        if factor is None or factor < 1:
            raise ReaderError(
                f"xponent: expected a dilution factor of 1 or more, found {text!r}",
                table.at(index, 2),
            )
        plate, _, well = row[0].partition("(")[2].rstrip(") ").partition(",")
        factors[plate.strip(), well.strip()] = factor
    return factors
