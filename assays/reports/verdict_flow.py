"""Can I use this flow run? Which readouts and donors have no number, and what failed there."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from assays.reports.words import count, decimals_of_scale, fixed, listed
from assays.results.flow import FlowRun, PopulationCount
from assays.results.inhibition import DonorComparison, Inhibition
from assays.samples import TubeRole
from plates.findings import Severity

UNDEFINED = "no activation"
"""How the status of an inhibition without a window begins."""
MISSING = "control missing"
"""How the status of an inhibition without a control begins."""
UNTESTED = "not testable"
"""Status of an inhibition that only the events of single tubes speak for."""
NO_WINDOW = "stimulated not told from unstimulated by the events either"
"""Why an inhibition that cannot be tested has no percentage."""
SILENT = "does not respond"
"""Status of a positive control that failed."""
UNUSED = "spillover-unused"
"""Finding that a file's own matrix is left unused."""
APART = "replicates-apart"
"""Finding that one condition makes the scatter of the whole run."""
MOVES = "responds"
"""Status of one that works."""
READ = (
    TubeRole.UNSTIMULATED,
    TubeRole.STIMULATED,
    TubeRole.TREATED,
    TubeRole.INHIBITOR_ALONE,
)
"""Roles of tubes that are compared; staining and positive controls are not."""


def flow_line(run: FlowRun) -> str:
    """``12 tubes of 3 donors read; inhibition undefined in 1 donor (no activation: D3).``

    A run without a single number begins with ``No result`` and what failed.
    """
    donors = list(dict.fromkeys(tube.donor for tube in run.tubes if tube.donor))
    read = f"{count(len(run.tubes), 'tube')} of {count(len(donors), 'donor')} read"
    silent = without_a_number(run)
    empty = _empty_populations(run)
    if silent and len(silent) == len({each.readout for each in run.readings}):
        return f"No result: {', '.join((*empty, *_why_silent(run, silent, empty)))}; {read}."
    parts = [read]
    if silent:
        why = ", ".join((*empty, *_why_silent(run, silent, empty)))
        parts.append(f"no result for {' and '.join(silent)}: {why}")
    elif empty:
        parts.append(", ".join(empty))
    if any(f.rule == UNUSED and f.severity == Severity.LOOK for f in run.findings):
        parts.append("not compensated, though files carry a spillover matrix")
    if apart := [f.where for f in run.findings if f.rule == APART]:
        whose = listed(dict.fromkeys(place.removeprefix("donor ") for place in apart))
        parts.append(f"replicate tubes of {whose} lie far apart and widen every interval")
    if failed := failed_positive(run):
        told = [_in_readouts(donor, names, run) for donor, names in failed.items()]
        parts.append(f"positive control failed in {listed(told)}")
    parts += _inhibition(run) or _activation(run)
    return "; ".join(parts) + "."


def flow_severity(run: FlowRun) -> Severity:
    """Stop when a readout has no number, or no inhibition has its controls; look when some lack."""
    lacking = without_controls(run)
    if without_a_number(run) or (run.inhibition and all(_lacks(i) for i in run.inhibition)):
        return Severity.STOP
    held = {(each.donor, each.readout) for each in run.positive_controls}
    silent = {(donor, name) for donor, names in failed_positive(run).items() for name in names}
    moved = {(each.donor, each.readout) for each in run.inhibition if each.status == "ok"}
    if held and held == silent and not held & moved:
        # No donor's cells answered what they must answer: the assay itself did not work.
        return Severity.STOP
    lost = bool(lacking) or bool(without_activation(run)) or bool(_empty_populations(run))
    lost = lost or any(math.isnan(each.percent) for each in run.inhibition)
    lost = lost or bool(failed_positive(run)) or any(f.rule == APART for f in run.findings)
    return Severity.LOOK if lost else Severity.NOTE


def failed_positive(run: FlowRun) -> dict[str, list[str]]:
    """Readouts that no positive control moves and one should, by donor."""
    able = {(each.donor, each.readout) for each in run.positive_controls if each.status == MOVES}
    found: dict[str, list[str]] = {}
    for each in run.positive_controls:
        if each.status == SILENT and (each.donor, each.readout) not in able:
            names = found.setdefault(each.donor, [])
            if each.readout not in names:
                names.append(each.readout)
    return found


def _in_readouts(donor: str, names: list[str], run: FlowRun) -> str:
    """``D3``, or ``D3 in pSTAT3`` where other readouts of the donor have a control that works."""
    every = {each.readout for each in run.positive_controls if each.donor == donor}
    return donor if every == set(names) else f"{donor} in {' and '.join(names)}"


def without_a_number(run: FlowRun) -> tuple[str, ...]:
    """Readouts that no tube has a median of."""
    known = {each.readout for each in run.readings if not math.isnan(each.median)}
    return tuple(dict.fromkeys(r.readout for r in run.readings if r.readout not in known))


