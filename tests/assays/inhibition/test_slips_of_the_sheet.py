"""Slips of a sample sheet that show in a run: each told with its tube, none mended by guess."""

from __future__ import annotations

import doctest
import math
from collections.abc import Sequence

import pytest

from assays.inhibition.kinetics import kinetics
from assays.inhibition.sheet import namesakes
from assays.inhibition.sheet.namesakes import named_alike, slip_of_the_pen
from assays.inhibition.sheet.slips import slips
from assays.protocol import Flow, Gate, Readout
from assays.results.flow import Reading
from assays.samples import Agent, Tube, TubeRole
from plates.findings import Finding, Severity

IL6 = Agent("IL-6", 10.0, "ng/mL")


def protocol(activation: str = "up", **masses: float) -> Flow:
    return Flow(
        compensation="none",
        gates=(Gate(population="CLL", method="interval", channels=("CD5",)),),
        readouts=(
            Readout(name="pSTAT3", channel="pSTAT3", population="CLL", activation=activation),  # type: ignore[arg-type]
        ),
        molar_mass_g_per_mol=masses,
    )


def tube(
    file: str,
    *inhibitors: Agent,
    stimulus: Agent | None = IL6,
    vehicle: str = "DMSO",
    time_min: float | None = 15.0,
    donor: str = "D1",
) -> Tube:
    if inhibitors:
        role = TubeRole.TREATED if stimulus else TubeRole.INHIBITOR_ALONE
    else:
        role = TubeRole.STIMULATED if stimulus else TubeRole.UNSTIMULATED
    return Tube(file, donor, role, stimulus, inhibitors, vehicle, time_min=time_min)


def jak(dose: float, unit: str = "nM", name: str = "JAK inhibitor") -> Agent:
    return Agent(name, dose, unit)


def series(*more: Tube) -> list[Tube]:
    return [*(tube(f"{dose}.fcs", jak(dose)) for dose in (1.0, 10.0, 100.0, 1000.0)), *more]


def reading(of: Tube, median: float) -> Reading:
    return Reading(
        of.file, of.donor, of, "pSTAT3", "CLL", "pSTAT3", 2000, median, 5.0, 150.0,
        math.nan, math.nan, math.nan, "", "ok",
    )  # fmt: skip


def told(
    tubes: Sequence[Tube], rule: str, medians: Sequence[float] = (), choices: Flow | None = None
) -> list[Finding]:
    readings = [reading(one, median) for one, median in zip(tubes, medians, strict=False)]
    return [one for one in slips(tubes, readings, choices or protocol()) if one.rule == rule]


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(namesakes).failed == 0


def test_a_sound_series_has_nothing_to_be_told() -> None:
    tubes = series(tube("u.fcs", stimulus=None, time_min=None), tube("s.fcs"))
    tubes += [tube(f"b{dose}.fcs", jak(dose), stimulus=None) for dose in (1.0, 10.0, 100.0, 1000.0)]
    tubes.append(
        Tube("p.fcs", "D1", TubeRole.POSITIVE, Agent("IL-10", 20.0, "ng/mL"), time_min=15.0)
    )
    tubes.append(Tube("f.fcs", "D1", TubeRole.FMO, IL6))
    assert slips(tubes, [reading(one, 500.0) for one in tubes], protocol()) == ()


def test_a_dose_that_cannot_be_turned_into_the_others_is_told_with_its_tube() -> None:
    slipped = tube("slip.fcs", jak(30.0, "ng/mL"))
    (finding,) = told(series(slipped), "off-the-curve")
    assert (finding.severity, finding.where) == (Severity.LOOK, "slip.fcs")
    assert "ng/mL cannot be turned into nM without a molar mass" in finding.message
    masses = protocol(**{"JAK inhibitor": 306.4})
    assert told(series(slipped), "off-the-curve", choices=masses) == []
    (share,) = told(series(tube("slip.fcs", jak(5.0, "%"))), "off-the-curve")
    assert "molar mass" not in share.message


def test_half_a_series_in_another_unit_is_told_although_there_is_no_curve() -> None:
    tubes = [tube(f"{d}{u}.fcs", jak(d, u)) for u in ("nM", "ng/mL") for d in (1.0, 10.0)]
    (finding,) = told(tubes, "off-the-curve")
    assert "2 tubes" in finding.message
    assert told(tubes[:2], "off-the-curve") == []


