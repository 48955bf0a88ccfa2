"""Our concentrations beside those that the reader's software printed: for comparison only."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from assays.elisa.contents import in_unit
from assays.elisa.prepare import PreparedPlate
from assays.results.elisa import WellReading
from plates.errors import UnitError
from plates.findings import Finding, Severity

AGREE_PERCENT = 1.0
"""Rounding in print and another weighting stay below this on a sound plate's middle."""
_CONCENTRATION = re.compile(
    r"(back)?(calc(ulated)?|obs(erved)?)? ?(conc(entration)?|result)", re.IGNORECASE
)


def compare_printed(plate: PreparedPlate, wells: Sequence[WellReading], unit: str) -> list[Finding]:
    """How many wells agree with what the software printed for them; nothing when it printed none.

    Parameters
    ----------
    wells : sequence of WellReading
        Read back from our curve. A printed number may stand for the well or, times the dilution,
        for the sample; either counts.
    unit : str
        Of ours; theirs is taken to be that of the standards in the export.
    """
    read = plate.signal.read
    ours = {well.well: well for well in wells if math.isfinite(well.concentration)}
    scale = _scale(plate, unit)
    ratios: list[float] = []
    names: Counter[str] = Counter()
    for one in plate.export.printed:
        if math.isnan(scale):
            break
        mine = one.plate_number == read.plate_number and one.analyte in ("", read.analyte)
        if not mine or not _is_concentration(one.quantity) or one.well not in ours:
            continue
        if math.isfinite(one.value) and one.value > 0 and ours[one.well].concentration > 0:
            well = ours[one.well]
            found = [
                well.concentration / (one.value * scale) * f for f in (1.0, well.dilution_factor)
            ]
            ratios.append(min(found, key=lambda ratio: abs(math.log(ratio))))
            names[one.quantity] += 1
    if not ratios:
        return []
    close = sum(abs(100 * (ratio - 1)) <= AGREE_PERCENT for ratio in ratios)
    listed = ", ".join(repr(name) for name in names)
    said = (
        f"{plate.export.software} printed {len(ratios)} concentrations of wells ({listed}): "
        f"{close} agree with ours within {AGREE_PERCENT:g} %. Ours over theirs is "
        f"{float(np.median(ratios)):.3g} in the median. Its model, weighting and reference "
        "may differ; nothing printed was used."
    )
    return [Finding("printed-results", Severity.NOTE, plate.plate, said, float(close))]


def _scale(plate: PreparedPlate, unit: str) -> float:
    """What brings a printed number into our unit: 1 without a unit, NaN for one nobody knows."""
    own = plate.export.layout.contents.values() if plate.export.layout is not None else ()
    theirs = {content.unit.strip() for content in own if content.nominal > 0}
    named = theirs.pop() if len(theirs) == 1 else ""
    try:
        return in_unit(1.0, named, unit, plate.file) if named else 1.0
    except UnitError:
        # A comparison is no reason to stop a run.
        return math.nan


def _is_concentration(quantity: str) -> bool:
    """``Conc``, ``Result``, ``[Concentration]``, ``Conc. [ng/ml]``: of a well, no mean."""
    plain = re.sub(r"(?<=\S)\s*[(\[].*$", "", quantity[:100])
    plain = " ".join(re.sub(r"[^A-Za-z ]+", " ", plain).split())
    return _CONCENTRATION.fullmatch(plain) is not None
