"""`assay.toml`: what is understood, and what one sentence says when it is not."""

from __future__ import annotations

import pytest

from assays.errors import ProtocolError
from assays.protocol_text import parse

ELISA = """schema = 1
kind = ["elisa"]

[elisa]
analyte = "IL-6"
unit = "pg/mL"
reference_nm = "570"

[elisa.limits]
lloq = 3.13
uloq = 200

[[elisa.exclude]]
wells = "B3"
who = "MK"
when = 2026-03-01
why = "bubble"
"""

FLOW = """schema = 1
kind = ["flow"]
[flow]
compensation = "file"
[[flow.gates]]
population = "cells"
method = "interval"
channels = ["FSC-A"]
params = { low = 1e4, high = inf }
[[flow.gates]]
population = "live"
parent = "cells"
method = "interval"
channels = ["Viability"]
params = { high = 1000 }
[[flow.readouts]]
name = "pSTAT3"
channel = "pSTAT3"
population = "live"
"""


def test_a_protocol_is_read_with_its_defaults() -> None:
    protocol = parse(ELISA)
    assert protocol.elisa is not None
    assert protocol.elisa.limits.uloq == 200.0
    assert protocol.elisa.curve.weighting == "1/yhat^2"
    assert protocol.elisa.exclude[0].when == "2026-03-01"


def test_infinity_is_a_number_in_a_gate() -> None:
    protocol = parse(FLOW)
    assert protocol.flow is not None
    assert protocol.flow.gates[0].params["high"] == float("inf")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('analyte = "IL-6"', 'analite = "IL-6"', r"'elisa.analite'.*assay.toml:5.*'analyte'"),
        ("lloq = 3.13", "lloqq = 3.13", r"'elisa.limits.lloqq'.*assay.toml:10.*'lloq'"),
        ("uloq = 200", 'uloq = "200"', r"'elisa.limits.uloq'.*assay.toml:11"),
        ("lloq = 3.13", "lloq = -3", r"greater than 0, found -3.*assay.toml:10"),
        ('who = "MK"\n', "", r"'elisa.exclude.0.who' is missing"),
        ("schema = 1", "schema = 2", r"newer than this program"),
        ("schema = 1\n", "", r"schema = 1"),
        ('kind = ["elisa"]', 'kind = ["elisa", "flow"]', r"no \[flow\] table"),
        ("[elisa]", "[elisa", r"not TOML.*line 4"),
    ],
)
def test_a_faulty_protocol_is_told_in_one_sentence(old: str, new: str, message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        parse(ELISA.replace(old, new))


def test_the_faulty_gate_among_several_is_found_by_line() -> None:
    text = FLOW.replace('parent = "cells"', 'parrent = "cells"')
    with pytest.raises(ProtocolError, match=r"'flow.gates.1.parrent'.*toml:12.*'parent'"):
        parse(text)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("lloq = 3.13", "lloq = 300", r"lloq is 300, which is not below uloq, 200"),
        ("uloq = 200", "lod = 5.0", r"lod is 5, which is not below lloq, 3\.13"),
        ('who = "MK"', 'who = " "', r"'elisa.exclude.0.who'.*at least 1 character"),
        ('why = "bubble"', 'why = ""', r"'elisa.exclude.0.why'.*at least 1 character"),
        ('unit = "pg/mL"', "unit = pg/mL", "A text needs quotes"),
    ],
)
def test_choices_that_make_no_sense_are_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        parse(ELISA.replace(old, new))


def test_a_missing_choice_says_what_to_write() -> None:
    with pytest.raises(ProtocolError, match=r"compensation' is missing.*\"file\""):
        parse(FLOW.replace('compensation = "file"\n', ""))
