"""Which tubes share a cut that is found in data, and which tubes it may be found in.

A treated tube must never move its own threshold. A readout's threshold comes
from controls of the same donor; a lineage gate is cut once for a group of tubes;
only what concerns the instrument alone may be cut in each file by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from assays.errors import ControlError, GatingError
from assays.flow.gates.automatic import Sought
from assays.protocol import Gate
from assays.samples import STAINING, Tube, TubeRole

STAINED = ("fmo", "isotype")
"""Controls of one dye or antibody each."""
UNTREATED = (TubeRole.UNSTIMULATED, TubeRole.STIMULATED)
_ROLES = {
    "unstimulated": (TubeRole.UNSTIMULATED,),
    "untreated": UNTREATED,
    "fmo": (TubeRole.FMO,),
    "isotype": (TubeRole.ISOTYPE,),
}


def group_by_of(gate: Gate, sought: Sought) -> str:
    """How the tubes of an automatic gate are grouped, after the rules were held.

    Raises
    ------
    GatingError
        For a grouping that would let a tube move its own threshold.
    """
    where = gate.place
    stated = "group_by" in gate.model_fields_set
    group_by = gate.group_by if stated else sought.search.group_by
    kind = sought.search.kind
    if gate.on == "scale":
        raise GatingError(
            f"a {gate.method} gate is found in the data; its numbers are in original units",
            where,
            'Leave out on = "scale".',
        )
    if kind == "lineage" and group_by == "file":
        raise GatingError(
            f"{gate.method} is a lineage gate: cut by file, each tube would move its own gate, "
            "and a treatment could hide in it",
            where,
            "Group by donor, plate or all.",
        )
    if kind == "readout" and group_by != "donor":
        raise GatingError(
            f"{gate.method} takes its threshold from controls of the same donor; group_by = "
            f"{group_by!r} would mix donors or let a tube judge itself",
            where,
            'Leave group_by out, or write "donor".',
        )
    if sought.fallback is None and group_by != "donor":
        raise GatingError(
            'fallback = "control" takes the controls of the same donor, but the gate is '
            f"grouped by {group_by}",
            where,
            'Group it by "donor".',
        )
    if gate.method == "stable" and group_by != "file":
        raise GatingError(
            f"time runs in each file by itself; a stable gate cannot be grouped by {group_by}",
            where,
        )
    return group_by


def group_of(tube: Tube, group_by: str) -> str:
    """Name of the group that a tube belongs to."""
    names = {"file": tube.file, "donor": tube.donor, "plate": tube.plate}
    return names.get(group_by, "")


def sources_of(
    choice: str,
    match: str,
    group_by: str,
    group: str,
    tubes: Sequence[Tube],
    where: str,
    names: Collection[str] = (),
) -> list[Tube]:
    """Tubes that a group's cut is found in.

    Parameters
    ----------
    choice : str
        ``unstimulated``, ``untreated``, ``pool`` (every sample), ``fmo`` or ``isotype``.
    match : str
        Part of the file name or note of the control tubes meant; empty for any.
    names : collection of str
        What the gate's channel is called ($PnN, marker, detector): an FMO or isotype tube whose
        column `stain` names another dye is no control of this gate.

    Raises
    ------
    ControlError
        When a donor has several FMO or isotype tubes and nothing tells which is meant.
    """
    found = [
        tube
        for tube in tubes
        if group_of(tube, group_by) == group
        and (tube.role in _ROLES[choice] if choice in _ROLES else tube.role not in STAINING)
    ]
    if group_by == "donor" and not group:
        return []
    word = match.casefold()
    found = [t for t in found if word in t.file.casefold() or word in t.note.casefold()]
    if choice not in STAINED or match:
        return found
    known = {name.strip().casefold() for name in names}
    named = [tube for tube in found if tube.stain.strip().casefold() in known]
    found = named or [tube for tube in found if not tube.stain.strip()]
    if len(found) > 1 and not named:
        raise ControlError(
            f"donor {group} has {len(found)} {choice} tubes, and the gate does not say which "
            f"is meant: {', '.join(tube.file for tube in found[:4])}",
            where,
            'Fill in the column stain, or add to params: match = "part of the file name or note".',
        )
    return found
