"""Spillover and spectrum matrices that a gating file carries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assays.flow.compensate import MOST_CHANNELS, WORST_CONDITION, undo_spillover
from assays.flow.events import Spillover
from assays.flow.exchange.markup import Node


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """What each fluorochrome shows in each detector, or the inverse of that."""

    name: str
    fluorochromes: tuple[str, ...]
    detectors: tuple[str, ...]
    numbers: NDArray[np.float64]
    """shape (fluorochromes, detectors); (detectors, fluorochromes) when inverted."""
    inverted: bool = False
    """Whether the numbers are to be multiplied with as they stand."""

    @property
    def undo(self) -> NDArray[np.float64]:
        """shape (detectors, fluorochromes): detector signals times this are fluorochromes.

        With more detectors than fluorochromes the least-squares solution (Gating-ML
        2.0, section 6.2).
        """
        if self.inverted:
            return self.numbers
        rows, columns = self.numbers.shape
        if rows == columns:
            return undo_spillover(self.numbers)
        return np.asarray(np.linalg.pinv(self.numbers))

    @property
    def spillover(self) -> Spillover | None:
        """The same as a spillover matrix between detectors; None when it is not square."""
        if len(self.fluorochromes) != len(self.detectors):
            return None
        numbers = undo_spillover(self.numbers) if self.inverted else self.numbers
        return Spillover(self.detectors, numbers, self.name)


def checked(matrix: Matrix, node: Node) -> Matrix:
    """The matrix, when it can be undone.

    Raises
    ------
    GatingError
        When its numbers do not match its names, or it is (nearly) singular.
    """
    what = f"matrix {matrix.name!r}"
    sizes = (len(matrix.fluorochromes), len(matrix.detectors))
    for names in (matrix.fluorochromes, matrix.detectors):
        if len(set(names)) < len(names):
            raise node.error(f"{what} names a channel twice")
    if not 0 < sizes[0] <= sizes[1] <= MOST_CHANNELS:
        raise node.error(
            f"{what}: {sizes[0]} fluorochromes in {sizes[1]} detectors cannot be told apart"
        )
    wanted = sizes[::-1] if matrix.inverted else sizes
    if matrix.numbers.shape != wanted:
        raise node.error(
            f"{what}: expected {wanted[0]} x {wanted[1]} coefficients, "
            f"found {' x '.join(map(str, matrix.numbers.shape))}"
        )
    condition = float(np.linalg.cond(matrix.numbers))
    if not condition < WORST_CONDITION:
        raise node.error(
            f"{what} cannot be undone: singular (condition number {condition:.3g})",
            "Two fluorochromes have the same spectrum in it.",
        )
    return matrix


def rows_of(rows: list[list[float]], node: Node, what: str) -> NDArray[np.float64]:
    """Rows of equal length as an array."""
    if len({len(row) for row in rows}) > 1:
        raise node.error(f"{what}: its rows are not equally long")
    return np.array(rows, dtype=np.float64).reshape(len(rows), -1)
