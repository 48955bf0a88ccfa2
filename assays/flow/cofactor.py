"""The cofactor of arcsinh: declared, what the instrument is known to need, or from the controls.

The plan. arcsinh(x / c) is linear below c and logarithmic above it, so c should lie where a
signal leaves the noise around zero. For mass cytometry 5 is usual (Bendall et al. 2011, Science
332:687). 150 suits fluorescence recorded on the linear range of 262,144, and only there: on a
range of 1,024 it would flatten everything. Elsewhere, or where `cofactor = "estimate"`, c is found
in the controls: that under which the events of all control tubes scatter alike, whatever their
brightness, by Bartlett's statistic over a grid of c (as flowVS does: Azad, Rajwa & Pothen 2016,
BMC Bioinformatics 17:291). The scatter of a tube is 1.4826 times the median absolute deviation, so
that tails have no say. Stimulated and unstimulated tubes without inhibitor give the levels that
this needs. One value holds for the whole run, and a finding prints it: a study should declare it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from assays.errors import ControlError
from assays.flow.axes import Look
from assays.flow.metals import is_mass
from assays.protocol import Flow, Readout
from assays.samples import SAMPLE_ROLES, Tube, TubeRole
from plates.findings import Finding, Severity

Values = NDArray[np.floating]
Take = Callable[[Tube, Readout], tuple[Values, Values | None]]
"""Signal and, where it is normalised, total of a readout's population in a tube."""

MASS, FLUORESCENCE = 5.0, 150.0
LINEAR_RANGE = 262_144.0
"""Top of the digital linear range for which 150 is meant."""
FEWEST_EVENTS = 100
MOST_EVENTS = 20_000
"""Of one tube."""
SMALLEST_STEP = 1.5
"""Ratio of the largest to the smallest median below which levels are too alike to tell."""
PER_DECADE = 40
MOST_RATIO = 1e9
"""Brightest median over the usual scatter: more is no signal of a detector."""


def usual_cofactor(look: Look, names: Sequence[str]) -> float | None:
    """What is usual for the instrument that recorded a channel; None when nothing is.

    Parameters
    ----------
    look : Look
        Of the channel.
    names : sequence of str
        $PnN of every channel of the files.
    """
    if is_mass(names):
        return MASS
    linear = look.channel.amplification[0] == 0
    return FLUORESCENCE if linear and round(look.channel.range) in _RANGES else None


_RANGES = (int(LINEAR_RANGE) - 1, int(LINEAR_RANGE))


