"""Write the sample sheet of this example, and the truth that a run should find.

Run ``python describe.py`` in this folder after a change to `generate.py`.
"""

from __future__ import annotations

import csv
import importlib.util
import io
import itertools
import json
from pathlib import Path
from typing import Any

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


def _generator() -> Any:
    """`generate.py` of this folder, whatever else is called so."""
    spec = importlib.util.spec_from_file_location("il6_blockade_generate", HERE / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


simulated = _generator()


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
        time = (f"{tube.minutes:g}", "min") if tube.stimulated else ("", "")
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


def area(donor: Any, readout: int) -> float:
    """Area between the response to IL-6 and the baseline, by trapezoids, unit times minutes."""
    calm = simulated.Condition(donor, False, (0.0, 0.0), "DMSO", 1)
    points = [(0.0, 0.0)]
    for minutes in sorted({15.0, *simulated.COURSE[donor.name]}):
        driven = calm._replace(stimulated=True, minutes=minutes)
        gain = simulated.signals(driven)[readout] - simulated.signals(calm)[readout]
        points.append((minutes, float(gain)))
    steps = itertools.pairwise(points)
    return sum((t1 - t0) * (y0 + y1) / 2 for (t0, y0), (t1, y1) in steps)


def truth() -> bytes:
    """What a run should find, for the test that holds it against this."""
    tubes = {}
    for tube in simulated.conditions():
        counts = simulated.tube_events(tube)[1]
        medians = dict(
            zip(READOUTS, (float(f"{s:.6g}") for s in simulated.signals(tube)), strict=True)
        )
        tubes[tube.file] = {"medians": medians, "single_cells": counts}
    inhibition = []
    for tube in simulated.conditions():
        if not (tube.stimulated and any(tube.doses)):
            continue
        top = simulated.signals(tube._replace(doses=(0.0, 0.0)))
        floor = simulated.signals(tube._replace(doses=(0.0, 0.0), stimulated=False))
        for k, name in enumerate(READOUTS):
            window = top[k] - floor[k]
            percent = 100.0 * (top[k] - simulated.signals(tube)[k]) / window if window else None
            inhibition.append(
                {
                    "donor": tube.donor.name,
                    "readout": name,
                    "doses": dict(zip(AGENTS, tube.doses, strict=True)),
                    "percent": None if percent is None else float(f"{percent:.6g}"),
                }
            )
    ic50 = [
        {
            "donor": d.name,
            "inhibitor": a,
            "readout": r,
            "ic50": half_dose(d, i, k),
            "unit": simulated.UNIT[a],
        }
        for d in simulated.DONORS
        if d.name in ("D01", "D02")
        for i, a in enumerate(AGENTS)
        for k, r in enumerate(READOUTS)
    ]
    courses = [
        {"donor": name, "readout": readout, "area": float(f"{area(donor, k):.6g}")}
        for donor in simulated.DONORS
        for name in [donor.name]
        if name in simulated.COURSE
        for k, readout in enumerate(READOUTS)
    ]
    told = {
        "about": "The truth behind the simulated tubes; see generate.py.",
        "no_activation": [d.name for d in simulated.DONORS if not any(d.gain)],
        "tube_cv": simulated.TUBE_CV,
        "ic50": ic50,
        "courses": courses,
        "inhibition": inhibition,
        "tubes": tubes,
    }
    return (json.dumps(told, indent=1) + "\n").encode()


if __name__ == "__main__":
    (HERE / "samples.csv").write_bytes(samples())
    (HERE / "truth.json").write_bytes(truth())
