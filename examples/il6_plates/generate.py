"""Simulate the three IL-6 plates of this example, with their layout and the truth behind them.

Run ``python generate.py`` in this folder; the same bytes come out every time. Nothing here was
measured: curves, donors and every error are drawn from a generator seeded by name.

Every plate holds a zero and seven two-fold standards from 200 pg/mL, three QC levels, four pools
that bridge the plates, cell-free medium and sixteen CLL supernatants, all in duplicate. Besides:

- plate 1 has eight more zeros, a sample at six dilutions, and two samples with a spike;
- plate 2 has a sample whose matrix holds the signal down until it is diluted;
- the standard of plate 3 was made 9 % too weak, so that its results read 9 % high.
"""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from plates.layout import Layout, Role, WellContent
from plates.layouts.template import layout_template
from plates.well import FORMATS, Well

SEED = b"il6_plates, three example plates"
# OD450 - OD570 = D + (A - D) / (1 + (x / C) ** B), x in pg/mL in the well, by plate.
CURVES = (
    {"A": 0.041, "B": 1.12, "C": 128.0, "D": 3.45},
    {"A": 0.045, "B": 1.10, "C": 136.0, "D": 3.30},
    {"A": 0.039, "B": 1.13, "C": 121.0, "D": 3.10},
)
WEAK = (1.0, 1.0, 0.91)
"""What the standard of a plate holds, as a share of what its label says."""
STANDARDS = (200.0, 100.0, 50.0, 25.0, 12.5, 6.25, 3.125, 0.0)
QCS = {"QC low": 8.0, "QC mid": 40.0, "QC high": 150.0}
POOLS = {"Pool A": 12.0, "Pool B": 27.0, "Pool C": 62.0, "Pool D": 118.0}
DONORS = 16
SERIES = ("CLL-17", 2300.0, (2, 4, 8, 16, 32, 64))
MATRIX = ("CLL-34", 150.0, {1: 0.55, 2: 0.78, 4: 0.94, 8: 1.0})
"""Sample, pg/mL, and the share of it that is seen at each dilution."""
SPIKES = {"CLL-03": 50.0, "CLL-10": 50.0}
LLOQ, ULOQ = 3.125, 200.0

CV_PIPETTING = 0.03
CV_OPTICAL = 0.012
SD_OPTICAL = 0.0025


class Filled(NamedTuple):
    """One well as it was filled."""

    well: str
    role: str
    sample: str
    nominal: float | None
    """On the plate, pg/mL, for standards and QCs."""
    seen: float
    """In the well, pg/mL: what the antibodies see."""
    dilution: int = 1
    labels: tuple[tuple[str, str], ...] = ()


def generator(part: str) -> np.random.Generator:
    """Random numbers that depend on nothing but a name."""
    digest = hashlib.sha256(SEED + part.encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))


def donors(plate: int) -> dict[str, tuple[float, float]]:
    """Concentration (pg/mL) and cells per mL of a plate's supernatants; CLL-17 and 34 are apart."""
    first = 1 + (DONORS + 1) * plate
    values = [30.0 * 2.6 ** NormalDist().inv_cdf((i + 0.5) / DONORS) for i in range(DONORS)]
    rng = generator(f"donors of plate {plate + 1}")
    order = rng.permutation(DONORS)
    density = rng.choice([1.0e6, 2.0e6, 2.5e6, 5.0e6], DONORS, p=[0.2, 0.5, 0.2, 0.1])
    return {
        f"CLL-{first + i:02d}": (round(values[order[i]], 2), float(density[i]))
        for i in range(DONORS)
    }


