"""How dose series are fitted: the shape of `[flow.inhibition.dose]`."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field, model_validator

from assays.protocol_parts import Section


class FixedDose(Section):
    """Parameters of the dose-response curve that are given instead of fitted."""

    A: float | None = None
    """Response without inhibitor, on the scale of the inhibition."""
    B: Annotated[float, Field(ge=0.05, le=16)] | None = None
    """The slope: 1 for one inhibitor on one site."""
    D: float | Literal["unstimulated"] | None = None
    """Response at full effect; ``unstimulated`` where the inhibitor is known to remove all of it:
    the unstimulated tubes then hold that end of the curve."""

    @model_validator(mode="after")
    def _is_a_curve(self) -> FixedDose:
        for name, value in self.given.items():
            if not isinstance(value, str) and not math.isfinite(value):
                raise ValueError(f"{name} is fixed at {value:g}, which is no number")
        if self.A is not None and self.A == self.D:
            raise ValueError(f"A and D are both fixed at {self.A:g}: that is no curve")
        return self

    @property
    def given(self) -> dict[str, float | str]:
        """What is fixed, by name."""
        pairs: dict[str, float | str | None] = {"A": self.A, "B": self.B, "D": self.D}
        return {name: value for name, value in pairs.items() if value is not None}


class DoseChoices(Section):
    """How dose series are fitted."""

    fix: FixedDose = FixedDose()
    """Parameters that are given instead of fitted: ``{ B = 1.0, D = "unstimulated" }``."""
