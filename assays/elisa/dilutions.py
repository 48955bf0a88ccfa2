"""Dilutions of one sample held against each other: do they agree, does one show a hook?"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

from assays.elisa.numbers import place, short
from assays.results.elisa import SampleConcentration
from plates.findings import Finding, Severity

LINEARITY_PERCENT = 20.0
"""Allowed deviation of a dilution from the mean of the others (ICH M10, dilution linearity)."""


def compare_dilutions(samples: Sequence[SampleConcentration]) -> Iterator[Finding]:
    """Dilutions of one sample should agree; rising with dilution is the mark of a hook."""
    groups: dict[tuple[object, ...], list[SampleConcentration]] = {}
    for sample in samples:
        key = (sample.sample, sample.role, tuple(sorted((sample.labels or {}).items())))
        groups.setdefault(key, []).append(sample)
    for found in groups.values():
        series = sorted(found, key=lambda one: one.dilution_factor)
        known = [one for one in series if not math.isnan(one.concentration)]
        if len(known) > 1:
            yield _linearity(known)
        yield from _hook(series)


def _linearity(known: Sequence[SampleConcentration]) -> Finding:
    middle = sum(one.concentration for one in known) / len(known)
    worst = max(known, key=lambda one: abs(one.concentration - middle))
    off = 100 * (worst.concentration / middle - 1)
    said = ", ".join(f"1:{one.dilution_factor:g} gives {short(one.concentration)}" for one in known)
    agree = abs(off) <= LINEARITY_PERCENT
    return Finding(
        "dilution-linearity",
        Severity.NOTE if agree else Severity.LOOK,
        place(worst.plate, worst.sample),
        f"Dilutions of {worst.sample} {'agree' if agree else 'disagree'}: {said} {worst.unit} "
        f"(largest deviation from their mean {round(off):+d} %)."
        + ("" if agree else " Matrix effect, hook or pipetting: do not average them unseen."),
        abs(off),
        LINEARITY_PERCENT,
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
