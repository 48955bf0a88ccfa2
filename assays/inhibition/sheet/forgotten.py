"""Cells of the sample sheet that look forgotten: a stimulus, a time, the twin of a control.

None of these can be refused: a tube without a stimulus is a sound tube. What was measured in it, or
what stands beside it, tells that something else was in it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from assays.inhibition.arms import agent_key, agents_key
from assays.inhibition.magnitude import brief
from assays.inhibition.pairing import baselines
from assays.inhibition.sheet.rehearsal import named
from assays.inhibition.spread import spread_of
from assays.inhibition.stray_times import stray_in_time
from assays.inhibition.window import readings_of
from assays.protocol import Flow, Readout
from assays.results.flow import Reading
from assays.samples import Tube, TubeRole
from plates.findings import Finding, Severity

FAR = math.log(2)
"""Rise on the arcsinh scale that no inhibitor should cause by itself: twofold where bright."""
SHARE_OF_RESPONSE = 0.5
"""Of what the stimulus does: an inhibitor that alone does so much stands for a stimulus."""
SCATTERS = 4.0
"""Standard deviations of replicate tubes that the rise must exceed where they are known."""
MOST_NAMED = 4
"""Files that one sentence names."""
_SERIES = 3
"""Doses of a stimulus alone that make a series of its own, not a control."""


def stimulus_forgotten(readings: Sequence[Reading], protocol: Flow) -> Iterable[Finding]:
    """Tubes with an inhibitor and no stimulus that shine as if they had been stimulated.

    Parameters
    ----------
    readings : sequence of Reading
        Of every tube and readout.
    protocol : Flow

    Returns
    -------
    iterable of Finding
        One per readout and donor, the brightest tube first.
    """
    for readout in protocol.readouts:
        if readout.kind != "signal":
            continue
        own = [r for r in readings_of(readings, readout) if math.isfinite(r.median)]
        scatter = spread_of(own, protocol).sd
        for donor in dict.fromkeys(reading.donor for reading in own):
            mine = [reading for reading in own if reading.donor == donor]
            found = _raised(mine, readout, scatter)
            if found:
                yield _raised_finding(found, readout)


def _raised(
    readings: Sequence[Reading], readout: Readout, scatter: float
) -> list[tuple[float, Reading, float]]:
    """Rise on the arcsinh scale, reading, and mean of its unstimulated tubes; highest first."""
    sign = 1.0 if readout.activation == "up" else -1.0
    calm = [r for r in readings if r.tube.role == TubeRole.UNSTIMULATED]
    driven = [r for r in readings if r.tube.role == TubeRole.STIMULATED]
    found = []
    for reading in readings:
        if reading.tube.role != TubeRole.INHIBITOR_ALONE:
            continue
        paired, _ = baselines(reading.tube, calm)
        if not paired:
            continue
        floor = math.fsum(_asinh(one) for one in paired) / len(paired)
        rise = sign * (_asinh(reading) - floor)
        response = max((sign * (_asinh(one) - floor) for one in driven), default=0.0)
        limit = max(FAR, SHARE_OF_RESPONSE * response)
        if math.isfinite(scatter):
            limit = max(limit, SCATTERS * scatter)
        if rise > limit:
            found.append((rise, reading, math.fsum(one.median for one in paired) / len(paired)))
    return sorted(found, key=lambda each: -each[0])


def _asinh(reading: Reading) -> float:
    return math.asinh(reading.median / reading.cofactor)


def _raised_finding(found: Sequence[tuple[float, Reading, float]], readout: Readout) -> Finding:
    _, worst, floor = found[0]
    others = [reading.file for _, reading, _ in found[1:]]
    more = f" The same holds for {', '.join(others[:MOST_NAMED])}" if others else ""
    more += f" and {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
    verb = "raises" if readout.activation == "up" else "lowers"
    times = worst.median / floor if floor > 0 else math.nan
    fold = f", {times:.2g} times as much" if math.isfinite(times) and times > 0 else ""
    return Finding(
        "stimulus-forgotten",
        Severity.LOOK,
        worst.file,
        f"{worst.file}: inhibitor alone {verb} {readout.name} in donor {worst.donor} "
        f"({worst.tube.inhibitor} {worst.tube.dose}: {brief(worst.median)} against {brief(floor)} "
        f"unstimulated{fold}). Was the stimulus forgotten in the sample sheet?"
        f"{more}{'.' if more else ''}",
        worst.median,
        floor,
        worst.unit,
    )


def time_forgotten(tubes: Sequence[Tube]) -> Iterable[Finding]:
    """Stimulated tubes without a time where others tell theirs."""
    driven = [t for t in tubes if t.stimulus and t.role in (*_DRIVEN, TubeRole.POSITIVE)]
    times = sorted({t.time_min for t in driven if t.time_min is not None})
    blank = [t for t in driven if t.time_min is None]
    if not (times and blank):
        return
    files = [tube.file for tube in blank]
    more = f" and {len(files) - MOST_NAMED} more" if len(files) > MOST_NAMED else ""
    told = f"{times[0]:g}" if len(times) == 1 else f"{times[0]:g} to {times[-1]:g}"
    yield Finding(
        "time-forgotten",
        Severity.LOOK,
        files[0] if len(files) == 1 else "",
        f"{', '.join(files[:MOST_NAMED])}{more}: no time is given, while other stimulated tubes "
        f"tell theirs ({told} min). Tubes of different or unknown times are neither replicates nor "
        "controls of one another and are on no curve together. Fill in the column time.",
    )


_DRIVEN = (TubeRole.STIMULATED, TubeRole.TREATED)


def controls_left_over(tubes: Sequence[Tube], masses: Mapping[str, float]) -> Iterable[Finding]:
    """Controls that are nobody's, where the donor has treated tubes: a slip, or a row that is lost.

    Stimulated tubes with a dose, a stimulus or a time that no treated tube of the donor has, and
    inhibitors alone at a dose that none has. A series of a stimulus' doses or times stands for
    itself.
    """
    everybodys = {_stimulus(tube) for tube in tubes if tube.role == TubeRole.TREATED}
    left: dict[tuple[str, str, Severity], list[str]] = {}
    for donor in dict.fromkeys(tube.donor for tube in tubes):
        own = [tube for tube in tubes if tube.donor == donor]
        if any(tube.role == TubeRole.TREATED for tube in own):
            idle = (
                *_idle_stimuli(own, everybodys, masses),
                *_idle_times(own, masses),
                *_idle_inhibitors(own, masses),
            )
            for told in idle:
                donors = left.setdefault(told, [])
                if donor not in donors:
                    donors.append(donor)
    for (given, why, severity), donors in left.items():
        yield Finding(
            "control-left-over",
            severity,
            named(donors),
            f"The tube with {given} of {named(donors)} is nobody's control: {why}",
        )


def _idle_stimuli(
    own: Sequence[Tube], everybodys: set[str], masses: Mapping[str, float]
) -> Iterable[tuple[str, str, Severity]]:
    treated = {
        agent_key(t.stimulus, masses): str(t.stimulus) for t in own if t.role == TubeRole.TREATED
    }
    alone = [t for t in own if t.role == TubeRole.STIMULATED and t.stimulus]
    for tube in alone:
        name = _stimulus(tube)
        doses = {agent_key(t.stimulus, masses) for t in alone if _stimulus(t) == name}
        if len(doses) >= _SERIES or agent_key(tube.stimulus, masses) in treated:
            continue
        given = f"{tube.stimulus} and no inhibitor"
        wanted = [words for key, words in treated.items() if key and key[0] == name]
        if wanted:
            yield given, f"the treated tubes have {wanted[0]}. Are dose and unit right?", _LOOK
        elif name in everybodys:
            why = "no treated tube of this donor has that stimulus, and others have. Is one lost?"
            yield given, why, _LOOK
        else:
            why = (
                f"the treated tubes have {' and '.join(dict.fromkeys(treated.values()))}. Is the "
                "stimulus right? If it is the positive control, write so in the column role."
            )
            yield given, why, Severity.NOTE


def _idle_times(
    own: Sequence[Tube], masses: Mapping[str, float]
) -> Iterable[tuple[str, str, Severity]]:
    for tube, usual in stray_in_time(own, masses):
        # A treated tube that stands alone lacks its control, which is told there.
        if tube.role == TubeRole.STIMULATED:
            given = f"{tube.stimulus} at {tube.time_min:g} min and no inhibitor ({tube.file})"
            why = (
                f"no treated tube has that time, they have {usual:g} min. Are time and unit right?"
            )
            yield given, why, _LOOK


def _idle_inhibitors(
    own: Sequence[Tube], masses: Mapping[str, float]
) -> Iterable[tuple[str, str, Severity]]:
    treated = {agents_key(t.inhibitors, masses) for t in own if t.role == TubeRole.TREATED}
    for tube in own:
        if tube.role == TubeRole.INHIBITOR_ALONE:
            if agents_key(tube.inhibitors, masses) in treated:
                continue
            given = " + ".join(str(agent) for agent in tube.inhibitors)
            why = "no treated tube has that inhibitor at that dose, so it is nobody's own floor."
            yield f"{given} and no stimulus", f"{why} Are dose and unit right?", _LOOK


_LOOK = Severity.LOOK


def _stimulus(tube: Tube) -> str:
    return tube.stimulus.name.strip().casefold() if tube.stimulus else ""
