"""Standard curves: fit them, read samples back from them.

Names are loaded when first used, so that importing this package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assays.curves.contract import CurveModel as CurveModel
    from assays.curves.contract import Inversion as Inversion
    from assays.curves.contract import Place as Place
    from assays.curves.fitting import choose as choose
    from assays.curves.fitting import fit as fit
    from assays.curves.fitting import fit_many as fit_many
    from assays.curves.fitting import models as models
    from assays.curves.standard_curve import StandardCurve as StandardCurve

_HOMES = {
    "CurveModel": "assays.curves.contract",
    "Inversion": "assays.curves.contract",
    "Place": "assays.curves.contract",
    "StandardCurve": "assays.curves.standard_curve",
    "choose": "assays.curves.fitting",
    "fit": "assays.curves.fitting",
    "fit_many": "assays.curves.fitting",
    "models": "assays.curves.fitting",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'assays.curves' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
