"""Which phosphorylated residue a readout names: STAT3 has two, p65 has two, and they differ.

STAT3 Tyr705 is what IL-6 phosphorylates within minutes; Ser727 is constitutive in CLL (Rozovski et
al. 2014, Blood 123:3797). p65 Ser529 and Ser536 have kinases of their own. An antibody sees one of
them, so readouts of two residues are never pooled; a name that tells no residue is told to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from assays.protocol import Readout
from plates.findings import Finding, Severity

_AMINO = {"y": "Tyr", "tyr": "Tyr", "s": "Ser", "ser": "Ser", "t": "Thr", "thr": "Thr"}
_RESIDUE = re.compile(r"(?i)(?<![a-z])p?(tyr|ser|thr|y|s|t)[-_ ]?(\d{2,4})(?!\d)")
_WANTED = {
    re.compile(r"(?i)p[-_ ]?stat[-_ ]?3|phospho[-_ ]?stat[-_ ]?3"): ("STAT3", ("Tyr705", "Ser727")),
    re.compile(r"(?i)p[-_ ]?p[-_ ]?65|p[-_ ]?rel[-_ ]?a|phospho[-_ ]?(p65|rela)|p[-_ ]?nf"): (
        "p65",
        ("Ser529", "Ser536"),
    ),
}
"""Proteins with more than one residue that is stained, and those."""


def residue_in(name: str) -> str:
    """The residue that a name tells, ``Tyr705``; empty without one.

    Examples
    --------
    >>> residue_in("pSTAT3 (Y705)"), residue_in("STAT3 pSer727"), residue_in("p-p65 S529")
    ('Tyr705', 'Ser727', 'Ser529')
    >>> residue_in("pS6"), residue_in("pSTAT3")
    ('', '')
    """
    found = _RESIDUE.search(name)
    return f"{_AMINO[found[1].casefold()]}{found[2]}" if found else ""


def residue_findings(readouts: Sequence[Readout]) -> Iterable[Finding]:
    """Readouts of a protein with several residues whose name tells none."""
    for readout in readouts:
        if readout.kind != "signal" or residue_in(f"{readout.name} {readout.channel}"):
            continue
        for sign, (protein, residues) in _WANTED.items():
            if sign.search(readout.name):
                yield Finding(
                    "residue-unnamed",
                    Severity.NOTE,
                    readout.name,
                    f"{readout.name} does not say which residue of {protein} was stained: "
                    f"{' and '.join(residues)} answer differently. Name it in the readout, such "
                    f'as "{readout.name} ({residues[0]})".',
                )
