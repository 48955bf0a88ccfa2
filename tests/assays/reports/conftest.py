"""Records of made-up runs: one IL-6 plate, and one blockade of three donors."""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace

import numpy as np
import pytest

from assays.protocol import Elisa, Exclusion, Flow, Gate, Protocol, Readout, Reagent, Trace
from assays.results.cytometer import Detector, Laser, Settings
from assays.results.elisa import (
    CurveRecord,
    ElisaRun,
    PlateResult,
    QcResult,
    QuantRange,
    RangeStatus,
    RuleResult,
    SampleConcentration,
    StandardLevel,
    Verdict,
    WellReading,
)
from assays.results.flow import FlowRun, PopulationCount, Reading, StrategyRow
from assays.results.inhibition import DoseResponse, Inhibition
from assays.results.run import InputFile, Provenance, Run
from assays.samples import Agent, Tube, TubeRole
from plates.findings import Finding, Severity
from plates.layout import Role
from plates.well import FORMATS, Well

NAN = math.nan
SETTINGS = {
    f"D1_{n}.fcs": Settings(
        cytometer="FACSCanto", serial="V123", date="11-MAR-2025", lasers=(Laser("Blue"),),
        detectors=(Detector("B530-A", "pSTAT3", voltage_v=480.0 + 10 * (n == 3), filter="530 BP"),),
    )
    for n in range(4)
}  # fmt: skip
PARAMS = {"A": 0.052, "B": 1.13, "C": 148.0, "D": 3.41}
LLOQ, ULOQ = 3.13, 200.0


def seeded(name: str) -> np.random.Generator:
    return np.random.default_rng(
        np.frombuffer(hashlib.sha256(name.encode()).digest(), dtype=np.uint32)
    )


def forward(x):
    p = PARAMS
    return p["D"] + (p["A"] - p["D"]) / (1 + (np.asarray(x) / p["C"]) ** p["B"])


def inverse(y: float) -> float:
    p = PARAMS
    ratio = (p["A"] - y) / (y - p["D"])
    return float(p["C"] * ratio ** (1 / p["B"])) if ratio > 0 else NAN


def plate_wells():
    """Two columns of standards (twofold from 200 to 3.13, and zero), then samples in pairs."""
    wells = FORMATS[96].wells
    columns: dict[int, list[Well]] = {}
    for well in wells():
        columns.setdefault(well.column, []).append(well)
    return columns


def reading(well, role, sample, signal, nominal=NAN, dilution=1.0, why=""):
    found = inverse(signal)
    inside = LLOQ <= found <= ULOQ
    return WellReading(
        "P1",
        well,
        role,
        sample,
        signal + 0.041,
        0.041,
        NAN,
        signal + 0.041 - 0.041,
        nominal,
        dilution,
        found if inside else NAN,
        "",
        why,
    )


def sample_of(name, wells, signals, dilution, donor):
    mean = sum(signals) / len(signals)
    found = inverse(mean)
    cv = 100 * float(np.std(signals, ddof=1)) / mean
    below = (math.isnan(found) and mean < 1) or found < LLOQ
    above = (math.isnan(found) and mean >= 1) or found > ULOQ
    status = (
        RangeStatus.BELOW_LLOQ if below else RangeStatus.ABOVE_ULOQ if above else RangeStatus.OK
    )
    if cv > 20 and status == RangeStatus.OK:
        status = RangeStatus.HIGH_CV
    number = NAN if below or above else found * dilution
    return SampleConcentration(
        plate="P1",
        sample=name,
        wells=wells,
        excluded=(),
        dilution_factor=dilution,
        signal=mean,
        cv_signal_percent=cv,
        concentration=number,
        interval=(number * 0.9, number * 1.12),
        unit="pg/mL",
        cv_concentration_percent=cv * 1.1 if number == number else NAN,
        status=status,
        qualifier="<" if below else ">" if above else "",
        limit=(LLOQ if below else ULOQ) * dilution if below or above else NAN,
        estimate=found * dilution if below or above else NAN,
        per_cells=number * 0.5,
        per_cells_interval=(number * 0.45, number * 0.56),
        per_cells_unit="pg per 10⁶ cells",
        per_cells_origin="2e6 cells/mL (layout)",
        labels={"donor": donor, "treatment": "medium"},
    )


