"""FCS files: bytes to events, and back.

Names are loaded when first used, so that importing this package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assays.flow.fcs.dataset import count_datasets as count_datasets
    from assays.flow.fcs.dataset import read_analysis as read_analysis
    from assays.flow.fcs.dataset import read_keywords as read_keywords
    from assays.flow.fcs.read import read as read
    from assays.flow.fcs.write import write as write

_HOMES = {
    "count_datasets": "assays.flow.fcs.dataset",
    "read": "assays.flow.fcs.read",
    "read_analysis": "assays.flow.fcs.dataset",
    "read_keywords": "assays.flow.fcs.dataset",
    "write": "assays.flow.fcs.write",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'assays.flow.fcs' has no attribute {name!r}")
    # A function takes the place of the module of its own name, once and for all.
    found = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__
