"""Dilutions of one sample held against each other: do they agree, does one show a hook?"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

from assays.elisa.numbers import percent_beside, place, short
from assays.results.dilution import DilutionSeriesResult
from assays.results.elisa import SampleConcentration
from plates.findings import Finding, Severity


def compare_dilutions(
    series: Sequence[DilutionSeriesResult], samples: Sequence[SampleConcentration]
) -> Iterator[Finding]:
    """Dilutions of one sample should agree; rising with dilution is the mark of a hook.

    Parameters
    ----------
    series : sequence
        Of one plate: whether they agree is told by the rule of its table *Linearity*.
    samples : sequence
        Of the same plate.
    """
    for one in series:
        if one.linear is not None:
            yield _linearity(one)
    groups: dict[tuple[object, ...], list[SampleConcentration]] = {}
    for sample in samples:
        key = (sample.sample, sample.role, tuple(sorted((sample.labels or {}).items())))
        groups.setdefault(key, []).append(sample)
    for found in groups.values():
        yield from _hook(sorted(found, key=lambda one: one.dilution_factor))


def _linearity(series: DilutionSeriesResult) -> Finding:
    """Every dilution as a share of the least diluted one that has a number."""
    known = [step for step in series.steps if not math.isnan(step.corrected)]
    worst = max(known, key=lambda step: abs(step.percent_of_first - 100))
    low, high = 100 - series.linear_percent, 100 + series.linear_percent
    share = percent_beside(worst.percent_of_first, (low, high))
    said = ", ".join(f"1:{step.dilution_factor:g} gives {short(step.corrected)}" for step in known)
    return Finding(
        "dilution-linearity",
        Severity.NOTE if series.linear else Severity.LOOK,
        place(series.plate, series.sample),
        f"Dilutions of {series.sample} {'agree' if series.linear else 'disagree'}: {said} "
        f"{series.unit} (1:{worst.dilution_factor:g} is {share} % of 1:{known[0].dilution_factor:g}"
        f", allowed {low:g}–{high:g} %)."
        + (
            ""
            if series.linear
            else " Matrix effect, hook or pipetting: do not average them unseen."
        ),
        abs(worst.percent_of_first - 100),
        series.linear_percent,
        "%",
    )


def _hook(series: Sequence[SampleConcentration]) -> Iterator[Finding]:
    """A stronger dilution that reads a higher signal than a weaker one."""
    for weak, strong in itertools.pairwise(series):
        if weak.signal > 0 and strong.signal > 1.1 * weak.signal:
            yield Finding(
                "high-dose-hook",
                Severity.LOOK,
                place(weak.plate, weak.sample),
                f"{weak.sample} reads higher at 1:{strong.dilution_factor:g} "
                f"({short(strong.signal)}) than at 1:{weak.dilution_factor:g} "
                f"({short(weak.signal)}): "
                "a high-dose hook or swapped wells. Trust the stronger dilution only.",
                strong.signal,
                weak.signal,
            )
            return