def estimate_cofactor(groups: Sequence[Values]) -> float:
    """The cofactor under which every group of events scatters alike.

    Parameters
    ----------
    groups : sequence of ndarray
        Events of the control tubes, one array per tube, without NaN.

    Returns
    -------
    float
        To two significant digits; NaN where the groups are fewer than two, too alike in
        brightness, or where the best value lies at an end of the grid: then they do not show it.
    """
    finite = [np.asarray(group, dtype=np.float64) for group in groups]
    finite = [group[np.isfinite(group)] for group in finite]
    usable = [
        one[:: max(1, len(one) // MOST_EVENTS)] for one in finite if len(one) >= FEWEST_EVENTS
    ]
    if len(usable) < 2:
        return math.nan
    middles = np.array([np.median(one) for one in usable])
    top = float(np.max(np.abs(middles)))
    apart = middles.max() - middles.min()
    noise = float(np.median([_mad(one) for one in usable]))
    if not (0 < noise < math.inf and 0 < top < math.inf and top < MOST_RATIO * noise):
        return math.nan
    if apart < (1 - 1 / SMALLEST_STEP) * top:
        return math.nan
    # Below the scatter of the dimmest tube c would spread mere noise over a logarithmic scale.
    dimmest = _mad(usable[int(np.argmin(np.abs(middles)))])
    low, high = max(dimmest / 3.0, noise / 1e3), 10.0 * max(noise, top)
    grid = np.geomspace(low, high, round(PER_DECADE * math.log10(high / low)))
    scores = np.array(
        [_bartlett([_mad(np.arcsinh(one / c)) for one in usable], usable) for c in grid]
    )
    if not np.isfinite(scores).any():
        return math.nan
    best = int(np.nanargmin(scores))
    if best in (0, len(grid) - 1):
        return math.nan
    digits = 1 - math.floor(math.log10(grid[best]))
    return round(float(grid[best]), digits)


def _mad(values: Values) -> float:
    """Scatter without a say of the tails: 1.4826 times the median absolute deviation."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))


def _bartlett(scatter: Sequence[float], groups: Sequence[Values]) -> float:
    """Bartlett's statistic for equal variances, up to its constant factor."""
    variances = np.square(scatter)
    if not (variances > 0).all():
        return math.nan
    df = np.array([len(one) - 1.0 for one in groups])
    # Every tube counts alike: a tube with many events must not rule the others out.
    df = np.full_like(df, df.mean())
    pooled = float(np.sum(df * variances) / df.sum())
    return float(df.sum() * math.log(pooled) - np.sum(df * np.log(variances)))


def settled(
    protocol: Flow,
    looks: Mapping[str, Look],
    names: Sequence[str],
    samples: Sequence[Tube],
    take: Take,
) -> tuple[Flow, list[Finding]]:
    """The protocol with a number for every readout's cofactor, in the unit that is read.

    Parameters
    ----------
    protocol : Flow
    looks : mapping
        By channel as the protocol names it.
    names : sequence of str
        $PnN of every channel of the files.
    samples : sequence of Tube
        Tubes that are read; those without an inhibitor may be looked into.
    take : callable
        Signal and total of a readout's population in a tube.

    Raises
    ------
    ControlError
        When a cofactor is to be estimated and the controls do not show one. Where none was
        asked for, the scatter of the dimmest control stands in, and a finding says so.
    """
    readouts, findings = [], []
    for readout in protocol.readouts:
        if readout.kind == "fraction":
            readouts.append(readout.model_copy(update={"cofactor": FRACTION}))
            continue
        value = readout.cofactor
        if value is None:
            value = usual_cofactor(looks[readout.channel], names) or "estimate"
        tubes = _controls(samples) if value == "estimate" or readout.total else []
        taken = [take(tube, readout) for tube in tubes]
        if value == "estimate":
            value = estimate_cofactor([_known(signal) for signal, _ in taken])
            if math.isnan(value) and readout.cofactor == "estimate":
                raise _unknown(readout, looks[readout.channel])
            shown = math.isfinite(value)
            value = value if shown else _noise([_known(signal) for signal, _ in taken])
            findings.append(_told(readout, value) if shown else _stood_in(readout, value))
        if readout.total and isinstance(value, float):
            value /= _usual_total(taken, tubes)
        readouts.append(readout.model_copy(update={"cofactor": float(value)}))
    return protocol.model_copy(update={"readouts": tuple(readouts)}), findings


FRACTION = 100.0
"""Of a percentage: arcsinh(percent / 100) is nearly straight up to 100 %, so that the scatter
between tubes is pooled in percent points."""


def _controls(samples: Sequence[Tube]) -> list[Tube]:
    """Tubes without an inhibitor; every sample when there are none."""
    plain = (TubeRole.UNSTIMULATED, TubeRole.STIMULATED, TubeRole.POSITIVE)
    read = [tube for tube in samples if tube.role in SAMPLE_ROLES]
    return [tube for tube in read if tube.role in plain] or read


def _known(values: Values) -> Values:
    return values[~np.isnan(values)]


def _usual_total(taken: Sequence[tuple[Values, Values | None]], tubes: Sequence[Tube]) -> float:
    """Mean of the unstimulated tubes' median totals: carries a cofactor over to ratios.

    With it Δarcsinh of a ratio has the meaning it had before: a signal of `cofactor` in a tube
    with the usual total. 1 where no tube has a total above zero; then there are no ratios either.
    """
    middles = {
        tube.file: float(np.median(_known(total)))
        for tube, (_, total) in zip(tubes, taken, strict=True)
        if total is not None and len(_known(total)) >= FEWEST_EVENTS
    }
    calm = [t.file for t in tubes if t.role == TubeRole.UNSTIMULATED and t.file in middles]
    known = [middles[file] for file in calm or middles if middles[file] > 0]
    return math.fsum(known) / len(known) if known else 1.0


def _told(readout: Readout, value: float) -> Finding:
    return Finding(
        "cofactor-estimated",
        Severity.NOTE,
        readout.name,
        f"The arcsinh cofactor of {readout.name}, {value:g}, was estimated from this run's "
        f"controls. Declare cofactor = {value:g} for the other runs of the study, or their "
        "Δarcsinh will not compare.",
        value,
    )


def _noise(groups: Sequence[Values]) -> float:
    """Scatter of the dimmest control, to two digits; 1 where there is none."""
    usable = [one for one in groups if len(one)]
    value = _mad(min(usable, key=np.median)) if usable else 0.0
    if not value > 0:
        return 1.0
    return round(value, 1 - math.floor(math.log10(value)))


def _stood_in(readout: Readout, value: float) -> Finding:
    return Finding(
        "cofactor-unknown",
        Severity.LOOK,
        readout.name,
        f"No cofactor is declared for {readout.name}, its instrument has no usual one, and the "
        f"controls do not show one: the scatter of the dimmest control, {value:g}, stands in. "
        "Declare a cofactor before Δarcsinh is compared between runs.",
        value,
    )


def _unknown(readout: Readout, look: Look) -> ControlError:
    found = f"range {look.channel.range:g}" if math.isfinite(look.channel.range) else "no range"
    return ControlError(
        f"the controls do not show a cofactor for {readout.name} "
        f"({found} on {readout.channel}; 150 is meant for a linear range of 262,144)",
        "assay.toml: [[flow.readouts]]",
        "Declare it: cofactor = 150 where the signal leaves the noise near 150, or "
        '"estimate" with unstimulated and stimulated tubes.',
    )
