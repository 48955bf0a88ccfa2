"""Whether the chosen compensation fits what the file says about itself."""

from __future__ import annotations

from collections.abc import Iterable

from assays.flow.compensate import is_identity, looks_compensated
from assays.flow.qc.contract import FlowCheck, TubeLook
from assays.flow.spectral.recognise import raw_spectral
from plates.findings import Finding, Severity


def inspect(look: TubeLook) -> Iterable[Finding]:
    """Tell of an identity matrix, of data compensated already, and of a matrix left unused."""
    events, choice = look.events, look.protocol.compensation
    carried = events.spillover
    if choice == "none" and (spectral := raw_spectral(events)):
        yield Finding(
            "raw-spectral",
            Severity.LOOK,
            look.tube.file,
            f"This is a raw spectral file ({spectral}), and it is gated as recorded: no detector "
            "shows one fluorochrome alone. Unmix it: compensation = 'unmix', with single stains "
            "in the sample sheet.",
        )
    why = looks_compensated(events)
    if why and choice != "none":
        yield Finding(
            "compensated-already",
            Severity.LOOK,
            look.tube.file,
            f"The events look compensated already ({why}), and spillover was taken out "
            "again. If that is so, choose compensation = 'none'.",
        )
    if carried is None:
        return
    if choice == "file" and is_identity(carried):
        yield Finding(
            "identity-spillover",
            Severity.LOOK,
            look.tube.file,
            "The spillover matrix in the file is an identity matrix: nothing was compensated. "
            "Either the data are compensated already, or the matrix was never calculated.",
        )
    if choice == "none" and not is_identity(carried) and not why:
        reason = look.protocol.uncompensated_because.strip()
        yield Finding(
            "spillover-unused",
            Severity.NOTE if reason else Severity.LOOK,
            look.tube.file,
            "The file carries a spillover matrix, and compensation = 'none' leaves it unused"
            + (
                f": {reason.rstrip('.')}."
                if reason
                else ", so that dyes spill into each other's medians and gates. Choose "
                "compensation = 'file', or say by uncompensated_because why not."
            ),
        )


CHECK = FlowCheck(
    name="compensation",
    summary="An identity matrix, data that look compensated already, a matrix left unused, or raw "
    "spectral events that are not unmixed.",
    source="choice of this project",
    inspect=inspect,
)
