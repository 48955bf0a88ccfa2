"""Wells to which the analyte itself was added: what they read is no secretion.

IL-6 that is put into a culture as a stimulus is measured by its IL-6 ELISA like any other. The
layout says what each sample was given, in its labels (stimulus, treatment, condition); where that
names the analyte, the concentration is withdrawn and keeps its place as an estimate only. An
antibody against the analyte (anti-IL-6), its receptor (IL-6R) and a sample without it are not
meant.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from assays.results.elisa import RangeStatus, SampleConcentration
from plates.findings import Finding, Severity
from plates.layout import Role

GIVEN = (
    "stimulus",
    "stimulation",
    "stim",
    "cytokine",
    "treatment",
    "condition",
    "added",
    "culture",
)
"""Labels that say what a culture was given."""
DOSES = ("stimulus_dose", "stim_dose", "cytokine_dose")
UNKNOWN = (math.nan, math.nan)
MOST_NAMED = 4
_ORIGIN = r"(?:(?:recombinant|human|murine|mouse|rhu?|hu?|rm|rec|r|m)[-\s_.]*)*"
"""Words before an analyte that say where it is from: human IL-6, rhIL-6."""
_SPELT = dict.fromkeys(("il", "interleukin"), "(?:il|interleukin)")
_NOT = r"(?<![\w])(?:anti|α|a|no|without|minus|w/o|-)[-\s]*$"


def refuse_added(
    samples: Sequence[SampleConcentration], analyte: str, plate: str
) -> tuple[tuple[SampleConcentration, ...], tuple[Finding, ...]]:
    """Withdraw the concentrations of samples that were given the analyte.

    Parameters
    ----------
    samples : sequence of SampleConcentration
        Of one plate.
    analyte : str
        What the plate measures.
    plate : str
        Its name, for the finding.

    Returns
    -------
    samples
        Those that were given the analyte have no concentration, and the status says why.
    findings
        One, naming the samples; none where the labels name no such sample.
    """
    added = [one for one in samples if one.role == Role.SAMPLE and was_given(one.labels, analyte)]
    if not added:
        return tuple(samples), ()
    names = list(dict.fromkeys(one.sample for one in added))
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    many = len(names) > 1
    finding = Finding(
        "analyte-added",
        Severity.LOOK,
        plate,
        f"{', '.join(names[:MOST_NAMED])}{more} {'were' if many else 'was'} given {analyte}, which "
        "this plate measures: what was added cannot be told from what the cells made, so no "
        "concentration is reported there. Measure the cells' own before adding it, or wash.",
        len(names),
        0,
        "samples",
    )
    marked = {id(one) for one in added}
    return tuple(_withdrawn(one) if id(one) in marked else one for one in samples), (finding,)


def was_given(labels: Mapping[str, str] | None, analyte: str) -> bool:
    """Whether the labels of a sample name the analyte as something it was given.

    Examples
    --------
    >>> was_given({"stimulus": "IL-6 10 ng/mL"}, "IL-6")
    True
    >>> was_given({"treatment": "CpG + anti-IL-6R"}, "IL-6")
    False
    """
    known = {name.strip().lower().replace(" ", "_"): text for name, text in (labels or {}).items()}
    if any(known.get(name, "").strip().rstrip(".0") == "" for name in DOSES if known.get(name)):
        return False
    return any(_names(known.get(name, ""), analyte) for name in GIVEN)


def _names(text: str, analyte: str) -> bool:
    """Whether a text names the analyte itself, by whatever hyphens and blanks."""
    letters = re.findall(r"[^\W\d_]+|\d+", _bare(analyte))
    if not letters:
        return False
    words = [_SPELT.get(part.lower(), re.escape(part)) for part in letters]
    wanted = r"[-\s_]*".join(words)
    for found in re.finditer(rf"(?i)(?<!\w){_ORIGIN}{wanted}(?![\w])", text):
        after = text[found.end() :]
        receptor = re.match(r"(?i)[-\s]*(r|rec|receptor)\b", after)
        none = re.match(r"(?i)[\s:=]*0+([.,]0+)?(?![.,\d])", after)
        if not (receptor or none or re.search(_NOT, text[: found.start()], re.IGNORECASE)):
            return True
    return False


def _bare(analyte: str) -> str:
    """An analyte without the words for where it is from; whole words only: human IL-6."""
    words = analyte.split()
    while len(words) > 1 and re.fullmatch(_ORIGIN, words[0], re.IGNORECASE):
        words = words[1:]
    return " ".join(words)


def _withdrawn(sample: SampleConcentration) -> SampleConcentration:
    number = sample.concentration
    return replace(
        sample,
        concentration=math.nan,
        interval=UNKNOWN,
        status=RangeStatus.ADDED,
        qualifier="",
        limit=math.nan,
        estimate=number if math.isfinite(number) else sample.estimate,
        per_cells=math.nan,
        per_cells_interval=UNKNOWN,
        per_cells_limit=math.nan,
    )
