from assays.workflow.terminal import show_findings
from plates.findings import Finding, Severity


def test_a_place_that_begins_the_sentence_is_not_said_twice(capsys):
    said = "fcs/X.fcs is in the folder but not in the sample sheet."
    show_findings((Finding("file-without-row", Severity.LOOK, "fcs/X.fcs", said),))
    show_findings((Finding("few-events", Severity.LOOK, "D1.fcs", "Few events."),))
    out = capsys.readouterr().out
    assert out.count("fcs/X.fcs") == 1
    assert "D1.fcs: Few events." in out
