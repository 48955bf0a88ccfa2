"""Controls that a readout, an inhibitor's kind, a plate or a time point asks for, and lacks.

Beside the anchors of inhibition a run may need tubes that only its declarations tell: an FMO or
isotype tube for a threshold, the positive control of a readout, an isotype behind an antibody and
a solvent behind a small molecule, and the anchors on every plate and at every time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from assays.inhibition.arms import agent_key
from assays.inhibition.pairing import plate_key, plate_words
from assays.protocol import Flow
from assays.samples import SAMPLE_ROLES, Tube, TubeRole
from plates.findings import Finding, Severity

MOST_NAMED = 6
"""Donors that one sentence names."""

# INN endings: -mab antibodies, -tinib and -nib kinase inhibitors (WHO, 2011).
_ANTIBODY = re.compile(r"(?i)^anti\b|^anti-|^α[- ]?|mab\b|\bi?gg\b|antibod|\bab\b")
_SMALL = re.compile(r"(?i)nib\b|^(stattic|ruxo|bay[- ]?11|pyridone)")
_ISOTYPE = re.compile(r"(?i)isotype|\bigg|\bigm")
_SOLVENT = re.compile(r"(?i)dmso|ethanol|etoh|methanol|\bdmf\b")


def asked_controls(tubes: Sequence[Tube], protocol: Flow) -> tuple[Finding, ...]:
    """Controls that the run's own declarations ask for and its sheet lacks.

    Parameters
    ----------
    tubes : sequence of Tube
        Rows of the sample sheet.
    protocol : Flow
        Readouts with thresholds and positive controls, molar masses.
    """
    masses = protocol.molar_mass_g_per_mol
    return (
        *_thresholds(tubes, protocol),
        *_positives(tubes, protocol),
        *_kinds_of_vehicle(tubes),
        *_on_plates(tubes, masses),
        *_at_times(tubes, masses),
    )


def _thresholds(tubes: Sequence[Tube], protocol: Flow) -> Iterable[Finding]:
    """FMO and isotype tubes that a readout takes its threshold from."""
    donors = dict.fromkeys(t.donor for t in tubes if t.role in SAMPLE_ROLES)
    for readout in protocol.readouts:
        wanted = readout.threshold_from
        if readout.kind == "fraction" or wanted == "unstimulated":
            continue
        mine = {name.casefold() for name in (readout.channel, readout.name)}
        others = {r.channel.casefold() for r in protocol.readouts if r.channel} - mine
        own = [t for t in tubes if t.role == TubeRole(wanted) and _may_serve(t, others)]
        common = any(not tube.donor for tube in own)
        have = {tube.donor for tube in own}
        lacking = [] if common else [donor for donor in donors if donor not in have]
        if lacking:
            cost = "there is no percent positive and no integrated MFI"
            if readout.kind == "expression":
                cost = "there is no percent positive, no fold and nothing to compare with"
            yield Finding(
                "threshold-control-missing",
                Severity.LOOK,
                named(lacking),
                f"{readout.name} takes its threshold from {wanted} tubes, and {named(lacking)} "
                f"has none: {cost}. Name the dye ({readout.channel}) in the column stain.",
            )


def _may_serve(tube: Tube, others: set[str]) -> bool:
    """Whether a staining control can be meant for a readout, as far as the sheet alone tells.

    A stain may be $PnN where the readout names the marker; only one that is the channel of another
    readout is surely not meant.
    """
    return tube.stain.strip().casefold() not in others


def _positives(tubes: Sequence[Tube], protocol: Flow) -> Iterable[Finding]:
    """Readouts that declare a positive control which no tube is."""
    given = dict.fromkeys(
        t.stimulus.name.strip() for t in tubes if t.role == TubeRole.POSITIVE and t.stimulus
    )
    folded = {name.casefold() for name in given}
    for readout in protocol.readouts:
        wanted = readout.positive_control
        if wanted and wanted.strip().casefold() not in folded:
            have = f" The positive controls of the sheet are {', '.join(given)}." if given else ""
            yield Finding(
                "positive-control-missing",
                Severity.LOOK,
                readout.name,
                f"{readout.name} declares {wanted} as its positive control, and no tube has that "
                "role: where there is no activation, nothing tells whether the assay "
                f"worked.{have}",
            )


def _kinds_of_vehicle(tubes: Sequence[Tube]) -> Iterable[Finding]:
    """Antibodies carried by a solvent alone, and small molecules carried by an isotype alone."""
    told: set[tuple[str, str]] = set()
    for tube in tubes:
        if tube.role != TubeRole.TREATED or not tube.vehicle.strip():
            continue
        for agent in tube.inhibitors:
            key = (agent.name.strip().casefold(), tube.vehicle.strip().casefold())
            antibody = bool(_ANTIBODY.search(agent.name))
            small = not antibody and bool(_SMALL.search(agent.name))
            solvent, isotype = _SOLVENT.search(tube.vehicle), _ISOTYPE.search(tube.vehicle)
            needs = "an isotype (IgG)" if antibody and solvent and not isotype else ""
            needs = "its solvent (DMSO)" if small and isotype and not solvent else needs
            if needs and key not in told:
                told.add(key)
                kind = "an antibody" if antibody else "a small molecule"
                yield Finding(
                    "vehicle-of-another-kind",
                    Severity.LOOK,
                    tube.file,
                    f"{agent.name} is {kind} with the vehicle {tube.vehicle}: its controls should "
                    f"hold {needs}, or what that does by itself is counted as inhibition.",
                )


def _on_plates(tubes: Sequence[Tube], masses: Mapping[str, float]) -> Iterable[Finding]:
    """Plates with treated tubes of a donor that lack one of its anchors."""
    lacking: dict[tuple[str, str], list[str]] = {}
    for tube in tubes:
        if tube.role != TubeRole.TREATED or not plate_key(tube.plate):
            continue
        for role in (TubeRole.UNSTIMULATED, TubeRole.STIMULATED):
            own = [t for t in tubes if t.donor == tube.donor and _is(t, role, tube, masses)]
            plates = {plate_key(t.plate) for t in own}
            if own and not plates & {plate_key(tube.plate), ""}:
                donors = lacking.setdefault((str(role), tube.plate), [])
                if tube.donor not in donors:
                    donors.append(tube.donor)
    for (what, plate), donors in lacking.items():
        yield Finding(
            "control-of-another-plate-or-time",
            Severity.LOOK,
            named(donors),
            f"{_capital(plate_words(plate))} has no {what} tube of {named(donors)}: those of "
            "another plate serve, and what differs between the plates is counted as inhibition.",
        )


def _at_times(tubes: Sequence[Tube], masses: Mapping[str, float]) -> Iterable[Finding]:
    """Times with treated tubes whose stimulus was not given alone for that time."""
    lacking: dict[tuple[float, str], list[str]] = {}
    adrift: dict[float, list[str]] = {}
    for tube in tubes:
        if tube.role not in (TubeRole.TREATED, TubeRole.STIMULATED) or tube.time_min is None:
            continue
        calm = [t for t in tubes if t.donor == tube.donor and t.role == TubeRole.UNSTIMULATED]
        if calm and not {t.time_min for t in calm} & {tube.time_min, None, 0.0}:
            donors = adrift.setdefault(tube.time_min, [])
            if tube.donor not in donors:
                donors.append(tube.donor)
        if tube.role != TubeRole.TREATED:
            continue
        own = [
            t for t in tubes if t.donor == tube.donor and _is(t, TubeRole.STIMULATED, tube, masses)
        ]
        if own and not {t.time_min for t in own} & {tube.time_min, None}:
            donors = lacking.setdefault((tube.time_min, str(tube.stimulus)), [])
            if tube.donor not in donors:
                donors.append(tube.donor)
    for time, donors in adrift.items():
        yield Finding(
            "control-of-another-plate-or-time",
            Severity.LOOK,
            named(donors),
            f"No unstimulated tube at {time:g} min nor at the start in {named(donors)}: those of "
            "another time serve, and what the cells do by themselves in between is counted.",
        )
    for (time, stimulus), donors in lacking.items():
        yield Finding(
            "control-missing",
            Severity.LOOK,
            named(donors),
            f"No tube with {stimulus} and no inhibitor at {time:g} min in {named(donors)}: the "
            "treated tubes of that time get no inhibition, since a response of another time is no "
            "measure for them.",
        )


def _is(tube: Tube, role: TubeRole, treated: Tube, masses: Mapping[str, float]) -> bool:
    if tube.role != role:
        return False
    if role == TubeRole.UNSTIMULATED:
        return True
    return agent_key(tube.stimulus, masses) == agent_key(treated.stimulus, masses)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def named(donors: Sequence[str]) -> str:
    """``donor D1``, ``donors D1, D2 and 3 more``."""
    more = f" and {len(donors) - MOST_NAMED} more" if len(donors) > MOST_NAMED else ""
    return f"donor{'s' * (len(donors) > 1)} {', '.join(donors[:MOST_NAMED])}{more}"
