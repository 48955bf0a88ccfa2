"""A share of cells as a readout: percent of a population that lies in some of its parts.

Dead cells among all single cells, say: the quadrants of Annexin V and PI that are not "living",
added up. The share takes the place of the median, in percent, so that inhibition, its interval and
its rules are those of every other readout.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from assays.errors import GatingError
from assays.flow.strategy import Population
from assays.protocol import Flow, Readout
from assays.results.flow import Reading
from assays.samples import Tube


def fraction_of(readout: Readout, found: Mapping[str, Population]) -> tuple[int, int]:
    """Events in the parts of a fraction, each counted once, and in the whole.

    Raises
    ------
    GatingError
        When a part is no population below the whole.
    """
    whole = found[readout.population].mask
    inside = np.zeros(len(whole), dtype=bool)
    for name in readout.populations:
        part = found[name].mask
        if np.any(part & ~whole):
            raise GatingError(
                f"readout {readout.name!r}: {name!r} does not lie within {readout.population!r}",
                "assay.toml: [[flow.readouts]]",
                "Name populations below the one that is the whole.",
            )
        inside |= part
    return int(inside.sum()), int(whole.sum())


def read_fraction(
    tube: Tube,
    readout: Readout,
    counts: tuple[int, int],
    controls: Sequence[tuple[Tube, tuple[int, int]]],
    cofactor: float,
    protocol: Flow,
) -> Reading:
    """One fraction in one tube, held against its matched unstimulated tubes.

    Parameters
    ----------
    counts : tuple of int
        Events in the parts, and in the whole.
    controls : sequence
        The donor's matched unstimulated tubes with their counts.
    cofactor : float
        On whose arcsinh scale the scatter between tubes is pooled.
    protocol : Flow
        ``min_events`` of the whole: fewer give no number.
    """
    part, whole = counts
    least = max(1, protocol.min_events)
    enough = whole >= least
    usable = [(one, own) for one, own in controls if own[1] >= least]
    percent = 100.0 * part / whole if enough else math.nan
    shares = [100.0 * own[0] / own[1] for _, own in usable]
    baseline = math.fsum(shares) / len(shares) if shares else math.nan
    status = "few events" if whole else "no events"
    if enough:
        status = "ok" if usable else "no control"
    return Reading(
        file=tube.file,
        donor=tube.donor,
        tube=tube,
        readout=readout.name,
        population=readout.population,
        channel="",
        count=whole,
        median=percent,
        median_se=standard_error(part, whole) if enough else math.nan,
        cofactor=cofactor,
        delta_asinh=math.nan,
        percent_positive=math.nan,
        threshold=math.nan,
        control=" + ".join(one.file for one, _ in usable),
        status=status,
        delta_median=percent - baseline,
        fold=percent / baseline if baseline > 0 else math.nan,
        remark="" if math.isnan(baseline) or baseline > 0 else "no fold: none in the controls",
        kind="fraction",
        unit="%",
    )


def standard_error(part: int, whole: int) -> float:
    """Of a percentage, from the number of events alone, percent points.

    Binomial after two events of each kind were added (Agresti & Coull 1998, Am. Stat. 52:119):
    no event in a thousand is not known to be none.
    """
    share = (part + 2.0) / (whole + 4.0)
    return 100.0 * math.sqrt(share * (1.0 - share) / (whole + 4.0))
