"""In a run that is unmixed, one gate may still look at a detector as it was recorded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from assays.errors import ControlError
from assays.flow.run import process_flow
from assays.flow.strategy import Population
from assays.protocol import Flow

DETECTORS = tuple(
    f"{laser}{n}-A" for laser, count in (("V", 12), ("B", 10)) for n in range(1, count)
)
DYES = {"BV421": 1, "FITC": 13}


@pytest.fixture
def tubes(rack: Any, cytometer: Any) -> Any:
    """Single stains of two dyes, the unstained cells, and one donor."""
    places = np.arange(len(DETECTORS))
    hump = [np.exp(-0.5 * ((places - peak) / 1.6) ** 2) for peak in DYES.values()]
    cytometer.detectors, cytometer.spillover = DETECTORS, np.array(hump)
    glow = 300.0 * np.exp(-0.5 * ((places - 7) / 5) ** 2) + 20.0
    cytometer.glow, cytometer.top = {"cells": glow, "beads": 0.1 * glow}, 4194303.0
    for row, name in enumerate(DYES):
        made = cytometer.events(f"{name}.fcs", {row: 20_000.0})
        rack.add(f"{name}.fcs", "single stain", made, stain=name)
    rack.add("unstained.fcs", "unstained", cytometer.events("unstained", {}))
    tube = cytometer.events("u.fcs", {0: 5_000.0, 1: 900.0}, stained=0.5)
    rack.add("u.fcs", "unstimulated", tube, donor="CLL1")
    return rack


def settings(compensation: str) -> Flow:
    gate = {"population": "lit", "method": "interval", "channels": ("V2-A",),
            "params": {"low": 2_000.0}, "compensation": compensation}  # fmt: skip
    readout = {"name": "FITC", "channel": "FITC", "population": "lit"}
    return Flow.model_validate({"compensation": "unmix", "gates": (gate,), "readouts": (readout,)})


def test_a_detector_as_recorded_is_gated_and_the_unmixed_dye_is_read(tubes: Any) -> None:
    kept: dict[str, Population] = {}
    run = process_flow(
        tubes.tubes, tubes.open, settings("none"), keep=lambda tube, found: kept.update(found)
    )
    raw = tubes.events["u.fcs"].column("V2-A")
    assert (kept["lit"].mask == (raw >= 2_000.0)).all()
    assert 0.4 < kept["lit"].mask.mean() < 0.6
    assert run.readings[0].median == pytest.approx(900, rel=0.1)
    assert run.gates[0].x.channel == "V2-A (as recorded)"


def test_no_matrix_compensates_raw_spectral_events_for_one_gate_either(tubes: Any) -> None:
    with pytest.raises(ControlError, match="of a gate on 'V2-A': this is a raw spectral file"):
        process_flow(tubes.tubes, tubes.open, settings("file"))
