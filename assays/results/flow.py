"""What a phospho-flow run found."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assays.results.activation import Calibration, Kinetics, PositiveControl, Protection
from assays.results.axis import Axis
from assays.results.compensation import ControlRecord
from assays.results.cytometer import Settings
from assays.results.inhibition import (
    DonorComparison,
    DoseResponse,
    Inhibition,
    TubeScatter,
)
from assays.results.shift import DoseShift
from assays.samples import Tube
from plates.findings import Finding
from plates.sameness import SameWhenUnknown

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PopulationCount:
    """One population in one tube."""

    file: str
    donor: str
    condition: str
    population: str
    parent: str
    count: int
    percent_of_parent: float
    """NaN when the parent is empty."""
    percent_of_total: float
    automatic: bool
    """False for a fixed gate or one moved by hand."""
    note: str = ""
    """Who moved it and why, for an override."""
    definition: str = ""
    """The boundary as it was applied in this tube, in words."""
    score: float = math.nan
    """0 to 1: how clearly the data show an automatic gate; NaN for any other."""
    reasons: str = ""
    """What was seen when it was found, or why the fallback was taken."""
    stored: int = -1
    """What the program that the gate came from counted; -1 when it did not."""


@dataclass(frozen=True, slots=True, eq=False)
class Reading(SameWhenUnknown):
    """One readout in one tube."""

    file: str
    donor: str
    tube: Tube
    readout: str
    population: str
    channel: str
    count: int
    median: float
    """Compensated intensity, untransformed, arbitrary units; NaN below `min_events`."""
    median_se: float
    """Standard error from the events of this tube alone (technical only); NaN when unknown."""
    cofactor: float
    delta_asinh: float
    """Median of asinh(x / cofactor), less the mean of that over the donor's unstimulated tubes.

    NaN without one. With an even number of events the two middle ones are averaged after asinh.
    """
    percent_positive: float
    """Percent strictly beyond `threshold`, on `positive_side`; NaN without a control."""
    threshold: float
    """99th percentile of the events of `threshold_control`; of a readout that falls, against
    unstimulated events, the 1st; NaN without a control."""
    control: str
    """Files of the tubes that it was held against, joined by `` + ``: the unstimulated ones, for
    an expression the isotype tubes."""
    status: str
    """``ok``, ``few events``, ``no control``, ``no events``, ``total not above zero``."""
    geometric_mean: float = math.nan
    """Arbitrary units; NaN where an event is not above zero: there it is not defined."""
    arcsinh_mean: float = math.nan
    """Mean of asinh(x / cofactor), carried back: what stands in for it; arbitrary units."""
    delta_median: float = math.nan
    """Median less the mean of the control tubes' medians, in the unit of the median."""
    fold: float = math.nan
    """Median over that mean; NaN where the mean is not above zero."""
    integrated_mfi: float = math.nan
    """Percent positive times the median of the positive events (iMFI); 0 without any, NaN where
    they lie below the threshold."""
    ks_d: float = math.nan
    """Kolmogorov-Smirnov D against the pooled unstimulated events, 0 to 1."""
    auroc: float = math.nan
    """Chance that an event is brighter than an unstimulated one, ties half."""
    overton_percent: float = math.nan
    """Overton's maximum difference against the pooled unstimulated events, percent, on the side
    of activation."""
    remark: str = ""
    """Which of these numbers is undefined and why; empty when none is."""
    kind: str = "signal"
    """``signal``, ``expression`` (held against isotype tubes) or ``fraction`` (share of cells)."""
    unit: str = "a.u."
    """Of the median: ``a.u.``, ``ratio`` of signal to total protein, or ``%`` of a population."""
    total: str = ""
    """Channel of the total protein that the signal was divided by; empty: it was not."""
    total_median: float = math.nan
    """Median of that, arbitrary units."""
    threshold_from: str = ""
    """Role of the tubes that gave the threshold: ``unstimulated``, ``fmo`` or ``isotype``."""
    threshold_control: str = ""
    """Files of these tubes, joined by `` + ``."""
    positive_side: str = ""
    """Where positive events lie: ``above`` the threshold or, of a readout that falls, ``below``
    it; empty without one."""
    falls: bool = False
    """Whether activation makes this signal dimmer, as declared."""
    calibrated: float = math.nan
    """The median in molecules, from beads; NaN without beads."""
    calibrated_unit: str = ""
    """``MESF``, ``ABC`` or ``ERF``; empty without beads for the channel."""
    calibrated_status: str = ""
    """``ok``, ``below the beads``, ``above the beads``, or why there is no number."""


