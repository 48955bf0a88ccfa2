"""Which controls a set of tubes lacks, and what each of them would have told.

A control is paired with the treated tubes of its own donor, and for each readout with the
stimulus that drives it. Nothing here stops a run: what is missing costs a number, or costs the
trust in one, and the sentence says which. It needs the sample sheet alone, so that a person can
mend it before the cells are gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from assays.inhibition.arms import agent_key, agents_key, vehicle_key
from assays.inhibition.asked_controls import asked_controls
from assays.inhibition.namesakes import named_two_ways, twice
from assays.protocol import Flow
from assays.samples import Agent, Tube, TubeRole
from plates.findings import Finding, Severity

MOST_NAMED = 6
"""Donors that one sentence names."""

TOLD_BY_THE_SHEET = (
    "control-missing",
    "vehicle-control",
    "technical-interval",
    "control-of-another-plate-or-time",
    "no-isotype",
    "named-two-ways",
)
"""Rules of a run's findings that say again what the sample sheet alone has told."""

Donors = dict[str, None]
"""Donors in order of appearance, each once."""


def missing_controls(tubes: Sequence[Tube], protocol: Flow) -> tuple[Finding, ...]:
    """Every control that the tubes of a run lack, with what its absence costs.

    Parameters
    ----------
    tubes : sequence of Tube
        Rows of the sample sheet.
    protocol : Flow
        Readouts with their stimulus, molar masses, a declared tube CV.

    Returns
    -------
    tuple of Finding
        ``look`` where a number is lost or biased, ``note`` where only a doubt stays. One per
        kind of control and condition, naming the donors; empty for unstimulated tubes alone.
    """
    masses = protocol.molar_mass_g_per_mol
    treated = [tube for tube in tubes if tube.role == TubeRole.TREATED]
    return (
        *named_two_ways(tubes),
        *twice(tubes, masses),
        *_stimulus_unknown(tubes, protocol),
        *_unstimulated(tubes),
        *_stimulated(tubes, treated, masses),
        *_vehicles(tubes, treated, masses),
        *_replicates(tubes, treated, protocol),
        *_alone(tubes, treated),
        *_singles(treated, masses),
        *_positive(tubes, treated, protocol),
        *_staining(tubes, treated, protocol),
        *asked_controls(tubes, protocol),
    )


def _stimulus_unknown(tubes: Sequence[Tube], protocol: Flow) -> Iterable[Finding]:
    """Readouts whose own stimulus no tube has."""
    known = dict.fromkeys(tube.stimulus.name for tube in tubes if tube.stimulus)
    folded = {name.strip().casefold() for name in known}
    for readout in protocol.readouts:
        if readout.stimulus and readout.stimulus.strip().casefold() not in folded:
            yield _finding(
                "control-missing",
                Severity.LOOK,
                {},
                f"Readout {readout.name} is driven by {readout.stimulus}, which no tube has: it "
                f"gets no inhibition. Stimuli of the sample sheet: {', '.join(known) or 'none'}.",
            )


def _unstimulated(tubes: Sequence[Tube]) -> Iterable[Finding]:
    lacking = _without(tubes, tubes, lambda own: own.role == TubeRole.UNSTIMULATED)
    if lacking:
        yield _finding(
            "control-missing",
            Severity.LOOK,
            lacking,
            f"No unstimulated tube in {_named(lacking)}: there is no Δarcsinh, no fold, no percent "
            f"positive and no inhibition.{_elsewhere(tubes, TubeRole.UNSTIMULATED)}",
        )


def _stimulated(
    tubes: Sequence[Tube], treated: Sequence[Tube], masses: Mapping[str, float]
) -> Iterable[Finding]:
    """Treated tubes without a stimulated tube of the same stimulus at the same dose."""
    stimuli = {agent_key(tube.stimulus, masses): str(tube.stimulus) for tube in treated}
    for key, words in stimuli.items():

        def serves(tube: Tube, key: object = key) -> bool:
            is_top = tube.role == TubeRole.STIMULATED
            return is_top and agent_key(tube.stimulus, masses) == key

        of_key = [tube for tube in treated if agent_key(tube.stimulus, masses) == key]
        lacking = _without(of_key, tubes, serves)
        if lacking:
            yield _finding(
                "control-missing",
                Severity.LOOK,
                lacking,
                f"No tube with {words} and no inhibitor in {_named(lacking)}: its treated "
                "tubes get no inhibition. Stimulus and dose must be those of the treated tubes."
                f"{_elsewhere([tube for tube in tubes if serves(tube)], TubeRole.STIMULATED)}",
            )


