"""Tubes of a run to inhibition: which controls, which spread, which words."""

from __future__ import annotations

import dataclasses
import hashlib
import math
from collections.abc import Sequence

import numpy as np
import pytest

from assays.inhibition.over_tubes import dose_responses, inhibition_findings, inhibitions
from assays.inhibition.sheet.controls import missing_controls
from assays.inhibition.spread import pool_spread
from assays.protocol import Flow, Gate, Inhibition, Readout
from assays.results import inhibition as results
from assays.results.flow import Reading
from assays.samples import Agent, Tube, TubeRole
from plates.findings import Finding

IL6 = Agent("IL-6", 10.0, "ng/mL")
DOSES = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)


def protocol(scale: str = "linear", **readout: str) -> Flow:
    return Flow(
        compensation="none",
        gates=(Gate(population="CLL", method="interval", channels=("CD5",)),),
        readouts=(Readout(name="pSTAT3", channel="pSTAT3", population="CLL", **readout),),  # type: ignore[arg-type]
        inhibition=Inhibition(scale=scale),  # type: ignore[arg-type]
        molar_mass_g_per_mol={"tocilizumab": 148_000.0},
    )


def reading(
    median: float,
    *inhibitors: Agent,
    donor: str = "D1",
    stimulus: Agent | None = IL6,
    vehicle: str = "DMSO",
    se: float = 5.0,
    number: int = 1,
) -> Reading:
    if inhibitors:
        role = TubeRole.TREATED if stimulus else TubeRole.INHIBITOR_ALONE
    else:
        role = TubeRole.STIMULATED if stimulus else TubeRole.UNSTIMULATED
    name = "_".join([donor, str(stimulus), *map(str, inhibitors), vehicle, str(number)])
    tube = Tube(f"{name}.fcs", donor, role, stimulus, tuple(inhibitors), vehicle, number)
    return Reading(
        tube.file, donor, tube, "pSTAT3", "CLL", "pSTAT3", 2000, median, se, 150.0,
        math.nan, math.nan, math.nan, "", "ok",
    )  # fmt: skip


def found(rows: Sequence[results.Inhibition], rule: str) -> list[Finding]:
    return [finding for finding in inhibition_findings(rows, ()) if finding.rule == rule]


def drug(dose: float, unit: str = "nM") -> Agent:
    return Agent("ruxolitinib", dose, unit)


def donor(name: str = "D1", vehicle: str = "DMSO") -> list[Reading]:
    """Controls in duplicate: 1000 and 200."""
    return [
        reading(1020, donor=name, vehicle=vehicle),
        reading(980, donor=name, vehicle=vehicle, number=2),
        reading(205, donor=name, vehicle=vehicle, stimulus=None),
        reading(195, donor=name, vehicle=vehicle, stimulus=None, number=2),
    ]


def test_inhibition_is_held_against_the_same_donors_controls() -> None:
    other = [reading(r.median * 3, donor="D2", stimulus=r.tube.stimulus) for r in donor()]
    (row,) = inhibitions([*donor(), *other, reading(400, drug(100))], protocol=protocol())
    assert row.status == "ok"
    assert row.percent == pytest.approx(75.0)
    assert (row.stimulated, row.unstimulated, row.treated) == (1000.0, 200.0, 400.0)
    assert (row.n_stimulated, row.n_unstimulated, row.n_treated) == (2, 2, 1)
    assert row.dose_nmol_l == 100.0
    assert row.interval[0] < 75 < row.interval[1]
    assert row.interval_kind == "replicate tubes (Fieller)"


def test_replicates_of_a_treated_tube_make_one_row_whatever_the_unit_of_dose() -> None:
    tubes = [*donor(), reading(380, drug(100)), reading(420, drug(0.1, "µM"), number=2)]
    (row,) = inhibitions(tubes, protocol=protocol())
    assert row.n_treated == 2
    assert row.percent == pytest.approx(75.0)


def test_controls_are_matched_by_vehicle() -> None:
    isotype = [
        reading(600, vehicle="IgG1 isotype"),
        reading(100, vehicle="IgG1 isotype", stimulus=None),
    ]
    antibody = reading(350, Agent("tocilizumab", 10.0, "ug/mL"), vehicle="igg1  isotype")
    (row,) = inhibitions([*donor(), *isotype, antibody], protocol=protocol())
    assert row.percent == pytest.approx(50.0)
    assert row.control_vehicle == "igg1  isotype"
    assert row.note == ""
    assert row.dose_nmol_l == pytest.approx(67.57, abs=0.01)


