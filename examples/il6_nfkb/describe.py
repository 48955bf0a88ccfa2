"""Write the sample sheet of this example, and the truth that a run should find.

Run ``python describe.py`` in this folder after a change to `generate.py`.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from assays.workflow.demo import load_generator
from assays.workflow.simulated_tubes import peak_and_area

HERE = Path(__file__).parent
COLUMNS = (
    *("file", "donor", "stimulus", "stimulus_dose", "stimulus_unit"),
    *("inhibitor", "dose", "dose_unit", "vehicle", "role", "time", "time_unit"),
)
DOSE = {"IL-6": "10", "CD40L": "200"}
"""ng/mL."""
READOUTS = {"pS529": "p-p65 (S529)", "pS536": "p-p65 (S536)"}


simulated = load_generator(HERE)


def samples() -> bytes:
    """The sample sheet: only the positive control says its role."""
    text = io.StringIO(newline="")
    out = csv.writer(text, lineterminator="\n")
    out.writerow(COLUMNS)
    for tube in simulated.conditions():
        driven = tube.stimulus
        stimulus = (driven, DOSE[driven], "ng/mL") if driven else ("", "", "")
        given = (simulated.AGENT, f"{tube.dose:g}", simulated.UNIT) if tube.dose else ("", "", "")
        role = "positive control" if driven == "CD40L" else ""
        time = (f"{tube.minutes:g}", "min") if driven else ("", "")
        what = (*stimulus, *given, simulated.VEHICLE, role, *time)
        out.writerow((tube.file, simulated.DONOR, *what))
    return text.getvalue().encode()


def medians(tube: Any) -> dict[str, float]:
    """What each readout would read without scatter between tubes."""
    return {READOUTS[m]: float(f"{s:.6g}") for m, s in simulated.signals(tube).items()}


def course(readout: str) -> dict[str, Any]:
    """The answer to IL-6 over time."""
    calm = medians(simulated.Condition())[readout]
    driven = {m: medians(simulated.Condition("IL-6", m))[readout] for m in simulated.COURSE}
    points = [(0.0, 0.0), *((minutes, level - calm) for minutes, level in driven.items())]
    return {"donor": simulated.DONOR, "readout": readout, **peak_and_area(points)}


def truth() -> bytes:
    """What a run should find, for the test that holds it against this."""
    tubes = {
        tube.file: {"medians": medians(tube), "single_cells": simulated.tube_events(tube)[1]}
        for tube in simulated.conditions()
    }
    told = {
        "about": "The truth behind the simulated tubes; see generate.py.",
        "tube_cv": simulated.TUBE_CV,
        "ic50": [
            {
                "donor": simulated.DONOR,
                "inhibitor": simulated.AGENT,
                "readout": READOUTS[site.marker],
                "ic50": site.ic50,
                "unit": simulated.UNIT,
            }
            for site in simulated.SITES
        ],
        "courses": [course(readout) for readout in READOUTS.values()],
        "tubes": tubes,
    }
    return (json.dumps(told, indent=1) + "\n").encode()


if __name__ == "__main__":
    (HERE / "samples.csv").write_bytes(samples())
    (HERE / "truth.json").write_bytes(truth())
