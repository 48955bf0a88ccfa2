"""Which spillover is taken out of which tube, as the protocol chose."""

from __future__ import annotations

import numpy as np

from assays.errors import ControlError
from assays.flow.compensate import (
    check_spillover,
    compensate,
    is_identity,
    looks_compensated,
    same_matrix,
)
from assays.flow.events import Events, Spillover
from assays.flow.gates.shapes import Floats
from plates.findings import Finding, Severity

WIDE_CONDITION = 100.0
"""Condition number above which compensation is known to spread noise widely."""


class Correction:
    """The run's choice of compensation, and what was met while it was carried out.

    Parameters
    ----------
    choice : str
        ``file``, ``none``, or the name of a csv.
    given : Spillover, optional
        The csv's matrix, when a csv was chosen.

    Raises
    ------
    ControlError
        When a csv was chosen and no matrix given, or the reverse.
    """

    def __init__(self, choice: str, given: Spillover | None) -> None:
        if not choice.strip():
            raise ControlError(
                "compensation is not chosen", hint="Write 'file', 'none' or the name of a csv."
            )
        if choice in ("file", "none"):
            if given is not None:
                raise ControlError(f"compensation is {choice!r}, but a matrix was given too")
        elif given is None:
            raise ControlError(
                f"compensation names {choice!r}, but its matrix was not given",
                hint="Write 'file', 'none' or the name of a csv in the run folder.",
            )
        else:
            check_spillover(given)
        self.choice = choice
        self.given = given
        self._met: list[tuple[Spillover, str]] = []

    def apply(self, events: Events) -> Events:
        """Undo spillover in one tube, when the protocol wants it.

        Raises
        ------
        ControlError
            When the file should carry a matrix and does not.
        """
        if self.choice == "none":
            return events
        spillover = self.given or events.spillover
        if spillover is None:
            why = looks_compensated(events)
            raise ControlError(
                "compensation = 'file', but the file carries no spillover matrix",
                events.name,
                f"It looks compensated already ({why}): choose 'none'."
                if why
                else "Choose 'none', or name a csv with the matrix.",
            )
        if not any(same_matrix(spillover, other) for other, _ in self._met):
            self._met.append((spillover, events.name))
        return compensate(events, spillover)

    @property
    def shared(self) -> Spillover | None:
        """The matrix that served every tube, if one did."""
        return self._met[0][0] if len(self._met) == 1 else None

    @property
    def channels(self) -> tuple[str, ...]:
        """Channels of the shared matrix."""
        return self.shared.channels if self.shared else ()

    @property
    def matrix(self) -> Floats | None:
        """Numbers of the shared matrix."""
        return self.shared.matrix if self.shared else None

    @property
    def words(self) -> str:
        """What was done."""
        if self.choice == "none":
            return "none: events are used as recorded"
        if self.shared is None:
            return f"each file's own matrix ({len(self._met)} different ones)"
        size = len(self.shared.channels)
        origin = "the matrix in each file" if self.choice == "file" else self.choice
        kind = "identity, nothing taken out" if is_identity(self.shared) else "inverse applied"
        return f"{origin}, {size} × {size} channels, {kind}"

    def findings(self) -> list[Finding]:
        """What was met: differing matrices, large coefficients, a poor condition."""
        found: list[Finding] = []
        if len(self._met) > 1:
            names = ", ".join(name for _, name in self._met[:4])
            found.append(
                Finding(
                    "spillover-differs",
                    Severity.LOOK,
                    names,
                    f"The files of this run carry {len(self._met)} different spillover matrices; "
                    "each was compensated with its own. Were they recorded in one session?",
                    len(self._met),
                    1,
                )
            )
        for spillover, name in self._met:
            found += _about(spillover, spillover.origin if self.given else name)
        return found


def _about(spillover: Spillover, where: str) -> list[Finding]:
    found: list[Finding] = []
    diagonal = spillover.matrix.diagonal()
    if abs(diagonal - 1).max() > 1e-6:
        found.append(
            Finding(
                "spillover-diagonal",
                Severity.LOOK,
                where,
                "The diagonal of the spillover matrix is not 1 throughout: it was applied as it "
                "is, which also rescales the channels.",
                float(diagonal[abs(diagonal - 1).argmax()]),
                1.0,
            )
        )
    others = spillover.matrix - np.diag(diagonal)
    row, column = np.unravel_index(int(others.argmax()), others.shape)
    if others[row, column] >= 1:
        found.append(
            Finding(
                "spillover-large",
                Severity.LOOK,
                where,
                f"{spillover.channels[row]} spills more into {spillover.channels[column]} than it "
                "shows in its own detector; check that single stain.",
                float(others[row, column]),
                1.0,
            )
        )
    condition = check_spillover(spillover)
    if condition > WIDE_CONDITION:
        found.append(
            Finding(
                "spillover-condition",
                Severity.LOOK,
                where,
                f"The spillover matrix has condition number {condition:.0f}: compensation spreads "
                "dim populations widely.",
                condition,
                WIDE_CONDITION,
            )
        )
    return found
