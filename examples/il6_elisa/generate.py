"""Simulate the IL-6 plate of this example, with its layout and the truth behind it.

Run ``python generate.py`` in this folder; the same bytes come out every time. Nothing here
was measured: the curve, the donors and every error are drawn from a generator seeded by name.

What the plate holds: a zero and seven two-fold standards from 200 pg/mL in duplicate, three
QC levels, cell-free medium, and supernatants of 30 CLL samples after 24 h of culture.
Some lie below or above the limits. Well H6 of CLL-12 was short of sample, well E2 of the
12.5 pg/mL standard held a bubble (`assay.toml` takes it out, with who, when and why), and
CLL-30 is so high that it was diluted 1:2, 1:4 and 1:8. The last pair holds CLL-01 cultured with
recombinant IL-6: what was added cannot be told from what the cells made.
"""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import NamedTuple

import numpy as np

from plates.layout import Layout, Role, WellContent
from plates.layouts.template import layout_template
from plates.well import FORMATS, Well

SEED = b"il6_elisa, the example plate"
EXPORT = "il6_plate1.txt"

# OD450 - OD570 = D + (A - D) / (1 + (x / C) ** B), x in pg/mL in the well.
CURVE = {"A": 0.041, "B": 1.12, "C": 128.0, "D": 3.45}
STANDARDS = (200.0, 100.0, 50.0, 25.0, 12.5, 6.25, 3.125, 0.0)
QCS = {"QC low": 8.0, "QC mid": 40.0, "QC high": 140.0}
DONORS = 29
DILUTED = ("CLL-30", 560.0, (2, 4, 8))
GIVEN = ("CLL-01 + rhIL-6", "rhIL-6 10 ng/mL", 5000.0, 50)
"""A culture with added IL-6: sample, what was added, what is left of it (pg/mL), dilution."""
LLOQ, ULOQ = 3.125, 200.0

CV_PIPETTING = 0.03
"""Of the volume, so of the concentration: each well on its own."""
CV_OPTICAL = 0.012
SD_OPTICAL = 0.0025
SHORT_SAMPLE = {"H6": 0.55}
"""Share of the volume that came into the well."""
BUBBLE = {"E2": 0.21}
"""Light lost in the well at 450 nm only, so the reference does not undo it."""
SCRATCH = {"C9": 0.07}
"""Light lost at both wavelengths: the reference takes it away."""


class Filled(NamedTuple):
    """One well as it was filled."""

    well: str
    role: str
    sample: str
    nominal: float | None
    """On the plate, pg/mL, for standards and QCs."""
    truth: float
    """In the undiluted sample, pg/mL."""
    dilution: int = 1
    donor: str = ""
    density: float | None = None
    """Cells per mL of the culture."""
    stimulus: str = ""
    """Added to the culture."""


def generator(part: str) -> np.random.Generator:
    """Random numbers that depend on nothing but a name."""
    digest = hashlib.sha256(SEED + part.encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))


