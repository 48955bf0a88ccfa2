"""What a measurement means: a concentration, a gated population, an inhibition.

Names are loaded when first used, so that importing this package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assays.workflow import run as run

__version__ = "0.1.0"

__all__ = ["run"]


def __getattr__(name: str) -> Any:
    if name == "run":
        return importlib.import_module("assays.workflow").run
    raise AttributeError(f"module 'assays' has no attribute {name!r}")
