"""Runs as the journeys hand them over, simulated with names as seeds."""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace

import numpy as np
import pytest

from assays.results.axis import Axis
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
from assays.results.flow import (
    FlowRun,
    GatePicture,
    Reading,
    ReadoutHistogram,
    StrategyRow,
)
from assays.results.inhibition import DoseResponse, Inhibition
from assays.samples import Agent, Tube, TubeRole
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


def make_axis(channel: str, marker: str, low: float, high: float, bins: int = 64) -> Axis:
    edges = np.linspace(low, high, bins + 1)
    ticks = np.linspace(low, high, 6)
    labels = ("0", "10²", "10³", "10⁴", "10⁵", "")
    return Axis(channel, marker, "logicle (T 262144, W 0.8, M 4.5, A 0)", edges, ticks, labels)


def box(x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)], dtype=float)


GATES = (
    ("cells", "root", ("FSC-A", "SSC-A"), (0.3, 0.2, 0.8, 0.7)),
    ("singlets", "cells", ("FSC-A", "FSC-H"), (0.25, 0.25, 0.85, 0.85)),
    ("live", "singlets", ("Viability",), (0.0, 0.45)),
    ("CLL", "live", ("CD19", "CD5"), (0.5, 0.45, 0.9, 0.9)),
)


def make_gate(tube: Tube, gate, rng, bins: int = 64, events: int = 4000) -> GatePicture:
    name, parent, channels, numbers = gate
    axes = [make_axis(f"{c}-chan" if c[0] == "C" else c, c, 0.0, 1.0, bins) for c in channels]
    if len(channels) == 1:
        values = np.concatenate(
            [rng.normal(0.25, 0.06, events), rng.normal(0.75, 0.07, events // 5)]
        )
        counts = np.histogram(values, axes[0].edges)[0]
        outline = np.array(numbers)[:, None]
        share = float(counts[: int(bins * numbers[1])].sum() / max(counts.sum(), 1))
    else:
        main = rng.multivariate_normal((0.6, 0.55), [[0.012, 0.006], [0.006, 0.012]], events)
        other = rng.normal((0.2, 0.2), 0.06, (events // 3, 2))
        points = np.vstack([main, other])
        counts = np.histogram2d(*points.T, bins=(axes[0].edges, axes[1].edges))[0].astype(np.int64)
        outline = box(*numbers)
        share = 0.71 + 0.2 * rng.random()
    return GatePicture(
        tube.file,
        tube.donor,
        tube.condition,
        name,
        parent,
        axes[0],
        axes[1] if len(axes) > 1 else None,
        counts,
        (outline,),
        int(share * counts.sum()),
        100 * share,
    )


IL6 = Agent("IL-6", 10.0, "ng/mL")


def make_tubes(donors: int, doses: int = 2, long_series: int = 2) -> tuple[Tube, ...]:
    """Each donor: two unstimulated, two stimulated, antibody and JAK2 inhibitor over doses."""
    tubes = []
    for d in range(donors):
        donor = f"CLL-{d + 1:02d}"
        arms: list[tuple[TubeRole, Agent | None, tuple[Agent, ...], int]] = [
            (TubeRole.UNSTIMULATED, None, (), 1),
            (TubeRole.UNSTIMULATED, None, (), 2),
            (TubeRole.STIMULATED, IL6, (), 1),
            (TubeRole.STIMULATED, IL6, (), 2),
        ]
        n = 7 if d < long_series else doses
        for k in range(n):
            arms.append((TubeRole.TREATED, IL6, (Agent("ruxolitinib", 3.0 * 3.0**k, "nmol/L"),), 1))
            arms.append((TubeRole.TREATED, IL6, (Agent("anti-IL-6R", 0.1 * 3.0**k, "µg/mL"),), 1))
        if d < long_series:
            pair = (Agent("anti-IL-6R", 1.0, "µg/mL"), Agent("ruxolitinib", 100.0, "nmol/L"))
            arms.append((TubeRole.TREATED, IL6, pair, 1))
            arms.append(
                (TubeRole.INHIBITOR_ALONE, None, (Agent("ruxolitinib", 100.0, "nmol/L"),), 1)
            )
        for index, (role, stimulus, inhibitors, replicate) in enumerate(arms):
            file = f"{donor}_{index:02d}.fcs"
            tubes.append(Tube(file, donor, role, stimulus, inhibitors, "DMSO", replicate=replicate))
    return tuple(tubes)


def response_of(tube: Tube, readout: str, active: bool) -> float:
    """Centre of a readout on its scale, between 0 and 1."""
    if tube.stimulus is None or not active:
        return 0.35
    left = 1.0
    for agent in tube.inhibitors:
        left /= 1 + (agent.dose / (60.0 if agent.unit == "nmol/L" else 1.5)) ** 1.1
    if readout.startswith("p-p65"):
        left = 0.3 + 0.4 * left
    return 0.35 + 0.3 * left


def make_flow_run(
    donors: int = 8,
    doses: int = 2,
    long_series: int = 2,
    inactive: tuple[int, ...] = (6,),
    bins: int = 64,
) -> FlowRun:
    tubes = make_tubes(donors, doses, long_series)
    readouts = ("pSTAT3 (Y705)", "p-p65 (S529)")
    names = list(dict.fromkeys(tube.donor for tube in tubes))
    gates, histograms, readings = [], [], []
    levels: dict[tuple[str, str], dict[str, list[float]]] = {}
    for tube in tubes:
        rng = seeded(tube.file)
        gates += [make_gate(tube, gate, rng, bins) for gate in GATES]
        active = names.index(tube.donor) not in inactive
        for readout in readouts:
            centre = response_of(tube, readout, active) + rng.normal(0, 0.008)
            axis = make_axis("BL1-A", readout, 0.0, 1.0, bins)
            values = rng.normal(centre, 0.07, 3000)
            counts = np.histogram(values, axis.edges)[0]
            histograms.append(
                ReadoutHistogram(
                    tube.file, tube.donor, tube.condition, tube, readout, axis, counts, centre, 0.52
                )
            )
            median = 150 * math.sinh(centre * 6)
            readings.append(
                Reading(
                    tube.file,
                    tube.donor,
                    tube,
                    readout,
                    "CLL",
                    "BL1-A",
                    3000,
                    median,
                    5.0,
                    150.0,
                    0.5,
                    100 * float((values > 0.52).mean()),
                    2000.0,
                    "a + b",
                    "ok",
                )
            )
            levels.setdefault((tube.donor, readout), {}).setdefault(tube.condition, []).append(
                median
            )
    inhibition, series = [], []
    for readout in readouts:
        for donor in names:
            inhibition += inhibitions_of(tubes, donor, readout, levels[donor, readout])
            series += series_of(tubes, donor, readout, levels[donor, readout])
    strategy = tuple(
        StrategyRow(name, parent, "rectangle", channels, "", "all")
        for name, parent, channels, _ in GATES
    )
    return FlowRun(
        tubes,
        "the matrix in each file",
        (),
        None,
        strategy,
        (),
        tuple(readings),
        tuple(gates),
        tuple(histograms),
        tuple(inhibition),
        tuple(series),
        (),
        (),
        {},
    )


def inhibitions_of(tubes, donor, readout, levels):
    own = [tube for tube in tubes if tube.donor == donor]
    u = float(np.mean(levels[own[0].condition]))
    s = float(np.mean(levels[own[2].condition]))
    made = []
    for tube in own:
        if tube.role is not TubeRole.TREATED:
            continue
        i = float(np.mean(levels[tube.condition]))
        defined = s - u > 0.3 * u
        value = 100 * (s - i) / (s - u) if defined else math.nan
        made.append(
            Inhibition(
                donor,
                readout,
                "IL-6 10 ng/mL",
                tube.inhibitors,
                "DMSO",
                value,
                (value - 9, value + 8) if defined else (math.nan, math.nan),
                "replicate tubes (Fieller)",
                math.nan,
                i,
                s,
                u,
                s - u,
                (s - u - 10, s - u + 10),
                1,
                2,
                2,
                "ok" if defined else "no activation: inhibition undefined",
            )
        )
    return made


def series_of(tubes, donor, readout, levels):
    own = [tube for tube in tubes if tube.donor == donor]
    u = float(np.mean(levels[own[0].condition]))
    s = float(np.mean(levels[own[2].condition]))
    made = []
    for name, unit, ic50 in (("ruxolitinib", "nmol/L", 60.0), ("anti-IL-6R", "µg/mL", 1.5)):
        mine = [t for t in own if t.inhibitor == name and t.role is TubeRole.TREATED]
        if len(mine) < 3:
            continue
        doses = np.array([t.inhibitors[0].dose for t in mine])
        responses = np.array([float(np.mean(levels[t.condition])) for t in mine])
        x = np.geomspace(doses.min() / 2, doses.max() * 2, 121)
        y = u + (s - u) / (1 + (x / ic50) ** 1.1)
        fitted = readout.startswith("pSTAT3")
        made.append(
            DoseResponse(
                donor,
                readout,
                name,
                unit,
                doses,
                responses,
                s,
                u,
                (s * 0.93, s * 1.07),
                (u * 0.93, u * 1.07),
                ic50 if fitted else math.nan,
                (ic50 * 0.7, ic50 * 1.5) if fitted else (doses.max(), math.inf),
                "ok" if fitted else "> highest dose",
                {},
                x,
                y,
            )
        )
    return made


@pytest.fixture
def flow_run_of():
    return make_flow_run
