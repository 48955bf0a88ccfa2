"""STAT3 Tyr705 and Ser727, p65 Ser529 and Ser536 are readouts of their own and are never pooled."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from assays.inhibition.dose.series import dose_responses
from assays.inhibition.over_tubes import inhibitions
from assays.inhibition.residues import residue_findings, residue_in
from assays.protocol import Flow, Gate, Readout
from assays.results.flow import Reading
from assays.samples import Agent, Tube, TubeRole

IL6 = Agent("IL-6", 10.0, "ng/mL")


@pytest.mark.parametrize(
    ("name", "residue"),
    [
        ("pSTAT3 (Y705)", "Tyr705"),
        ("STAT3 pTyr705", "Tyr705"),
        ("pSTAT3 S727", "Ser727"),
        ("STAT3 phospho-Ser727", "Ser727"),
        ("p-p65 (Ser529)", "Ser529"),
        ("NF-kB p65 pS536", "Ser536"),
        ("p38 pT180", "Thr180"),
        ("pSTAT3", ""),
        ("pS6", ""),
        ("CD126", ""),
    ],
)
def test_a_name_tells_its_residue(name: str, residue: str) -> None:
    assert residue_in(name) == residue


def readout(name: str, channel: str, activation: str = "up") -> Readout:
    return Readout.model_validate(
        {"name": name, "channel": channel, "population": "CLL", "cofactor": 150.0,
         "activation": activation}
    )  # fmt: skip


def flow(*readouts: Readout) -> Flow:
    return Flow(
        compensation="none",
        gates=(Gate(population="CLL", method="interval", channels=("CD5",)),),
        readouts=readouts,
    )


def tubes(name: str, stimulated: float, unstimulated: float, *treated: float) -> list[Reading]:
    found = []
    rows = [(TubeRole.STIMULATED, stimulated, 0.0), (TubeRole.UNSTIMULATED, unstimulated, 0.0)]
    doses = (1.0, 10.0, 100.0, 1000.0, 10_000.0)
    rows += [(TubeRole.TREATED, level, dose) for level, dose in zip(treated, doses, strict=False)]
    for role, level, dose in rows:
        for n, factor in enumerate((1.02, 0.98)):
            stimulus = None if role is TubeRole.UNSTIMULATED else IL6
            drug = (Agent("ruxolitinib", dose, "nM"),) if dose else ()
            tube = Tube(f"{role}{dose}{n}.fcs", "D1", role, stimulus, drug, "DMSO", n)
            found.append(
                Reading(
                    tube.file, "D1", tube, name, "CLL", name, 5000, level * factor, 2.0, 150.0,
                    math.nan, math.nan, math.nan, "", "ok",
                )
            )  # fmt: skip
    return found


def test_a_readout_of_a_protein_with_two_residues_is_told_to_name_one() -> None:
    unnamed = [readout("pSTAT3", "A"), readout("p-p65", "B"), readout("pAKT", "C")]
    told = list(residue_findings(unnamed))
    assert [finding.where for finding in told] == ["pSTAT3", "p-p65"]
    assert "Tyr705 and Ser727" in told[0].message and "Ser529 and Ser536" in told[1].message
    named = [readout("pSTAT3 (Y705)", "A"), readout("p-p65", "p65 pS529")]
    assert not list(residue_findings(named))


def test_two_residues_have_a_row_a_window_and_a_scatter_each() -> None:
    y705, s727 = "pSTAT3 (Y705)", "pSTAT3 (S727)"
    wide = [dataclasses.replace(r, median=r.median * (1.3 if "0.fcs" in r.file else 0.7))
            for r in tubes(s727, 810.0, 800.0, 790.0)]  # fmt: skip
    readings = [*tubes(y705, 2000.0, 300.0, 600.0), *wide]
    rows = inhibitions(readings, protocol=flow(readout(y705, "A"), readout(s727, "B")))
    assert [row.readout for row in rows] == [y705, s727]
    assert rows[0].status == "ok" and rows[0].percent == pytest.approx(100 * 1400 / 1700)
    assert rows[1].status == "no activation: inhibition undefined" and math.isnan(rows[1].percent)
    alone = inhibitions(tubes(y705, 2000.0, 300.0, 600.0), protocol=flow(readout(y705, "A")))
    assert rows[0].interval == alone[0].interval


def test_ikba_falls_on_activation_and_its_dose_series_rises_back() -> None:
    doses = np.array([1.0, 10.0, 100.0, 1000.0, 10_000.0])
    levels = 300.0 + 900.0 / (1.0 + 100.0 / doses)
    name = "IkBa (total)"
    readings = tubes(name, 300.0, 1200.0, *levels)
    (down,) = dose_responses(readings, protocol=flow(readout(name, "A", "down")))
    assert down.status == "ok"
    assert down.ic50 == pytest.approx(100.0, rel=0.05)
    assert down.ic50_interval[0] < 100.0 < down.ic50_interval[1]
    (up,) = dose_responses(readings, protocol=flow(readout(name, "A")))
    assert up.status == "no activation: inhibition undefined" and math.isnan(up.ic50)
