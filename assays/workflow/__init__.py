"""Open files, call a journey, save: the verbs that the command line and notebooks share."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assays.workflow.process import run as run

__all__ = ["run"]


def __getattr__(name: str) -> Any:
    if name == "run":
        return importlib.import_module("assays.workflow.process").run
    raise AttributeError(f"module 'assays.workflow' has no attribute {name!r}")
