"""What a colleague would say of a spillover matrix, by itself and beside another one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assays.flow.compensate import check_spillover, is_identity
from assays.flow.events import Spillover
from plates.findings import Finding, Severity

WIDE_CONDITION = 100.0
"""Condition number above which compensation is known to spread noise widely."""
APART = 0.02
"""How far a coefficient may lie from that of the file's own matrix, in units of the stain's
signal: what two controls of one detector may disagree in (a choice)."""


def about_matrix(spillover: Spillover, where: str) -> list[Finding]:
    """A diagonal that is not 1, a coefficient above 1, a poor condition."""
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


def several_matrices(tubes: Sequence[str]) -> Finding:
    """The files of a run do not carry the same matrix; `tubes` are the first of each."""
    return Finding(
        "spillover-differs",
        Severity.LOOK,
        ", ".join(tubes[:4]),
        f"The files of this run carry {len(tubes)} different spillover matrices; "
        "each was compensated with its own. Were they recorded in one session?",
        len(tubes),
        1,
    )


def beside_the_files(
    used: Spillover, carried: Sequence[tuple[Spillover, str]], severity: Severity
) -> list[Finding]:
    """Tell where the matrix that is used and those that files carry differ materially.

    A file's identity matrix says that none was calculated when it was recorded, and is no
    other opinion.

    Parameters
    ----------
    used : Spillover
        From the single stains or a csv.
    carried : sequence
        Different matrices of files, each with the first file that carries it.
    severity : Severity

    Returns
    -------
    list of Finding
        At most one, of the matrix that lies furthest away: the largest difference, percent
        of the stain's own signal, and its pair.
    """
    apart = [
        (_away(used, matrix), matrix, tube) for matrix, tube in carried if not is_identity(matrix)
    ]
    far = [one for one in apart if one[0].size and np.nanmax(one[0]) > APART]
    if not far:
        return []
    away, matrix, tube = max(far, key=lambda one: float(np.nanmax(one[0])))
    names = _common(used, matrix)
    row, column = np.unravel_index(int(np.nanargmax(away)), away.shape)
    ours, theirs = (100 * _over(one, names)[row, column] for one in (used, matrix))
    pairs, matrices = int(np.count_nonzero(away > APART)) - 1, len(far) - 1
    more = [f"{pairs} more pair{'s' * (pairs > 1)} of this file"] if pairs else []
    more += [f"{matrices} more matri{'ces' if matrices > 1 else 'x'} of files"] if matrices else []
    does = "does" if pairs + matrices == 1 else "do"
    rest = f" So {does} {' and '.join(more)}, by over {100 * APART:g} %." if more else ""
    return [
        Finding(
            "spillover-unlike-file",
            severity,
            tube,
            f"The matrix that is used ({used.origin or 'given'}) is not the one that this file "
            f"carries. They differ most for {names[row]} in {names[column]}: {ours:.1f} % of the "
            f"signal here, {theirs:.1f} % in the file.{rest} Have controls and tubes the same "
            "dyes, lots and voltages, and was the file's matrix set up for them?",
            100 * float(away[row, column]),
            100 * APART,
            "%",
        )
    ]


def _common(one: Spillover, other: Spillover) -> list[str]:
    return [name for name in one.channels if name in other.channels]


def _away(one: Spillover, other: Spillover) -> NDArray[np.float64]:
    """Distance of the coefficients of channels that both have; empty below two of them."""
    names = _common(one, other)
    if len(names) < 2:
        return np.empty((0, 0))
    return np.asarray(np.abs(_over(one, names) - _over(other, names)))


def _over(matrix: Spillover, names: Sequence[str]) -> NDArray[np.float64]:
    """Rows and columns of some channels, each row in units of its own detector."""
    at = [matrix.channels.index(name) for name in names]
    part = matrix.matrix[np.ix_(at, at)]
    own = np.where(part.diagonal() != 0, part.diagonal(), np.nan)
    return np.asarray(part / own[:, None], dtype=np.float64)