def _empty_populations(run: FlowRun) -> tuple[str, ...]:
    """The first populations that hold no event in any tube: those below them cannot."""
    by_name: dict[str, list[PopulationCount]] = {}
    for each in run.populations:
        by_name.setdefault(each.population, []).append(each)
    empty = {name for name, rows in by_name.items() if not any(row.count for row in rows)}
    first = [name for name in by_name if name in empty and by_name[name][0].parent not in empty]
    if not first:
        return ()
    verb = "holds" if len(first) == 1 else "hold"
    return (f"{listed(first)} {verb} no event in any tube",)


def _why_silent(run: FlowRun, silent: tuple[str, ...], empty: tuple[str, ...]) -> tuple[str, ...]:
    """Statuses of the readouts without a number, unless an empty population says it all."""
    if empty:
        return ()
    statuses = dict.fromkeys(r.status for r in run.readings if r.readout in silent)
    told = [f"{status} in every tube" if len(statuses) == 1 else status for status in statuses]
    return tuple(told)


def without_controls(run: FlowRun) -> dict[str, list[str]]:
    """Donors that lack a kind of tube which a comparison needs, by what they lack."""
    roles: dict[str, set[TubeRole]] = {}
    for tube in run.tubes:
        if tube.donor and tube.role in READ:
            roles.setdefault(tube.donor, set()).add(tube.role)
    every = set().union(*roles.values()) if roles else set()
    found: dict[str, list[str]] = {}
    for donor, own in roles.items():
        for role in READ[:2]:
            # A run of unstimulated tubes alone lacks nothing; one donor among others does.
            if role in every and role not in own:
                found.setdefault(f"no {role} tube", []).append(donor)
    for each in run.inhibition:
        known = any(each.donor in donors for donors in found.values())
        if _lacks(each) and not known:
            # The tubes are there, but not with the stimulus or the vehicle of the treated one.
            found.setdefault("no matching control", []).append(each.donor)
    return found


def without_inhibitor(run: FlowRun) -> tuple[str, ...]:
    """Donors with both controls and no treated tube: they lack nothing, and have no inhibition."""
    given = {each.donor for each in run.inhibition}
    if not given:
        return ()
    found: dict[str, set[TubeRole]] = {}
    for tube in run.tubes:
        if tube.donor and tube.role in READ:
            found.setdefault(tube.donor, set()).add(tube.role)
    return tuple(
        donor
        for donor, own in found.items()
        if donor not in given and TubeRole.TREATED not in own and own.issuperset(READ[:2])
    )


def _lacks(each: Inhibition) -> bool:
    return each.status.startswith(MISSING)


def _inhibition(run: FlowRun) -> list[str]:
    """What became of the comparison, donor by donor."""
    reasons: dict[str, list[str]] = {}
    for donor, readout in without_activation(run):
        reasons.setdefault(donor, []).append(readout + _only_with(run, donor, readout))
    told = [(UNDEFINED, [_with_readouts(run, d, names) for d, names in reasons.items()])]
    lacking = without_controls(run)
    told += [(why, donors) for why, donors in lacking.items()]
    donors = {*reasons, *(donor for names in lacking.values() for donor in names)}
    rest, alone = _without_percent(run, donors)
    told += [
        (why, [_with_readouts(run, donor, names) for donor, names in by_donor.items()])
        for why, by_donor in rest.items()
    ]
    donors |= {donor for by_donor in rest.values() for donor in by_donor}
    untested = _untested(run)
    after = [*untested, *alone, *_spared(run)]
    if donors:
        what = "inhibition undefined" if run.inhibition else "nothing to compare"
        why = "; ".join(f"{reason}: {listed(names)}" for reason, names in told if names)
        return [f"{what} in {count(len(donors), 'donor')} ({why})", *after]
    if untested:
        return after
    every = "every other donor" if _spared(run) else "every donor"
    return [f"inhibition defined in {every}", *after] if run.inhibition else []


def _without_percent(
    run: FlowRun, known: Collection[str]
) -> tuple[dict[str, dict[str, list[str]]], list[str]]:
    """Readouts without any percentage, by status and donor; and percentages that lack alone.

    `known` are donors whose lack is told already. What cannot be tested is not undefined: where
    the events alone tell stimulated from unstimulated it has its percentage, elsewhere none.
    """
    defined = {(i.donor, i.readout) for i in run.inhibition if not math.isnan(i.percent)}
    rest: dict[str, dict[str, list[str]]] = {}
    single: dict[str, dict[tuple[str, str], list[str]]] = {}
    for each in run.inhibition:
        if not math.isnan(each.percent) or each.donor in known:
            continue
        if (each.donor, each.readout) in defined:
            # One tube that failed does not leave the donor without inhibition.
            group = single.setdefault(_why(each), {}).setdefault((each.donor, _given(each)), [])
        elif each.status == UNTESTED:
            group = single.setdefault(_why(each), {}).setdefault((each.donor, ""), [])
        else:
            group = rest.setdefault(each.status, {}).setdefault(each.donor, [])
        group += [each.readout] if each.readout not in group else []
    alone = [
        f"no percentage for {listed(_which(run, lost))} ({why})" for why, lost in single.items()
    ]
    return rest, alone


