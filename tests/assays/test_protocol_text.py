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
        ("lloq = 3.13", "lloq = -3", r"expected a number above 0, found -3.*assay.toml:10"),
        (
            'who = "MK"\n',
            "",
            r"'elisa.exclude.who' is missing in \[\[elisa.exclude\]\] number 1.*assay.toml:\d+",
        ),
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
    with pytest.raises(ProtocolError, match=r"'flow.gates.parrent'.*toml:12.*'parent'"):
        parse(text)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("lloq = 3.13", "lloq = 300", r"lloq is 300, which is not below uloq, 200"),
        ("uloq = 200", "lod = 5.0", r"lod is 5, which is not below lloq, 3\.13"),
        ('who = "MK"', 'who = " "', r"'elisa.exclude.who'.*a text that is not empty"),
        ('why = "bubble"', 'why = ""', r"'elisa.exclude.why'.*a text that is not empty"),
        ('unit = "pg/mL"', "unit = pg/mL", "A text needs quotes"),
    ],
)
def test_choices_that_make_no_sense_are_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        parse(ELISA.replace(old, new))


def test_a_missing_choice_says_what_to_write() -> None:
    with pytest.raises(ProtocolError, match=r"compensation' is missing.*\"file\""):
        parse(FLOW.replace('compensation = "file"\n', ""))


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        ('kind = ["flow"]', 'kind = "flow"', "a list in brackets", 'Write kind = ["flow"].'),
        ('kind = ["flow"]', 'kind = ["flo"]', '"elisa" or "flow", found "flo"', "'flow'"),
        ("COFACTOR", "cofactor = 0", 'above 0 or "estimate", found 0', ""),
        ("COFACTOR", 'cofactor = "150"', 'a number or "estimate"', "Write cofactor = 150"),
        ("COFACTOR", 'cofactor = "1,5"', 'a number or "estimate"', "Write cofactor = 1.5"),
        ("COFACTOR", 'cofactor = "estimat"', 'found "estimat"', "Did you mean 'estimate'?"),
        ("COFACTOR", 'threshold = "fmos"', '"fmo" or "isotype"', "Did you mean 'fmo'?"),
        ("LEVEL", "level = 95", "below 1, found 95", "write 0.95 for 95 %"),
        ("LEVEL", "level = 195", "below 1, found 195", ""),
        ("LEVEL", 'scale = "log"', 'expected "linear" or "arcsinh", found "log"', ""),
        ("MASS", "drug = -1", "'flow.molar_mass_g_per_mol.drug': expected a number above 0", ""),
        ("VERIFY", 'verify = "yes"', "true or false", "without quotes"),
        ("VERIFY", "min_events = 20", "fewer than 100 events give no number, found 20", "raised"),
        ("VERIFY", "min_events_warn = 99", "at 100 events or more, found 99", "Write 100 or more"),
        ("VERIFY", "min_events_warn = -5", "at 100 events or more, found -5", "Write 100 or more"),
        ("VERIFY", "verify = 3", "true or false, found 3", ""),
    ],
)
def test_a_wrong_value_is_told_in_the_words_of_the_file(
    old: str, new: str, message: str, hint: str
) -> None:
    text = """schema = 1
kind = ["flow"]
[flow]
compensation = "none"
VERIFY
gates = []
[flow.molar_mass_g_per_mol]
MASS
[flow.inhibition]
LEVEL
[[flow.readouts]]
name = "pSTAT3"
channel = "APC-A"
population = "CLL"
COFACTOR
"""
    text = text.replace(old, new)
    for rest in ("COFACTOR", "LEVEL", "MASS", "VERIFY"):
        text = text.replace(rest, "")
    with pytest.raises(ProtocolError) as caught:
        parse(text)
    assert message in caught.value.message
    assert hint in caught.value.hint
    line = 1 + next(n for n, each in enumerate(text.splitlines()) if new in each)
    assert caught.value.where == f"assay.toml:{line}"
    for jargon in ("array", "constrained", "literal", "input", ".0.", "valid"):
        assert jargon not in str(caught.value)


def test_a_floor_above_the_warning_is_refused_where_both_are_written() -> None:
    raised = FLOW.replace("[flow]\n", "[flow]\nmin_events = 600\nmin_events_warn = 500\n")
    with pytest.raises(ProtocolError, match=r"min_events_warn'.*at 600 events or more") as caught:
        parse(raised)
    assert caught.value.hint.startswith("Write 600 or more, or leave the line out")
    # Left out, the warning follows the floor.
    assert parse(raised.replace("min_events_warn = 500\n", "")).flow is not None


def test_a_missing_choice_names_the_line_of_its_table() -> None:
    text = FLOW.replace('compensation = "file"\n', "")
    with pytest.raises(ProtocolError, match=r"'flow.compensation' is missing") as caught:
        parse(text)
    assert caught.value.where == f"assay.toml:{text.split(chr(10)).index('[flow]') + 1}"
