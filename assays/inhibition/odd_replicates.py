"""One condition whose replicate tubes lie so far apart that they alone make the run's scatter.

The scatter of tubes is pooled over conditions. One tube that holds something else than its sheet
says then widens the intervals of every donor, and windows are lost that were there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from assays.inhibition.spread import offset_of, replicate_tubes, squares
from assays.inhibition.window import readings_of
from assays.protocol import Flow
from assays.results.flow import Reading
from plates.digits import to_significant
from plates.findings import Finding, Severity

RULE = "replicates-apart"
CHANCE = 0.001
"""Chance, over all conditions of a readout, that tubes of one scatter lie so far apart."""
FEWEST_DF = 2
"""Fewer degrees of freedom of the other conditions tell nothing of the usual scatter."""


def odd_replicates(readings: Sequence[Reading], protocol: Flow) -> Iterable[Finding]:
    """Hold each condition's variance against that of all others (F test, Bonferroni).

    On the arcsinh scale that the scatter is pooled on. A declared scatter is not pooled, and
    nothing is said here.
    """
    if protocol.inhibition.tube_cv_percent is not None:
        return
    for readout in protocol.readouts:
        own = readings_of(readings, readout)
        groups = replicate_tubes(own, protocol.molar_mass_g_per_mol)
        offset = offset_of(groups) if groups else math.nan
        yield from _apart(readout.name, [(rows, squares(rows, offset)) for rows in groups])


def _apart(readout: str, groups: Sequence[tuple[list[Reading], float]]) -> Iterable[Finding]:
    from scipy.special import fdtrc

    total, df = math.fsum(s for _, s in groups), sum(len(rows) - 1 for rows, _ in groups)
    for rows, own in groups:
        freedom = len(rows) - 1
        rest, left = total - own, df - freedom
        # Not the largest: then it is held against the odd one, which says nothing of it.
        if left < FEWEST_DF or own < max(s for _, s in groups) or own <= 0:
            continue
        usual = rest / left
        if usual > 0 and fdtrc(freedom, left, own / freedom / usual) >= CHANCE / len(groups):
            continue
        low, high = min(rows, key=lambda r: r.median), max(rows, key=lambda r: r.median)
        with_all, without = math.sqrt(total / df), math.sqrt(max(usual, 0.0))
        yield Finding(
            RULE,
            Severity.LOOK,
            f"donor {rows[0].donor}",
            f"Replicate tubes of donor {rows[0].donor} lie far apart in {readout}: medians "
            f"{_words(low.median)} in {low.file} and {_words(high.median)} in {high.file}. "
            f"They alone make the scatter of tubes {100 * with_all:.3g} % instead of "
            f"{100 * without:.3g} %, and every interval of the run wider. Does each hold what the "
            "sheet says? Correct the sheet, or delete the row of the wrong tube.",
            100 * with_all,
            100 * without,
            "percent",
        )


def _words(median: float) -> str:
    rounded = to_significant(median)
    return f"{rounded:,.0f}" if abs(rounded) >= 100 else f"{rounded:g}"
