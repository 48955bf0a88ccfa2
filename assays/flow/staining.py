"""Which FMO and isotype tubes say where the background of a readout ends.

An FMO tube serves the readout whose dye it lacks, an isotype tube the one whose antibody it stands
in for: the column `stain` says so, by $PnN, marker or name of the readout. An isotype tube that
names none stands in for every antibody; an FMO tube that names none serves where one readout alone
asks for FMO. Tubes are of the same donor and plate; those without a donor serve every donor.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assays.flow.measure import Held
from assays.inhibition.pairing import of_plate
from assays.protocol import Flow, Readout
from assays.samples import Tube, TubeRole

ROLES = {"fmo": TubeRole.FMO, "isotype": TubeRole.ISOTYPE}


def asked_for(tubes: Sequence[Tube], protocol: Flow) -> tuple[Tube, ...]:
    """Staining controls that a readout's threshold asks for: they are read like samples."""
    wanted = {ROLES[r.threshold_from] for r in protocol.readouts if r.threshold_from in ROLES}
    return tuple(tube for tube in tubes if tube.role in wanted)


def serves(tube: Tube, readout: Readout, names: Iterable[str | None], protocol: Flow) -> bool:
    """Whether a staining control is about a readout.

    Parameters
    ----------
    tube : Tube
        An FMO or isotype tube.
    readout : Readout
    names : iterable of str
        $PnN and marker of the readout's channel.
    protocol : Flow
        Its other readouts tell whether an unnamed FMO tube can be meant.
    """
    role = ROLES.get(readout.threshold_from)
    if role is None or tube.role != role:
        return False
    stain = tube.stain.strip().casefold()
    if not stain:
        asking = [r for r in protocol.readouts if r.threshold_from == "fmo"]
        return role == TubeRole.ISOTYPE or len(asking) == 1
    known = {name.strip().casefold() for name in (*names, readout.name, readout.channel) if name}
    return stain in known


def match_staining(tube: Tube, controls: Sequence[Held]) -> tuple[Held, ...]:
    """Staining controls of one readout for a tube: of its donor and plate, else of no donor."""
    own = [one for one in controls if one.tube.donor == tube.donor]
    found, _ = of_plate(tube, own or [one for one in controls if not one.tube.donor])
    return found