@pytest.mark.parametrize(
    ("apart", "why"),
    [
        (tube("x.fcs", jak(30.0), stimulus=Agent("IL-6", 1.0, "ng/mL")), "stimulus is IL-6 1 ng"),
        (tube("x.fcs", jak(30.0), vehicle="IgG1"), "vehicle is IgG1, that of the curve DMSO"),
        (tube("x.fcs", jak(30.0), time_min=5.0), "time is 5 min, that of the curve 15 min"),
    ],
)
def test_a_tube_that_may_be_meant_to_stand_apart_is_a_note(apart: Tube, why: str) -> None:
    (finding,) = told(series(apart), "off-the-curve")
    assert finding.severity == Severity.NOTE
    assert "x.fcs is on no dose curve" in finding.message
    assert why in finding.message


def test_another_donors_single_dose_is_no_tube_that_left_a_curve() -> None:
    assert told(series(tube("b.fcs", jak(30.0), donor="D2")), "off-the-curve") == []


def test_an_inhibitor_alone_that_shines_like_a_stimulus_is_told() -> None:
    tubes = [
        tube("u.fcs", stimulus=None, time_min=None),
        tube("s.fcs"),
        tube("alone.fcs", jak(30.0), stimulus=None),
        tube("calm.fcs", jak(100.0), stimulus=None),
    ]
    (finding,) = told(tubes, "stimulus-forgotten", (268.0, 1800.0, 1720.0, 250.0))
    assert (finding.severity, finding.where) == (Severity.LOOK, "alone.fcs")
    assert "1720 against 268 unstimulated, 6.4 times as much" in finding.message
    assert "calm.fcs" not in finding.message
    # Twice as bright is not far where the stimulus does a hundredfold.
    assert told(tubes, "stimulus-forgotten", (268.0, 60000.0, 700.0, 250.0)) == []
    assert told(tubes, "stimulus-forgotten", (268.0, 350.0, 330.0, 250.0)) == []


def test_a_readout_that_falls_on_activation_is_watched_the_other_way() -> None:
    tubes = [
        tube("u.fcs", stimulus=None, time_min=None),
        tube("s.fcs"),
        tube("alone.fcs", jak(30.0), stimulus=None),
    ]
    (finding,) = told(tubes, "stimulus-forgotten", (2000.0, 300.0, 320.0), protocol("down"))
    assert "inhibitor alone lowers pSTAT3" in finding.message
    assert told(tubes, "stimulus-forgotten", (300.0, 300.0, 2000.0), protocol("down")) == []


def test_a_stimulated_tube_without_a_time_is_told_where_others_tell_theirs() -> None:
    tubes = series(tube("u.fcs", stimulus=None, time_min=None), tube("late.fcs", time_min=None))
    (finding,) = told(tubes, "time-forgotten")
    assert (finding.severity, finding.where) == (Severity.LOOK, "late.fcs")
    assert "15 min" in finding.message and "column time" in finding.message
    assert told([tube("a", time_min=None), tube("b", time_min=None)], "time-forgotten") == []


def test_a_control_that_no_treated_tube_asks_for_is_told() -> None:
    other = Agent("IL-6", 1.0, "ng/mL")
    (finding,) = told(series(tube("s.fcs"), tube("l.fcs", stimulus=other)), "control-left-over")
    assert "IL-6 1 ng/mL" in finding.message and "treated tubes have IL-6 10" in finding.message
    same = Agent("IL-6", 10_000.0, "pg/mL")
    assert told(series(tube("s.fcs"), tube("l.fcs", stimulus=same)), "control-left-over") == []
    doses = [tube(f"{d}", stimulus=Agent("IL-6", d, "ng/mL")) for d in (0.1, 1.0, 10.0)]
    assert told(series(*doses), "control-left-over") == []


def test_a_stimulus_that_no_treated_tube_has_is_told() -> None:
    lone = tube("c.fcs", stimulus=Agent("IL-66", 10.0, "ng/mL"))
    (finding,) = told(series(tube("s.fcs"), lone), "control-left-over")
    assert (finding.severity, finding.where) == (Severity.NOTE, "donor D1")
    assert "IL-66 10 ng/mL and no inhibitor" in finding.message
    assert "the treated tubes have IL-6 10 ng/mL" in finding.message
    assert "positive control" in finding.message
    # Another donor's treated tubes have it: then a row of this one may be lost.
    other = tube("o.fcs", jak(1.0), stimulus=lone.stimulus, donor="D2")
    (finding,) = told(series(tube("s.fcs"), lone, other), "control-left-over")
    assert finding.severity == Severity.LOOK and "Is one lost?" in finding.message
    # A donor who was never treated is no blockade.
    assert told([tube("u.fcs", stimulus=None), lone], "control-left-over") == []


def test_an_inhibitor_alone_at_a_dose_that_no_treated_tube_has_is_told() -> None:
    alone = tube("b.fcs", jak(300.0), stimulus=None)
    (finding,) = told(series(tube("s.fcs"), alone), "control-left-over")
    assert "JAK inhibitor 300 nM and no stimulus" in finding.message
    assert "nobody's own floor" in finding.message


