"""Tubes that a run does not read, and staining controls whose dye nobody can tell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from assays.flow.staining import ROLES
from assays.protocol import Flow
from assays.samples import Tube, TubeRole
from plates.findings import Finding, Severity
from plates.layouts.words import nearest

_THRESHOLDS = (TubeRole.FMO, TubeRole.ISOTYPE)


def unread_tubes(
    tubes: Sequence[Tube], samples: Sequence[Tube], controls: Sequence[str], protocol: Flow
) -> Iterable[Finding]:
    """Tubes that are neither samples nor controls, and what would make use of them.

    Parameters
    ----------
    tubes : sequence of Tube
        Rows of the sample sheet.
    samples : sequence of Tube
        Those that are read.
    controls : sequence of str
        Files that the compensation or the beads of the run are worked out from.
    protocol : Flow
    """
    left = [tube for tube in tubes if tube not in samples and tube.file not in controls]
    if not left:
        return
    roles = ", ".join(sorted({str(tube.role) for tube in left}))
    many = len(left) > 1
    yield Finding(
        "not-a-sample",
        Severity.NOTE,
        ", ".join(tube.file for tube in left[:3]) + (" …" if len(left) > 3 else ""),
        f"{len(left)} tube{'s are' if many else ' is'} not read: {roles}."
        + "".join(f" {told}" for told in dict.fromkeys(_use(tube, protocol) for tube in left)),
    )


def _use(tube: Tube, protocol: Flow) -> str:
    """What would make a run read such a tube."""
    if tube.role in _THRESHOLDS:
        others = {r.threshold_from for r in protocol.readouts if r.kind == "signal"}
        return (
            f'A readout with threshold = "{tube.role}" takes its percent positive from '
            f"{'an FMO tube' if tube.role == TubeRole.FMO else 'isotype tubes'}; in assay.toml "
            f"it is {' and '.join(sorted(others)) or 'not asked for'}."
        )
    if tube.role in (TubeRole.SINGLE_STAIN, TubeRole.UNSTAINED):
        return 'With compensation = "controls" the matrix is worked out from such tubes.'
    if tube.role == TubeRole.BEADS:
        return "[[flow.beads]] with the values of the lot makes use of them."
    return ""


def stain_findings(
    tubes: Sequence[Tube], protocol: Flow, names: Collection[str]
) -> Iterable[Finding]:
    """FMO and isotype tubes whose column ``stain`` names nothing that was measured.

    Parameters
    ----------
    tubes : sequence of Tube
        Rows of the sample sheet.
    protocol : Flow
        Its readouts may be named too.
    names : collection of str
        $PnN and markers of the files.
    """
    own = (each for readout in protocol.readouts for each in (readout.name, *readout.channels))
    known = dict.fromkeys(name for name in (*names, *own) if name)
    folded = {name.strip().casefold() for name in known}
    asked = {ROLES[r.threshold_from] for r in protocol.readouts if r.threshold_from in ROLES}
    for tube in tubes:
        stain = tube.stain.strip()
        if tube.role not in _THRESHOLDS:
            continue
        if stain and stain.casefold() not in folded:
            yield Finding(
                "stain-unknown",
                Severity.LOOK,
                tube.file,
                f"{tube.file}: the stain {stain!r} of this {tube.role} tube is no channel, marker "
                f"or readout of the run. {nearest(stain, known) or _offered(known)}",
            )
        elif not stain and tube.role == TubeRole.FMO:
            yield Finding(
                "stain-unnamed",
                Severity.LOOK if TubeRole.FMO in asked else Severity.NOTE,
                tube.file,
                f"{tube.file}: this FMO tube does not say which dye it lacks. Name the channel "
                "or marker in the column stain.",
            )


def _offered(known: Collection[str]) -> str:
    names = list(known)
    return f"Known are {', '.join(names[:20])}{' …' if len(names) > 20 else ''}."
