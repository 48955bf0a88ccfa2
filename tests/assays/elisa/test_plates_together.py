"""Several plates of one run, held together."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from assays.elisa.run import process_elisa
from assays.errors import ProtocolError
from assays.protocol import Curve, Elisa, Limits
from assays.results.elisa import ElisaRun
from plates.layout import Role
from plates.plateread import Export

LIMITS = Limits(lloq=3.125, uloq=200.0)
TRUTH = np.array([0.05, 1.15, 180.0, 3.2])
TARGETS = {"QC low": 8.0, "QC mid": 40.0, "QC high": 140.0}
DONORS = {"CLL-1": 12.0, "CLL-2": 30.0, "CLL-3": 75.0, "CLL-4": 150.0}


def plates_of(bench, shifts: tuple[float, ...], cv: float = 0.02, **choices: object) -> ElisaRun:
    """A run with a plate for each shift: samples and controls hold that many times their truth."""
    reads, contents, made = [], {}, None
    for number, shift in enumerate(shifts, start=1):
        params = TRUTH * np.array([1.0, 1.0, 1.0 + 0.03 * number, 1.0 - 0.02 * number])
        made = bench(f"plate {number} of {len(shifts)}", cv=cv, params=params).standards()
        for name, target in TARGETS.items():
            made.add(name, target * shift, role=Role.QC, nominal=target)
        for name, value in DONORS.items():
            made.add(name, value * shift, labels={"cell_density": f"{number}e6 cells/mL"})
        reads.append(made.read(f"P{number}", number=number))
        contents |= {(f"P{number}", well): c for (_, well), c in made.contents.items()}
    layout = replace(made.layout, contents=contents)
    protocol = Elisa(**{"limits": LIMITS, **choices})
    return process_elisa([("p.txt", Export("Gen5", "gen5", tuple(reads)))], layout, protocol)


def rules_of(run: ElisaRun) -> list[str]:
    return [finding.rule for finding in run.findings]


def test_controls_have_their_cv_within_and_over_plates(bench) -> None:
    run = plates_of(bench, (1.0, 1.1, 0.92))
    assert [one.sample for one in run.precision] == ["QC low", "QC mid", "QC high"]
    for one in run.precision:
        assert (one.n_plates, one.n_results) == (3, 6)
        assert 0 < one.intra_cv_percent < 8
        assert one.inter_cv_percent > one.intra_cv_percent
        low, high = one.inter_interval
        assert low < one.inter_cv_percent < high
        assert one.recovery_percent == pytest.approx(100, abs=10)
        assert not one.enough


def test_the_anova_of_a_control_is_that_of_its_wells(bench) -> None:
    run = plates_of(bench, (1.0, 1.1, 0.92))
    one = next(each for each in run.precision if each.sample == "QC mid")
    wells = np.array([
        [w.concentration for w in plate.wells if w.sample == "QC mid"] for plate in run.plates
    ])  # fmt: skip
    within = wells.var(axis=1, ddof=1).mean()
    between = max(wells.mean(axis=1).var(ddof=1) - within / 2, 0.0)
    assert one.mean == pytest.approx(wells.mean())
    assert one.intra_cv_percent == pytest.approx(100 * math.sqrt(within) / wells.mean())
    assert one.inter_cv_percent == pytest.approx(100 * math.sqrt(within + between) / wells.mean())


def test_plates_that_agree_are_alike_and_one_that_is_shifted_is_told(bench) -> None:
    run = plates_of(bench, (1.0, 1.0, 1.35))
    same, apart = run.bridges
    assert (same.first, same.second, len(same.pairs)) == ("P1", "P2", 7)
    assert same.alike
    assert same.interval[0] < 1.05
    assert apart.alike is False
    assert apart.ratio == pytest.approx(1.35, rel=0.06)
    (finding,) = [one for one in run.findings if one.rule == "bridge-apart"]
    assert finding.where == "P3"
    assert "the plates differ" in finding.message
    assert "inter-assay-cv" not in rules_of(plates_of(bench, (1.0, 1.0)))


def test_a_culture_counted_twice_bridges_all_the_same(bench) -> None:
    run = plates_of(bench, (1.0, 1.0))
    assert {pair.sample for pair in run.bridges[0].pairs} >= set(DONORS)


def test_one_plate_has_nothing_to_be_held_against(bench) -> None:
    run = plates_of(bench, (1.0,))
    assert (run.precision, run.bridges, run.range) == ((), (), None)


def test_the_standards_of_all_plates_support_a_range_together(bench) -> None:
    assert plates_of(bench, (1.0, 1.0)).range is None
    run = plates_of(bench, (1.0,) * 3)
    assert run.range is not None
    assert (run.range.lloq, run.range.uloq) == (3.125, 200.0)
    assert not run.range.enough
    assert all(level.n_results == 6 for level in run.range.levels)
    assert "not seen" in run.range.source
    assert "range-over-plates" not in rules_of(run)


def test_limits_that_nobody_declared_are_proposed(bench) -> None:
    run = plates_of(bench, (1.0,) * 3, limits=Limits())
    (finding,) = [one for one in run.findings if one.rule == "range-over-plates"]
    assert finding.severity == "note"
    assert "from 3.13–200 pg/mL" in finding.message
    assert "preliminary" in finding.message


def test_declared_limits_wider_than_the_plates_support_are_doubted(bench) -> None:
    run = plates_of(bench, (1.0,) * 3, limits=Limits(lloq=1.0, uloq=200.0))
    (finding,) = [one for one in run.findings if one.rule == "range-over-plates"]
    assert finding.severity == "look"
    assert all(plate.limits.lloq >= 3.125 for plate in run.plates)


def test_plates_may_share_a_slope_and_the_test_of_it_is_told(bench) -> None:
    apart = plates_of(bench, (1.0, 1.0, 1.0))
    run = plates_of(bench, (1.0, 1.0, 1.0), curve=Curve(shared=("B",)))
    slopes = {plate.curve.params["B"] for plate in run.plates}
    assert len(slopes) == 1
    assert len({plate.curve.params["B"] for plate in apart.plates}) == 3
    assert run.shared.shared == {"B": slopes.pop()}
    assert not run.shared.apart
    for plate, own in zip(run.plates, apart.plates, strict=True):
        assert plate.curve.standard_errors["B"] < own.curve.standard_errors["B"]
        for sample in plate.samples:
            assert sample.concentration > 0
    (finding,) = [one for one in run.findings if one.rule == "shared-fit"]
    assert "share B" in finding.message


def test_sharing_what_plates_do_not_share_is_told(bench) -> None:
    run = plates_of(bench, (1.0,) * 5, cv=0.004, curve=Curve(shared=("C", "D")))
    assert run.shared.apart
    (finding,) = [one for one in run.findings if one.rule == "shared-fit"]
    assert finding.severity == "look"


def test_one_plate_shares_nothing_and_a_strange_parameter_is_an_error(bench) -> None:
    run = plates_of(bench, (1.0,), curve=Curve(shared=("B",)))
    assert run.shared is None
    assert "nothing-shared" in rules_of(run)
    with pytest.raises(ProtocolError, match="no parameter 'G'"):
        plates_of(bench, (1.0, 1.0), curve=Curve(shared=("G",)))
    with pytest.raises(ValidationError, match="one model"):
        Curve(shared=("B",), richer="5pl")
