"""Tubes whose medians somebody published, as readings of a run."""

from __future__ import annotations

import math
from typing import Any

from assays.protocol import Flow, Gate
from assays.results.flow import Reading
from assays.samples import Tube


def flow(tube_cv_percent: float | None, *readouts: dict[str, Any]) -> Flow:
    """A protocol that reads these, with a CV between tubes where there are no replicates."""
    cells = Gate(population="cells", method="interval", channels=("FSC-A",), params={"low": -1e9})
    settings = {"compensation": "none", "gates": (cells,), "readouts": readouts}
    return Flow.model_validate(settings | {"inhibition": {"tube_cv_percent": tube_cv_percent}})


def reading(tube: Tube, value: float, readout: str = "pSTAT3", unit: str = "a.u.") -> Reading:
    """A published median; nothing is known of its events."""
    nan = math.nan
    return Reading(
        tube.file, tube.donor, tube, readout, "cells", "x", 1000, value, nan, 1.0,
        nan, nan, nan, "", "ok", unit=unit,
    )  # fmt: skip
