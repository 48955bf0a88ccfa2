"""An openCyto template as the strategy of a whole run, beside the gates that a person drew."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from assays.workflow.check import check
from assays.workflow.demo import copy_examples
from assays.workflow.folder import open_folder
from assays.workflow.process import process_tubes

TEMPLATE = """\
alias,pop,parent,dims,gating_method,gating_args,collapseDataForGating,groupBy,preprocessing_method,preprocessing_args
cells,+,root,FSC-A,mindensity,"gate_range = c(10000, 80000)",TRUE,donor,,
singlets,+,cells,"FSC-A,FSC-H",singletGate,,,,,
live,-,singlets,Viability,gate_tail,tol = 0.01,TRUE,donor,,
*,+/-,live,CD19,mindensity,,TRUE,donor,,
*,+/-,live,CD3,mindensity,,TRUE,donor,,
B cells,+-,live,"CD19,CD3",refGate,CD19+:CD3+,,,,
CLL,+,B cells,CD5,mindensity2,,TRUE,donor,,
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled example with six tubes, its own gates still in place."""
    place = tmp_path_factory.mktemp("template")
    found = next(path for path in copy_examples(place) if path.name == "il6_blockade")
    rows = list(csv.reader((found / "samples.csv").read_text().splitlines()))
    with (found / "samples.csv").open("w", newline="") as out:
        csv.writer(out).writerows(rows[:7])
    for path in (found / "fcs").iterdir():
        if path.name not in {row[0] for row in rows[1:7]}:
            path.unlink()
    return found


def shares(folder: Path, name: str) -> list[float]:
    run = process_tubes(open_folder(folder))
    return [r.percent_of_parent for r in run.populations if r.population == name]


def test_a_template_finds_the_cells_that_were_gated_by_hand(folder: Path) -> None:
    drawn = {name: shares(folder, name) for name in ("singlets", "live", "CLL")}
    text = (folder / "assay.toml").read_text()
    start, end = text.index("[[flow.gates]]"), text.index("[[flow.readouts]]")
    text = text[:start] + '[flow.gating]\nstrategy = "template.csv"\n\n' + text[end:]
    (folder / "assay.toml").write_text(text)
    (folder / "template.csv").write_text(TEMPLATE)
    for name, by_hand in drawn.items():
        assert shares(folder, name) == pytest.approx(by_hand, abs=4), name
    told = check(folder)
    assert not told.problems
    assert any("template.csv:4, gating_args: 'live': argument tol" in each for each in told.facts)
