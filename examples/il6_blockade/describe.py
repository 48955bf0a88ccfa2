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

HERE = Path(__file__).parent
AGENTS = ("anti-IL-6R", "JAK2 inhibitor")
COLUMNS = (
    *("file", "donor", "stimulus", "stimulus_dose", "stimulus_unit"),
    *("inhibitor", "dose", "dose_unit", "inhibitor_2", "dose_2", "dose_2_unit"),
    *("vehicle", "replicate", "role", "time", "time_unit"),
)
CONTROL_DOSE = {"IL-10": "20", "CD40L": "200"}
"""ng/mL."""
READOUTS = ("pSTAT3 (Y705)", "p-p65 (S529)")


simulated = load_generator(HERE)


def samples() -> bytes:
    """The sample sheet: only positive controls say their role, the others follow."""
    text = io.StringIO(newline="")
    out = csv.writer(text, lineterminator="\n")
    out.writerow(COLUMNS)
    for tube in simulated.conditions():
        given = [
            (agent, f"{dose:g}", simulated.UNIT[agent])
            for agent, dose in zip(AGENTS, tube.doses, strict=True)
            if dose
        ]
        first, second = (*given, ("", "", ""), ("", "", ""))[:2]
        stimulus = ("IL-6", "10", "ng/mL") if tube.stimulated else ("", "", "")
        role = "positive control" if tube.control else ""
        if tube.control:
            stimulus = (tube.control, CONTROL_DOSE[tube.control], "ng/mL")
        time = (f"{simulated.MINUTES:g}", "min") if tube.stimulated else ("", "")
        what = (*stimulus, *first, *second, tube.vehicle, tube.replicate, role, *time)
        out.writerow((tube.file, tube.donor.name, *what))
    return text.getvalue().encode()


def half_dose(donor: Any, agent: int, readout: int) -> float | None:
    """Dose at which half of the window is gone, by bisection; None where no dose does it."""
    vehicle = simulated.VEHICLE[AGENTS[agent]]

    def signal(dose: float, stimulated: bool = True) -> float:
        doses = (dose, 0.0) if agent == 0 else (0.0, dose)
        tube = simulated.Condition(donor, stimulated, doses, vehicle, 1)
        return float(simulated.signals(tube)[readout])

    half = 0.5 * (signal(0.0) + signal(0.0, stimulated=False))
    low, high = 1e-6, 1e9
    if signal(low) == signal(high) or signal(high) > half:
        return None
    for _ in range(100):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if signal(middle) > half else (low, middle)
    return float(f"{high:.4g}")


def spearman(readout: int) -> float:
    """Of the IL-6 in `secretion.csv` and the true level without IL-6, over donors with both."""
    with (HERE / "secretion.csv").open(encoding="utf-8", newline="") as handle:
        released = {row["donor"]: row["concentration"] for row in csv.DictReader(handle)}
    both = [donor for donor in simulated.DONORS if released[donor.name]]
    # One limit lies below every number, so that it has rank 1 by its number too.
    x = [float(released[donor.name].lstrip("<")) for donor in both]
    y = [donor.basal[readout] for donor in both]
    off = [sorted(x).index(a) - sorted(y).index(b) for a, b in zip(x, y, strict=True)]
    n = len(both)
    return float(f"{1.0 - 6.0 * sum(d * d for d in off) / (n * (n * n - 1)):.6g}")


def truth() -> bytes:
    """What a run should find, for the test that holds it against this."""
    tubes = {}
    for tube in simulated.conditions():
        counts = simulated.tube_events(tube)[1]
        medians = dict(
            zip(READOUTS, (float(f"{s:.6g}") for s in simulated.signals(tube)), strict=True)
        )
        tubes[tube.file] = {"medians": medians, "single_cells": counts}
    ic50 = [
        {
            "donor": d.name,
            "inhibitor": a,
            "readout": r,
            "ic50": half_dose(d, i, k),
            "unit": simulated.UNIT[a],
        }
        for d in simulated.DONORS
        for i, a in enumerate(AGENTS)
        if simulated.GIVEN.get(d.name, {}).get(a) == simulated.SERIES[a]
        for k, r in enumerate(READOUTS)
    ]
    told = {
        "about": "The truth behind the simulated tubes; see generate.py.",
        "no_activation": [d.name for d in simulated.DONORS if not any(d.gain)],
        "tube_cv": simulated.TUBE_CV,
        "spearman_constitutive": {r: spearman(k) for k, r in enumerate(READOUTS)},
        "ic50": ic50,
        "tubes": tubes,
    }
    return (json.dumps(told, indent=1) + "\n").encode()


if __name__ == "__main__":
    (HERE / "samples.csv").write_bytes(samples())
    (HERE / "truth.json").write_bytes(truth())