@dataclass(frozen=True, slots=True, eq=False)
class GatePicture:
    """One gate in one tube, ready to draw."""

    file: str
    donor: str
    condition: str
    population: str
    parent: str
    x: Axis
    y: Axis | None
    """None for a one-dimensional gate: then `counts` is a histogram."""
    counts: NDArray[np.int64]
    """Events of the parent: shape (x bins,) or (x bins, y bins)."""
    outlines: tuple[Floats, ...]
    """Closed outlines on the scale, each shape (k, 2); for one dimension (k, 1) cut positions."""
    count: int
    percent_of_parent: float
    behind: str = ""
    """Population that is shown again on the gates that lead to it; empty when none is."""
    behind_counts: NDArray[np.int64] | None = None
    """Its events in the bins of `counts`; None where this gate does not lead to it."""


@dataclass(frozen=True, slots=True, eq=False)
class ReadoutHistogram:
    """Distribution of a readout in one tube."""

    file: str
    donor: str
    condition: str
    tube: Tube
    readout: str
    axis: Axis
    counts: NDArray[np.int64]
    """shape (bins,)."""
    median: float
    """On the scale; NaN when there is none."""
    threshold: float
    """On the scale; NaN without a control."""
    positive_below: bool = False
    """Whether positive events lie below the threshold."""


@dataclass(frozen=True, slots=True)
class StrategyRow:
    """One row of the gating strategy as it was applied, in words."""

    population: str
    parent: str
    method: str
    channels: tuple[str, ...]
    definition: str
    group_by: str
    """``all``, ``file``, or ``donor`` or ``plate`` with its name where a cut was found for it."""
    score: float = math.nan
    """0 to 1: how clearly the data show it, the worst of the group; NaN for a fixed gate."""
    reasons: str = ""
    """What was seen when it was found, or why the fallback was taken."""


@dataclass(frozen=True, slots=True)
class GateFile:
    """Gates that tubes of a run share, as Gating-ML 2.0."""

    name: str
    """Within the results folder."""
    tubes: tuple[str, ...]
    """Files that they were applied to."""
    text: str


@dataclass(frozen=True, slots=True)
class EventFile:
    """Events of one population of one tube, written beside the report."""

    name: str
    """Within the results folder."""
    file: str
    """The tube."""
    population: str
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class FlowRun:
    """A phospho-flow run."""

    tubes: tuple[Tube, ...]
    """In the order of the sample sheet."""
    compensation: str
    """What was done, in words."""
    spillover_channels: tuple[str, ...]
    spillover: Floats | None
    """shape (n, n), the matrix that was undone, when one served every file."""
    strategy: tuple[StrategyRow, ...]
    populations: tuple[PopulationCount, ...]
    readings: tuple[Reading, ...]
    gates: tuple[GatePicture, ...]
    histograms: tuple[ReadoutHistogram, ...]
    inhibition: tuple[Inhibition, ...]
    dose_responses: tuple[DoseResponse, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    """What was repaired or assumed on reading, a sentence each."""
    settings: Mapping[str, Settings]
    """How the cytometer was set, by file."""
    level: float = 0.95
    inhibition_scale: str = "linear"
    total_events: int = 0
    percent_positive_quantile: float = 0.99
    donors: tuple[DonorComparison, ...] = ()
    positive_controls: tuple[PositiveControl, ...] = ()
    protections: tuple[Protection, ...] = ()
    kinetics: tuple[Kinetics, ...] = ()
    calibrations: tuple[Calibration, ...] = ()
    gating: str = ""
    """File and program that gates were taken from; empty when all are the run's own."""
    controls: ControlRecord | None = None
    """What single stains gave, when compensation or unmixing was worked out from them."""
    gate_files: tuple[GateFile, ...] = ()
    every_tube_drawn: bool = False
    """Whether the gates of every tube are drawn in order, as the protocol asks."""
    event_files: tuple[EventFile, ...] = ()
    shifts: tuple[DoseShift, ...] = ()
    """Dose responses of a stimulus, and how inhibitors move them."""
    scatter: tuple[TubeScatter, ...] = ()
    """Between replicate tubes, by readout: behind every interval."""
