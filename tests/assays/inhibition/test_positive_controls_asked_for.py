"""A positive control is asked for per readout and donor, as the run holds readouts to it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

from assays.inhibition.compare import compare
from assays.inhibition.over_tubes import positive_controls
from assays.inhibition.sheet.controls import missing_controls
from assays.protocol import Flow, Gate, Inhibition, Readout
from assays.results.flow import Reading
from assays.samples import Agent, Tube, TubeRole
from plates.findings import Finding, Severity

IL6, IL10 = Agent("IL-6", 10.0, "ng/mL"), Agent("IL-10", 20.0, "ng/mL")
CD40L, DRUG = Agent("CD40L", 200.0, "ng/mL"), Agent("ruxolitinib", 100.0, "nM")


def flow(stat3: str | None = "IL-10", p65: str | None = "CD40L", driver: str | None = None) -> Flow:
    return Flow(
        compensation="none",
        gates=(Gate(population="CLL", method="interval", channels=("CD5",)),),
        readouts=(
            Readout(name="pSTAT3", channel="a", population="CLL", positive_control=stat3),
            Readout(
                name="p-p65", channel="b", population="CLL", positive_control=p65, stimulus=driver
            ),
            Readout(name="CD126", kind="expression", channel="c", population="CLL"),
        ),
        inhibition=Inhibition(tube_cv_percent=5.0),
    )


def donor(name: str, *positive: Agent, stimulus: Agent = IL6, plate: str = "") -> list[Tube]:
    tubes = [
        Tube(f"{name}_u", name, TubeRole.UNSTIMULATED, vehicle="DMSO"),
        Tube(f"{name}_s", name, TubeRole.STIMULATED, stimulus, vehicle="DMSO"),
        Tube(f"{name}_i", name, TubeRole.TREATED, stimulus, (DRUG,), "DMSO"),
        *(Tube(f"{name}_{p.name}", name, TubeRole.POSITIVE, p, vehicle="DMSO") for p in positive),
    ]
    return [dataclasses.replace(one, plate=plate) for one in tubes]


def told(
    tubes: Sequence[Tube], protocol: Flow, rule: str = "positive-control-missing"
) -> list[Finding]:
    return [one for one in missing_controls(tubes, protocol) if one.rule == rule]


def test_each_donor_needs_the_control_of_each_readout() -> None:
    tubes = [*donor("D1", IL10, CD40L), *donor("D2", CD40L), *donor("D3", IL10, CD40L)]
    (one,) = told(tubes, flow())
    assert (one.severity, one.where) == (Severity.LOOK, "donor D2")
    assert one.message.startswith("No positive control IL-10 for pSTAT3 in donor D2")
    assert "can respond at all" in one.message
    assert not told(tubes, flow(stat3="CD40L"))


def test_any_positive_control_serves_a_readout_that_declares_none() -> None:
    assert not told(donor("D1", CD40L), flow(None, None))
    (one,) = told(donor("D1"), flow(None, None))
    assert one.severity is Severity.NOTE
    (one,) = told(donor("D1", CD40L), flow("IL-10", None))
    assert "IL-10 for pSTAT3" in one.message


def test_a_readout_is_asked_only_where_its_own_stimulus_was_blocked() -> None:
    tubes = [*donor("D1", IL10), *donor("D2", IL10, stimulus=CD40L)]
    (one,) = told(tubes, flow(p65="PMA", driver="CD40L"))
    assert one.where == "donor D2" and "PMA for p-p65" in one.message


def test_a_tube_without_the_role_is_no_positive_control_to_the_run_and_to_the_check() -> None:
    tubes = [*donor("D1", CD40L), Tube("d1_il10", "D1", TubeRole.STIMULATED, IL10, vehicle="DMSO")]
    (one,) = told(tubes, flow())
    assert "If d1_il10 is meant, write positive control in the column role" in one.message
    assert {row.readout for row in positive_controls(readings(tubes), protocol=flow())} == {"p-p65"}


def test_a_positive_control_that_no_readout_is_held_to_is_told() -> None:
    tubes = donor("D1", IL10, CD40L, Agent("PMA", 50.0, "ng/mL"))
    (one,) = told(tubes, flow(), "positive-control-unused")
    assert "PMA 50 ng/mL of donor D1" in one.message and "IL-10 for pSTAT3" in one.message
    assert not told(tubes, flow(None), "positive-control-unused")


def test_a_plate_is_stained_as_one_and_wants_its_own_positive_control() -> None:
    tubes = [*donor("D1", IL10, CD40L, plate="P1"), *donor("D1", CD40L, plate="P2")]
    (one,) = told(tubes, flow(), "positive-control-of-another-plate")
    assert "for pSTAT3 is not on plate P2" in one.message
    assert not told(tubes[:5], flow(), "positive-control-of-another-plate")


def at(minutes: float | None, tubes: Sequence[Tube]) -> list[Tube]:
    """The same tubes at another time."""
    when = "none" if minutes is None else f"{minutes:g}"
    return [dataclasses.replace(t, file=f"{t.file}_{when}", time_min=minutes) for t in tubes]


def test_a_positive_control_of_another_time_is_told() -> None:
    rule = "positive-control-of-another-time"
    bare, control = donor("D1"), donor("D1", IL10, CD40L)[3:]
    tubes = [*at(15, bare), *at(30, bare), *at(120, bare), *at(15, control)]
    (one,) = told(tubes, flow(), rule)
    assert (one.severity, one.where) == (Severity.NOTE, "donor D1")
    assert "of donor D1 was taken at 15 min, not at 30 and 120 min" in one.message
    each = [tube for time in (15, 30, 120) for tube in at(time, [*bare, *control])]
    assert not told(each, flow(), rule)


def test_a_time_that_the_sheet_does_not_give_is_no_other_time() -> None:
    rule = "positive-control-of-another-time"
    bare, control = donor("D1"), donor("D1", IL10, CD40L)[3:]
    assert not told([*at(15, bare), *control], flow(), rule)
    assert not told([*bare, *at(15, control)], flow(), rule)


def test_a_silent_donor_is_told_at_which_time_its_positive_control_answered() -> None:
    bare, control = donor("D1"), donor("D1", IL10)[3:]
    calm = at(15, bare[:1])
    other = silent([*at(60, bare), *calm, *at(15, control)], IL10=1500.0)
    assert "The positive control IL-10 20 ng/mL at 15 min does move it" in other.message
    # One of its own time is asked first.
    late = [dataclasses.replace(t, stimulus=Agent("IL-10", 21.0, "ng/mL")) for t in control]
    same = silent([*at(60, bare), *calm, *at(15, control), *at(60, late)], IL10=1500.0)
    assert "The positive control IL-10 21 ng/mL does move it" in same.message


def readings(tubes: Sequence[Tube], **levels: float) -> list[Reading]:
    """Nothing moves but what is named by role or stimulus."""
    return [
        Reading(
            one.file, one.donor, one, name, "CLL", name, 2000,
            levels.get(one.stimulus.name.replace("-", "") if one.stimulus else "", 200.0),
            5.0, 150.0, math.nan, math.nan, math.nan, "", "ok",
        )
        for one in tubes
        for name in ("pSTAT3", "p-p65")
    ]  # fmt: skip


def silent(tubes: Sequence[Tube], **levels: float) -> Finding:
    """What is told where IL-6 does nothing to pSTAT3."""
    found = compare(readings(tubes, **levels), protocol=flow()).findings
    return next(one for one in found if one.rule == "no-activation" and "pSTAT3" in one.message)


def test_a_silent_donor_is_told_what_its_positive_control_showed() -> None:
    able = silent(donor("D1", IL10), IL10=1500.0)
    assert able.message.endswith(
        "The positive control IL-10 20 ng/mL does move it, so these cells can respond "
        "(1500 against 200)."
    )
    assert "A positive control would" not in able.message
    mute = silent(donor("D1", IL10))
    assert "does not move it either, so nothing tells whether they can respond" in mute.message
    none = silent(donor("D1"))
    assert "this donor has none" in none.message


def test_the_number_of_no_activation_has_its_unit() -> None:
    one = silent(donor("D1", IL10))
    assert (one.observed, one.unit) == (0.0, "a.u.")
    log = flow().model_copy(update={"inhibition": Inhibition(scale="arcsinh", tube_cv_percent=5.0)})
    found = compare(readings(donor("D1")), protocol=log).findings
    assert {f.unit for f in found if f.rule == "no-activation"} == {"arcsinh"}