def fill() -> list[Filled]:
    """The plate in duplicate: pairs side by side, down the rows, then the next two columns."""
    pairs: list[tuple[str, str, float | None, float, int, str, float | None]] = [
        ("standard", f"STD{i + 1}", value, value, 1, "", None) for i, value in enumerate(STANDARDS)
    ]
    pairs += [("qc", name, value, value, 1, "", None) for name, value in QCS.items()]
    pairs.append(("medium", "RPMI 10% FBS", None, 0.0, 1, "", None))
    for i, (value, density) in enumerate(zip(concentrations(), densities(), strict=True)):
        pairs.append(("sample", f"CLL-{i + 1:02d}", None, value, 1, f"D{i + 1:02d}", density))
    name, value, dilutions = DILUTED
    pairs += [("sample", name, None, value, factor, "D30", 2.0e6) for factor in dilutions]
    given, stimulus, left_over, factor = GIVEN
    pairs.append(("sample", given, None, left_over, factor, "D01", densities()[0]))
    wells = []
    for i, (role, sample, nominal, truth, factor, donor, density) in enumerate(pairs):
        row, left = "ABCDEFGH"[i % 8], 2 * (i // 8) + 1
        added = stimulus if sample == given else ""
        wells += [
            Filled(f"{row}{left + k}", role, sample, nominal, truth, factor, donor, density, added)
            for k in (0, 1)
        ]
    return wells


def concentrations() -> list[float]:
    """Of the supernatants, pg/mL: log-normal, median 24, in random order."""
    from statistics import NormalDist

    steps = [(i + 0.5) / DONORS for i in range(DONORS)]
    values = [24.0 * 4.6 ** NormalDist().inv_cdf(step) for step in steps]
    order = generator("order of the donors").permutation(DONORS)
    return [round(values[i], 2) for i in order]


def densities() -> list[float | None]:
    """Cells per mL; for two cultures nobody wrote it down."""
    drawn = generator("densities").choice(
        [1.0e6, 2.0e6, 2.5e6, 5.0e6], DONORS, p=[0.2, 0.5, 0.2, 0.1]
    )
    return [None if i in (6, 21) else float(value) for i, value in enumerate(drawn)]


def respond(concentration: float) -> float:
    """OD450 - OD570 without error."""
    c = CURVE
    return c["D"] + (c["A"] - c["D"]) / (1.0 + (concentration / c["C"]) ** c["B"])


def absorb(wells: list[Filled]) -> dict[str, tuple[float, float]]:
    """OD at 450 and at 570 nm by well, with every error."""
    rng = generator("errors")
    read = {}
    for row in "ABCDEFGH":
        for column in range(1, 13):
            plastic = 0.040 + 0.003 * rng.standard_normal() + SCRATCH.get(f"{row}{column}", 0.0)
            read[f"{row}{column}"] = (plastic + 0.003, plastic)
    for filled in wells:
        share = float(np.exp(CV_PIPETTING * rng.standard_normal()))
        share *= SHORT_SAMPLE.get(filled.well, 1.0)
        signal = respond(filled.truth / filled.dilution * share)
        signal *= 1.0 + CV_OPTICAL * rng.standard_normal()
        signal += SD_OPTICAL * rng.standard_normal() + BUBBLE.get(filled.well, 0.0)
        reference = read[filled.well][1]
        read[filled.well] = (signal + reference, reference)
    return read


def export(read: dict[str, tuple[float, float]]) -> bytes:
    """The plate as the reader's software writes it: tabs, one label behind each row."""
    head = [
        *("", "", "Software Version\t3.14.03", "", "", ""),
        "Experiment File Path:\tD:\\Experiments\\2025\\IL6_CLL_plate1.xpt",
        "Protocol File Path:\tD:\\Protocols\\IL6_ELISA_TMB_450_570.prt",
        *("", "", ""),
        *("Plate Number\tPlate 1", "Date\t3/11/2025", "Time\t3:42:18 PM"),
        *("Reader Type:\tSynergy H1", "Reader Serial Number:\t00000000", "Reading Type\tReader"),
        *("", "Procedure Details", ""),
        *("Plate Type\t96 WELL PLATE (Use plate lid)", "Eject plate on completion\t"),
        "Shake\tLinear: 0:05 (MM:SS)",
        "\tFrequency: 567 cpm (3 mm)",
        *("Read\tTMB", "\tAbsorbance Endpoint", "\tFull Plate", "\tWavelengths:  450, 570"),
        "\tRead Speed: Normal,  Delay: 100 msec,  Measurements/Data Point: 8",
        *("", "", "", "Actual Temperature:\t23.4", "", "Results"),
        "\t" + "\t".join(str(column) for column in range(1, 13)),
    ]
    rows = []
    for row in "ABCDEFGH":
        for k, wavelength in enumerate((450, 570)):
            values = [f"{read[f'{row}{column}'][k]:.3f}" for column in range(1, 13)]
            rows.append("\t".join([row if k == 0 else "", *values, f"TMB:{wavelength}"]))
    return ("\r\n".join([*head, *rows]) + "\r\n").encode("ascii")


def layout(wells: list[Filled]) -> bytes:
    """What was put in each well, as the workbook that `assays init elisa` writes."""
    contents = {}
    for filled in wells:
        labels = {"donor": filled.donor} if filled.donor else {}
        if filled.density is not None:
            labels["cell_density"] = f"{filled.density:g} cells/mL"
        if filled.stimulus:
            labels["stimulus"] = filled.stimulus
        contents["", Well.parse(filled.well)] = WellContent(
            Role(filled.role),
            filled.sample,
            nominal=math.nan if filled.nominal is None else filled.nominal,
            unit="" if filled.nominal is None else "pg/mL",
            dilution_factor=float(filled.dilution),
            labels=labels,
        )
    return layout_template(FORMATS[96], Layout(FORMATS[96], contents))


def truth(wells: list[Filled]) -> bytes:
    """What a run should find, for the test that holds it against this."""
    samples = {
        filled.sample: {"concentration_pg_ml": filled.truth, "cells_per_ml": filled.density}
        for filled in wells
        if filled.role == "sample" and not filled.stimulus
    }
    told = {
        "about": "The truth behind the simulated plate; see generate.py.",
        "curve": CURVE,
        "cv_pipetting": CV_PIPETTING,
        "standards_pg_ml": STANDARDS,
        "qcs_pg_ml": QCS,
        "limits_pg_ml": [LLOQ, ULOQ],
        "poor_wells": {"short of sample": list(SHORT_SAMPLE), "bubble": list(BUBBLE)},
        "samples": samples,
        "withdrawn": [GIVEN[0]],
    }
    return (json.dumps(told, indent=1) + "\n").encode()


def files() -> dict[str, bytes]:
    """Every generated file by name."""
    wells = fill()
    return {EXPORT: export(absorb(wells)), "layout.xlsx": layout(wells), "truth.json": truth(wells)}


def regenerate(folder: Path) -> None:
    """Write the files into a folder."""
    for name, content in files().items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    regenerate(Path(__file__).parent)