def _which(run: FlowRun, lost: Mapping[tuple[str, str], list[str]]) -> list[str]:
    """``D3 in pSTAT3 with JAK2 inhibitor 10 nM``, by donor and what was given."""
    return [
        _with_readouts(run, donor, names) + (f" with {given}" if given else "")
        for (donor, given), names in lost.items()
    ]


def _why(each: Inhibition) -> str:
    return NO_WINDOW if each.status == UNTESTED else each.status


def _untested(run: FlowRun) -> list[str]:
    """Donors whose percentages no replicate tube speaks for: wholly, or in which readouts."""
    rows: dict[str, dict[str, list[bool]]] = {}
    for each in run.inhibition:
        by_readout = rows.setdefault(each.donor, {})
        by_readout.setdefault(each.readout, []).append(each.status == UNTESTED)
    told = []
    for donor, by_readout in rows.items():
        names = [
            name if all(hits) else f"{name} (in part)"
            for name, hits in by_readout.items()
            if any(hits)
        ]
        if names:
            told.append(_with_readouts(run, donor, names))
    if not told:
        return []
    if told == list(rows):
        whom = f" in any of {count(len(rows), 'donor')}" if len(rows) > 1 else ""
        return [f"inhibition estimated, but not testable{whom}: no replicate tubes"]
    what = f"not testable in {count(len(told), 'donor')}"
    return [f"inhibition estimated, but {what} (no replicate tubes: {listed(told)})"]


def _given(each: Inhibition) -> str:
    """``JAK2 inhibitor 10 nM``."""
    return " + ".join(f"{a.name} {a.dose:g} {a.unit}" for a in each.inhibitors)


MOST_TOLD = 3
"""Readouts whose activation the verdict of a run without inhibitors names."""


def _activation(run: FlowRun) -> list[str]:
    """Where nothing was inhibited: which readouts the stimulus moves most, in how many donors."""
    rows = [each for each in run.donors if each.kind == "activation" and each.n]
    rows = [each for each in rows if each.family] or rows
    rows.sort(key=lambda each: -abs(each.mean))
    # A headline of many readouts is none: then the one that moves most stands for them.
    shown = rows if len(rows) <= MOST_TOLD else rows[:1]
    told = [_moved(each) for each in shown]
    left = len({each.readout for each in rows}) - len({each.readout for each in shown})
    if left > 0:
        told.append(f"{count(left, 'further readout')} in the tables")
    return [", ".join(told)] if told else []


def _moved(each: DonorComparison) -> str:
    """``pS6 rises with BCR-XL in 5 of 5 donors (Δarcsinh 3.4)``."""
    up = each.mean > 0
    alike = sum((difference > 0) == up for difference in each.differences)
    scale = {"arcsinh": "\u0394arcsinh"}.get(each.scale, each.scale)
    size = fixed(each.mean, decimals_of_scale(each.scale))
    return (
        f"{each.readout} {'rises' if up else 'falls'} with {each.member} in {alike} of "
        f"{count(each.n, 'donor')} (mean {scale} {size})"
    )


def _spared(run: FlowRun) -> list[str]:
    spared = without_inhibitor(run)
    return [f"no inhibitor given to {listed(spared)}"] if spared else []


def _with_readouts(run: FlowRun, donor: str, readouts: list[str]) -> str:
    """``D3``, or ``D3 in pSTAT3`` when only some of its readouts are undefined."""
    every = {each.readout for each in run.inhibition if each.donor == donor}
    return donor if every == set(readouts) else f"{donor} in {' and '.join(readouts)}"


def _only_with(run: FlowRun, donor: str, readout: str) -> str:
    """`` with IL-6 0.1 ng/mL`` where other stimuli do activate it; else nothing."""
    rows = [i for i in run.inhibition if (i.donor, i.readout) == (donor, readout)]
    silent = {i.stimulus for i in rows if i.status.startswith(UNDEFINED)}
    if {i.stimulus for i in rows} == silent:
        return ""
    return f" with {listed(i.stimulus for i in rows if i.stimulus in silent)}"


def without_activation(run: FlowRun) -> tuple[tuple[str, str], ...]:
    """Donors and readouts whose stimulated response cannot be told from the unstimulated one."""
    return tuple(
        dict.fromkeys(
            (each.donor, each.readout)
            for each in run.inhibition
            if each.status.startswith(UNDEFINED)
        )
    )