def test_a_control_with_hours_for_minutes_is_told_and_makes_no_course() -> None:
    late = tube("l.fcs", time_min=900.0)
    rows = series(tube("u.fcs", stimulus=None, time_min=None), tube("s.fcs"), late)
    (finding,) = told(rows, "control-left-over")
    assert (finding.severity, finding.where) == (Severity.LOOK, "donor D1")
    assert "IL-6 10 ng/mL at 900 min and no inhibitor (l.fcs) of donor D1" in finding.message
    assert "they have 15 min." in finding.message
    readings = [reading(one, 1000.0) for one in rows]
    assert kinetics(readings, protocol=protocol()) == ()
    # Two tubes of that time, or three times of the stimulus, are meant.
    twice = [*readings, reading(tube("m.fcs", time_min=900.0), 1000.0)]
    assert [list(each.times_min) for each in kinetics(twice, protocol=protocol())] == [
        [0.0, 15.0, 900.0]
    ]
    course = [*rows, tube("m.fcs", time_min=60.0)]
    assert told(course, "control-left-over") == []
    assert kinetics([reading(one, 1000.0) for one in course], protocol=protocol())


def test_a_stimulus_in_units_that_do_not_meet_is_told_with_the_donors() -> None:
    units = Agent("IL-6", 10.0, "IU/mL")
    rows = [tube(f"{d}.fcs", donor=d) for d in ("D3", "D6")]
    (finding,) = told([tube("D1.fcs", stimulus=units), *rows], "units-apart")
    assert (finding.severity, finding.where) == (Severity.LOOK, "donor D1")
    assert "stimulus IL-6" in finding.message
    assert "10 IU/mL in donor D1; 10 ng/mL in donors D3, D6" in finding.message
    same = Agent("IL-6", 10_000.0, "pg/mL")
    assert told([tube("D1.fcs", stimulus=same), *rows], "units-apart") == []
    # A molar mass turns nM into ng/mL; without it the way out is told.
    molar = [tube("D1.fcs", stimulus=Agent("IL-6", 0.5, "nM")), *rows]
    assert "molar mass" in told(molar, "units-apart")[0].message
    assert told(molar, "units-apart", choices=protocol(**{"IL-6": 20_000.0})) == []


def test_an_inhibitor_in_units_that_do_not_meet_is_told_over_donors_only() -> None:
    other = tube("o.fcs", jak(10.0, "ng/mL"), donor="D2")
    (finding,) = told(series(other), "units-apart")
    assert "inhibitor JAK inhibitor" in finding.message
    assert "10 ng/mL in donor D2; 1 to 1000 nM in donor D1" in finding.message
    # Within one donor the tube that leaves the curve is told.
    assert told(series(tube("o.fcs", jak(10.0, "ng/mL"))), "units-apart") == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("DMS0", "DMSO"),
        ("DSMO", "dmso"),
        ("JAK2 inhibitr", "JAK2 inhibitor"),
        ("JAK2 inhibitors", "JAK2 inhibitor"),
        ("ruxolitnib", "ruxolitinib"),
        ("ruxolitinub", "ruxolitinib"),
        ("IgG1 isotyp", "IgG1 isotype"),
        ("tocilizumab", "toclizumab"),
    ],
)
def test_one_slip_of_the_pen_is_asked_about(one: str, other: str) -> None:
    assert slip_of_the_pen(one, other) and slip_of_the_pen(other, one)
    tubes = [tube(f"{n}.fcs", jak(1.0, name=one if n == 4 else other)) for n in range(5)]
    (finding,) = named_alike(tubes)
    assert (finding.severity, finding.where) == (Severity.LOOK, "4.fcs")
    assert f"{one!r} (1 tube) is nearly {other!r} (4 tubes)" in finding.message


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("IgG1 isotype", "IgG2 isotype"),
        ("IgG2 isotype", "IgG2a isotype"),
        ("IgG2a isotype", "IgG2b isotype"),
        ("JAK1 inhibitor", "JAK2 inhibitor"),
        ("STAT3 inhibitor V", "STAT3 inhibitor VI"),
        ("anti-IL-6Ra", "anti-IL-6Rb"),
        ("anti-IL-6", "anti-IL-6R"),
        ("IFN-alpha", "IFN-gamma"),
        ("IFNa", "IFNb"),
        ("IL-6", "IL-10"),
        ("BAY 11-7082", "BAY 11-7085"),
        ("sarilumab", "siltuximab"),
        ("baricitinib", "tofacitinib"),
        ("IL-6", "il 6"),
    ],
)
def test_names_that_belong_to_two_things_are_left_in_peace(one: str, other: str) -> None:
    assert not slip_of_the_pen(one, other)
    assert not slip_of_the_pen(other, one)
