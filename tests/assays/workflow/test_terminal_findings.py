from assays.workflow.check import _counted
from assays.workflow.terminal import show_findings
from plates.findings import Finding, Severity


def test_a_place_that_begins_the_sentence_is_not_said_twice(capsys):
    said = "fcs/X.fcs is in the folder but not in the sample sheet."
    show_findings((Finding("file-without-row", Severity.LOOK, "fcs/X.fcs", said),))
    show_findings((Finding("few-events", Severity.LOOK, "D1.fcs", "Few events."),))
    out = capsys.readouterr().out
    assert out.count("fcs/X.fcs") == 1
    assert "D1.fcs: Few events." in out


def test_the_terminal_spells_units_as_the_report_does(capsys):
    said = "Given at 3 ug/mL (only at 10 ug/mL) in run/ug.fcs."
    show_findings((Finding("r", Severity.NOTE, "", said),))
    assert "Given at 3 µg/mL (only at 10 µg/mL) in run/ug.fcs." in capsys.readouterr().out


def test_findings_that_say_the_same_of_many_places_are_told_once(capsys):
    names = [f"pSTAT{n}" for n in range(12)]
    alike = [
        Finding("few", Severity.NOTE, name, f"With 5 donors no p for {name} is below 0.0625.")
        for name in names
    ]
    other = Finding("few", Severity.NOTE, "pS6", "For pS6 there is one donor.")
    show_findings([*alike, other])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert "Likewise 11 more: pSTAT1, pSTAT2" in lines[0]
    assert "pSTAT8 and 3 more." in lines[0]
    assert "pS6" in lines[1]


def test_what_asks_for_a_look_keeps_its_numbers(capsys):
    def falls(severity: Severity, tubes: int = 4) -> list[Finding]:
        return [
            Finding("drift", severity, f"{n}.fcs", f"{n}.fcs: pAkt falls by {20 + n} %.")
            for n in range(tubes)
        ]

    show_findings(falls(Severity.LOOK))
    assert len(capsys.readouterr().out.splitlines()) == 4
    show_findings(falls(Severity.NOTE))
    assert len(capsys.readouterr().out.splitlines()) == 1
    show_findings(falls(Severity.LOOK, 41))
    (line,) = capsys.readouterr().out.splitlines()
    assert "0.fcs: pAkt falls by 20 %. Likewise 40 more: 1.fcs" in line


def test_findings_without_places_of_their_own_are_never_folded(capsys):
    show_findings([Finding("r", Severity.NOTE, "", f"{n} things.") for n in range(5)])
    assert len(capsys.readouterr().out.splitlines()) == 5


def test_one_tube_is_one_tube():
    assert _counted(["a"], "tube") == "1 tube"
    assert _counted({"D1", "D2"}, "donor") == "2 donors"
    assert _counted([], "tube") == "0 tubes"
