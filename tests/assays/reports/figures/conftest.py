"""Runs as the journeys hand them over, simulated with names as seeds."""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace

import numpy as np
import pytest

from assays.results.elisa import (
    CurveRecord,
    ElisaRun,
    PlateResult,
    QcResult,
    QuantRange,
    RangeStatus,
    SampleConcentration,
    StandardLevel,
    Verdict,
    WellReading,
)
from plates.layout import Role
from plates.well import FORMATS, Well

A, B, C, D = 0.06, 1.15, 90.0, 3.4
LEVELS = (0.0, 3.13, 6.25, 12.5, 25.0, 50.0, 100.0, 200.0)


def seeded(name: str) -> np.random.Generator:
    return np.random.default_rng(np.frombuffer(hashlib.sha256(name.encode()).digest(), np.uint32))


def forward(x):
    return D + (A - D) / (1 + (np.asarray(x, dtype=float) / C) ** B)


def inverse(y):
    with np.errstate(invalid="ignore", divide="ignore"):
        return C * ((A - D) / (np.asarray(y, dtype=float) - D) - 1) ** (1 / B)


def make_curve(accepted: bool = True) -> CurveRecord:
    x = np.geomspace(1.0, 500.0, 200)
    y = forward(x)
    width = 0.02 + 0.03 * y
    return CurveRecord(
        plate="Plate 1",
        model="4pl",
        formula="y = D + (A - D) / (1 + (x / C)^B)",
        params={"A": A, "B": B, "C": C, "D": D},
        standard_errors={"A": 0.004, "B": 0.02, "C": 3.0, "D": 0.08},
        weighting="1/yhat^2",
        on="wells",
        rss=0.02,
        residual_sd=0.04,
        df=12,
        n=16,
        r_squared=0.9985,
        converged=True,
        accepted=accepted,
        refused_why="" if accepted else "the standards do not rise with concentration",
        x=x,
        y=y,
        lower=y - width,
        upper=y + width,
        zero_response=A,
    )


def make_plate(size: int = 96, samples: int = 30, name: str = "Plate 1", seed: str = "plate"):
    """A plate of eight standards, three controls and many supernatants, all in duplicate."""
    rng = seeded(seed)
    plate = FORMATS[size]
    raw = np.full((plate.rows, plate.columns), np.nan)
    wells: list[WellReading] = []
    order = [Well(row, column) for column in range(plate.columns) for row in range(plate.rows)]
    spots = iter(order)

    def put(role: Role, sample: str, nominal: float, truth: float, flag: str = "", why: str = ""):
        well = next(spots)
        signal = float(forward(truth) * (1 + rng.normal(0, 0.03)))
        if flag:
            signal = math.nan
        raw[well.row, well.column] = signal
        read = float(inverse(signal)) if A < signal < D else math.nan
        wells.append(
            WellReading(
                name,
                well,
                role,
                sample,
                signal,
                math.nan,
                math.nan,
                signal,
                nominal,
                1.0,
                read,
                flag,
                why,
            )
        )
        return wells[-1]

    standards = []
    for rank, nominal in enumerate(LEVELS):
        truth = nominal * (1.35 if rank == 1 else 1.0)
        pair = [put(Role.STANDARD, f"S{rank}", nominal, truth) for _ in range(2)]
        taken = []
        if rank == 4:
            pair[1] = replace(
                pair[1], signal=pair[1].signal * 0.7, excluded_why="HK, 2026-01-02: bubble"
            )
            wells[-1] = pair[1]
            taken = [pair.pop()]
        mean = float(np.mean([reading.signal for reading in pair]))
        back = float(inverse(mean)) if mean > A else math.nan
        standards.append(
            StandardLevel(
                name,
                f"S{rank}",
                nominal,
                "pg/mL",
                tuple(r.well for r in pair),
                tuple(r.well for r in taken),
                mean,
                3.0,
                back,
                100 * back / nominal if nominal else math.nan,
                None if not nominal else abs(back / nominal - 1) < 0.2,
            )
        )
    qcs = []
    for label, nominal in (("QC low", 8.0), ("QC mid", 40.0), ("QC high", 150.0)):
        pair = [put(Role.QC, label, nominal, nominal * 1.05) for _ in range(2)]
        found = float(np.mean([r.concentration for r in pair]))
        qcs.append(
            QcResult(
                name,
                label,
                nominal,
                found,
                (found * 0.9, found * 1.1),
                "pg/mL",
                100 * found / nominal,
                3.0,
                2,
                True,
                20.0,
            )
        )
    for _ in range(2):
        put(Role.BLANK, "blank", math.nan, 0.0)
        put(Role.MEDIUM, "medium", math.nan, 0.01)
    results = []
    for index in range(samples):
        truth = float(np.exp(rng.normal(3.3, 1.4)))
        factor = 4.0 if index % 10 == 9 else 1.0
        pair = [
            put(
                Role.SAMPLE, f"CLL-{index + 1:02d}", math.nan, truth, "OVRFLW" if index == 7 else ""
            )
            for _ in range(2)
        ]
        results.append(make_sample(name, f"CLL-{index + 1:02d}", pair, factor))
    return PlateResult(
        plate=name,
        export="il6.txt",
        format=plate,
        software="Gen5",
        instrument="Synergy H1",
        read_at="",
        mode="absorbance",
        wavelength_nm="450",
        reference_nm="",
        raw=raw,
        signal=raw,
        wells=tuple(wells),
        standards=tuple(standards),
        curve=make_curve(),
        curve_with_excluded=None,
        limits=QuantRange(name, 1.2, "declared", 6.25, 200.0, "declared", "declared", False),
        samples=tuple(results),
        qcs=tuple(qcs),
        rules=(),
        verdict=Verdict.ACCEPTED,
    )


def make_sample(plate, sample, pair, factor):
    mean = float(np.mean([r.signal for r in pair]))
    value = float(inverse(mean)) * factor if A < mean < D else math.nan
    status, qualifier, limit = RangeStatus.OK, "", math.nan
    concentration, interval = value, (value * 0.88, value * 1.14)
    if math.isnan(mean):
        status, concentration, interval = RangeStatus.NO_SIGNAL, math.nan, (math.nan, math.nan)
    elif not value >= 6.25 * factor:
        status, qualifier, limit = RangeStatus.BELOW_LLOQ, "<", 6.25 * factor
        concentration, interval = math.nan, (0.0, value * 1.3)
    elif value > 200 * factor:
        status, qualifier, limit = RangeStatus.ABOVE_ULOQ, ">", 200.0 * factor
        concentration, interval = math.nan, (value * 0.8, math.inf)
    return SampleConcentration(
        plate,
        sample,
        tuple(r.well for r in pair),
        (),
        factor,
        mean,
        3.0,
        concentration,
        interval,
        "pg/mL",
        4.0,
        status,
        qualifier,
        limit,
        estimate=value,
    )


def make_elisa_run(*plates: PlateResult) -> ElisaRun:
    return ElisaRun("IL-6", "pg/mL", plates, "research", Verdict.ACCEPTED, (), ())


@pytest.fixture
def plate_of():
    return make_plate


@pytest.fixture
def run_of():
    return make_elisa_run
