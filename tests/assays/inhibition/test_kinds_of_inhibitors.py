"""Small molecules come in a solvent, antibodies want an isotype; who is which must be known."""

from __future__ import annotations

import doctest

import pytest

from assays.inhibition.sheet import inhibitor_kinds
from assays.inhibition.sheet.controls import missing_controls
from assays.inhibition.sheet.inhibitor_kinds import ANTIBODY, OTHER, SMALL, kind_of
from assays.protocol import Flow, Gate, Readout
from assays.protocol_text import parse
from assays.samples import Agent, Tube, TubeRole
from plates.errors import LabError
from plates.findings import Finding, Severity

IL6 = Agent("IL-6", 10.0, "ng/mL")


def told(rule: str, *given: tuple[str, str], **kinds: str) -> list[Finding]:
    """What is told of inhibitors with their vehicles."""
    tubes = [
        Tube(f"{n}.fcs", "D1", TubeRole.TREATED, IL6, (Agent(name, 1.0, "nM"),), vehicle)
        for n, (name, vehicle) in enumerate(given)
    ]
    protocol = Flow(
        compensation="none",
        gates=(Gate(population="CLL", method="interval", channels=("CD5",)),),
        readouts=(Readout(name="p", channel="p", population="CLL"),),
        inhibitor_kind={name.replace("_", " "): kind for name, kind in kinds.items()},  # type: ignore[misc]
    )
    return [one for one in missing_controls(tubes, protocol) if one.rule == rule]


def test_the_examples_in_the_docstring_hold() -> None:
    assert doctest.testmod(inhibitor_kinds).failed == 0


@pytest.mark.parametrize(
    "name",
    [
        "JAK2 inhibitor", "JAK2i", "JAK Inhibitor I", "JAK1/2 inhibitor", "STAT3 inhibitor V",
        "IKK-2 inhibitor IV", "NF-kB inhibitor", "IKKβi", "AZD1480", "AG490", "AG-490", "LMT-28",
        "BAY 11-7082", "Bay11-7085", "Stattic", "pyridone 6", "P6", "BMS-345541", "IKK-16",
        "fedratinib", "TG101348", "C188-9", "ruxolitinib", "ruxolitinib phosphate", "bortezomib",
        "idelalisib", "venetoclax", "dexamethasone", "AG490 (tyrphostin)", "SC144", "S3I-201",
    ],
)  # fmt: skip
def test_small_molecules_are_known_by_name(name: str) -> None:
    assert kind_of(name, {}) == SMALL


@pytest.mark.parametrize(
    "name",
    [
        "anti-IL-6R", "aIL6R", "αIL-6R", "a-IL-6R", "antiIL6", "anti IL-6", "tocilizumab",
        "Sarilumab 150", "siltuximab", "IL-6R mAb", "IL6R blocking Ab", "MR16-1", "CNTO 328",
        "RoActemra", "control IgG", "MAB227",
    ],
)  # fmt: skip
def test_antibodies_are_known_by_name(name: str) -> None:
    assert kind_of(name, {}) == ANTIBODY


@pytest.mark.parametrize("name", ["sgp130Fc", "olamkicept", "anakinra", "siSTAT3", "siRNA p65"])
def test_what_is_neither_is_asked_for_no_vehicle(name: str) -> None:
    assert kind_of(name, {}) == OTHER
    assert not told("vehicle-of-another-kind", (name, "PBS"), (name, "IgG1"))
    assert not told("inhibitor-kind-unknown", (name, "PBS"))


@pytest.mark.parametrize(
    "name", ["compound 7", "X", "IL-6R inhibitor", "drug", "inhibitor", "抗体"]
)
def test_a_name_that_says_nothing_is_never_guessed(name: str) -> None:
    assert kind_of(name, {}) == ""
    (one,) = told("inhibitor-kind-unknown", (name, "DMSO"))
    assert one.severity is Severity.NOTE
    assert f'[flow.inhibitor_kind] "{name}" = "small molecule"' in one.message


def test_what_is_declared_wins_over_the_name() -> None:
    assert kind_of("tocilizumab", {" Tocilizumab": "other"}) == OTHER
    assert not told("inhibitor-kind-unknown", ("X", "DMSO"), X="small molecule")
    (one,) = told("vehicle-of-another-kind", ("X", "DMSO"), X="antibody")
    assert "X is an antibody with the vehicle DMSO" in one.message
    assert not told("vehicle-of-another-kind", ("X", "IgG1 isotype"), X="antibody")


def test_each_kind_is_asked_for_its_own_vehicle() -> None:
    given = [
        ("AZD1480", "IgG1 isotype"), ("aIL6R", "DMSO"), ("tocilizumab", "PBS"),
        ("AG490", "DMSO + IgG1 isotype"), ("siltuximab", "human IgG1"), ("Stattic", "water"),
    ]  # fmt: skip
    found = told("vehicle-of-another-kind", *given)
    assert [one.message.partition(" in donor")[0] for one in found] == [
        "AZD1480 is a small molecule with the vehicle IgG1 isotype",
        "aIL6R is an antibody with the vehicle DMSO",
        "tocilizumab is an antibody with the vehicle PBS",
    ]
    assert "its solvent (DMSO)" in found[0].message and "an isotype" not in found[0].message
    assert "its isotype (IgG)" in found[1].message


def test_a_blank_vehicle_is_asked_for_by_kind() -> None:
    (one,) = told("vehicle-control", ("AZD1480", ""))
    assert "Write its solvent (DMSO), in its controls too" in one.message
    (one,) = told("vehicle-control", ("X", ""))
    assert "DMSO for a small molecule, an isotype (IgG) for an antibody" in one.message


def test_a_kind_that_is_declared_for_nobody_is_told() -> None:
    (one,) = told("inhibitor-kind-unused", ("JAK2 inhibitor", "DMSO"), JAK2_inhibitr="antibody")
    assert "Did you mean 'JAK2 inhibitor'?" in one.message


def test_a_kind_that_nobody_knows_is_refused_with_its_line() -> None:
    text = (
        'schema = 1\nkind = ["flow"]\n[flow]\ncompensation = "none"\n'
        '[flow.inhibitor_kind]\n"X" = "antibdy"\n'
        '[[flow.gates]]\npopulation = "c"\nmethod = "interval"\nchannels = ["a"]\n'
        '[[flow.readouts]]\nname = "p"\nchannel = "p"\npopulation = "c"\n'
    )
    with pytest.raises(LabError) as caught:
        parse(text)
    assert "antibody" in str(caught.value) and "assay.toml" in caught.value.where
    kinds = parse(text.replace("antibdy", "antibody")).flow
    assert kinds is not None and kinds.inhibitor_kind == {"X": "antibody"}


@pytest.mark.parametrize("name", ["IgG1", "control IgG", "hIgG1", "mouse IgG2a kappa", "MOPC-21"])
def test_an_isotype_among_the_inhibitors_is_no_treatment(name: str) -> None:
    (one,) = told("isotype-as-inhibitor", (name, "PBS"))
    assert one.severity is Severity.LOOK and "write it in the column vehicle" in one.message
    for rule in ("vehicle-of-another-kind", "inhibitor-kind-unknown"):
        assert not told(rule, (name, "PBS"))
    assert not told("isotype-as-inhibitor", ("anti-IgG", "PBS"), ("IgG1 anti-IL-6", "PBS"))
