"""How a channel is drawn and gated."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from assays.protocol_parts import Positive, Section

_TAKES = {
    "linear": (),
    "log": ("t", "m"),
    "arcsinh": ("cofactor",),
    "logicle": ("t", "w", "m", "a"),
}
"""Keys that each method has a use for."""
_SMALLEST, _LARGEST = 1e-30, 1e30
"""Beyond them no instrument reports, and numbers begin to leave what a computer can hold."""


class Scale(Section):
    """How a channel is drawn and gated."""

    method: Literal["linear", "log", "arcsinh", "logicle"] = "logicle"
    """Name of the scale."""
    cofactor: Positive | None = None
    """arcsinh: 150 for fluorescence, 5 for mass cytometry."""
    t: Positive | None = None
    """log, logicle: top of scale; the channel's range when absent."""
    w: Annotated[float, Field(ge=0)] | None = None
    """logicle: width of the linear part, decades; estimated over the run when absent."""
    m: Positive = 4.5
    """log, logicle: decades of the whole scale."""
    a: float = 0.0
    """logicle: further decades below zero."""

    @model_validator(mode="after")
    def _has_only_what_its_method_takes(self) -> Scale:
        takes = _TAKES[self.method]
        for key in sorted(self.model_fields_set - {"method", *takes}):
            known = f"it takes {', '.join(takes)}" if takes else "it takes nothing"
            raise ValueError(f"a {self.method} scale has no {key!r}; {known}")
        for key in ("cofactor", "t"):
            value = getattr(self, key)
            if value is not None and not _SMALLEST <= value <= _LARGEST:
                raise ValueError(
                    f"{key!r} of a scale must lie between {_SMALLEST:g} and {_LARGEST:g}; found "
                    f"{value:g}"
                )
        return self
