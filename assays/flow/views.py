"""Channels as single gates see them: on a scale or under a compensation of their own.

Such a channel becomes one more column of the events, under a name that says what is
done to it. The rest of a run – search, pictures, tables – then treats it like any other.
"""

from __future__ import annotations

from dataclasses import dataclass

from assays.protocol import Gate
from assays.protocol import Scale as ScaleChoice

AS_RECORDED = "none"


@dataclass(frozen=True, slots=True)
class View:
    """One channel as one gate sees it, or several gates alike."""

    channel: str
    """As the gate names it: $PnN or marker."""
    compensation: str
    """``none``, ``file`` or a csv; empty for the run's."""
    scale: ScaleChoice | None
    """None: the run's."""

    @property
    def name(self) -> str:
        """What it is called on pages and as a column: ``CD5 (as recorded)``."""
        done = {"": "", AS_RECORDED: "as recorded", "file": "by the file's matrix"}
        words = [done.get(self.compensation, f"by {self.compensation}")]
        if self.scale is not None:
            words.append(_words(self.scale))
        return f"{self.channel} ({', '.join(filter(None, words))})"


def views_of(gate: Gate) -> tuple[View | None, ...]:
    """How a gate sees each of its channels; None where it sees it as the run does."""
    return tuple(
        View(name, gate.compensation, gate.scales.get(name))
        if gate.compensation or name in gate.scales
        else None
        for name in gate.channels
    )


def _words(scale: ScaleChoice) -> str:
    keys = ("cofactor", "t", "w", "m", "a")
    given = {key: getattr(scale, key) for key in keys if key in scale.model_fields_set}
    words = [f"{key} {value:g}" for key, value in given.items() if value is not None]
    if scale.method == "arcsinh":
        words = [f"{given.get('cofactor') or 150:g}"]
    return " ".join([scale.method, *words])
