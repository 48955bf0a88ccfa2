"""Simulated tubes of the benchmarks: their truth is that of many cells, a run reads them so."""

from __future__ import annotations

import numpy as np
import pytest

from assays.flow.run import process_flow
from assays.samples import Agent, Tube, TubeRole
from benchmarks.inhibition.stained_tubes import PROTOCOL, median_of, read, record

IL6 = Agent("IL-6", 10.0, "ng/mL")


@pytest.mark.parametrize("stain", [40.0, 400.0, 9000.0])
def test_the_true_median_is_that_of_very_many_cells(stain: float) -> None:
    rng = np.random.default_rng(round(stain))
    cells = 400_000
    events = record(rng, "one", stain, cells, 0, cv=0.0)
    truth = median_of(stain)
    error = 1 / (2 * truth.density * np.sqrt(cells))
    assert abs(np.median(events.column("pSTAT3")) - truth.value) < 4 * error
    # Dim cells scatter around zero, as on an instrument.
    dark = float(np.mean(events.column("pSTAT3") <= 0))
    assert (0.01 < dark < 0.1) if stain == 40 else dark < 0.01


def test_the_error_of_a_median_is_the_one_that_medians_scatter_by() -> None:
    rng = np.random.default_rng(7)
    medians = [
        np.median(record(rng, "one", 300.0, 500, 0, cv=0.0).column("pSTAT3")) for _ in range(400)
    ]
    expected = 1 / (2 * median_of(300.0).density * np.sqrt(500))
    assert np.std(medians, ddof=1) == pytest.approx(expected, rel=0.15)


def test_simulated_tubes_are_read_as_a_run_reads_them() -> None:
    rng = np.random.default_rng(5)
    tubes = []
    for donor in ("D0", "D1"):
        for role, stain in ((TubeRole.UNSTIMULATED, 60.0), (TubeRole.STIMULATED, 500.0)):
            for number in range(2):
                stimulus = IL6 if role is TubeRole.STIMULATED else None
                tube = Tube(f"{donor} {role} {number}", donor, role, stimulus, (), "DMSO")
                tubes.append((tube, record(rng, tube.file, stain, 600, 300, cv=0.1)))
    events = {tube.file: held for tube, held in tubes}
    run = process_flow([tube for tube, _ in tubes], lambda tube: events[tube.file], PROTOCOL)
    by_file = {reading.file: reading for reading in run.readings}
    found = read(tubes)
    assert len(found) == len(by_file) == 8
    assert {reading.file: reading for reading in found} == by_file
    # The gate takes the other cells out.
    assert all(abs(reading.count - 600) <= 2 for reading in found)