def _vehicles(
    tubes: Sequence[Tube], treated: Sequence[Tube], masses: Mapping[str, float]
) -> Iterable[Finding]:
    """Treated tubes whose vehicle one of their controls lacks, or that name none."""
    for names, group in _by_inhibitor(treated).items():
        blank = _donors(tube for tube in group if not tube.vehicle.strip())
        if blank:
            yield _finding(
                "vehicle-control",
                Severity.NOTE,
                blank,
                f"The vehicle of {names} is not given in {_named(blank)}: controls cannot be "
                "matched by it. DMSO for small molecules, an isotype (IgG) for antibodies.",
            )
        for role in (TubeRole.STIMULATED, TubeRole.UNSTIMULATED):
            for vehicle in dict.fromkeys(tube.vehicle for tube in group if tube.vehicle.strip()):
                lacking = _vehicle_lacking(tubes, group, role, vehicle, masses)
                if lacking:
                    yield _finding(
                        "vehicle-control",
                        Severity.LOOK,
                        lacking,
                        f"No {role} tube with {vehicle} for {names} in {_named(lacking)}: controls "
                        "with another vehicle serve, and an effect of the vehicle itself would be "
                        "counted as inhibition.",
                    )


def _vehicle_lacking(
    tubes: Sequence[Tube],
    group: Sequence[Tube],
    role: TubeRole,
    vehicle: str,
    masses: Mapping[str, float],
) -> Donors:
    """Donors who have such a control, but none with the vehicle."""
    stimuli = {agent_key(tube.stimulus, masses) for tube in group}
    candidates = [
        tube
        for tube in tubes
        if tube.role == role
        and (role == TubeRole.UNSTIMULATED or agent_key(tube.stimulus, masses) in stimuli)
    ]
    wanted = vehicle_key(vehicle)
    own = [tube for tube in group if vehicle_key(tube.vehicle) == wanted]
    have = _donors(candidates)
    lacking = _without(own, candidates, lambda tube: vehicle_key(tube.vehicle) == wanted)
    return {donor: None for donor in lacking if donor in have}


def _replicates(
    tubes: Sequence[Tube], treated: Sequence[Tube], protocol: Flow
) -> Iterable[Finding]:
    masses = protocol.molar_mass_g_per_mol
    if not treated or protocol.inhibition.tube_cv_percent is not None:
        return
    seen: set[object] = set()
    for tube in tubes:
        key = (tube.donor, tube.role, *_contents(tube, masses))
        if key in seen:
            return
        seen.add(key)
    yield _finding(
        "replicates-missing",
        Severity.LOOK,
        {},
        "No condition has replicate tubes and no tube_cv_percent is declared: the window between "
        "stimulated and unstimulated is not testable, and intervals are technical only. Run the "
        "controls in duplicate.",
    )


def _alone(tubes: Sequence[Tube], treated: Sequence[Tube]) -> Iterable[Finding]:
    for names, group in _by_inhibitor(treated).items():

        def serves(tube: Tube, names: str = names) -> bool:
            return tube.role == TubeRole.INHIBITOR_ALONE and _names(tube.inhibitors) == names

        lacking = _without(group, tubes, serves)
        if lacking:
            yield _finding(
                "inhibitor-alone-missing",
                Severity.NOTE,
                lacking,
                f"No tube with {names} and no stimulus in {_named(lacking)}: there is no own "
                "floor, so that what it does to a tonic signal is counted as blockade.",
            )


