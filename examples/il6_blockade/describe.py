"""Write the sample sheet of this example, and the truth that a run should find.

Run ``python describe.py`` in this folder after a change to `generate.py`.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import math
import statistics
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
COFACTOR = 150.0
"""Of arcsinh, as in `assay.toml`."""
FEWEST = 3
"""Donors that a comparison over donors needs."""


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


def read(readout: int, donor: Any, stimulated: bool, doses: tuple[float, float], by: str) -> float:
    """True median of a tube with the vehicle `by`."""
    return float(simulated.signals(simulated.Condition(donor, stimulated, doses, by, 1))[readout])


def percent(donor: Any, agent: int, readout: int, dose: float) -> float:
    """True inhibition by one inhibitor, held against the controls with its vehicle."""
    vehicle = simulated.VEHICLE[AGENTS[agent]]
    doses = (dose, 0.0) if agent == 0 else (0.0, dose)
    high, low = (read(readout, donor, s, (0.0, 0.0), vehicle) for s in (True, False))
    return 100.0 * (high - read(readout, donor, True, doses, vehicle)) / (high - low)


def dose_of(donor: Any, agent: int, readout: int, wanted: float) -> float | None:
    """Dose that inhibits by `wanted` percent, by bisection; None where no dose does it."""
    low, high = 1e-6, 1e9
    if percent(donor, agent, readout, high) < wanted:
        return None
    for _ in range(100):
        middle = (low * high) ** 0.5
        below = percent(donor, agent, readout, middle) < wanted
        low, high = (middle, high) if below else (low, middle)
    return high


def loewe(donor: Any, readout: int) -> float:
    """Percent at which the parts of both inhibitors' own doses for it add up to one."""
    low, high = 0.0, 100.0
    for _ in range(60):
        wanted, parts = 0.5 * (low + high), 0.0
        for agent, dose in enumerate(simulated.TOGETHER[donor.name]):
            alone = dose_of(donor, agent, readout, wanted)
            # What one of them never reaches, it does not help to reach.
            parts += dose / alone if alone is not None else 0.0
        low, high = (wanted, high) if parts > 1.0 else (low, wanted)
    return float(f"{high:.6g}")


def differences(readout: int, doses: tuple[float, float] | None) -> dict[str, float]:
    """By donor, on the arcsinh scale: what IL-6 does, or what these doses do to that.

    Means over the vehicles that a donor has; only donors who have it.
    """
    found: dict[str, list[float]] = {}
    for tube in simulated.conditions():
        wanted = doses if doses is not None else (0.0, 0.0)
        if not tube.stimulated or tube.control or tube.doses != wanted or tube.replicate > 1:
            continue
        against = tube._replace(stimulated=False) if doses is None else tube._replace(doses=(0, 0))
        levels = [math.asinh(simulated.signals(t)[readout] / COFACTOR) for t in (tube, against)]
        found.setdefault(tube.donor.name, []).append(levels[0] - levels[1])
    return {donor: math.fsum(own) / len(own) for donor, own in found.items()}


def over_donors() -> list[dict[str, Any]]:
    """True mean and Hodges-Lehmann estimate of every comparison that enough donors have."""
    given = {tube.doses for tube in simulated.conditions() if tube.doses.count(0.0) == 1}
    told = []
    for readout, name in enumerate(READOUTS):
        for doses in (None, *sorted(given)):
            own = list(differences(readout, doses).values())
            if len(own) < FEWEST:
                continue
            pairs = itertools.combinations_with_replacement(own, 2)
            agent = 0 if doses is None or doses[0] else 1
            unit = simulated.UNIT[AGENTS[agent]]
            told.append(
                {
                    "readout": name,
                    "member": "IL-6" if doses is None else AGENTS[agent],
                    "dose": "10 ng/mL" if doses is None else f"{doses[agent]:g} {unit}",
                    "donors": len(own),
                    "mean": _rounded(statistics.fmean(own)),
                    "hodges_lehmann": _rounded(statistics.median((a + b) / 2 for a, b in pairs)),
                }
            )
    return told


def released() -> dict[str, float]:
    """True IL-6 of the donors that have a concentration in `secretion.csv`, pg per 10^6 cells."""
    elisa = json.loads((HERE.parent / "il6_elisa" / "truth.json").read_text(encoding="utf-8"))
    with (HERE / "secretion.csv").open(encoding="utf-8", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["concentration"]]
    samples = {row["donor"]: elisa["samples"][row["elisa_sample"]] for row in rows}
    return {
        donor: 1e6 * sample["concentration_pg_ml"] / sample["cells_per_ml"]
        for donor, sample in samples.items()
    }


def correlation(readout: int, question: str) -> dict[str, Any]:
    """Of true IL-6 and the true level without IL-6, or what IL-6 adds, over donors with both."""
    secreted = released()
    level = differences(readout, None)
    if question == "constitutive":
        level = {d.name: math.asinh(d.basal[readout] / COFACTOR) for d in simulated.DONORS}
    x = [math.log(value) for value in secreted.values()]
    y = [level[donor] for donor in secreted]
    ranks = [[float(sorted(side).index(value)) for value in side] for side in (x, y)]
    return {
        "readout": READOUTS[readout],
        "question": question,
        "spearman": _rounded(statistics.correlation(*ranks)),
        "pearson": _rounded(statistics.correlation(x, y)),
    }


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")


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
            "ic50": float(f"{dose_of(d, i, k, 50.0):.4g}"),
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
        "ic50": ic50,
        "loewe": [
            {"donor": d.name, "readout": r, "percent": loewe(d, k)}
            for d in simulated.DONORS
            if all(simulated.GIVEN.get(d.name, {}).get(a) == simulated.SERIES[a] for a in AGENTS)
            for k, r in enumerate(READOUTS)
        ],
        "over_donors": over_donors(),
        "correlation": [
            correlation(k, question)
            for question in ("constitutive", "induced")
            for k in range(len(READOUTS))
        ],
        "tubes": tubes,
    }
    return (json.dumps(told, indent=1) + "\n").encode()


if __name__ == "__main__":
    (HERE / "samples.csv").write_bytes(samples())
    (HERE / "truth.json").write_bytes(truth())
