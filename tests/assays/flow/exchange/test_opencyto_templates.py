"""openCyto templates: what each kind of row becomes, and what is refused with its line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assays.errors import GatingError
from assays.flow.events import Channel, Events
from assays.flow.exchange import opencyto
from assays.flow.strategy import check_strategy
from assays.protocol import Gate
from assays.workflow.look import look
from plates.source import Source

HEAD = (
    "alias,pop,parent,dims,gating_method,gating_args,collapseDataForGating,groupBy,"
    "preprocessing_method,preprocessing_args\n"
)


def read(*rows: str) -> opencyto.Template:
    return opencyto.read(Source.from_bytes("t.csv", (HEAD + "\n".join(rows)).encode()))


def gates(*rows: str) -> dict[str, Gate]:
    return {gate.population: gate for gate in read(*rows).gates}


def test_one_row_of_each_method() -> None:
    found = gates(
        'b,+,root,"FSC-A,SSC-A",boundary,"max = c(2e5, 2e5)",,,,',
        'n,+,b,FSC-A,gate_mindensity,"gate_range = c(5e4, 1e5), adjust = 1.5",,,,',
        's,+,n,"FSC-A,FSC-H",singletGate,,,,,',
        'l,+,s,"FSC-A,SSC-A",flowClust,"K=3,target=c(1e5,5e4)",TRUE,donor,,',
        "v,-,l,Viability,tailgate,tol = 0.05,,,,",
        "q,+,v,pSTAT3,quantileGate,probs = 0.995,,,,",
    )
    assert found["b"].method == "rectangle"
    assert found["b"].params == {"high": [2e5, 2e5]}
    assert found["n"].params == {"side": "+", "low": 5e4, "high": 1e5, "smoothing": 1.5}
    assert found["s"].method == "singlets"
    assert (found["l"].params, found["l"].group_by) == ({"target": [1e5, 5e4], "k": 3}, "donor")
    assert (found["v"].method, found["v"].params) == ("tail", {"side": "-"})
    assert found["q"].method == "control_quantile"
    assert found["q"].params["quantile"] == 0.995
    check_strategy(tuple(found.values()))


def test_a_reference_is_told_by_its_channel_and_by_the_side_that_its_row_took() -> None:
    found = gates(
        "low,-,root,CD3,mindensity,,,,,",
        "high,+,low,CD19,mindensity,,,,,",
        'x,+-,root,"CD19,CD3",refGate,low:high,,,,',
        '*,+/-+/-,root,"CD3,CD19",refGate,low:high,,,,',
    )
    assert found["x"].params == {"of": ["high", "low"]}
    assert found["CD3+CD19-"].params == {"of": ["not low", "not high"]}
    assert len(found) == 7


def test_a_cut_that_was_found_once_is_the_same_below_another_parent() -> None:
    rows = [[0.0, 0.0], [0.0, 9.0], [9.0, 0.0], [9.0, 9.0]]
    tube = Events(np.array(rows), (Channel("A", None, 10.0), Channel("B", None, 10.0)), name="t")

    def cut(name: str, parent: str, channel: str) -> Gate:
        return Gate(
            population=name, parent=parent, method="interval", channels=(channel,),
            params={"low": 5.0},
        )  # fmt: skip

    same = Gate(population="x", method="same_cut", params={"of": ["b", "not a"]})
    found = check_strategy((cut("a", "root", "A"), cut("b", "a", "B"), same)).apply(tube)
    assert found["b"].mask.tolist() == [False, False, False, True]
    assert found["x"].mask.tolist() == [False, True, False, False]
    with pytest.raises(GatingError, match="has none"):
        check_strategy((same, cut("a", "root", "A"),
                        Gate(population="b", method="boolean", params={"not": "a"})))  # fmt: skip


def test_populations_are_combined_and_expanded() -> None:
    found = gates(
        "A,+,root,CD4,mindensity,,,,,",
        "B,+,root,CD8,mindensity,,,,,",
        "x,+,root,,boolGate,A&!B,,,,",
        "y,+,root,,boolGate,A&B|!A,,,,",
        "*,,root,,polyFunctions,A:B,,,,",
    )
    assert found["x"].params == {"and": ["A", "not B"]}
    assert found["y (part 1)"].params == {"and": ["A", "B"]}
    assert found["y"].params == {"or": ["y (part 1)", "not A"]}
    assert found["A-B+"].params == {"and": ["not A", "B"]}
    check_strategy(tuple(found.values()))


def test_an_alias_that_stands_twice_is_called_with_its_parent_before_it() -> None:
    found = gates(
        "A,+,root,CD4,mindensity,,,,,", "B,+,root,CD8,mindensity,,,,,",
        'C,+,"A,B",CD5,mindensity,,,,,', "D,+,/B/C,CD27,mindensity,,,,,",
    )  # fmt: skip
    assert list(found) == ["A", "B", "C", "B/C", "D"]
    assert found["D"].parent == "B/C"


def test_what_is_not_carried_over_is_told() -> None:
    notes = read('a,+,root,CD4,mindensity,"gate_range = c(1, 3)",TRUE,4,standardize_flowset,').notes
    assert any("transformed scale" in note for note in notes)
    assert any("t.csv:2, groupBy: '4'" in note for note in notes)
    assert any("preprocessing" in note for note in notes)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("a,+,root,CD4,spadeGate,,,,,", "'spadeGate' is not known"),
        ("a,+,nowhere,CD4,mindensity,,,,,", "parent 'nowhere' stands in no row above"),
        ("a,x,root,CD4,mindensity,,,,,", "pop 'x' is not understood"),
        ("a,++,root,CD4,mindensity,,,,,", "2 signs for 1 dims"),
        ("a,+,root,CD4,mindensity,system(1),,,,", "expected arguments"),
        ('a,+,root,"A,B",flowClust,K=2,,,,', "needs the place of its cloud"),
        ("a,+,root,CD4,refGate,b,,,,", "'b' stands in no row above"),
        ("a,+,root,,boolGate,(b),,,,", "brackets"),
        (",+,root,CD4,mindensity,,,,,", "needs an alias"),
        ("a,+,root,CD4,mindensity,adjust = c(1,,,,", "expected a comma"),
    ],
)
def test_a_row_that_cannot_be_understood_is_refused_with_its_line(row: str, told: str) -> None:
    with pytest.raises(GatingError, match=told) as caught:
        read(row)
    assert "t.csv:2" in caught.value.where


def test_read_shows_a_template(tmp_path: Path) -> None:
    place = tmp_path / "template.csv"
    place.write_text(HEAD + "a,+,root,CD4,mindensity,,,,,\n")
    seen = look(place)
    assert dict(seen.facts)["program"] == "openCyto template"
    assert seen.rows[0][:4] == ("a", "root", "valley", "CD4")


def test_the_templates_of_the_corpus_become_strategies(corpus: Path) -> None:
    for name, count in (("bcell", 22), ("tcell", 20)):
        template = opencyto.read(corpus / "gating" / "templates" / f"opencyto_{name}.csv")
        assert len(template.gates) == count
        check_strategy(template.gates)


def test_the_outside_of_a_boundary_without_sides_may_be_asked_for() -> None:
    (doublets,) = read('doublets,-,root,"FSC-A,FSC-H",singletGate,,,,,').gates
    assert doublets.method == "singlets" and doublets.exclude
    (cells,) = read('cells,+,root,"FSC-A,SSC-A",boundary,"min = c(1, 1)",,,,').gates
    assert not cells.exclude
    with pytest.raises(GatingError, match="an inside and an outside") as caught:
        read('a,+-,root,"FSC-A,FSC-H",singletGate,,,,,')
    assert caught.value.where == "t.csv:2, pop"


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("a,+,root,CD4,flowDensity,,,,,", "gating_method"),
        ("a,+,root,CD4,mindensity,gate_range,,,,", "gating_args"),
        ("a,+,nowhere,CD4,mindensity,,,,,", "parent"),
        ('a,+,root,"A,B,C",mindensity,,,,,', "dims"),
        ("a,+/-,root,CD4,mindensity,,,,,", "pop"),
        ("a,+,root,CD4,mindensity,,perhaps,,,", "collapseDataForGating"),
    ],
)
def test_what_cannot_be_done_is_told_with_row_and_column(row: str, column: str) -> None:
    with pytest.raises(GatingError) as caught:
        read(row)
    assert caught.value.where == f"t.csv:2, {column}"


def test_a_smoothing_beyond_what_is_allowed_is_told() -> None:
    made = read("a,+,root,CD4,mindensity,adjust = 9,TRUE,donor,,")
    assert made.gates[0].params["smoothing"] == 5.0
    assert any("adjust = 9 is taken as 5" in note for note in made.notes)


def test_a_name_of_a_page_is_refused_with_its_line() -> None:
    with pytest.raises(GatingError, match="5,000 letters under 'parent'") as caught:
        read(f"a,+,{'p' * 5000},CD3,mindensity,,,,,")
    assert caught.value.where == "t.csv:2"


@pytest.mark.parametrize("k", ["Inf", "0", "-3", "1e9"])
def test_a_number_of_clusters_that_cannot_be_is_refused(k: str) -> None:
    with pytest.raises(GatingError, match="K must be 1 to 100 clusters"):
        read(f'a,+,root,"FSC-A,SSC-A",flowClust,"K = {k}, target = c(1e5, 5e4)",,,,')
