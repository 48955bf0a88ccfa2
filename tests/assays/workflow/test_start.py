"""What `assays init` writes is understood by what reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from assays.flow.strategy import check_strategy
from assays.protocol_text import parse
from assays.workflow.start import _template, start


@pytest.mark.parametrize(
    ("name", "kind"),
    [("elisa.toml", "elisa"), ("phospho.toml", "flow"), ("viability.toml", "flow")],
)
def test_the_template_is_a_valid_protocol(name: str, kind: str) -> None:
    assert parse(_template(name)).kind == (kind,)


@pytest.mark.parametrize("name", ["elisa.toml", "phospho.toml", "viability.toml"])
def test_every_choice_that_is_commented_out_is_valid_when_taken(name: str) -> None:
    lines = _template(name).split("\n")
    prose = ("# ", "#   ")
    taken = [line[2:] if line.startswith("# ") and _is_toml(line[2:]) else line for line in lines]
    assert sum(a != b for a, b in zip(lines, taken, strict=True)) > 5, prose
    parse("\n".join(taken))


@pytest.mark.parametrize(
    ("kind", "gates"), [("phospho", "fixed"), ("phospho", "auto"), ("viability", "fixed")]
)
def test_the_gates_of_a_new_run_make_a_strategy(tmp_path: Path, kind: str, gates: str) -> None:
    start(kind, tmp_path / "run", gates=gates)
    flow = parse((tmp_path / "run" / "assay.toml").read_text(encoding="utf-8")).flow
    assert flow is not None
    strategy = check_strategy(flow.gates, readouts=[one.channel for one in flow.readouts])
    found = [step.method for step in strategy.steps if step.automatic]
    if gates == "auto":
        assert found == ["stable", "boundary", "debris", "singlets", "live", "valley", "valley"]
        assert {one.population for one in flow.readouts} == {"CLL"}
    if kind == "viability":
        assert not {"live", "debris"} & set(found)
    if (kind, gates) == ("phospho", "fixed"):
        assert not found


def _is_toml(line: str) -> bool:
    code = line.split("#")[0].strip()
    return code.startswith("[") or (" = " in code and code.split(" = ")[0].isidentifier())
