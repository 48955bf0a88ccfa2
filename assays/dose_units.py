"""Units that a dose may have: concentrations, amounts in a tube, dilutions and ratios.

Concentrations are those of `plates.units`. An antibody is often told by the test (0.5 µg, 5 µL
per tube), a serum in per cent or as a dilution, particles by the cell. None of these can be turned
into nmol/L; they are compared with the same unit only.
"""

from __future__ import annotations

import re

from plates.errors import UnitError
from plates.units import Kind, Unit, find_unit

FAMILIAR = "nM, µM, nmol/L, ng/mL, µg/mL, U/mL, IU/mL, % or x"
"""What a message offers when nothing known is near."""

_AMOUNT = r"[fpnµμum]?g|[nµμum]?l|k?i?u"
_VESSEL = r"tube|test|well|sample|(?:10\^?[5-8]|1e[5-8]|10⁶|million) ?cells"
# Moles of a tube are always said with it: "nMol" alone is a slip for nM.
_PER_TEST = re.compile(
    rf"(?:{_AMOUNT})(?:\s*(?:/|per)\s*(?:{_VESSEL}))?|[fpnµμum]?mol\s*(?:/|per)\s*(?:{_VESSEL})",
    re.I,
)
_RATIOS = re.compile(
    r"(?:x|×|-?\s?fold(?: dilution)?|dilution|moi|per cell|cells|cells/ml|particles/ml|pfu/ml|"
    r"beads/cell|% ?\(?(?:v/v|w/v)\)?|ppm|au|au/ml|a\.u\.|gy|j/m2|°c)",
    re.I,
)


def known_unit(text: str, where: str = "") -> None:
    """Accept a dose's unit, or refuse it.

    Parameters
    ----------
    text : str
        ``nM``, ``ug/ml``, ``mcg/mL``, ``U/mL``, ``%``, ``x``, ``µg/test`` …
    where : str
        Place of the unit, for the message.

    Raises
    ------
    UnitError
        When nobody writes such a unit; names the nearest one.
    """
    plain = " ".join(text.split())
    if _PER_TEST.fullmatch(plain) or _RATIOS.fullmatch(plain):
        return
    try:
        find_unit(plain)
    except UnitError as error:
        raise UnitError(
            f"{plain[:40]!r} is no unit of a dose", where, error.hint or f"Write {FAMILIAR}."
        ) from None


def spelt(text: str) -> str:
    """A unit as it is shown, whoever wrote it: one spelling, or one dose looks like two.

    Molar units stay as they are given: nmol/L and nM are both usual. What is no concentration keeps
    its words, with a micro sign for a leading u.

    Examples
    --------
    >>> spelt("mcg/ml"), spelt("ug/mL"), spelt("nmol/l"), spelt("nM"), spelt("ug / test")
    ('µg/mL', 'µg/mL', 'nmol/L', 'nM', 'µg/test')
    """
    plain = " ".join(text.split())
    known = concentration_unit(plain)
    if known is not None:
        return known.symbol
    return re.sub(r"^[uμ](?=(?:g|[lL]|mol)\b)", "µ", re.sub(r"\s*/\s*", "/", plain))


def concentration_unit(text: str) -> Unit | None:
    """The concentration that a unit stands for; None for a share, an amount or a ratio."""
    try:
        unit = find_unit(text)
    except UnitError:
        return None
    return None if unit.kind is Kind.SHARE else unit
