"""What a colleague would say of the controls and of the matrix they gave."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from assays.flow.single_stains.line import Slopes
from assays.flow.single_stains.pairs import MOST_RESIDUAL
from assays.protocol import SingleStains
from assays.results.compensation import ControlRecord, PairRow, StainRow
from plates.findings import Finding, Severity

ENOUGH = 5
"""Times `min_events`: with fewer, medians are known poorly."""
MOST_OFF_SCALE = 1.0
"""Percent of the stained events."""
MOST_ERROR = 0.01
"""Standard error of a coefficient, in units of the stain's own signal."""
DIM = 12.0
"""Robust standard deviations of the unstained events from which on no coefficient of 134 simulated
controls (cells and beads, photon and electronic noise) was off by more than 1.3 % of the signal;
it was up to 2.3 % from 8 to 12, 4.6 % from 5 to 8, and 6.9 % below."""
APART = 0.02
"""How far two controls of one detector may disagree in a coefficient."""
DIMMER = 2.0
"""A tube so many times as bright as the control is worth a look; above once it is a note."""


def remarks(record: ControlRecord, choice: SingleStains) -> list[Finding]:
    """Findings on controls, coefficients and what is left after compensation."""
    return [
        *(finding for row in record.stains for finding in _about_control(row, choice)),
        *_about_pairs(record),
    ]


def _about_control(row: StainRow, choice: SingleStains) -> Iterable[Finding]:
    least = ENOUGH * choice.min_events
    fewest = min(row.positive, row.negatives)
    if fewest < least:
        kind = "stained" if row.positive <= row.negatives else "unstained"
        yield Finding(
            "control-few-events",
            Severity.NOTE,
            row.file,
            f"This control of {row.channel} has {fewest:,} {kind} events, fewer than {least:,}: "
            "its spillover is known poorly. Record more.",
            fewest,
            least,
            "events",
        )
    if row.separation < DIM:
        yield Finding(
            "control-dim",
            Severity.LOOK,
            row.file,
            f"The stained events of {row.channel} lie only {row.separation:.1f} robust standard "
            "deviations above the unstained: coefficients of so dim a control can be off by "
            f"{_likely_error(row.separation)} of the signal. Take a brighter one.",
            row.separation,
            DIM,
            "SD",
        )
    if row.off_scale_percent > MOST_OFF_SCALE:
        yield Finding(
            "control-off-scale",
            Severity.LOOK,
            row.file,
            f"{row.off_scale_percent:.1f} % of the stained events of {row.channel} are off scale "
            "and were left out. Use a dimmer stain at the same voltage.",
            row.off_scale_percent,
            MOST_OFF_SCALE,
            "%",
        )


def _likely_error(separation: float) -> str:
    """What was seen in simulations, in words; see `DIM`."""
    return "2 %" if separation >= 8 else "5 %" if separation >= 5 else "7 %"


def _about_pairs(record: ControlRecord) -> Iterable[Finding]:
    for row in record.stains:
        if not row.used:
            continue
        own = [pair for pair in record.pairs if pair.source == row.channel]
        yield from _residual(row, [pair for pair in own if pair.status == "residual"])
        yield from _below_zero(row, [pair for pair in own if pair.status == "below zero"])
        worst = max(own, key=lambda pair: pair.standard_error, default=None)
        if worst is not None and worst.standard_error > MOST_ERROR:
            yield Finding(
                "control-uncertain",
                Severity.LOOK,
                row.file,
                f"The spillover of {row.channel} into {worst.target} is known to "
                f"± {100 * 1.96 * worst.standard_error:.1f} % of its signal only: the control is "
                "dim or has few events.",
                worst.standard_error,
                MOST_ERROR,
            )


def _residual(row: StainRow, pairs: Sequence[PairRow]) -> Iterable[Finding]:
    if not pairs:
        return
    worst = pairs[0]
    more = f", and more than 1 % in {len(pairs) - 1} further detectors" if len(pairs) > 1 else ""
    kind = "left in" if worst.residual > 0 else "taken too much from"
    yield Finding(
        "residual-slope",
        Severity.LOOK,
        row.file,
        f"After compensation {100 * abs(worst.residual):.1f} % of {row.channel} is {kind} "
        f"{worst.target} (95 % interval {100 * worst.residual_low:.1f} to "
        f"{100 * worst.residual_high:.1f} %){more}. Look at the control's plots: the medians and "
        "the line through its events disagree.",
        worst.residual,
        MOST_RESIDUAL,
    )


def _below_zero(row: StainRow, pairs: Sequence[PairRow]) -> Iterable[Finding]:
    if pairs:
        targets = ", ".join(pair.target for pair in pairs)
        yield Finding(
            "negative-spillover",
            Severity.LOOK,
            row.file,
            f"The stained events of {row.channel} are dimmer in {targets} than what they are held "
            f"against ({row.negative}): the two differ in more than the stain, such as beads and "
            "cells. No spillover is taken out there.",
        )


def two_controls(
    names: Sequence[str], rows: Sequence[tuple[str, int, Slopes]], best: Sequence[int]
) -> Iterable[Finding]:
    """Tell of detectors with several controls, and how far those disagree.

    Parameters
    ----------
    names : sequence of str
        Detectors.
    rows : sequence of (file, own detector, slopes)
        Every control.
    best : sequence of int
        Which row stands for each detector.
    """
    for own, name in enumerate(names):
        others = [n for n, row in enumerate(rows) if row[1] == own and n != best[own]]
        if not others:
            continue
        chosen = rows[best[own]]
        apart = max(float(abs(rows[n][2].values - chosen[2].values).max()) for n in others)
        files = ", ".join(rows[n][0] for n in others)
        yield Finding(
            "two-controls",
            Severity.LOOK if apart > APART else Severity.NOTE,
            chosen[0],
            f"{name} has {len(others) + 1} single stains. The brighter one, {chosen[0]}, is used; "
            f"{files} differs by up to {100 * apart:.1f} % of the signal.",
            apart,
            APART,
        )


def dimmer_than_tubes(record: ControlRecord) -> Iterable[Finding]:
    """Tell of controls that are dimmer than a tube of the run.

    Spillover is then reached for beyond where it was measured (Maecker & Trotter 2006,
    Cytometry A 69A:1037: the control must be at least as bright as the sample).
    """
    for row in record.stains:
        if not row.used or math.isnan(row.needed) or not row.needed > row.top:
            continue
        times = row.needed / row.top if row.top > 0 else math.inf
        yield Finding(
            "control-dimmer",
            Severity.LOOK if times > DIMMER else Severity.NOTE,
            row.file,
            f"The brightest tube reaches {row.needed:,.0f} in {row.channel} (99th percentile, "
            f"compensated), the control {row.top:,.0f}: a control should be at least as bright as "
            "what it compensates.",
            row.needed,
            row.top,
            "a.u.",
        )