def test_controls_with_another_vehicle_serve_but_it_is_told() -> None:
    antibody = reading(600, Agent("tocilizumab", 10.0, "ug/mL"), vehicle="IgG1 isotype")
    rows = inhibitions([*donor(), antibody], protocol=protocol())
    assert rows[0].status == "ok"
    assert rows[0].control_vehicle == "DMSO"
    assert rows[0].note == (
        "no stimulated and no unstimulated tube with IgG1 isotype; those with DMSO were used"
    )


def test_both_anchors_come_from_one_vehicle_where_that_is_possible() -> None:
    mixed = [reading(5000, vehicle="ethanol"), *donor()]
    (row,) = inhibitions([*mixed, reading(600, drug(10), vehicle="PBS")], protocol=protocol())
    assert (row.stimulated, row.unstimulated) == (1000.0, 200.0)


def test_the_order_of_the_sheet_changes_nothing() -> None:
    tubes = [*donor(), *donor(vehicle="ethanol"), reading(600, drug(10), vehicle="PBS")]
    forward = inhibitions(tubes, protocol=protocol())
    backward = inhibitions(tubes[::-1], protocol=protocol())
    assert forward[0].percent == backward[0].percent
    assert forward[0].control_vehicle == backward[0].control_vehicle
    assert forward[0].interval == pytest.approx(backward[0].interval)


def test_a_donor_without_a_window_has_no_inhibition() -> None:
    flat = [
        reading(1000), reading(960, number=2),
        reading(990, stimulus=None), reading(950, stimulus=None, number=2),
    ]  # fmt: skip
    rows = inhibitions([*flat, reading(400, drug(100))], protocol=protocol())
    assert rows[0].status == "no activation: inhibition undefined"
    assert math.isnan(rows[0].percent)
    assert all(math.isnan(end) for end in rows[0].interval)
    assert math.isfinite(rows[0].window)
    (finding,) = found(rows, "no-activation")
    assert "donor D1" in finding.message and "e+" not in finding.message


def test_a_signal_that_falls_counts_as_activation_only_where_that_is_declared() -> None:
    fallen = [reading(r.median, stimulus=None if r.tube.stimulus else IL6) for r in donor()]
    fallen[1], fallen[3] = fallen[3], fallen[1]
    tubes = [*fallen, reading(800, drug(100))]
    assert inhibitions(tubes, protocol=protocol())[0].status.startswith("no activation")
    (row,) = inhibitions(tubes, protocol=protocol(activation="down"))
    assert row.status == "ok"
    assert row.percent == pytest.approx(75.0)


def test_a_missing_control_is_a_status_and_a_finding() -> None:
    without = [r for r in donor() if r.tube.role != TubeRole.UNSTIMULATED]
    rows = inhibitions([*without, reading(400, drug(100))], protocol=protocol())
    assert rows[0].status == "control missing"
    assert math.isnan(rows[0].percent)
    tubes = [r.tube for r in without]
    told = [f for f in missing_controls(tubes, protocol()) if f.rule == "control-missing"]
    assert [f.message.partition(":")[0] for f in told] == ["No unstimulated tube in donor D1"]


def test_a_stimulus_at_another_dose_is_no_control() -> None:
    weak = reading(400, drug(100), stimulus=Agent("IL-6", 1.0, "ng/mL"))
    (row,) = inhibitions([*donor(), weak], protocol=protocol())
    assert row.status == "control missing"


def test_a_readout_with_a_stimulus_of_its_own_looks_at_no_other() -> None:
    other = Agent("CD40L", 1.0, "ug/mL")
    tubes = [
        *donor(),
        reading(400, drug(100)),
        reading(700, stimulus=other),
        reading(720, stimulus=other, number=2),
        reading(450, drug(100), stimulus=other),
    ]
    (row,) = inhibitions(tubes, protocol=protocol(stimulus="CD40L"))
    assert row.stimulus == "CD40L 1 ug/mL"
    assert row.percent == pytest.approx(100 * (710 - 450) / (710 - 200))


def test_a_tube_with_too_few_events_gives_no_number() -> None:
    (row,) = inhibitions([*donor(), reading(math.nan, drug(100))], protocol=protocol())
    assert row.status == "few events"
    assert math.isnan(row.percent)


