"""Calibration beads: peaks as many as values, a line that gives the truth back, its range."""

from __future__ import annotations

import hashlib
import math
from typing import Any

import numpy as np
import pytest

from assays.errors import ControlError
from assays.flow.beads import calibrate, densest, find_peaks
from assays.flow.events import Channel, Events
from assays.flow.run import process_flow
from assays.protocol import Beads, Flow
from assays.results.flow import FlowRun
from assays.samples import Agent, Tube, TubeRole

MESF = (0.0, 800.0, 2400.0, 7200.0, 21600.0, 65000.0)
TOP = 262144.0


def random(name: str) -> np.random.Generator:
    digest = hashlib.sha256(name.encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))


def shine(
    name: str, values: tuple[float, ...] = MESF, per_molecule: float = 0.9, n: int = 1500
) -> Any:
    """Beads whose intensity is `per_molecule` times their molecules, CV 6 %, noise 60."""
    rng = random(name)
    levels = [rng.normal(per_molecule * v, 0.06 * per_molecule * v + 60, n) for v in values]
    return np.concatenate(levels)


def beads(values: tuple[float, ...] = MESF, **more: Any) -> Beads:
    return Beads(channel="PE-A", values=values, **more)


def test_every_peak_is_found_blanks_that_scatter_around_zero_too() -> None:
    found = find_peaks(shine("peaks"), 6, TOP)
    assert [len(one) for one in found] == pytest.approx([1500] * 6, abs=30)
    medians = [float(np.median(one)) for one in found]
    assert medians == pytest.approx([0.9 * value for value in MESF], rel=0.02, abs=10)


@pytest.mark.parametrize("fit", ["log-log", "linear"])
def test_the_line_gives_molecules_back(fit: Any) -> None:
    line = calibrate(beads(fit=fit, lot="A1"), shine("line"), TOP, ("beads.fcs",))
    assert line.status == "ok" and line.r_squared > 0.999
    for truth in (1000.0, 10_000.0, 50_000.0):
        value, status = line.molecules(0.9 * truth)
        assert value == pytest.approx(truth, rel=0.05)
        assert status == "ok"
    assert line.slope == pytest.approx(1.0 if fit == "log-log" else 1 / 0.9, rel=0.02)
    assert [peak.used for peak in line.peaks] == [fit == "linear", *[True] * 5]
    assert all(95 < p.recovery_percent < 105 for p in line.peaks if p.used and p.assigned > 2000)


def test_readings_beyond_the_beads_are_told_and_nothing_is_not_a_number() -> None:
    line = calibrate(beads(), shine("range"), TOP)
    assert line.molecules(0.9 * 400)[1] == "below the beads"
    assert line.molecules(0.9 * 100_000)[1] == "above the beads"
    assert math.isnan(line.molecules(-20.0)[0])
    assert line.molecules(-20.0)[1] == "below the beads"


def test_another_number_of_peaks_than_values_gives_no_line() -> None:
    line = calibrate(beads(MESF[1:]), shine("six"), TOP)
    assert line.status == "6 peaks found, 5 values assigned"
    assert math.isnan(line.slope) and math.isnan(line.molecules(1000.0)[0])
    assert len(line.peaks) == 6


def test_a_saturated_peak_takes_no_part() -> None:
    values = np.minimum(shine("saturated", (800.0, 7200.0, 65000.0, 900_000.0)), TOP)
    line = calibrate(beads((800.0, 7200.0, 65000.0, 900_000.0)), values, TOP)
    assert line.peaks[-1].note == "at the top of the scale"
    assert line.slope == pytest.approx(1.0, rel=0.02)


def test_single_beads_are_kept_and_doublets_left_out() -> None:
    rng = random("scatter")
    scatter = np.concatenate([rng.normal(50_000, 2000, 5000), rng.normal(95_000, 4000, 700)])
    kept = densest([scatter, scatter * 0.6])
    assert kept[:5000].mean() > 0.98
    assert kept[5000:].sum() == 0


NAMES = ("FSC-A", "SSC-A", "PE-A")


