"""Write the sample sheet of this example, and the truth that a run should find.

Run ``python describe.py`` in this folder after a change to `generate.py`.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from assays.workflow.demo import load_generator

HERE = Path(__file__).parent
COLUMNS = (
    *("file", "donor", "stimulus", "stimulus_dose", "stimulus_unit"),
    *("inhibitor", "dose", "dose_unit", "vehicle", "replicate"),
)


simulated = load_generator(HERE)


def samples() -> bytes:
    """The sample sheet: every role follows from stimulus and inhibitor."""
    text = io.StringIO(newline="")
    out = csv.writer(text, lineterminator="\n")
    out.writerow(COLUMNS)
    for tube in simulated.conditions():
        stimulus = ("IL-6", "10", "ng/mL") if tube.stimulated else ("", "", "")
        dose, unit = simulated.DOSE.get(tube.inhibitor, ("", ""))
        given = (tube.inhibitor, f"{dose:g}" if dose else "", unit)
        out.writerow(
            (tube.file, tube.donor.name, *stimulus, *given, tube.vehicle, tube.replicate)
        )  # fmt: skip
    return text.getvalue().encode()


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")


def truth() -> bytes:
    """What a run should find, for the test that holds it against this."""
    dead = simulated.dead_share
    tubes, protection = {}, []
    for tube in simulated.conditions():
        counts = simulated.tube_events(tube)[1]
        tubes[tube.file] = {
            "medians": {"dead CLL cells": _rounded(100.0 * dead(tube))},
            "single_cll": counts,
        }
        if tube.stimulated and not tube.inhibitor and tube.replicate == 1:
            percent = 100.0 * (1.0 - dead(tube) / dead(tube._replace(stimulated=False)))
            protection.append(
                {"donor": tube.donor.name, "vehicle": tube.vehicle, "percent": _rounded(percent)}
            )
    told = {
        "about": "The truth behind the simulated tubes; see generate.py.",
        "no_protection": [donor.name for donor in simulated.DONORS if not donor.saved],
        "tube_sd_log_odds": simulated.TUBE_SD,
        "protection": protection,
        "tubes": tubes,
    }
    return (json.dumps(told, indent=1) + "\n").encode()


if __name__ == "__main__":
    (HERE / "samples.csv").write_bytes(samples())
    (HERE / "truth.json").write_bytes(truth())