def make_plate() -> PlateResult:
    random = seeded("a plate for the pages")
    columns = plate_wells()
    nominal = [200.0 / 2**i for i in range(7)] + [0.0]
    wells: list[WellReading] = []
    standards = []
    for row, x in enumerate(nominal):
        pair = (columns[0][row], columns[1][row])
        signals = [float(forward(x)) * (1 + 0.02 * random.standard_normal()) for _ in pair]
        out = row == 2
        why = "A. Tester, 2026-03-02: pipetting error noted at the bench" if out else ""
        wells += [
            reading(pair[0], Role.STANDARD, f"S{row + 1}", signals[0], x),
            reading(pair[1], Role.STANDARD, f"S{row + 1}", signals[1], x, why=why),
        ]
        used = pair[:1] if out else pair
        mean = sum(signals[: len(used)]) / len(used)
        back = inverse(mean)
        recovery = 100 * back / x if x else NAN
        cv = NAN if out else 100 * float(np.std(signals, ddof=1)) / mean
        standards.append(
            StandardLevel(
                "P1",
                f"S{row + 1}",
                x,
                "pg/mL",
                used,
                pair[len(used) :],
                mean,
                cv,
                back,
                recovery,
                80 <= recovery <= 120 if x else None,
            )
        )
    truth = [1.2, 4.2, 9.8, 17.5, 31.0, 42.0, 55.5, 78.0, 96.0, 110.0, 143.0, 168.0, 620.0, 12.5]
    truth += [6.6, 23.4, 88.0, 2.0]
    samples = []
    for number, x in enumerate(truth):
        first, row = 2 + 2 * (number // 8), number % 8
        pair = (columns[first][row], columns[first + 1][row])
        noise = 0.4 if number == 9 else 0.025
        signals = [float(forward(x)) * (1 + noise * random.standard_normal()) for _ in pair]
        dilution = 10.0 if number == 13 else 1.0
        name = f"CLL-{number + 1:02d}"
        wells += [
            reading(w, Role.SAMPLE, name, s, dilution=dilution)
            for w, s in zip(pair, signals, strict=True)
        ]
        samples.append(sample_of(name, pair, signals, dilution, f"D{number % 6 + 1}"))
    x = np.geomspace(1, 400, 120)
    curve = CurveRecord(
        "P1", "4pl", "y = D + (A − D) / (1 + (x / C)^B)", PARAMS,
        {"A": 0.003, "B": 0.02, "C": 4.1, "D": 0.06}, "1/yhat^2", "wells", 0.0041, 0.0201, 11, 15,
        0.9991, True, True, "", x, forward(x), forward(x) * 0.98, forward(x) * 1.02, PARAMS["A"],
    )  # fmt: skip
    limits = QuantRange("P1", 1.1, "from the curve", LLOQ, ULOQ, "declared", "declared", False)
    qcs = (
        QcResult("P1", "QC low", 10, 10.6, (9.9, 11.4), "pg/mL", 106, 4.1, 2, True, 20),
        QcResult("P1", "QC high", 150, 119.0, (111, 128), "pg/mL", 79.3, 6.2, 2, False, 20),
    )
    rules = (
        RuleResult("P1", "standards within tolerance", "7 of 7 levels", "at least 75 %", True, "X"),
        RuleResult("P1", "QC within tolerance", "1 of 2", "at least 2/3", False, "ICH M10 3.3"),
    )
    shape = (8, 12)
    return PlateResult(
        "P1", "il6.txt", FORMATS[96], "Gen5", "Synergy", "2026-03-02 14:10", "absorbance", "450",
        "570", np.full(shape, 0.1), np.full(shape, 0.1), tuple(wells), tuple(standards), curve,
        replace(curve, params={**PARAMS, "C": 141.0}), limits, tuple(samples), qcs, rules,
        Verdict.ACCEPTED,
    )  # fmt: skip


def provenance(protocol: Protocol) -> Provenance:
    return Provenance(
        "3f" * 32, "0.1.0",
        (InputFile("assay.toml", "aa" * 32, 812, "protocol"),
         InputFile("il6.txt", "bb" * 32, 10412, "export")),
        protocol, 'schema = 1\nkind = ["elisa"]\n', (("numpy", "2.4.6"), ("scipy", "1.17.1")),
    )  # fmt: skip


def make_elisa() -> Run:
    plate = make_plate()
    repeats = tuple(
        Finding("replicate-cv", Severity.LOOK, f"CLL-{n:02d}",
                f"The wells of CLL-{n:02d} differ by {20 + n} % CV. Repeat the sample.",
                20.0 + n, 20, "%")
        for n in range(10, 52)
    )  # fmt: skip
    findings = (
        Finding("above-top-standard", Severity.STOP, "CLL-13",
                "CLL-13 reads 2.9 OD, above the top standard (2.0). Dilute 1:4 and repeat.",
                2.9, 2.0, "OD"),
        *repeats,
        Finding("gen5-subtracted", Severity.NOTE, "", "The export also holds 450 − 570 nm values."),
    )  # fmt: skip
    elisa = ElisaRun("IL-6", "pg/mL", (plate,), "research", Verdict.ACCEPTED, findings,
                     ("Dilution 1:10 is read as 1 in 10.",))  # fmt: skip
    exclude = Exclusion(wells="B3", who="A. Tester", when="2026-03-02", why="pipetting error")
    protocol = Protocol(
        schema=1, kind=("elisa",), title="IL-6 in CLL supernatants",
        trace=Trace(operator="A. Tester", kit=Reagent(name="IL-6 kit", lot="L1234")),
        elisa=Elisa(reference_nm="570", exclude=(exclude,)),
    )  # fmt: skip
    return Run("il6", "IL-6 in CLL supernatants", provenance(protocol), elisa, None)


def make_flow() -> Run:
    random = seeded("a blockade for the pages")
    il6 = Agent("IL-6", 10, "ng/mL")
    tubes, readings, populations, inhibition, doses = [], [], [], [], []
    for number, donor in enumerate(("D1", "D2", "D3")):
        active = donor != "D3"
        arms = [(TubeRole.UNSTIMULATED, None, ()), (TubeRole.STIMULATED, il6, ())]
        arms += [
            (TubeRole.TREATED, il6, (Agent("ruxolitinib", dose, "nmol/L"),))
            for dose in (1.0, 10.0, 100.0, 1000.0)
        ]
        for arm, (role, stimulus, inhibitors) in enumerate(arms):
            tube = Tube(f"{donor}_{arm}.fcs", donor, role, stimulus, inhibitors, "DMSO")
            tubes.append(tube)
            for population, parent, share in (("cells", "root", 82.0), ("CLL", "cells", 64.3)):
                populations.append(
                    PopulationCount(tube.file, donor, tube.condition, population, parent,
                                    int(20000 * share / 100), share - arm, share / 2, True)
                )  # fmt: skip
            for readout in ("pSTAT3 (Y705)", "p-p65 (S529)"):
                median = 310.0 + (900 / (1 + arm) if active and arm else 0)
                median *= 1 + 0.05 * random.standard_normal()
                readings.append(
                    Reading(tube.file, donor, tube, readout, "CLL", "B530-A", 9321 + arm, median,
                            4.2, 150, math.asinh(median / 150) - math.asinh(310 / 150), 12.5 * arm,
                            902.0, f"{donor}_0.fcs", "ok")
                )  # fmt: skip
        for readout in ("pSTAT3 (Y705)", "p-p65 (S529)"):
            for _, _, inhibitors in arms[2:]:
                percent = 20.0 * math.log10(inhibitors[0].dose) + 30 - number if active else NAN
                inhibition.append(
                    Inhibition(donor, readout, str(il6), inhibitors, "DMSO", percent,
                               (percent - 14, percent + 11), "replicate tubes (Fieller)", NAN,
                               500, 1210, 310, 900 if active else 12,
                               (700, 1100) if active else (-80, 104), 1, 2, 2,
                               "ok" if active else "no activation: inhibition undefined",
                               inhibitors[0].dose)
                )  # fmt: skip
            dose = np.array([1.0, 10.0, 100.0, 1000.0])
            doses.append(
                DoseResponse(donor, readout, "ruxolitinib", "nmol/L", dose, 1210 - 0.5 * dose, 1210,
                             310, (1150, 1270), (300, 320), 38.0 if active else NAN,
                             (21.0, 70.0) if active else (NAN, NAN),
                             "ok" if active else "no activation: inhibition undefined",
                             {"IC50": 38.0, "slope": 1.0}, dose, 1210 - 0.5 * dose)
            )  # fmt: skip
    strategy = (
        StrategyRow("cells", "root", "polygon", ("FSC-A", "SSC-A"), "5 vertices", "all"),
        StrategyRow("CLL", "cells", "quadrant", ("CD19", "CD5"), "above 900, above 700", "donor"),
    )
    findings = (
        Finding("no-activation", Severity.LOOK, "D3",
                "pSTAT3 of D3 rises by 12 (−80 to 104): its inhibition is undefined.",
                12, 0, "a.u."),
    )  # fmt: skip
    flow = FlowRun(
        tuple(tubes), "matrix in each file", ("B530-A", "R660-A"),
        np.array([[1, 0.02], [0.11, 1]]), strategy, tuple(populations), tuple(readings), (), (),
        tuple(inhibition), tuple(doses), findings, (), SETTINGS,
        total_events=360000,
    )  # fmt: skip
    protocol = Protocol(
        schema=1, kind=("flow",),
        flow=Flow(
            compensation="file",
            gates=(Gate(population="cells", method="polygon", channels=("FSC-A", "SSC-A")),),
            readouts=(Readout(name="pSTAT3 (Y705)", channel="B530-A", population="CLL"),),
        ),
    )  # fmt: skip
    return Run("blockade", "", provenance(protocol), None, flow)


@pytest.fixture(scope="session")
def elisa_run() -> Run:
    return make_elisa()


@pytest.fixture(scope="session")
def flow_run() -> Run:
    return make_flow()