def events(name: str, column: Any) -> Events:
    rng = random(name)
    values = rng.normal([50_000, 30_000, 0], [2000, 1500, 0], (len(column), 3))
    values[:, 2] = column
    channels = tuple(Channel(one, None, TOP) for one in NAMES)
    return Events(values.astype(np.float32), channels, None, name=name)


def process(tubes: dict[Tube, Any], **change: Any) -> FlowRun:
    settings: dict[str, Any] = {
        "compensation": "none",
        "gates": (
            {
                "population": "cells",
                "method": "rectangle",
                "channels": ("FSC-A", "SSC-A"),
                "params": {"low": [0, 0], "high": [2e5, 2e5]},
            },
        ),
        "readouts": ({"name": "pSTAT3", "channel": "PE-A", "population": "cells"},),
        "beads": ({"channel": "PE-A", "values": MESF},),
    }
    held = {tube.file: events(tube.file, column) for tube, column in tubes.items()}
    flow = Flow.model_validate(settings | change)
    return process_flow(list(tubes), lambda tube: held[tube.file], flow)


CELLS = {
    Tube("u.fcs", "P1", TubeRole.UNSTIMULATED): np.full(1000, 90.0),
    Tube("s.fcs", "P1", TubeRole.STIMULATED, Agent("IL-6")): np.full(1000, 9000.0),
}


def test_readings_of_a_run_stand_beside_their_molecules() -> None:
    tube = Tube("beads.fcs", "", TubeRole.BEADS, stain="PE-A")
    run = process(CELLS | {tube: shine("run")})
    low, high = run.readings
    assert high.calibrated == pytest.approx(10_000, rel=0.03)
    assert high.calibrated_unit == "MESF"
    assert (high.calibrated_status, low.calibrated_status) == ("ok", "below the beads")
    assert run.calibrations[0].files == ("beads.fcs",)
    (told,) = [f for f in run.findings if f.rule == "beyond-the-beads"]
    assert "1 reading on PE-A lies beyond" in told.message
    assert {row.file for row in run.readings} == {"u.fcs", "s.fcs"}


@pytest.mark.parametrize("role", [TubeRole.FMO, TubeRole.ISOTYPE])
def test_tubes_that_are_dim_by_design_are_not_beyond_the_beads(role: TubeRole) -> None:
    bright = {
        Tube("u.fcs", "P1", TubeRole.UNSTIMULATED): np.full(1000, 900.0),
        Tube("s.fcs", "P1", TubeRole.STIMULATED, Agent("IL-6")): np.full(1000, 9000.0),
    }
    dim = {Tube("dim.fcs", "P1", role, stain="PE-A"): np.full(1000, 9.0)}
    readout = {
        "name": "pSTAT3",
        "channel": "PE-A",
        "population": "cells",
        "threshold": role.value,
    }
    tubes = bright | dim | {Tube("beads.fcs", "", TubeRole.BEADS, stain="PE-A"): shine("dim")}
    run = process(tubes, readouts=(readout,))
    (row,) = [each for each in run.readings if each.file == "dim.fcs"]
    assert row.calibrated_status == "below the beads"
    assert not [f for f in run.findings if f.rule == "beyond-the-beads"]


def test_beads_that_make_no_line_are_told_and_the_run_goes_on() -> None:
    tube = Tube("beads.fcs", "", TubeRole.BEADS)
    run = process(CELLS | {tube: np.full(2000, 500.0)})
    assert run.calibrations[0].status == "1 peak found, 6 values assigned"
    assert math.isnan(run.readings[1].calibrated) and run.readings[1].median == 9000.0
    assert any(f.rule == "beads-without-a-line" for f in run.findings)


def test_beads_without_a_tube_or_a_readout_are_named() -> None:
    with pytest.raises(ControlError, match="no tube of beads is there for PE-A"):
        process(CELLS)
    tube = Tube("beads.fcs", "", TubeRole.BEADS)
    with pytest.raises(ControlError, match="which no readout is read on"):
        process(CELLS | {tube: shine("x")}, beads=({"channel": "SSC-A", "values": MESF},))


def test_values_that_do_not_rise_are_refused() -> None:
    with pytest.raises(ValueError, match="must rise"):
        beads((800.0, 700.0))
    with pytest.raises(ValueError, match="two peaks"):
        beads((0.0, 700.0))
