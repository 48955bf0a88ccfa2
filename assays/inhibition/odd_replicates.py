"""Conditions whose replicate tubes lie so far apart that they alone make the run's scatter.

The scatter of tubes is pooled over conditions. One tube that holds something else than its sheet
says then widens the intervals of every donor, and windows are lost that were there. Two tubes that
changed places spoil two conditions, and each hides behind the other: so the worst are set aside one
by one, each is held against those that stay, and as many are told as the last one that fails
(generalised extreme deviates: Rosner 1983, Technometrics 25, 165).
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
MOST_ODD, SHARE_ODD = 4, 4
"""So many conditions are set aside at most, and at most one in so many beyond the first."""


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
        if not groups:
            continue
        offset = offset_of(groups)
        found = [squares(rows, offset) for rows in groups]
        freedom = [len(rows) - 1 for rows in groups]
        odd = odd_groups(found, freedom)
        scatters = (_pooled(found, freedom, ()), _pooled(found, freedom, odd))
        for at in odd:
            yield _finding(readout.name, groups[at], len(odd) - 1, *scatters)


def odd_groups(sums: Sequence[float], freedom: Sequence[int]) -> list[int]:
    """Which sums of squares are too large for the scatter of the others, the largest first.

    Parameters
    ----------
    sums : sequence of float
        Sum of squares within each condition.
    freedom : sequence of int
        Its degrees of freedom.
    """
    from scipy.special import fdtrc

    most = max(1, min(MOST_ODD, len(sums) // SHARE_ODD))
    stay, odd = list(range(len(sums))), 0
    aside: list[int] = []
    while stay and len(aside) < most:
        worst = max(stay, key=lambda at: sums[at] / freedom[at])
        rest = [at for at in stay if at != worst]
        left = sum(freedom[at] for at in rest)
        if left < FEWEST_DF or sums[worst] <= 0:
            break
        usual = math.fsum(sums[at] for at in rest) / left
        ratio = sums[worst] / freedom[worst] / usual if usual > 0 else math.inf
        aside.append(worst)
        if ratio == math.inf or fdtrc(freedom[worst], left, ratio) < CHANCE / most / len(stay):
            odd = len(aside)
        stay = rest
    return aside[:odd]


def _pooled(sums: Sequence[float], freedom: Sequence[int], without: Sequence[int]) -> float:
    """Standard deviation of tubes over the conditions that stay."""
    stay = [at for at in range(len(sums)) if at not in without]
    return math.sqrt(math.fsum(sums[at] for at in stay) / max(1, sum(freedom[at] for at in stay)))


def _finding(
    readout: str, rows: Sequence[Reading], others: int, with_all: float, without: float
) -> Finding:
    low, high = min(rows, key=lambda r: r.median), max(rows, key=lambda r: r.median)
    who = "They alone make"
    if others:
        who = f"With {others} other condition{'s' * (others > 1)} told here they make"
    return Finding(
        RULE,
        Severity.LOOK,
        f"donor {rows[0].donor}",
        f"Replicate tubes of donor {rows[0].donor} lie far apart in {readout}: medians "
        f"{_words(low.median)} in {low.file} and {_words(high.median)} in {high.file}. "
        f"{who} the scatter of tubes {100 * with_all:.3g} % instead of "
        f"{100 * without:.3g} %, and every interval of the run wider: a donor or a positive "
        "control may seem silent by it. Does each hold what the sheet says? Correct the sheet, or "
        "delete the row of the wrong tube.",
        100 * with_all,
        100 * without,
        "percent",
    )


def _words(median: float) -> str:
    rounded = to_significant(median)
    return f"{rounded:,.0f}" if abs(rounded) >= 100 else f"{rounded:g}"
