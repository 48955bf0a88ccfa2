"""Controls that a readout declares: the tubes of its threshold, and its positive control."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from assays.inhibition.pairing import of_plate, plate_key, plate_words
from assays.inhibition.positive import is_positive_of
from assays.inhibition.sheet.rehearsal import Rehearsed, Row, for_readouts, gathered, named
from assays.protocol import Flow, Readout
from assays.samples import SAMPLE_ROLES, Tube, TubeRole
from plates.findings import Finding, Severity

Names = Mapping[str, Sequence[str]]
"""By readout: $PnN and marker of its channel, where the files were looked at."""


def asked_controls(
    tubes: Sequence[Tube],
    rehearsed: Sequence[Rehearsed],
    protocol: Flow,
    names: Names | None = None,
) -> tuple[Finding, ...]:
    """Controls that the run's readouts ask for and its sheet lacks.

    Parameters
    ----------
    tubes : sequence of Tube
        Rows of the sample sheet.
    rehearsed : sequence of Rehearsed
    protocol : Flow
        Readouts with thresholds and positive controls.
    names : mapping, optional
        Without it, a stain that only the files can tell is taken to be the right one.
    """
    return (
        *_thresholds(tubes, protocol, names or {}),
        *_positives(tubes, rehearsed, protocol),
        *_positives_of_plates(tubes, rehearsed, protocol),
        *_positives_of_times(tubes, rehearsed, protocol),
        *_positives_of_nobody(tubes, protocol),
    )


def _thresholds(tubes: Sequence[Tube], protocol: Flow, names: Names) -> Iterable[Finding]:
    """FMO and isotype tubes that a readout takes its threshold from."""
    samples = [tube for tube in tubes if tube.role in SAMPLE_ROLES]
    for readout in protocol.readouts:
        wanted = readout.threshold_from
        if readout.kind == "fraction" or wanted == "unstimulated":
            continue
        called = names.get(readout.name, ())
        own = [
            tube
            for tube in tubes
            if tube.role == TubeRole(wanted) and _may_serve(tube, readout, protocol, called)
        ]
        common = [tube for tube in own if not tube.donor]
        have = {tube.donor for tube in own}
        donors = dict.fromkeys(tube.donor for tube in samples)
        lacking = [] if common else [donor for donor in donors if donor not in have]
        if lacking:
            have_none = "have" if len(lacking) > 1 else "has"
            cost = "there is no percent positive and no integrated MFI"
            if readout.kind == "expression":
                cost = "there is no percent positive, no fold and nothing to compare with"
            yield Finding(
                "threshold-control-missing",
                Severity.LOOK,
                named(lacking),
                f"{readout.name} takes its threshold from {wanted} tubes, and {named(lacking)} "
                f"{have_none} none that serves it: {cost}. Name the dye ({readout.channel}) in the "
                "column stain.",
            )
        notes = (
            (of_plate(tube, rows, f"{wanted} tube")[1], readout.name, tube.donor)
            for tube in samples
            if (rows := _rows(own, tube.donor) or [Row(each) for each in common])
        )
        for note, _, donors_of in gathered(each for each in notes if each[0]):
            yield Finding(
                "control-of-another-plate-or-time",
                Severity.LOOK,
                named(donors_of),
                f"The threshold of {readout.name} in {named(donors_of)}: {note}. What differs "
                "between the plates is counted as positive, or hides what is.",
            )


def _rows(tubes: Sequence[Tube], donor: str) -> list[Row]:
    return [Row(tube) for tube in tubes if tube.donor == donor]


def _may_serve(tube: Tube, readout: Readout, protocol: Flow, called: Sequence[str]) -> bool:
    """Whether a staining control is about a readout; without `called`, as far as the sheet tells.

    A stain may be $PnN where the readout names the marker: then only one that is the channel of
    another readout or of a gate is surely not meant. An FMO tube that names none serves one
    readout alone.
    """
    stain = tube.stain.strip().casefold()
    if not stain:
        asking = [each for each in protocol.readouts if each.threshold_from == "fmo"]
        return tube.role == TubeRole.ISOTYPE or len(asking) == 1
    mine = {name.strip().casefold() for name in (readout.channel, readout.name, *called)}
    if called or stain in mine:
        return stain in mine
    gated = {name.casefold() for gate in protocol.gates for name in gate.channels}
    return stain not in gated | {r.channel.casefold() for r in protocol.readouts if r.channel}


def _positives(
    tubes: Sequence[Tube], rehearsed: Sequence[Rehearsed], protocol: Flow
) -> Iterable[Finding]:
    """Donors with inhibition in a readout whose positive control none of their tubes is."""
    found = (
        ((readout.positive_control or "", _unmarked(tubes, donor, readout)), readout.name, donor)
        for each in rehearsed
        for readout in each.readouts
        for donor in dict.fromkeys(one.tube.donor for one in each.conditions)
        if not any(tube.donor == donor and is_positive_of(tube, readout) for tube in tubes)
    )
    given = dict.fromkeys(str(t.stimulus) for t in tubes if t.role == TubeRole.POSITIVE)
    for (wanted, unmarked), readouts, donors in gathered(found):
        what = f"No positive control {wanted}" if wanted else "No positive control (such as IL-10)"
        of = f" for {' and '.join(readouts)}" if wanted else for_readouts(readouts, protocol)
        hint = ""
        if unmarked:
            hint = f" If {unmarked} is meant, write positive control in the column role."
        elif wanted and given:
            hint = f" The positive controls of the sheet are {', '.join(given)}."
        yield Finding(
            "positive-control-missing",
            Severity.LOOK if wanted else Severity.NOTE,
            named(donors),
            f"{what}{of} in {named(donors)}: where there is no activation, nothing tells whether "
            f"these cells can respond at all.{hint}",
        )


def _unmarked(tubes: Sequence[Tube], donor: str, readout: Readout) -> str:
    """A tube of the donor that has the positive control's stimulus, but not its role."""
    own = [tube for tube in tubes if tube.donor == donor]
    inhibited = {_stimulus(tube) for tube in own if tube.role == TubeRole.TREATED}
    wanted = (readout.positive_control or "").strip().casefold()
    for tube in own:
        name = _stimulus(tube)
        meant = name == wanted if wanted else name not in inhibited
        if tube.role == TubeRole.STIMULATED and name and meant:
            return tube.file
    return ""