def test_the_drug_alone_gives_an_own_floor() -> None:
    alone = reading(150, drug(100), stimulus=None)
    (row,) = inhibitions([*donor(), reading(400, drug(100)), alone], protocol=protocol())
    assert row.percent == pytest.approx(75.0)
    assert row.percent_own_floor == pytest.approx(100 * (1 - (400 - 150) / 800))
    low, high = row.own_floor_interval
    assert low < row.percent_own_floor < high
    settings = protocol().inhibition.model_copy(update={"interval": "bootstrap"})
    (drawn,) = inhibitions(
        [*donor(), reading(400, drug(100)), alone],
        protocol=protocol().model_copy(update={"inhibition": settings}),
    )
    assert drawn.own_floor_interval == pytest.approx((low, high), abs=0.1 * (high - low))
    assert drawn.own_floor_interval != (low, high)
    # Both stand in either row, whichever leads.
    assert row.own_floor_fieller == drawn.own_floor_fieller == (low, high)
    assert row.own_floor_bootstrap == drawn.own_floor_bootstrap == drawn.own_floor_interval


def test_without_the_drug_alone_there_is_no_own_floor_by_either_way() -> None:
    (row,) = inhibitions([*donor(), reading(400, drug(100))], protocol=protocol())
    assert all(map(math.isnan, (*row.own_floor_fieller, *row.own_floor_bootstrap)))


def test_the_arcsinh_scale_serves_every_term() -> None:
    (row,) = inhibitions([*donor(), reading(400, drug(100))], protocol=protocol("arcsinh"))
    s = np.mean(np.arcsinh(np.array([1020, 980]) / 150))
    u = np.mean(np.arcsinh(np.array([205, 195]) / 150))
    assert row.percent == pytest.approx(100 * (s - np.arcsinh(400 / 150)) / (s - u))


def test_a_pair_is_held_against_its_members() -> None:
    a, b = drug(100), Agent("tocilizumab", 10.0, "ug/mL")
    tubes = [*donor(), reading(600, a), reading(500, b), reading(300, b, a)]
    pair = inhibitions(tubes, protocol=protocol())[-1]
    assert pair.percent == pytest.approx(87.5)
    assert pair.expected_bliss == pytest.approx(100 * (1 - 0.5 * 0.375))
    assert pair.expected_hsa == pytest.approx(62.5)
    assert math.isnan(pair.dose_nmol_l)


def test_without_replicates_the_interval_is_technical_and_says_so() -> None:
    single = [reading(1000), reading(200, stimulus=None), reading(400, drug(100))]
    rows = inhibitions(single, protocol=protocol())
    assert rows[0].interval_kind == "events only (technical)"
    assert rows[0].interval[1] - rows[0].interval[0] < 5
    assert [finding.rule for finding in inhibition_findings(rows, ())] == ["technical-interval"]


def test_replicates_without_a_reading_are_not_told_as_missing() -> None:
    lost = [dataclasses.replace(one, median=math.nan, status="few events") for one in donor()]
    nothing = [*lost, reading(math.nan, drug(100))]
    rows = inhibitions(nothing, protocol=protocol())
    assert not found(rows, "technical-interval")
    half = [
        one if one.tube.replicate == 1 else other for one, other in zip(donor(), lost, strict=True)
    ]
    rows = inhibitions([*half, reading(400, drug(100))], protocol=protocol())
    (told,) = found(rows, "technical-interval")
    assert "The sheet has replicate tubes, but no condition has two with a reading" in told.message
    assert "duplicate" not in told.message


def test_few_events_make_a_tube_less_certain_than_its_replicates() -> None:
    sure = inhibitions([*donor(), reading(400, drug(1))], protocol=protocol())[0]
    poor = inhibitions([*donor(), reading(400, drug(1), se=80.0)], protocol=protocol())[0]
    assert poor.interval[1] - poor.interval[0] > 2 * (sure.interval[1] - sure.interval[0])


def test_two_pairs_are_a_thin_base_for_intervals_and_that_is_told() -> None:
    rows = inhibitions([*donor(), reading(400, drug(100))], protocol=protocol())
    (finding,) = found(rows, "few-replicates")
    assert finding.observed == 2.0
    more = [*donor(), *donor("D2"), reading(400, drug(100))]
    assert not found(inhibitions(more, protocol=protocol()), "few-replicates")


def test_values_beyond_the_controls_are_shown_and_told() -> None:
    rows = inhibitions(
        [*donor(), reading(100, drug(1000)), reading(1500, drug(1))], protocol=protocol()
    )
    assert [row.percent > 100 or row.percent < 0 for row in rows] == [True, True]
    rules = [f.rule for f in inhibition_findings(rows, ()) if f.unit == "%"]
    assert rules == ["inhibition-beyond-controls"] * 2


