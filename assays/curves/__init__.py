"""Standard curves: fit them, read samples back from them.

Names are loaded when first used, so that importing this package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assays.curves.bridging import Bridge as Bridge
    from assays.curves.bridging import bridge as bridge
    from assays.curves.choosing import Comparison as Comparison
    from assays.curves.choosing import compare as compare
    from assays.curves.choosing import select as select
    from assays.curves.contract import CurveModel as CurveModel
    from assays.curves.contract import Inversion as Inversion
    from assays.curves.contract import Place as Place
    from assays.curves.detection import Detection as Detection
    from assays.curves.detection import DetectionCapability as DetectionCapability
    from assays.curves.detection import detection_capability as detection_capability
    from assays.curves.detection import detection_limit as detection_limit
    from assays.curves.detection import minimum_detectable as minimum_detectable
    from assays.curves.detection import precision_profile as precision_profile
    from assays.curves.detection import quantitation_limit as quantitation_limit
    from assays.curves.detection import reliable_detection as reliable_detection
    from assays.curves.detection import working_range as working_range
    from assays.curves.diagnostics import Influence as Influence
    from assays.curves.diagnostics import LackOfFit as LackOfFit
    from assays.curves.diagnostics import influence as influence
    from assays.curves.diagnostics import lack_of_fit as lack_of_fit
    from assays.curves.dilution import DilutionSeries as DilutionSeries
    from assays.curves.dilution import Hook as Hook
    from assays.curves.dilution import dilution_series as dilution_series
    from assays.curves.dilution import hook_in_dilutions as hook_in_dilutions
    from assays.curves.dilution import spike_recovery_percent as spike_recovery_percent
    from assays.curves.fitting import choose as choose
    from assays.curves.fitting import fit as fit
    from assays.curves.fitting import fit_many as fit_many
    from assays.curves.fitting import models as models
    from assays.curves.intervals import INTERVALS as INTERVALS
    from assays.curves.parallel import Parallelism as Parallelism
    from assays.curves.parallel import ParallelLines as ParallelLines
    from assays.curves.parallel import parallel_lines as parallel_lines
    from assays.curves.parallel import parallelism as parallelism
    from assays.curves.plate_precision import Precision as Precision
    from assays.curves.plate_precision import precision as precision
    from assays.curves.pooled import fit_pooled as fit_pooled
    from assays.curves.shared import SharedFit as SharedFit
    from assays.curves.shared import fit_shared as fit_shared
    from assays.curves.standard_curve import StandardCurve as StandardCurve
    from assays.curves.validated_range import AssessedRange as AssessedRange
    from assays.curves.validated_range import RangeRules as RangeRules
    from assays.curves.validated_range import assess_range as assess_range
    from assays.curves.validated_range import narrow_range as narrow_range

_HOMES = {
    "Comparison": "assays.curves.choosing",
    "compare": "assays.curves.choosing",
    "select": "assays.curves.choosing",
    "Detection": "assays.curves.detection",
    "DetectionCapability": "assays.curves.detection",
    "detection_capability": "assays.curves.detection",
    "detection_limit": "assays.curves.detection",
    "minimum_detectable": "assays.curves.detection",
    "precision_profile": "assays.curves.detection",
    "reliable_detection": "assays.curves.detection",
    "working_range": "assays.curves.detection",
    "INTERVALS": "assays.curves.intervals",
    "AssessedRange": "assays.curves.validated_range",
    "RangeRules": "assays.curves.validated_range",
    "assess_range": "assays.curves.validated_range",
    "narrow_range": "assays.curves.validated_range",
    "Precision": "assays.curves.plate_precision",
    "precision": "assays.curves.plate_precision",
    "Bridge": "assays.curves.bridging",
    "bridge": "assays.curves.bridging",
    "SharedFit": "assays.curves.shared",
    "fit_shared": "assays.curves.shared",
    "Influence": "assays.curves.diagnostics",
    "LackOfFit": "assays.curves.diagnostics",
    "influence": "assays.curves.diagnostics",
    "lack_of_fit": "assays.curves.diagnostics",
    "Hook": "assays.curves.dilution",
    "hook_in_dilutions": "assays.curves.dilution",
    "quantitation_limit": "assays.curves.detection",
    "ParallelLines": "assays.curves.parallel",
    "Parallelism": "assays.curves.parallel",
    "parallel_lines": "assays.curves.parallel",
    "parallelism": "assays.curves.parallel",
    "DilutionSeries": "assays.curves.dilution",
    "dilution_series": "assays.curves.dilution",
    "spike_recovery_percent": "assays.curves.dilution",
    "fit_pooled": "assays.curves.pooled",
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