def _stimulus(tube: Tube) -> str:
    return tube.stimulus.name.strip().casefold() if tube.stimulus else ""


def _positives_of_plates(
    tubes: Sequence[Tube], rehearsed: Sequence[Rehearsed], protocol: Flow
) -> Iterable[Finding]:
    """Plates with treated tubes of a donor whose positive control is on another one."""
    found = (
        (plate, readout.name, donor)
        for each in rehearsed
        for readout in each.readouts
        for plate, donor in dict.fromkeys(
            (one.tube.plate, one.tube.donor) for one in each.conditions
        )
        if (own := [t for t in tubes if t.donor == donor and is_positive_of(t, readout)])
        and plate_key(plate)
        and not {plate_key(tube.plate) for tube in own} & {plate_key(plate), ""}
    )
    for plate, readouts, donors in gathered(found):
        yield Finding(
            "positive-control-of-another-plate",
            Severity.NOTE,
            named(donors),
            f"The positive control of {named(donors)}{for_readouts(readouts, protocol)} is not on "
            f"{plate_words(plate)}: where there is no activation there, nothing tells whether that "
            "plate was stained well.",
        )


def _positives_of_times(
    tubes: Sequence[Tube], rehearsed: Sequence[Rehearsed], protocol: Flow
) -> Iterable[Finding]:
    """Times of a donor's treated tubes at which it has no positive control; without one, any."""
    found = (
        (lacking, _times(tube.time_min for tube in own), readout.name, donor)
        for each in rehearsed
        for readout in each.readouts
        for donor in dict.fromkeys(one.tube.donor for one in each.conditions)
        if (own := [t for t in tubes if t.donor == donor and is_positive_of(t, readout)])
        and all(tube.time_min is not None for tube in own)
        and (
            lacking := _times(
                one.tube.time_min
                for one in each.conditions
                if one.tube.donor == donor
                and one.tube.time_min not in {tube.time_min for tube in own}
            )
        )
    )
    told = (((lacking, given), readout, donor) for lacking, given, readout, donor in found)
    for (lacking, given), readouts, donors in gathered(told):
        yield Finding(
            "positive-control-of-another-time",
            Severity.NOTE,
            named(donors),
            f"The positive control of {named(donors)}{for_readouts(readouts, protocol)} was taken "
            f"at {given}, not at {lacking}: it tells that these cells can respond, not that they "
            "still or already do at that time.",
        )


def _times(minutes: Iterable[float | None]) -> str:
    """``15 and 60 min``, each once, rising; empty without any."""
    numbers = [f"{time:g}" for time in sorted({time for time in minutes if time is not None})]
    words = " and ".join(filter(None, (", ".join(numbers[:-1]), *numbers[-1:])))
    return words and f"{words} min"


def _positives_of_nobody(tubes: Sequence[Tube], protocol: Flow) -> Iterable[Finding]:
    """Positive controls that no readout is held to, because each declares another."""
    idle: dict[str, list[str]] = {}
    for tube in tubes:
        if tube.role == TubeRole.POSITIVE and not any(
            is_positive_of(tube, readout) for readout in protocol.readouts
        ):
            donors = idle.setdefault(str(tube.stimulus), [])
            if tube.donor not in donors:
                donors.append(tube.donor)
    declared = [
        f"{r.positive_control} for {r.name}" for r in protocol.readouts if r.positive_control
    ]
    for stimulus, donors in idle.items():
        yield Finding(
            "positive-control-unused",
            Severity.LOOK,
            named(donors),
            f"No readout is held to the positive control {stimulus} of {named(donors)}: "
            f"assay.toml declares {', '.join(declared) or 'no readout that has one'}.",
        )