def test_the_own_floor_is_pointed_at_only_where_there_is_one() -> None:
    tubes = [*donor(), reading(100, drug(1000))]
    (bare,) = found(inhibitions(tubes, protocol=protocol()), "inhibition-beyond-controls")
    assert "below unstimulated" in bare.message and "own-floor" not in bare.message
    alone = reading(90, drug(1000), stimulus=None)
    (told,) = found(inhibitions([*tubes, alone], protocol=protocol()), "inhibition-beyond-controls")
    assert told.message.endswith("below unstimulated; compare the own-floor column.")


def test_pooled_spread_finds_the_scatter_of_tubes() -> None:
    rng = _generator("pooled spread")
    tubes = [
        reading(level * math.exp(0.06 * rng.standard_normal()), donor=f"D{d}", number=n)
        for d, level in enumerate(np.geomspace(300, 9000, 40))
        for n in (1, 2)
    ]
    spread = pool_spread(tubes, {})
    assert (spread.groups, spread.df) == (40, 40.0)
    assert spread.sd == pytest.approx(0.06, rel=0.2)


def test_intervals_of_a_run_cover_as_often_as_they_claim() -> None:
    rng = _generator("coverage over runs")

    def tube(median: float, *given: Agent, **where: object) -> Reading:
        return reading(median * math.exp(0.05 * rng.standard_normal()), *given, **where)  # type: ignore[arg-type]

    inside = told = 0
    for _ in range(150):
        tubes: list[Reading] = []
        for name in ("D1", "D2", "D3", "D4"):
            tubes += [tube(2000, donor=name, number=n) for n in (1, 2)]
            tubes += [tube(300, donor=name, stimulus=None, number=n) for n in (1, 2)]
            tubes.append(tube(800, drug(100), donor=name))
        truth = 100 * 1200 / 1700
        for row in inhibitions(tubes, protocol=protocol()):
            told += 1
            inside += row.interval[0] <= truth <= row.interval[1]
    assert told == 600
    # Three standard errors of a share out of 600, donors of a run sharing their spread.
    assert inside / told == pytest.approx(0.95, abs=0.03)


def series(ic50: float, noise: Sequence[float] = (0.0,) * 7, unit: str = "nM") -> list[Reading]:
    factor = 1e-3 if unit == "µM" else 1.0
    return [
        reading(200 + 800 / (1 + dose / ic50) + e, drug(dose * factor, unit))
        for dose, e in zip(DOSES, noise, strict=True)
    ]


def test_a_dose_series_has_an_ic50_between_its_controls() -> None:
    tubes = [*donor(), *series(40.0, (3, -8, 9, -5, 4, -3, 2))]
    (curve,) = dose_responses(tubes, protocol=protocol())
    assert curve.status == "ok"
    assert curve.ic50 == pytest.approx(40.0, rel=0.1)
    assert curve.ic50_interval[0] < 40 < curve.ic50_interval[1]
    assert (curve.unit, curve.doses.size, curve.n) == ("nM", 7, 11)
    assert curve.stimulated_band[0] < 1000 < curve.stimulated_band[1]
    assert curve.x.shape == curve.y.shape and np.isfinite(curve.y).all()


def test_doses_in_two_units_make_one_series() -> None:
    noise = (3, -8, 9, -5, 4, -3, 2)
    tubes = [*donor(), *series(40.0, noise)[:3], *series(40.0, noise, "µM")[3:]]
    (curve,) = dose_responses(tubes, protocol=protocol())
    assert curve.unit == "µM"
    assert curve.ic50 == pytest.approx(0.04, rel=0.1)


def test_a_slip_into_another_unit_changes_the_unit_of_no_ones_ic50() -> None:
    doses = [(0.01, "µg/mL"), (30.0, "ng/mL"), (0.1, "ug/ml"), (0.3, "µg/mL"), (1.0, "µg/mL")]
    agents = [Agent("sarilumab", dose, unit) for dose, unit in doses]
    medians = [950.0, 880.0, 720.0, 480.0, 310.0]
    tubes = [*donor(), *(reading(m, a) for m, a in zip(medians, agents, strict=True))]
    (curve,) = dose_responses(tubes, protocol=protocol())
    assert curve.unit == "µg/mL"
    assert curve.doses == pytest.approx([0.01, 0.03, 0.1, 0.3, 1.0])


