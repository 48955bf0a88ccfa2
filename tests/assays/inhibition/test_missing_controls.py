"""What a sample sheet lacks, told before the cells are gone."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from assays.inhibition.sheet.controls import missing_controls
from assays.inhibition.sheet.namesakes import bare, named_two_ways
from assays.protocol import Flow, Gate, Inhibition, Readout
from assays.samples import Agent, Tube, TubeRole
from plates.findings import Finding, Severity

IL6, IL10 = Agent("IL-6", 10.0, "ng/mL"), Agent("IL-10", 20.0, "ng/mL")
DRUG, ANTIBODY = Agent("ruxolitinib", 100.0, "nM"), Agent("tocilizumab", 10.0, "ug/mL")


def flow(tube_cv_percent: float | None = None, stimulus: str | None = None) -> Flow:
    return Flow(
        compensation="none",
        gates=(Gate(population="CLL", method="interval", channels=("CD5",)),),
        readouts=(Readout(name="pSTAT3", channel="pSTAT3", population="CLL", stimulus=stimulus),),
        inhibition=Inhibition(tube_cv_percent=tube_cv_percent),
    )


def tube(
    stimulus: Agent | None = None,
    *inhibitors: Agent,
    donor: str = "D1",
    vehicle: str = "DMSO",
    n: int = 1,
    role: TubeRole | None = None,
) -> Tube:
    if inhibitors:
        follows = TubeRole.TREATED if stimulus else TubeRole.INHIBITOR_ALONE
    else:
        follows = TubeRole.STIMULATED if stimulus else TubeRole.UNSTIMULATED
    words = "-".join([donor, str(stimulus), *map(str, inhibitors), vehicle, str(n)])
    name = f"{words}.fcs".replace("/", "_")
    return Tube(name, donor, role or follows, stimulus, tuple(inhibitors), vehicle, n)


def complete(donor: str = "D1") -> list[Tube]:
    """Everything that one inhibitor needs."""
    return [
        *(tube(donor=donor, n=n) for n in (1, 2)),
        *(tube(IL6, donor=donor, n=n) for n in (1, 2)),
        tube(IL10, donor=donor, role=TubeRole.POSITIVE),
        tube(IL6, DRUG, donor=donor),
        tube(None, DRUG, donor=donor),
        tube(donor=donor, role=TubeRole.FMO),
    ]


def lacking(tubes: Sequence[Tube], rule: str, protocol: Flow | None = None) -> list[Finding]:
    return [one for one in missing_controls(tubes, protocol or flow()) if one.rule == rule]


def without(tubes: Sequence[Tube], *roles: TubeRole) -> list[Tube]:
    return [one for one in tubes if one.role not in roles]


def test_a_complete_set_lacks_nothing() -> None:
    assert missing_controls([*complete(), *complete("D2")], flow()) == ()
    assert missing_controls([], flow()) == ()
    assert missing_controls([tube()], flow()) == ()


def test_a_control_of_another_donor_is_no_control() -> None:
    tubes = [*complete(), *without(complete("D2"), TubeRole.UNSTIMULATED)]
    (finding,) = missing_controls(tubes, flow())
    assert (finding.rule, finding.severity, finding.where) == (
        "control-missing", Severity.LOOK, "donor D2",
    )  # fmt: skip
    assert "no percent positive and no inhibition" in finding.message
    assert "The tubes of donor D1 cannot stand in" in finding.message


def test_the_stimulated_tube_must_have_the_treated_tubes_stimulus_and_dose() -> None:
    weak = tube(Agent("IL-6", 1.0, "ng/mL"), DRUG)
    (finding,) = lacking([*complete(), weak], "control-missing")
    assert "IL-6 1 ng/mL" in finding.message
    same = tube(Agent("il-6", 10.0, "ng/mL"), Agent("ruxolitinib", 0.1, "µM"), n=2)
    assert not lacking([*complete(), same], "control-missing")


def test_what_donors_lack_alike_is_said_once() -> None:
    tubes = [one for d in range(9) for one in without(complete(f"D{d}"), TubeRole.STIMULATED)]
    (finding,) = lacking(tubes, "control-missing")
    assert finding.where == "donors D0, D1, D2, D3, D4, D5 and 3 more"


def test_each_inhibitor_needs_both_anchors_in_its_own_vehicle() -> None:
    antibody = tube(IL6, ANTIBODY, vehicle="IgG1 isotype")
    (found,) = lacking([*complete(), antibody], "vehicle-control")
    assert found.severity == Severity.LOOK
    assert found.message.startswith(
        "No stimulated and no unstimulated tube with IgG1 isotype for tocilizumab in donor D1: "
        "controls with DMSO were used"
    )
    calm = tube(vehicle="IgG1 isotype")
    (found,) = lacking([*complete(), antibody, calm], "vehicle-control")
    assert found.message.startswith("No stimulated tube with IgG1 isotype for tocilizumab")
    matched = [tube(vehicle="igg1  ISOTYPE"), tube(IL6, vehicle="IgG1 isotype")]
    assert not lacking([*complete(), antibody, *matched], "vehicle-control")


def test_a_treated_tube_without_vehicle_is_a_doubt() -> None:
    (finding,) = lacking([*complete(), tube(IL6, ANTIBODY, vehicle="")], "vehicle-control")
    assert finding.severity == Severity.NOTE
    assert "The vehicle of tocilizumab is not given" in finding.message


def test_single_tubes_cost_the_test_of_the_window_unless_a_cv_is_declared() -> None:
    single = [one for one in complete() if one.replicate == 1]
    (finding,) = lacking(single, "replicates-missing")
    assert "not testable" in finding.message
    assert not lacking(single, "replicates-missing", flow(8.0))
    assert not lacking(complete(), "replicates-missing")


def test_inhibitor_alone_positive_control_and_fmo_are_missed_with_their_cost() -> None:
    tubes = [*(tube(n=n) for n in (1, 2)), tube(IL6), tube(IL6, DRUG)]
    told = {one.rule: one for one in missing_controls(tubes, flow())}
    assert set(told) == {"inhibitor-alone-missing", "positive-control-missing", "fmo-missing"}
    assert all(one.severity == Severity.NOTE for one in told.values())
    assert "the own floor stays blank" in told["inhibitor-alone-missing"].message


def test_a_pair_needs_its_members_singly_at_the_same_doses() -> None:
    pair = tube(IL6, DRUG, ANTIBODY)
    single = tube(IL6, Agent("tocilizumab", 3.0, "ug/mL"))
    (finding,) = lacking([*complete(), pair, single], "single-agent-missing")
    assert finding.message.startswith("tocilizumab 10 ug/mL is given in a pair")


def test_a_readouts_own_stimulus_must_be_in_a_tube() -> None:
    (finding,) = lacking(complete(), "control-missing", flow(stimulus="CD40L"))
    assert "driven by CD40L, which no tube has" in finding.message
    assert "IL-6, IL-10" in finding.message


def test_one_thing_under_two_names_is_told_and_not_guessed() -> None:
    other = tube(Agent("IL6", 10.0, "ng/mL"), DRUG, n=2)
    (finding,) = named_two_ways([*complete(), other])
    assert "The stimulus is written 'IL-6' and 'IL6'" in finding.message
    cased = tube(Agent("il-6", 10.0, "ng/mL"), DRUG, vehicle="dmso", n=2)
    assert not list(named_two_ways([*complete(), cased]))
    (finding,) = named_two_ways([*complete("P-1"), *complete("p1")])
    assert finding.where == "donor"
    assert bare("IκBα (total)") == "ikbatotal"


def test_one_replicate_number_for_two_tubes_is_told() -> None:
    again = tube(IL6, DRUG)
    other = Tube("again.fcs", "D1", again.role, IL6, (DRUG,), "DMSO", 1)
    (finding,) = lacking([*complete(), other], "replicate-twice")
    assert finding.where == "again.fcs"


def with_readout(**readout: object) -> Flow:
    made: dict[str, object] = {"name": "pSTAT3", "channel": "pSTAT3", "population": "CLL"}
    one = Readout.model_validate(made | readout)
    return flow().model_copy(update={"readouts": (one,)})


def test_a_threshold_from_fmo_needs_one_of_every_donor() -> None:
    protocol = with_readout(threshold="fmo")
    both = [*complete("D1"), *without(complete("D2"), TubeRole.FMO)]
    (told,) = lacking(both, "threshold-control-missing", protocol)
    assert told.where == "donor D2" and "no percent positive" in told.message
    assert not lacking(complete(), "threshold-control-missing", protocol)
    shared = dataclasses.replace(complete()[-1], donor="")
    common = [*without(both, TubeRole.FMO), shared]
    assert not lacking(common, "threshold-control-missing", protocol)
    assert not lacking(both, "fmo-missing", protocol)


def test_the_expression_of_a_receptor_needs_an_isotype() -> None:
    protocol = with_readout(name="CD126", kind="expression", channel="CD126")
    (told,) = lacking(complete(), "threshold-control-missing", protocol)
    assert "isotype" in told.message and "nothing to compare with" in told.message


def test_a_run_of_shares_of_cells_alone_needs_no_fmo() -> None:
    dead = Readout(name="dead", kind="fraction", population="CLL", populations=("late",))
    tubes = without(complete(), TubeRole.FMO)
    assert lacking(tubes, "fmo-missing")
    assert not lacking(tubes, "fmo-missing", flow().model_copy(update={"readouts": (dead,)}))


def test_an_fmo_tube_of_another_dye_serves_no_readout() -> None:
    protocol = with_readout(threshold="fmo")
    tubes = without(complete(), TubeRole.FMO)

    def fmo(stain: str) -> list[Tube]:
        return [*tubes, dataclasses.replace(complete()[-1], stain=stain)]

    rule = "threshold-control-missing"
    assert not lacking(fmo("pstat3 "), rule, protocol)
    # CD5 is the channel of a gate; whether APC-A carries pSTAT3 only the files can tell.
    (told,) = lacking(fmo("CD5"), rule, protocol)
    assert "none that serves it" in told.message
    assert not lacking(fmo("APC-A"), rule, protocol)
    seen = {"pSTAT3": ("APC-A", "pSTAT3")}
    for stain, serves in (("APC-A", True), ("PE-A", False)):
        found = missing_controls(fmo(stain), protocol, seen)
        assert serves == (rule not in {one.rule for one in found})
