"""Spike recovery: a sample with a known amount added, beside itself without.

The layout says how much was added, in a column or block `spike`: the rise in the undiluted sample,
``50`` in the run's unit or ``50 pg/mL``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence

from assays.curves import spike_recovery_percent
from assays.elisa.contents import in_unit
from assays.elisa.numbers import place, short
from assays.elisa.rule_set import QUOTED
from assays.results.dilution import SpikeResult
from assays.results.elisa import RangeStatus, SampleConcentration
from plates.errors import LayoutError
from plates.findings import Finding, Severity
from plates.layout import Role

SPIKE = "spike"
WITHIN_PERCENT = 20.0
"""ICH M10, 4.2 allows a spiked matrix 20 % (selectivity)."""
NOTHING = ("", "0", "-", "–", "none", "no", "neat")
_AMOUNT = re.compile(r"([0-9]+(?:[.,][0-9]+)?(?:[eE][+-]?[0-9]+)?)\s*(.*)")


def is_spiked(labels: Mapping[str, str] | None) -> bool:
    """Whether something was added to a sample, so that it is no result of its donor."""
    return (labels or {}).get(SPIKE, "").strip().lower() not in NOTHING


def spiked_with(labels: Mapping[str, str] | None, unit: str, where: str) -> float:
    """How much was added, in the run's unit; 0 for a sample as it is.

    Raises
    ------
    LayoutError
        When what stands there is no amount.
    UnitError
        When its unit does not fit the run's.
    """
    text = (labels or {}).get(SPIKE, "").strip()
    if not is_spiked(labels):
        return 0.0
    found = _AMOUNT.fullmatch(text)
    value = float(found[1].replace(",", ".")) if found else math.nan
    if found is None or not 0 < value < math.inf:
        raise LayoutError(
            f"expected an amount as spike, found {text[:80]!r}",
            where,
            f"Write how much the spike adds in the undiluted sample: 50, or 50 {unit}.",
        )
    return in_unit(value, found[2], unit, where) if found[2].strip() else value


def spike_results(samples: Sequence[SampleConcentration]) -> tuple[SpikeResult, ...]:
    """Every spiked sample of a plate beside its own without a spike.

    Both at the same dilution, where both stand there; else beside the least diluted one that has a
    number.
    """
    neat: dict[tuple[object, ...], list[SampleConcentration]] = {}
    for sample in samples:
        if sample.role == Role.SAMPLE and not sample.spike:
            neat.setdefault(_whose(sample), []).append(sample)
    found = []
    for sample in samples:
        if sample.role == Role.SAMPLE and sample.spike:
            own = sorted(
                neat.get(_whose(sample), []),
                key=lambda one, f=sample.dilution_factor: (  # type: ignore[misc]
                    one.dilution_factor != f, math.isnan(one.concentration), one.dilution_factor
                ),
            )  # fmt: skip
            found.append(_recovered(sample, own[0] if own else None))
    return tuple(found)


def _whose(sample: SampleConcentration) -> tuple[object, ...]:
    labels = {name: text for name, text in (sample.labels or {}).items() if name != SPIKE}
    return (sample.sample, tuple(sorted(labels.items())))


def _recovered(spiked: SampleConcentration, neat: SampleConcentration | None) -> SpikeResult:
    added = spiked.spike
    share, interval, said = math.nan, (math.nan, math.nan), ""
    own = neat.concentration if neat is not None else math.nan
    if neat is None:
        said = "the sample without a spike is not on the plate"
    elif math.isnan(spiked.concentration):
        said = f"spiked: {spiked.status}"
    elif math.isfinite(own):
        share = float(spike_recovery_percent(spiked.concentration, own, added))
        interval = _difference(spiked, neat, added)
    elif neat.status in (RangeStatus.BELOW_LLOQ, RangeStatus.BELOW_LOD):
        # What the sample holds lies between nothing and its limit.
        least, most = spiked.concentration - neat.limit, spiked.concentration
        interval = (100 * least / added, 100 * most / added)
        said = f"without a spike {neat.status}"
    else:
        said = f"without a spike: {neat.status}"
    within = abs(share - 100) <= WITHIN_PERCENT if math.isfinite(share) else None
    if within is None and math.isfinite(interval[0]):
        ends = [abs(end - 100) <= WITHIN_PERCENT for end in interval]
        within = True if all(ends) else None
    return SpikeResult(
        spiked.plate,
        spiked.sample,
        spiked.dilution_factor,
        added,
        own,
        spiked.concentration,
        spiked.unit,
        share,
        interval,
        within,
        WITHIN_PERCENT,
        QUOTED,
        said,
    )


def _difference(
    more: SampleConcentration, less: SampleConcentration, added: float
) -> tuple[float, float]:
    """95 % limits of a difference of two results, from those of each.

    The square-and-add method: Zou & Donner (2008), Stat. Med. 27, 1693. It takes both for
    independent; they share the curve, so that it errs on the wide side.
    """
    low = math.hypot(more.concentration - more.interval[0], less.interval[1] - less.concentration)
    high = math.hypot(more.interval[1] - more.concentration, less.concentration - less.interval[0])
    middle = more.concentration - less.concentration
    return 100 * (middle - low) / added, 100 * (middle + high) / added


def tell_spikes(results: Sequence[SpikeResult]) -> Iterator[Finding]:
    """A remark for every spike that is not found again."""
    for one in results:
        if one.within is not False:
            continue
        yield Finding(
            "spike-recovery",
            Severity.LOOK,
            place(one.plate, one.sample),
            f"Of {short(one.spike)} {one.unit} added to {one.sample}, {one.recovery_percent:.0f} % "
            f"is found (allowed {100 - one.limit_percent:g}–{100 + one.limit_percent:g} %): the "
            "matrix disturbs the assay, or the spike was pipetted wrong. Dilute more and repeat.",
            one.recovery_percent,
            100 - one.limit_percent if one.recovery_percent < 100 else 100 + one.limit_percent,
            "%",
        )