def fill(plate: int) -> list[Filled]:
    """One plate in duplicate: pairs side by side, down the rows, then the next two columns."""
    pairs: list[tuple[str, str, float | None, float, int, dict[str, str]]] = [
        ("standard", f"STD{i + 1}", value, value * WEAK[plate], 1, {})
        for i, value in enumerate(STANDARDS)
    ]
    pairs += [("qc", name, value, value, 1, {}) for name, value in QCS.items()]
    pairs += [("control", name, None, value, 1, {}) for name, value in POOLS.items()]
    pairs.append(("medium", "RPMI 10% FBS", None, 0.0, 1, {}))
    found = donors(plate)
    for name, (value, density) in found.items():
        pairs.append(("sample", name, None, value, 1, culture(name, density)))
    if plate == 0:
        name, value, folds = SERIES
        pairs += [("sample", name, None, value / f, f, culture(name, 2.0e6)) for f in folds]
        for name, spike in SPIKES.items():
            value, density = found[name]
            labels = culture(name, density) | {"spike": f"{spike:g} pg/mL"}
            pairs.append(("sample", name, None, value + 0.96 * spike, 1, labels))
    if plate == 1:
        name, value, shares = MATRIX
        pairs += [
            ("sample", name, None, value * share / f, f, culture(name, 2.0e6))
            for f, share in shares.items()
        ]
    wells = []
    for i, (role, sample, nominal, seen, factor, labels) in enumerate(pairs):
        row, left = "ABCDEFGH"[i % 8], 2 * (i // 8) + 1
        wells += [
            Filled(f"{row}{left + k}", role, sample, nominal, seen, factor, tuple(labels.items()))
            for k in (0, 1)
        ]
    if plate == 0:
        wells += [Filled(f"{row}11", "standard", "STD8", 0.0, 0.0) for row in "ABCDEFGH"]
    return wells


def culture(sample: str, density: float) -> dict[str, str]:
    """What the layout says of a supernatant."""
    return {"donor": sample.replace("CLL-", "D"), "cell_density": f"{density:g} cells/mL"}


def absorb(wells: list[Filled], plate: int) -> dict[str, tuple[float, float]]:
    """OD at 450 and at 570 nm by well, with every error."""
    rng, c = generator(f"errors of plate {plate + 1}"), CURVES[plate]
    read = {}
    for row in "ABCDEFGH":
        for column in range(1, 13):
            plastic = 0.040 + 0.003 * rng.standard_normal()
            read[f"{row}{column}"] = (plastic + 0.003, plastic)
    for filled in wells:
        share = float(np.exp(CV_PIPETTING * rng.standard_normal()))
        signal = c["D"] + (c["A"] - c["D"]) / (1.0 + (filled.seen * share / c["C"]) ** c["B"])
        signal *= 1.0 + CV_OPTICAL * rng.standard_normal()
        signal += SD_OPTICAL * rng.standard_normal()
        reference = read[filled.well][1]
        read[filled.well] = (signal + reference, reference)
    return read


def export(read: dict[str, tuple[float, float]], plate: int) -> bytes:
    """The plate as the reader's software writes it: tabs, one label behind each row."""
    head = [
        *("", "", "Software Version\t3.14.03", "", "", ""),
        f"Experiment File Path:\tD:\\Experiments\\2025\\IL6_CLL_plate{plate + 1}.xpt",
        "Protocol File Path:\tD:\\Protocols\\IL6_ELISA_TMB_450_570.prt",
        *("", "", ""),
        *(f"Plate Number\tPlate {plate + 1}", f"Date\t3/{18 + plate}/2025", "Time\t3:42:18 PM"),
        *("Reader Type:\tSynergy H1", "Reader Serial Number:\t00000000", "Reading Type\tReader"),
        *("", "Procedure Details", ""),
        *("Plate Type\t96 WELL PLATE (Use plate lid)", "Eject plate on completion\t"),
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


def layout(plates: list[list[Filled]]) -> bytes:
    """What was put in each well: a workbook with a sheet for each plate."""
    contents = {
        (f"Plate {number}", Well.parse(filled.well)): WellContent(
            Role(filled.role),
            filled.sample,
            nominal=math.nan if filled.nominal is None else filled.nominal,
            unit="" if filled.nominal is None else "pg/mL",
            dilution_factor=float(filled.dilution),
            labels=dict(filled.labels),
        )
        for number, wells in enumerate(plates, start=1)
        for filled in wells
    }
    return layout_template(FORMATS[96], Layout(FORMATS[96], contents))


def truth() -> bytes:
    """What a run should find, for the test that holds it against this."""
    told = {
        "about": "The truth behind the simulated plates; see generate.py.",
        "curves": CURVES,
        "weak_standard": WEAK,
        "qcs_pg_ml": QCS,
        "pools_pg_ml": POOLS,
        "limits_pg_ml": [LLOQ, ULOQ],
        "series_pg_ml": {SERIES[0]: SERIES[1]},
        "matrix_pg_ml": {MATRIX[0]: MATRIX[1]},
        "spike_recovery_percent": dict.fromkeys(SPIKES, 96.0),
        "samples": [
            {name: value for name, (value, _) in donors(plate).items()} for plate in range(3)
        ],
    }
    return (json.dumps(told, indent=1) + "\n").encode()


def files() -> dict[str, bytes]:
    """Every generated file by name."""
    plates = [fill(plate) for plate in range(len(CURVES))]
    made = {
        f"il6_plate{plate + 1}.txt": export(absorb(wells, plate), plate)
        for plate, wells in enumerate(plates)
    }
    return {**made, "layout.xlsx": layout(plates), "truth.json": truth()}


def regenerate(folder: Path) -> None:
    """Write the files into a folder."""
    for name, content in files().items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    regenerate(Path(__file__).parent)
