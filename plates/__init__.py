"""Wells, and what a plate reader recorded in them. No assay knowledge.

Names are loaded when first used, so that importing this package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plates.errors import LabError as LabError
    from plates.findings import Finding as Finding
    from plates.findings import Severity as Severity
    from plates.layout import Layout as Layout
    from plates.layout import Role as Role
    from plates.layout import WellContent as WellContent
    from plates.layouts.identify import read_layout as read_layout
    from plates.plateread import Export as Export
    from plates.plateread import PlateRead as PlateRead
    from plates.readers.identify import read as read
    from plates.source import Source as Source
    from plates.well import PlateFormat as PlateFormat
    from plates.well import Well as Well

_HOMES = {
    "Export": "plates.plateread",
    "Finding": "plates.findings",
    "LabError": "plates.errors",
    "Layout": "plates.layout",
    "PlateFormat": "plates.well",
    "PlateRead": "plates.plateread",
    "Role": "plates.layout",
    "Severity": "plates.findings",
    "Source": "plates.source",
    "Well": "plates.well",
    "WellContent": "plates.layout",
    "read": "plates.readers.identify",
    "read_layout": "plates.layouts.identify",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'plates' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
