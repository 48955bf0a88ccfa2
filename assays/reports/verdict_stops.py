"""Which grave findings forbid the use of a run as it is, in the words of a headline."""

from __future__ import annotations

from collections.abc import Iterable

from assays.reports.words import listed
from assays.results.run import Run
from plates.findings import Finding, Severity

MOST_PLACES = 3
"""Places that the headline names; the findings name all."""
NO_CURVE = "curve-refused"
"""Rule whose plate the verdict of plates says to be without a curve."""
WORDS = {
    NO_CURVE: "no standard curve",
    "same-file-twice": "one file stands for several tubes of the sheet",
    "missing-wells": "most wells of a plate have no reading",
    "range-mismatch": "declared limits and standards do not overlap",
    "no-range": "too few standards read back, so no concentration can be reported",
}
"""What a rule found, as short as a headline; another rule is told by its name."""


def stops(run: Run) -> tuple[Finding, ...]:
    """Findings after which nothing of the run may be used as it is.

    Every grave one of flow, where a tube counted twice makes all intervals too narrow. Of plates
    those about a plate or the whole run: one well or sample can be left aside.
    """
    plates = run.elisa.plates if run.elisa is not None else ()
    labels = {"", *(plate.plate for plate in plates)}
    of_elisa = run.elisa.findings if run.elisa is not None else ()
    of_flow = run.flow.findings if run.flow is not None else ()
    whole = [each for each in of_elisa if each.rule in WORDS or each.where in labels]
    return tuple(each for each in (*whole, *of_flow) if each.severity == Severity.STOP)


def stop_sentence(findings: Iterable[Finding]) -> str:
    """Why the run must not be used as it is, each reason with its places; empty without one.

    `findings` are those of `stops`, or those of a check.

    >>> stop_sentence([Finding("same-file-twice", Severity.STOP, "a.fcs", "…")])
    'Not to be used as it is: one file stands for several tubes of the sheet (a.fcs).'
    """
    told: dict[str, list[str]] = {}
    for each in findings:
        places = told.setdefault(WORDS.get(each.rule, each.rule.replace("-", " ")), [])
        places += [each.where] if each.where else []
    if not told:
        return ""
    reasons = (
        f"{why} ({listed(places, MOST_PLACES)})" if places else why for why, places in told.items()
    )
    return f"Not to be used as it is: {'; '.join(reasons)}."
