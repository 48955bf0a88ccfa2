"""Standards that look wrong as a whole: a unit that cannot be, a reader at its ceiling."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from assays.elisa.numbers import short
from assays.protocol import Elisa
from assays.results.elisa import PlateResult
from plates.errors import UnitError
from plates.findings import Finding, Severity
from plates.units import convert

FAR = 30.0
"""Half-way between agreement and a factor of 1000, as a wrong prefix makes, on a log scale."""
IL6_TOP_PG_ML = (2.0, 1e5)
"""Highest standards of IL-6 assays: 10 (high sensitivity) to 40,000 pg/mL (beads), and room."""
IL6 = ("il6", "interleukin6", "hil6", "humanil6")


def doubt_standards(
    plate: PlateResult, saturated: Sequence[float], protocol: Elisa
) -> Iterator[Finding]:
    """Remarks on the standards of one plate.

    Parameters
    ----------
    saturated : sequence of float
        Nominal concentrations whose every well reads the plate's highest number.
    """
    nominals = [level.nominal for level in plate.standards if level.nominal > 0]
    if nominals:
        yield from _unit(plate, min(nominals), max(nominals), protocol)
    if saturated:
        listed = ", ".join(f"{nominal:g}" for nominal in sorted(saturated))
        many = len(saturated) > 1
        yield Finding(
            "saturated-standards",
            Severity.LOOK,
            plate.plate,
            f"Standard{'s' if many else ''} {listed} {protocol.unit} read{'' if many else 's'} the "
            "highest number of the plate in every well: the reader ends there. "
            f"{'They do' if many else 'It does'} not count towards the ULOQ but still bend"
            f"{'' if many else 's'} the curve: exclude the wells, with this reason.",
            float(len(saturated)),
        )


def _unit(plate: PlateResult, low: float, high: float, protocol: Elisa) -> Iterator[Finding]:
    """The kit's range, or what IL-6 assays span, held against the standards on the plate."""
    unit = protocol.unit
    if protocol.kit_range is not None:
        wanted = protocol.kit_range
        off = math.sqrt((low / wanted[0]) * (high / wanted[1]))
        if 1 / FAR < off < FAR:
            return
        said = f"the kit's are {short(wanted[0])}–{short(wanted[1])} {unit}"
        limit = wanted[1]
    elif "".join(filter(str.isalnum, protocol.analyte.casefold())) in IL6:
        try:
            top = convert(high, unit, "pg/mL")
        except UnitError:
            return
        if IL6_TOP_PG_ML[0] <= top <= IL6_TOP_PG_ML[1]:
            return
        said = "the highest standard of IL-6 assays lies between 10 and 40000 pg/mL"
        limit = IL6_TOP_PG_ML[1] if top > IL6_TOP_PG_ML[1] else IL6_TOP_PG_ML[0]
    else:
        return
    yield Finding(
        "unit-doubtful",
        Severity.LOOK,
        plate.plate,
        f"The standards are {short(low)}–{short(high)} {unit}, and {said}. Is the unit in the "
        "layout or in assay.toml wrong (pg, ng)? Every concentration depends on it.",
        high,
        limit,
        unit,
    )
