"""Which controls a set of tubes lacks, and what each of them would have told.

Nothing here stops a run: what is missing costs a number, or costs the trust in one, and the
sentence says which. It needs the sample sheet alone, so that a person can mend it before the cells
are gone; and the run tells the same in its report, because pairing asks the same functions there
(see `rehearsal`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from assays.inhibition.arms import agent_key, replicates
from assays.inhibition.sheet.asked_controls import Names, asked_controls
from assays.inhibition.sheet.inhibitor_kinds import kind_findings
from assays.inhibition.sheet.namesakes import twice
from assays.inhibition.sheet.own_floors import own_floors_missing
from assays.inhibition.sheet.pair_controls import pair_controls
from assays.inhibition.sheet.rehearsal import Rehearsed, for_readouts, gathered, named, rehearse
from assays.inhibition.sheet.stand_ins import stand_ins
from assays.protocol import Flow
from assays.samples import SAMPLE_ROLES, Tube, TubeRole
from plates.findings import Finding, Severity

REPLICATES_MISSING = "replicates-missing"
"""Told by the sheet; a run says it with its intervals, by the rule ``technical-interval``."""


def missing_controls(
    tubes: Sequence[Tube], protocol: Flow, names: Names | None = None
) -> tuple[Finding, ...]:
    """Every control that the tubes of a run lack, with what its absence costs.

    Parameters
    ----------
    tubes : sequence of Tube
        Rows of the sample sheet.
    protocol : Flow
        Readouts with their stimulus, molar masses, kinds of inhibitors, a declared tube CV.
    names : mapping, optional
        $PnN and marker of each readout's channel, where the files were looked at.

    Returns
    -------
    tuple of Finding
        ``look`` where a number is lost or biased, ``note`` where only a doubt stays. One per
        kind of control and condition, naming the donors; empty for unstimulated tubes alone.
    """
    masses = protocol.molar_mass_g_per_mol
    rehearsed = rehearse(tubes, protocol)
    return (
        *twice(tubes, masses),
        *_stimulus_unknown(tubes, protocol),
        *_unstimulated(tubes, protocol),
        *_stimulated(rehearsed, protocol),
        *stand_ins(rehearsed, tubes, protocol),
        *kind_findings(tubes, protocol),
        *_replicates(rehearsed, protocol),
        *own_floors_missing(rehearsed, protocol),
        *pair_controls(rehearsed, protocol),
        *_staining(tubes, protocol),
        *asked_controls(tubes, rehearsed, protocol, names),
    )


def _stimulus_unknown(tubes: Sequence[Tube], protocol: Flow) -> Iterable[Finding]:
    """Readouts whose own stimulus no tube has."""
    known = dict.fromkeys(tube.stimulus.name for tube in tubes if tube.stimulus)
    folded = {name.strip().casefold() for name in known}
    for readout in protocol.readouts:
        if readout.stimulus and readout.stimulus.strip().casefold() not in folded:
            yield Finding(
                "control-missing",
                Severity.LOOK,
                readout.name,
                f"Readout {readout.name} is driven by {readout.stimulus}, which no tube has: it "
                f"gets no inhibition. Stimuli of the sample sheet: {', '.join(known) or 'none'}.",
            )


def _unstimulated(tubes: Sequence[Tube], protocol: Flow) -> Iterable[Finding]:
    """Donors without any; where there is one, it serves (see `pairing.baselines`)."""
    if all(readout.kind == "expression" for readout in protocol.readouts):
        return
    have = dict.fromkeys(t.donor for t in tubes if t.role == TubeRole.UNSTIMULATED and t.donor)
    donors = dict.fromkeys(t.donor for t in tubes if t.role in SAMPLE_ROLES)
    lacking = [donor for donor in donors if donor not in have]
    if lacking:
        yield Finding(
            "control-missing",
            Severity.LOOK,
            named(lacking),
            f"No unstimulated tube in {named(lacking)}: there is no Δarcsinh, no fold, no percent "
            f"positive and no inhibition.{_no_help(list(have))}",
        )


def _stimulated(rehearsed: Sequence[Rehearsed], protocol: Flow) -> Iterable[Finding]:
    """Treated tubes without a stimulated tube of the same stimulus, dose and time."""
    masses = protocol.molar_mass_g_per_mol
    found = (
        (_what(one.tube, each, masses), name, one.tube.donor)
        for each in rehearsed
        for one in each.conditions
        if not one.controls.stimulated
        for name in each.names
    )
    for (stimulus, at, why, of_others), readouts, donors in gathered(found):
        others = _no_help([donor for donor in of_others if donor not in donors])
        yield Finding(
            "control-missing",
            Severity.LOOK,
            named(donors),
            f"No tube with {stimulus} and no inhibitor{at} in {named(donors)}: its treated "
            f"tubes{at and ' of that time'} get no inhibition{for_readouts(readouts, protocol)}. "
            f"{why}{others}",
        )


def _what(
    tube: Tube, each: Rehearsed, masses: Mapping[str, float]
) -> tuple[str, str, str, tuple[str, ...]]:
    """Stimulus, time, reason, and the donors who have what this one lacks."""
    key = agent_key(tube.stimulus, masses)
    driven = [row.tube for row in each.rows if row.tube.role == TubeRole.STIMULATED]
    same = [other for other in driven if agent_key(other.stimulus, masses) == key]
    others = tuple(dict.fromkeys(o.donor for o in same if o.time_min == tube.time_min))
    times = dict.fromkeys(other.time_min for other in same if other.donor == tube.donor)
    if times:
        given = " and ".join("no time" if t is None else f"{t:g} min" for t in times)
        own = "without a time" if tube.time_min is None else f"at {tube.time_min:g} min"
        why = f"Those of {given} do not serve, since a response moves with time."
        return str(tube.stimulus), f" {own}", why, others
    doses = dict.fromkeys(
        str(other.stimulus)
        for other in driven
        if key and other.donor == tube.donor and _name(other) == key[0]
    )
    there = f" There is one with {' and one with '.join(doses)}." if doses else ""
    why = f"Stimulus and dose must be those of the treated tubes.{there}"
    return str(tube.stimulus or "the stimulus"), "", why, others


def _name(tube: Tube) -> str:
    return tube.stimulus.name.strip().casefold() if tube.stimulus else ""


def _no_help(donors: Sequence[str]) -> str:
    """Whose tubes there are: those of another donor never serve."""
    return f" The tubes of {named(donors)} cannot stand in for another donor's." if donors else ""


def _replicates(rehearsed: Sequence[Rehearsed], protocol: Flow) -> Iterable[Finding]:
    """Readouts none of whose conditions has replicate tubes: they tell how far tubes lie apart."""
    if protocol.inhibition.tube_cv_percent is not None:
        return
    names = [name for each in rehearsed if each.conditions and _single(each, protocol)
             for name in each.names]  # fmt: skip
    if names:
        yield Finding(
            REPLICATES_MISSING,
            Severity.LOOK,
            "",
            f"No condition has replicate tubes{for_readouts(names, protocol)} and no "
            "tube_cv_percent is declared: the window between stimulated and unstimulated is not "
            "testable, and intervals are technical only. Run the controls in duplicate.",
        )


def _single(each: Rehearsed, protocol: Flow) -> bool:
    groups = replicates(each.rows, protocol.molar_mass_g_per_mol).values()
    return all(len(group) == 1 for group in groups)


def _staining(tubes: Sequence[Tube], protocol: Flow) -> Iterator[Finding]:
    stains = [readout for readout in protocol.readouts if readout.kind != "fraction"]
    asked = not stains or any(readout.threshold_from != "unstimulated" for readout in stains)
    stained = any(tube.role in (TubeRole.FMO, TubeRole.ISOTYPE) for tube in tubes)
    treated = any(tube.role == TubeRole.TREATED for tube in tubes)
    if treated and not stained and not asked:
        yield Finding(
            "fmo-missing",
            Severity.NOTE,
            "",
            "No FMO and no isotype tube: positive means brighter than the unstimulated cells, and "
            "a tonic signal cannot be told from background.",
        )
