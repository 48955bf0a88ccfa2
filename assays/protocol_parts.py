"""What every table of `assay.toml` is made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Level = Annotated[float, Field(gt=0.5, lt=1.0)]
Positive = Annotated[float, Field(gt=0)]
Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""A text that must not be left blank."""


class Section(BaseModel):
    """A table of `assay.toml`: frozen, and every key known."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
