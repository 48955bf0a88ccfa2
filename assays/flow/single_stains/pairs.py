"""What is left in every other detector after compensation, and how well that is known.

The slope that is left is taken by the method that did not make the matrix: by
regression where medians made it, from medians where a regression did. Where both
agree it is near zero. Its interval holds the noise of this slope and that of the
coefficient.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assays.flow.axes import ChannelAxis, Look, make_axes
from assays.flow.events import Channel
from assays.flow.pictures import PictureAxis, count_bins, picture_axes
from assays.flow.single_stains.line import by_regression, of_medians
from assays.flow.single_stains.populations import Populations
from assays.flow.strategy import GatingStrategy
from assays.results.compensation import PairPicture, PairRow

Floats = NDArray[np.float64]

MOST_RESIDUAL = 0.01
"""Slope that may be left: one part in a hundred of the stain's own signal (a choice)."""
BELOW_ZERO = -0.005
"""A coefficient that lies clearly below this is no spillover: the negative does not match."""
Z = 1.959963984540054
MOST_PICTURES = 12
PICTURED_EVENTS = 10_000
"""Of each kind."""


def pairs(
    channels: Sequence[str],
    matrix: Floats,
    raw: Floats,
    errors: Floats,
    found: Sequence[Populations],
    method: str,
) -> tuple[PairRow, ...]:
    """Every coefficient with what it leaves, the worst first.

    Parameters
    ----------
    channels : sequence of str
        Detectors in the order of the matrix.
    matrix : ndarray, shape (k, k)
        As it is used: no coefficient below zero.
    raw : ndarray, shape (k, k)
        As it was estimated.
    errors : ndarray, shape (k, k)
        Standard errors of the coefficients.
    found : sequence of Populations
        One per row.
    method : str
        That made the matrix.
    """
    undo = np.linalg.inv(matrix)
    rows = []
    for row, part in enumerate(found):
        other = by_regression if method == "medians" else of_medians
        left = other(part.positive @ undo, part.negative @ undo, row)
        for column, name in enumerate(channels):
            if column == row:
                continue
            residual = float(left.values[column])
            reach = Z * math.hypot(float(left.errors[column]), float(errors[row, column]))
            rows.append(
                PairRow(
                    channels[row],
                    name,
                    float(matrix[row, column]),
                    float(errors[row, column]),
                    residual,
                    residual - reach,
                    residual + reach,
                    _status(residual, reach, float(raw[row, column]), float(errors[row, column])),
                )
            )
    return tuple(sorted(rows, key=lambda pair: -abs(pair.residual)))


def _status(residual: float, reach: float, raw: float, error: float) -> str:
    if raw + Z * error < BELOW_ZERO:
        return "below zero"
    if not abs(residual) - reach <= MOST_RESIDUAL:
        return "residual"
    return "ok"


def pictures(
    rows: Sequence[PairRow],
    channels: Sequence[Channel],
    matrix: Floats,
    found: Sequence[Populations],
    files: Sequence[str],
) -> tuple[PairPicture, ...]:
    """The worst pairs before and after; where all is well, those that spill the most."""
    names = [channel.name for channel in channels]
    undo = np.asarray(np.linalg.inv(matrix), dtype=np.float64)
    poor = [pair for pair in rows if pair.status != "ok"]
    rest = sorted(
        (pair for pair in rows if pair.status == "ok"), key=lambda pair: -pair.coefficient
    )
    drawn = []
    for pair in [*poor, *rest][:MOST_PICTURES]:
        row, column = names.index(pair.source), names.index(pair.target)
        drawn.append(_picture(pair, channels, row, column, undo, found[row], files[row]))
    return tuple(drawn)


def _picture(
    pair: PairRow,
    channels: Sequence[Channel],
    row: int,
    column: int,
    undo: Floats,
    part: Populations,
    file: str,
) -> PairPicture:
    both = [row, column]
    halves = [events[:PICTURED_EVENTS] for events in (part.negative, part.positive)]
    events = np.concatenate(halves)
    before, after = events[:, both], (events @ undo)[:, both]
    x = _axis(channels[row], np.concatenate([before[:, 0], after[:, 0]]))
    y = _axis(channels[column], np.concatenate([before[:, 1], after[:, 1]]))
    levels = []
    for turn in (np.eye(len(undo)), undo):
        medians = [float(np.median((p @ turn)[:, column])) for p in (part.negative, part.positive)]
        levels.append(tuple(float(y.scale.forward(value)) for value in medians))
    return PairPicture(
        file,
        pair.source,
        pair.target,
        x.axis,
        y.axis,
        count_bins(x, y, before),
        count_bins(x, y, after),
        (levels[0][0], levels[0][1]),
        (levels[1][0], levels[1][1]),
        pair.coefficient,
        pair.residual,
    )


def _axis(channel: Channel, values: Floats) -> PictureAxis:
    look = Look(channel)
    look.take(values, channel.range / channel.gain if channel.gain else math.nan)
    axes: dict[str, ChannelAxis] = make_axes({channel.name: look}, {})
    return picture_axes(axes, GatingStrategy(()), 1000)[channel.name]