def _singles(treated: Sequence[Tube], masses: Mapping[str, float]) -> Iterable[Finding]:
    """Members of a pair that were not given alone, with the same stimulus, at the same dose."""
    lacking: dict[str, Donors] = {}
    given = {
        (tube.donor, agent_key(tube.stimulus, masses), agent_key(tube.inhibitors[0], masses))
        for tube in treated
        if len(tube.inhibitors) == 1
    }
    for tube in treated:
        for agent in tube.inhibitors if len(tube.inhibitors) > 1 else ():
            key = (tube.donor, agent_key(tube.stimulus, masses), agent_key(agent, masses))
            if key not in given:
                lacking.setdefault(str(agent), {})[tube.donor] = None
    for agent_words, donors in lacking.items():
        yield _finding(
            "single-agent-missing",
            Severity.NOTE,
            donors,
            f"{agent_words} is given in a pair but not singly in {_named(donors)}: what "
            "independent action (Bliss) or the better single agent (HSA) would do is not known.",
        )


def _elsewhere(tubes: Sequence[Tube], role: TubeRole) -> str:
    """Whose tubes there are: those of another donor never serve."""
    have = _donors(tube for tube in tubes if tube.role == role)
    return f" The tubes of {_named(have)} cannot stand in for another donor's." if have else ""


def _positive(tubes: Sequence[Tube], treated: Sequence[Tube], protocol: Flow) -> Iterable[Finding]:
    """Donors whose cells nothing but the inhibited stimulus was given to."""
    if any(readout.positive_control for readout in protocol.readouts) and not any(
        tube.role == TubeRole.POSITIVE for tube in tubes
    ):
        # Said once, with the readout that declares it.
        return
    lacking: Donors = {}
    for donor in _donors(treated):
        own = [tube for tube in treated if tube.donor == donor and tube.stimulus]
        inhibited = {tube.stimulus.name.strip().casefold() for tube in own if tube.stimulus}
        other = any(tube.donor == donor and tube.role == TubeRole.POSITIVE for tube in tubes)
        other = other or any(
            tube.stimulus is not None and tube.stimulus.name.strip().casefold() not in inhibited
            for tube in tubes
            if tube.donor == donor and tube.role == TubeRole.STIMULATED
        )
        if not other:
            lacking[donor] = None
    if lacking:
        yield _finding(
            "positive-control-missing",
            Severity.NOTE,
            lacking,
            f"No positive control (such as IL-10 for pSTAT3) in {_named(lacking)}: where there "
            "is no activation, nothing tells whether these cells can respond at all.",
        )


def _staining(tubes: Sequence[Tube], treated: Sequence[Tube], protocol: Flow) -> Iterable[Finding]:
    stains = [readout for readout in protocol.readouts if readout.kind != "fraction"]
    asked = not stains or any(readout.threshold_from != "unstimulated" for readout in stains)
    stained = any(tube.role in (TubeRole.FMO, TubeRole.ISOTYPE) for tube in tubes)
    if treated and not stained and not asked:
        yield _finding(
            "fmo-missing",
            Severity.NOTE,
            {},
            "No FMO and no isotype tube: positive means brighter than the unstimulated cells, and "
            "a tonic signal cannot be told from background.",
        )


def _without(
    asking: Iterable[Tube], tubes: Iterable[Tube], serves: Callable[[Tube], bool]
) -> Donors:
    """Donors of the tubes that ask, without any tube that serves."""
    have = _donors(tube for tube in tubes if serves(tube))
    return {donor: None for donor in _donors(asking) if donor not in have}


def _donors(tubes: Iterable[Tube]) -> Donors:
    return {tube.donor: None for tube in tubes if tube.donor}


def _by_inhibitor(treated: Sequence[Tube]) -> dict[str, list[Tube]]:
    groups: dict[str, list[Tube]] = {}
    for tube in treated:
        groups.setdefault(_names(tube.inhibitors), []).append(tube)
    return groups


def _names(agents: Sequence[Agent]) -> str:
    """Names of one or two inhibitors, whatever their order."""
    return " + ".join(sorted((agent.name.strip() for agent in agents), key=str.casefold))


def _contents(tube: Tube, masses: Mapping[str, float]) -> tuple[object, ...]:
    inside = agents_key(tube.inhibitors, masses)
    return (agent_key(tube.stimulus, masses), inside, vehicle_key(tube.vehicle))


def _named(donors: Donors) -> str:
    names = list(donors)
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"donor{'s' * (len(names) > 1)} {', '.join(names[:MOST_NAMED])}{more}"


def _finding(rule: str, severity: Severity, donors: Donors, message: str) -> Finding:
    return Finding(rule, severity, _named(donors) if donors else "", message)