def test_a_control_at_the_same_dose_in_another_unit_is_paired() -> None:
    picograms = Agent("IL-6", IL6.dose * 1000, "pg/ml")
    tubes = [*donor(), reading(1000, stimulus=picograms, number=3), reading(400, drug(100))]
    (row,) = inhibitions(tubes, protocol=protocol())
    assert (IL6.unit, row.n_stimulated) == ("ng/mL", 3)


def test_a_weak_inhibitor_is_reported_as_a_bound() -> None:
    tubes = [*donor(), *series(9000.0, (3, -8, 9, -5, 4, -3, 2))]
    curves = dose_responses(tubes, protocol=protocol())
    assert curves[0].status == "> highest dose"
    assert math.isnan(curves[0].ic50)
    (finding,) = inhibition_findings((), curves)
    assert finding.rule == "ic50-not-bracketed"
    assert "reported as > 1000 nM." in finding.message


def test_a_bound_whose_interval_reaches_back_says_both() -> None:
    tubes = [*donor(), *series(9000.0, (3, -8, 9, -5, 4, -3, 2))]
    (curve,) = dose_responses(tubes, protocol=protocol())
    within = dataclasses.replace(curve, ic50_interval=(872.0, math.inf))
    (finding,) = inhibition_findings((), (within,))
    assert "reported as > 1000 nM. The fitted curve allows values from 872 nM" in finding.message
    beyond = dataclasses.replace(curve, ic50_interval=(1432.0, math.inf))
    (finding,) = inhibition_findings((), (beyond,))
    assert "fitted curve" not in finding.message


def test_without_a_window_there_is_no_curve() -> None:
    flat = [reading(1000 + 10 * n, stimulus=s, number=n) for s in (IL6, None) for n in (1, 2)]
    (curve,) = dose_responses([*flat, *series(40.0)], protocol=protocol())
    assert curve.status == "no activation: inhibition undefined"
    assert curve.x.size == 0 and not curve.params


def test_two_doses_are_no_series_and_three_are_too_few() -> None:
    assert dose_responses([*donor(), *series(40.0)[:2]], protocol=protocol()) == ()
    (curve,) = dose_responses([*donor(), *series(40.0)[2:5]], protocol=protocol())
    assert curve.status == "too few doses"


def _generator(name: str) -> np.random.Generator:
    digest = hashlib.sha256(name.encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))


def falling(name: str, treated: float) -> list[Reading]:
    """IκBα: 1000 unstimulated, 200 stimulated."""
    turned = [reading(1200 - r.median, stimulus=r.tube.stimulus, donor=name) for r in donor()]
    return [*turned, reading(treated, drug(100), donor=name)]


def test_where_activation_makes_the_readout_fall_beyond_means_the_other_side() -> None:
    tubes = [*falling("D1", 1500.0), *falling("D2", 60.0)]
    rows = inhibitions(tubes, protocol=protocol(activation="down"))
    assert [row.percent > 100 for row in rows] == [True, False]
    told = [finding.message for finding in found(rows, "inhibition-beyond-controls")]
    assert "raises the readout above unstimulated" in told[0]
    assert "lowers the readout below stimulated" in told[1]


def test_a_window_on_the_wrong_side_is_told_from_one_that_is_none() -> None:
    rows = inhibitions([*donor(), reading(400, drug(100))], protocol=protocol(activation="down"))
    (against,) = found(rows, "no-activation")
    assert "against its declared direction" in against.message
    still = [reading(1010 + n, stimulus=s, number=n) for n in (1, 2) for s in (IL6, None)]
    (none,) = found(
        inhibitions([*still, reading(900, drug(1))], protocol=protocol()), "no-activation"
    )
    assert "cannot be told from" in none.message


def test_shares_of_cells_are_linear_on_every_scale() -> None:
    dead = Readout(name="pSTAT3", kind="fraction", population="CLL", populations=("dead",))
    tubes = [
        dataclasses.replace(one, median=one.median / 20, kind="fraction", cofactor=100.0)
        for one in [*donor(), reading(400, drug(100))]
    ]
    for scale in ("linear", "arcsinh"):
        flow = protocol(scale).model_copy(update={"readouts": (dead,)})
        (row,) = inhibitions(tubes, protocol=flow)
        assert row.percent == pytest.approx(75.0)
        assert (row.stimulated, row.unstimulated) == pytest.approx((50.0, 10.0))
