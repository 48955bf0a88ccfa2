"""Whether tubes were recorded at the same voltages: else their spillover does not compare."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from assays.errors import ControlError
from assays.flow.single_stains.control import Control


def one_voltage(controls: Sequence[Control]) -> dict[str, float]:
    """The voltages that all controls share, by detector, volts; unknown ones are left out.

    Raises
    ------
    ControlError
        When two controls were recorded at different ones.
    """
    known: dict[str, tuple[float, str]] = {}
    for control in controls:
        for name, voltage in control.voltages.items():
            if math.isnan(voltage):
                continue
            first, file = known.setdefault(name, (voltage, control.tube.file))
            if differ(first, voltage):
                raise ControlError(
                    f"{name} was recorded at {voltage:g} V in this control and at {first:g} V in "
                    f"{file}: their spillover does not belong together",
                    control.tube.file,
                    "Record all controls at the voltages of the experiment.",
                )
    return {name: voltage for name, (voltage, _) in known.items()}


def refuse_other_voltages(known: Mapping[str, float], tube: Mapping[str, float], file: str) -> None:
    """Stop where a tube was recorded at other voltages than the controls.

    Raises
    ------
    ControlError
        Names detector, both voltages and the tube.
    """
    for name, voltage in tube.items():
        if name in known and not math.isnan(voltage) and differ(known[name], voltage):
            raise ControlError(
                f"{name} was recorded at {voltage:g} V in this tube and at {known[name]:g} V in "
                "the single stains: their spillover does not hold here",
                file,
                "Take single stains at the voltages of the tubes; or compensate with a csv.",
            )


def differ(one: float, other: float) -> bool:
    """Whether two voltages are not the same setting (a thousandth apart or more)."""
    return abs(one - other) > 1e-3 * max(abs(one), abs(other))
