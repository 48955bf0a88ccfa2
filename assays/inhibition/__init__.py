"""What blockade does: percent inhibition, dose response, combination.

Names are loaded when first used, so that importing this package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assays.inhibition.dose.response import fit_dose_response as fit_dose_response
    from assays.inhibition.pairs.combination import bliss as bliss
    from assays.inhibition.pairs.combination import hsa as hsa
    from assays.inhibition.pairs.combination import loewe as loewe
    from assays.inhibition.percent import percent_inhibition as percent_inhibition

_HOMES = {
    "bliss": "assays.inhibition.pairs.combination",
    "fit_dose_response": "assays.inhibition.dose.response",
    "hsa": "assays.inhibition.pairs.combination",
    "loewe": "assays.inhibition.pairs.combination",
    "percent_inhibition": "assays.inhibition.percent",
}

__all__ = ["bliss", "fit_dose_response", "hsa", "loewe", "percent_inhibition"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'assays.inhibition' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
