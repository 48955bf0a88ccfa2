"""What kind an inhibitor is: a small molecule comes in a solvent, an antibody wants an isotype.

The plan. The protocol may say it (`[flow.inhibitor_kind]`); that wins. Else the name may: by the
stems of International Nonproprietary Names (WHO, Stem Book 2018, and for antibodies its revisions
of 2017 and 2021: -mab, -tug, -bart, -mig; -nib, -lisib, -zomib, -toclax, -ciclib for small
molecules), by words such as "anti-" and "JAK2 inhibitor", or because it is one of the compounds
that work on IL-6, JAK, STAT3 and NF-κB is done with. Where neither tells, nothing is assumed: the
user is asked to declare it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from assays.inhibition.sheet.known_inhibitors import ANTIBODIES, COMPOUNDS
from assays.inhibition.sheet.namesakes import bare
from assays.inhibition.sheet.rehearsal import named
from assays.protocol import Flow
from assays.samples import Tube, TubeRole
from plates.findings import Finding, Severity
from plates.layouts.words import nearest

ANTIBODY, SMALL, OTHER = "antibody", "small molecule", "other"

_ANTIBODY = re.compile(
    r"(?i)\banti(?![a-z])|\banti(?=il|cd|tnf|ifn|gp)|\w{3}(mab|tug|bart|mig)\b|\bm?abs?\b"
    r"|antibod|nanobod|\bi?gg\d?[a-d]?\b|\b(fab|f\(ab'?\)2?)\b"
    # a short for anti: aIL6R, α-gp130, a-CD126
    r"|^(α|a(?=(?-i:[A-Z])|-))-?\s?h?(il|cd|tnf|ifn|gp)[- ]?\d*"
)
_NEITHER = re.compile(r"(?i)sgp130|gp130[- ]?fc|[a-z]{3}(cept|kinra)\b|\bsi-?rna|^si(?-i:[A-Z])")
"""Receptor traps, receptor antagonists that are proteins, and RNA."""
_STEMS = re.compile(
    r"(?i)[a-z]{2}nib\b|[a-z]{2}lisib\b|[a-z]{2}zomib\b|[a-z]{2}toclax\b|[a-z]{2}ciclib\b"
    r"|[a-z]{2}rolimus\b|(meta|pred|cort)[a-z]*(sone|solone)\b"
)
_WITHIN = (
    r"(p?jak|tyk|stat|ikk|nf[- ]?[kκ]b|nemo|syk|btk|src|akt|pi3k|mtor|mek|erk|p38|bcl|hsp"
    r"|proteasome|kinase)"
)
"""Targets inside the cell, which an antibody does not reach."""
_INHIBITOR = re.compile(
    rf"(?i)\b{_WITHIN}[\w/αβγδ-]*\s*(\d\S*\s*)?([\w-]+\s+)?(inhibitors?|inhib\.?|inh\.?|blockers?)\b"
    rf"|\b{_WITHIN}[\d/αβγδ]*-?i\b"
)
_ISOTYPE = re.compile(
    r"(?i)isotype|\biso\b|ig[gm]|\bmopc|control (antibody|mab|ab)\b|\b(antibody|mab|ab) control"
)
_SOLVENT = re.compile(r"(?i)dmso|dimethyl|ethanol|etoh|methanol|meoh|\bdmf\b|acetone|cyclodextrin")
_ISOTYPE_ALONE = re.compile(
    r"(?i)^((h|m|r|human|mouse|rat|goat|rabbit|control|ctrl)[- ]?)*ig[gm]\d?[a-d]?"
    r"([- ]*(control|ctrl|kappa|lambda|κ|λ))*$|^control (antibody|mab|ab)$|^mopc[- ]?\d*$"
)
"""Names of what stands in for a blocking antibody: it blocks nothing itself."""
_LONGEST = 120
"""Signs of a name that are looked at: a cell may hold thousands."""
_GIVEN = (TubeRole.TREATED, TubeRole.INHIBITOR_ALONE)


def kind_of(name: str, declared: Mapping[str, str]) -> str:
    """Kind of an inhibitor: ``antibody``, ``small molecule``, ``other``; empty where nobody says.

    Parameters
    ----------
    name : str
        As in the sample sheet.
    declared : mapping
        Kinds by inhibitor, as the protocol gives them; case and spaces do not count.

    Examples
    --------
    >>> kind_of("tocilizumab", {}), kind_of("JAK2 inhibitor", {}), kind_of("compound 7", {})
    ('antibody', 'small molecule', '')
    >>> kind_of("compound 7", {"Compound 7": "small molecule"})
    'small molecule'
    """
    folded = " ".join(name.split()).casefold()
    for said, kind in declared.items():
        if " ".join(said.split()).casefold() == folded:
            return kind
    name = name[:_LONGEST]
    letters = bare(name)
    if _NEITHER.search(name):
        return OTHER
    if letters in ANTIBODIES or _ANTIBODY.search(name):
        return ANTIBODY
    if letters in COMPOUNDS or _STEMS.search(name) or _INHIBITOR.search(name):
        return SMALL
    # A trade or code name with more behind it: "AG490 (tyrphostin)", "BAY 11-7082, Merck".
    first = bare(re.split(r"[(,;\[]", name)[0])
    return SMALL if first in COMPOUNDS else ANTIBODY if first in ANTIBODIES else ""


def kind_findings(tubes: Sequence[Tube], protocol: Flow) -> tuple[Finding, ...]:
    """Vehicles that are not given or do not suit their inhibitor, and kinds that nobody told.

    Parameters
    ----------
    tubes : sequence of Tube
        Rows of the sample sheet.
    protocol : Flow
        `inhibitor_kind`.
    """
    given = [tube for tube in tubes if tube.role in _GIVEN]
    kinds = {
        agent.name: kind_of(agent.name, protocol.inhibitor_kind)
        for tube in given
        for agent in tube.inhibitors
        if not _ISOTYPE_ALONE.match(agent.name.strip()[:_LONGEST])
    }
    return (
        *_isotypes(given),
        *_not_given(given, kinds),
        *_unsuited(given, kinds),
        *_unknown(kinds),
        *_declared_for_nobody(kinds, protocol),
    )


def _isotypes(tubes: Sequence[Tube]) -> Iterable[Finding]:
    """Isotypes in the column of inhibitors: they are controls, and serve as such nowhere."""
    found: dict[str, list[Tube]] = {}
    for tube in tubes:
        for agent in tube.inhibitors:
            if _ISOTYPE_ALONE.match(agent.name.strip()[:_LONGEST]):
                found.setdefault(agent.name, []).append(tube)
    for name, own in found.items():
        donors = list(dict.fromkeys(tube.donor for tube in own))
        yield Finding(
            "isotype-as-inhibitor",
            Severity.LOOK,
            own[0].file,
            f"{name} stands in the column inhibitor in {named(donors)} (first {own[0].file}), so "
            "its tubes count as treated and are nobody's control. An isotype in place of a "
            "blocking antibody is a vehicle: write it in the column vehicle, of these tubes and of "
            "those with the antibody.",
        )


def _not_given(tubes: Sequence[Tube], kinds: Mapping[str, str]) -> Iterable[Finding]:
    lacking: dict[str, dict[str, None]] = {}
    for tube in tubes:
        if not tube.vehicle.strip():
            lacking.setdefault(tube.inhibitor, {})[tube.donor] = None
    for inhibitor, donors in lacking.items():
        wanted = [_WANTED[kinds[name]] for name in inhibitor.split(" + ") if kinds.get(name)]
        words = " and ".join(dict.fromkeys(each for each in wanted if each))
        yield Finding(
            "vehicle-control",
            Severity.NOTE,
            named(list(donors)),
            f"The vehicle of {inhibitor} is not given in {named(list(donors))}: controls cannot "
            "be matched by it, and an effect of the vehicle would be counted as inhibition. Write "
            f"{words or _ANY}, in its controls too.",
        )


_ANY = "DMSO for a small molecule, an isotype (IgG) for an antibody"
_WANTED = {ANTIBODY: "its isotype (IgG)", SMALL: "its solvent (DMSO)", OTHER: ""}


def _unsuited(tubes: Sequence[Tube], kinds: Mapping[str, str]) -> Iterable[Finding]:
    """Antibodies without an isotype, and small molecules with an isotype alone."""
    lacking: dict[tuple[str, str], list[Tube]] = {}
    for tube in tubes:
        solvent, isotype = _SOLVENT.search(tube.vehicle), _ISOTYPE.search(tube.vehicle)
        for agent in tube.inhibitors if tube.vehicle.strip() else ():
            kind = kinds.get(agent.name, "")
            if (kind == ANTIBODY and not isotype) or (kind == SMALL and isotype and not solvent):
                lacking.setdefault((agent.name, tube.vehicle), []).append(tube)
    for (name, vehicle), own in lacking.items():
        kind = kinds[name]
        donors = list(dict.fromkeys(tube.donor for tube in own))
        article = "an" if kind == ANTIBODY else "a"
        yield Finding(
            "vehicle-of-another-kind",
            Severity.LOOK,
            own[0].file,
            f"{name} is {article} {kind} with the vehicle {vehicle} in {named(donors)} "
            f"(first {own[0].file}): its controls should hold {_WANTED[kind]}, or what that does "
            "by itself is counted as inhibition. If it is of another kind, say so in assay.toml, "
            "[flow.inhibitor_kind].",
        )


def _unknown(kinds: Mapping[str, str]) -> Iterable[Finding]:
    names = [name for name, kind in kinds.items() if not kind]
    if names:
        many = len(names) > 1
        yield Finding(
            "inhibitor-kind-unknown",
            Severity.NOTE,
            ", ".join(names),
            f"Whether {' and '.join(names)} {'are small molecules or antibodies' if many else 'is'}"
            f"{'' if many else ' a small molecule or an antibody'} is not known by name, so that "
            f"nobody checks whether {'their vehicles are' if many else 'its vehicle is'} the right "
            "one (a solvent such as DMSO, or an isotype). Declare it in assay.toml: "
            f'[flow.inhibitor_kind] "{names[0]}" = "small molecule", "antibody" or "other".',
        )


def _declared_for_nobody(kinds: Mapping[str, str], protocol: Flow) -> Iterable[Finding]:
    folded = {" ".join(name.split()).casefold() for name in kinds}
    for name in protocol.inhibitor_kind:
        if kinds and " ".join(name.split()).casefold() not in folded:
            known = f"Inhibitors of the sheet: {', '.join(kinds)}."
            yield Finding(
                "inhibitor-kind-unused",
                Severity.NOTE,
                name,
                f"[flow.inhibitor_kind] of assay.toml names {name!r}, which no tube has. "
                f"{nearest(name, kinds) or known}",
            )
