"""How a channel is drawn and gated."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from assays.protocol_parts import Positive, Section


class Scale(Section):
    """How a channel is drawn and gated."""

    method: Literal["linear", "log", "arcsinh", "logicle"] = "logicle"
    """Name of the scale."""
    cofactor: Positive | None = None
    """arcsinh: 150 for fluorescence, 5 for mass cytometry."""
    t: Positive | None = None
    """logicle: top of scale; the channel's range when absent."""
    w: Annotated[float, Field(ge=0)] | None = None
    """logicle: width of the linear part, decades; estimated over the run when absent."""
    m: Positive = 4.5
    """logicle: decades of the whole scale."""
    a: float = 0.0
    """logicle: further decades below zero."""
