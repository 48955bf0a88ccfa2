"""What `assays init` writes is understood by what reads it."""

from __future__ import annotations

import pytest

from assays.protocol_text import parse
from assays.workflow.start import _template


@pytest.mark.parametrize(("name", "kind"), [("elisa.toml", "elisa"), ("phospho.toml", "flow")])
def test_the_template_is_a_valid_protocol(name: str, kind: str) -> None:
    assert parse(_template(name)).kind == (kind,)


@pytest.mark.parametrize("name", ["elisa.toml", "phospho.toml"])
def test_every_choice_that_is_commented_out_is_valid_when_taken(name: str) -> None:
    lines = _template(name).split("\n")
    prose = ("# ", "#   ")
    taken = [line[2:] if line.startswith("# ") and _is_toml(line[2:]) else line for line in lines]
    assert sum(a != b for a, b in zip(lines, taken, strict=True)) > 5, prose
    parse("\n".join(taken))


def _is_toml(line: str) -> bool:
    code = line.split("#")[0].strip()
    return code.startswith("[") or (" = " in code and code.split(" = ")[0].isidentifier())
