"""Write the sample sheet of this example, and the truth that a run should find.

Run ``python describe.py`` in this folder after a change to `generate.py`.
"""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

from assays.workflow.demo import load_generator
from assays.workflow.simulated_tubes import peak_and_area

HERE = Path(__file__).parent
COLUMNS = (
    *("file", "donor", "stimulus", "stimulus_dose", "stimulus_unit"),
    *("inhibitor", "dose", "dose_unit", "vehicle", "replicate", "role"),
    *("time", "time_unit", "stain", "material"),
)


simulated = load_generator(HERE)
READOUTS = {
    "pSTAT3 (Y705)": lambda s: s[simulated.TYR705],
    "pSTAT3 (Y705) / STAT3": lambda s: s[simulated.TYR705] / s[simulated.TOTAL],
    # The same number: both dyes are lognormal, and the logarithm of the ratio has no skew.
    "pSTAT3 (Y705) / STAT3, per cell": lambda s: s[simulated.TYR705] / s[simulated.TOTAL],
    "pSTAT3 (S727)": lambda s: s[simulated.SER727],
    "IkBa (total)": lambda s: s[simulated.IKBA],
    "CD126": lambda s: s[simulated.CD126],
}
ANSWERING = (
    "pSTAT3 (Y705)",
    "pSTAT3 (Y705) / STAT3",
    "pSTAT3 (Y705) / STAT3, per cell",
    "IkBa (total)",
)
CALIBRATED = ("CD126", "pSTAT3 (Y705)")
"""Readouts that the calibration beads are for, in their order."""


def samples() -> bytes:
    """The sample sheet: only controls of staining and beads say their role."""
    text = io.StringIO(newline="")
    out = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    out.writeheader()
    blank = {"file": simulated.stain_file(""), "role": "unstained", "material": "beads"}
    out.writerow(blank)
    for detector in simulated.DETECTORS:
        stained = {"stain": detector.name, "role": "single stain", "material": "beads"}
        out.writerow({"file": simulated.stain_file(detector.name), **stained})
    detectors = {each.marker: each.name for each in simulated.DETECTORS}
    for beads in simulated.CALIBRATIONS:
        stained = {"stain": detectors[beads.marker], "role": "beads"}
        out.writerow({"file": beads.file, **stained})
    for tube in simulated.conditions():
        row = {"file": tube.file, "donor": tube.donor.name, "vehicle": "IgG1 isotype"}
        row |= {"replicate": tube.replicate, "role": tube.staining}
        if tube.staining:
            marker = simulated.TYR705 if tube.staining == "fmo" else simulated.CD126
            row |= {"stain": marker, "replicate": ""}
        if tube.il6:
            row |= {"stimulus": "IL-6", "stimulus_dose": f"{tube.il6:g}", "stimulus_unit": "ng/mL"}
            row |= {"time": f"{tube.minutes:g}", "time_unit": "min"}
        if tube.antibody:
            row |= {"inhibitor": "anti-IL-6R", "dose": f"{tube.antibody:g}", "dose_unit": "ug/mL"}
        out.writerow(row)
    return text.getvalue().encode()


def medians(tube: Any) -> dict[str, float]:
    """What each readout would read without scatter between tubes: signal and background."""
    background = dict(zip(simulated.CYTOMETER.markers, simulated.BLANK, strict=True))
    signals = {name: s + background[name] for name, s in simulated.signals(tube).items()}
    return {name: float(f"{of(signals):.6g}") for name, of in READOUTS.items()}


def course(donor: Any, readout: str) -> dict[str, Any]:
    """Peak of the answer to IL-6, its time, and the area above the baseline by trapezoids."""
    calm = medians(simulated.Condition(donor))[readout]
    points = [(0.0, 0.0)]
    for minutes in sorted({simulated.USUAL_TIME, *simulated.COURSE}):
        driven = simulated.Condition(donor, simulated.USUAL_DOSE, minutes=minutes)
        points.append((minutes, medians(driven)[readout] - calm))
    return {"donor": donor.name, "readout": readout, **peak_and_area(points)}


def molecules() -> list[dict[str, Any]]:
    """What the calibration beads should make of each donor's medians, without and with IL-6."""
    told = []
    for donor in simulated.DONORS:
        for readout, beads in zip(CALIBRATED, simulated.CALIBRATIONS, strict=True):
            for dose in (0.0, simulated.USUAL_DOSE):
                median = medians(simulated.Condition(donor, dose))[readout]
                told.append(
                    {
                        "donor": donor.name,
                        "readout": readout,
                        "unit": beads.unit,
                        "il6_ng_ml": dose,
                        "molecules": float(f"{median / beads.units_per_molecule:.6g}"),
                    }
                )
    return told


def truth() -> bytes:
    """What a run should find, for the test that holds it against this."""
    tubes = {}
    for tube in simulated.conditions():
        cells = simulated.tube_events(tube)[1]["CLL"]
        tubes[tube.file] = {"medians": medians(tube), "single_cll_cells": cells}
    kb_mol_l = simulated.KB * 1e-3 / simulated.MOLAR_MASS
    told = {
        "about": "The truth behind the simulated tubes; see generate.py.",
        "no_activation": [donor.name for donor in simulated.DONORS if not donor.answers],
        "ec50_ng_ml": simulated.EC50,
        "ratios": {f"{dose:g}": 1.0 + dose / simulated.KB for dose in simulated.ANTIBODY},
        "schild_slope": 1.0,
        "pkb": float(f"{-math.log10(kb_mol_l):.6g}"),
        "courses": [
            course(donor, readout)
            for donor in simulated.DONORS
            if donor.course
            for readout in ANSWERING
        ],
        "molecules": molecules(),
        "spillover": simulated.SPILLOVER.tolist(),
        "tubes": tubes,
    }
    return (json.dumps(told, indent=1) + "\n").encode()


if __name__ == "__main__":
    (HERE / "samples.csv").write_bytes(samples())
    (HERE / "truth.json").write_bytes(truth())
