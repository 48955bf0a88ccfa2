"""Whether a concentration may be used, and if not, why."""

from __future__ import annotations

from enum import StrEnum


class RangeStatus(StrEnum):
    """Whether a sample's concentration may be used, and if not, why."""

    OK = "ok"
    BELOW_LLOQ = "< LLOQ"
    ABOVE_ULOQ = "> ULOQ"
    BELOW_LOD = "< LOD"
    EXCLUDED = "excluded"
    HIGH_CV = "CV above limit"
    REJECTED = "curve rejected"
    NO_SIGNAL = "no reading"
    """No well of the sample has a number."""
    ADDED = "analyte added"
    """The analyte itself was put into the culture: what is read is not what the cells made."""
