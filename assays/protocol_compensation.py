"""How spillover or spectra are worked out from single-stained controls."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from assays.protocol_parts import Section


class SingleStains(Section):
    """What the sample sheet's single stains become a matrix by, where `compensation` says so."""

    method: Literal["medians", "regression", "iterated"] = "medians"
    """``medians`` of stained and unstained events; a robust ``regression`` through all of them;
    or that regression ``iterated``: what is left after compensation is put back into the matrix
    until nothing is left."""
    negative: Literal["auto", "unstained", "own"] = "auto"
    """What stained events are held against: the ``unstained`` tube of the same kind (beads or
    cells), the control's ``own`` unstained events, or ``auto``: the tube where there is one."""
    min_events: Annotated[int, Field(ge=20)] = 100
    """Stained, and unstained, events that a control must have."""
    without: tuple[str, ...] = ()
    """Channels in use that are known to have no single stain: spillover into and from them is
    not taken out, and the report says so. Without this, such a channel stops the run."""
    autofluorescence: bool = True
    """Unmixing: take the unstained cells' own spectrum as one more component."""
