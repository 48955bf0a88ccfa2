"""What an ELISA run found."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from assays.results.dilution import DilutionSeriesResult, SpikeResult
from assays.results.plates_together import (
    BridgeResult,
    ControlPrecision,
    RangeOverPlates,
    SharedFit,
)
from assays.results.range_status import RangeStatus as RangeStatus
from plates.findings import Finding
from plates.layout import Role
from plates.plateread import PlateRead
from plates.well import PlateFormat, Well

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WellReading:
    """One well of the plate on its way from raw signal to concentration."""

    plate: str
    well: Well
    role: Role
    sample: str
    raw: float
    """As the reader recorded it; NaN where the export has no number."""
    reference: float
    """Reference-wavelength reading that was subtracted; NaN when none was."""
    blank: float
    """Mean blank that was subtracted; NaN when none was."""
    signal: float
    """What goes into the curve."""
    nominal: float
    """Known concentration in the run's unit, as put on the plate; NaN where there is none."""
    dilution_factor: float
    concentration: float
    """Read back from the curve, in the well (before dilution), in the run's unit; NaN outside."""
    flag: str = ""
    """The reader's token (``OVRFLW``), if any."""
    excluded_why: str = ""
    """Who, when and why, when a person took the well out; empty otherwise."""


@dataclass(frozen=True, slots=True)
class StandardLevel:
    """One nominal concentration and its replicates, read back through the curve."""

    plate: str
    sample: str
    nominal: float
    """In `unit`; 0 for a zero standard."""
    unit: str
    wells: tuple[Well, ...]
    """Wells used in the fit."""
    excluded: tuple[Well, ...]
    signal: float
    """Mean of the used wells."""
    cv_signal_percent: float
    """n - 1; NaN for a single well."""
    back_calculated: float
    """Read back from the mean signal; NaN where the curve has no answer."""
    recovery_percent: float
    """100 x back-calculated / nominal; NaN for a zero standard."""
    within: bool | None
    """Whether recovery is inside the acceptance limits; None when it is not judged."""
    in_fit: bool = True
    """False for zeros and anchors that a rule set keeps out of the regression."""


@dataclass(frozen=True, slots=True, eq=False)
class CurveRecord:
    """A fitted standard curve, and itself sampled for drawing."""

    plate: str
    model: str
    formula: str
    """The equation in words of the field, for the report."""
    params: Mapping[str, float]
    standard_errors: Mapping[str, float]
    weighting: str
    on: str
    rss: float
    """Weighted residual sum of squares."""
    residual_sd: float
    df: int
    n: int
    r_squared: float
    """Weighted."""
    converged: bool
    accepted: bool
    """False when the curve was refused; then no sample has a concentration."""
    refused_why: str
    x: Floats
    """shape (k,), concentrations in the run's unit, ascending, > 0."""
    y: Floats
    """shape (k,), the curve."""
    lower: Floats
    """shape (k,), 95 % band of the mean response."""
    upper: Floats
    zero_response: float
    """The curve at concentration 0."""
    profile_x: Floats | None = None
    """shape (m,), concentrations of the precision profile, from what can just be detected on."""
    cv_percent: Floats | None = None
    """shape (m,), precision profile: CV of a concentration read back from `profile_wells` wells at
    `profile_x`, by the noise of the standards; NaN where it has no end."""
    profile_wells: int = 2
    """Wells averaged in the precision profile: as many as most samples have."""


@dataclass(frozen=True, slots=True)
class QuantRange:
    """Limits of one plate in the run's unit, for an undiluted sample."""

    plate: str
    lod: float
    lod_source: str
    """How it was found: ``declared``, from zeros, ``from the curve``; empty when unknown."""
    lloq: float
    uloq: float
    lloq_source: str
    """``declared``, ``declared, narrowed by this plate`` or ``provisional, this plate``."""
    uloq_source: str
    provisional: bool
    """True when nobody declared limits for the method."""
    mdc: float = math.nan
    """Minimum detectable concentration of a single well: where the curve leaves the 95 %
    prediction limits of a response at zero. NaN without a fitted zero standard."""
    rdl: float = math.nan
    """Reliable detection limit: from here on a well's own lower limit leaves them too."""
    working: tuple[float, float] = (math.nan, math.nan)
    """Concentrations between which the precision profile stays within `working_cv_percent`."""
    working_cv_percent: float = 20.0


@dataclass(frozen=True, slots=True)
class SampleConcentration:
    """One sample at one dilution, read back from a standard curve."""

    plate: str
    sample: str
    wells: tuple[Well, ...]
    """Wells used."""
    excluded: tuple[Well, ...]
    dilution_factor: float
    signal: float
    """Mean of the used wells."""
    cv_signal_percent: float
    concentration: float
    """In the undiluted sample, in `unit`. NaN when it may not be reported as a number."""
    interval: tuple[float, float]
    """95 % within-plate interval, undiluted; an open end is 0 or inf; NaN when unknown."""
    unit: str
    cv_concentration_percent: float
    """CV of the wells' concentrations; NaN for fewer than two."""
    status: RangeStatus
    qualifier: str = ""
    """``<`` or ``>`` when the result is a limit, else empty."""
    limit: float = math.nan
    """The limit that the qualifier speaks of, undiluted, in `unit`."""
    estimate: float = math.nan
    """What the curve would say outside its limits; never a result."""
    per_cells: float = math.nan
    """Amount per `cells_per` cells, in `per_cells_unit`; NaN without a cell density."""
    per_cells_interval: tuple[float, float] = (math.nan, math.nan)
    per_cells_unit: str = ""
    per_cells_origin: str = ""
    """How the factor was worked out: density, volume and where they came from."""
    per_cells_factor: float = math.nan
    """What a concentration is multiplied by; NaN without a cell density."""
    per_cells_limit: float = math.nan
    """The limit that `qualifier` speaks of, per cells, in `per_cells_unit`; NaN without one."""
    concentration_with_excluded: float = math.nan
    """The value had nothing been excluded anywhere; NaN when nothing was."""
    labels: Mapping[str, str] | None = None
    """Free labels of the layout: donor, treatment, …"""
    role: Role = Role.SAMPLE
    spike: float = 0.0
    """Known amount added, in the undiluted sample, in `unit`; a spiked sample is no result."""


@dataclass(frozen=True, slots=True)
class QcResult:
    """One control sample held against its target."""

    plate: str
    sample: str
    nominal: float
    concentration: float
    interval: tuple[float, float]
    unit: str
    recovery_percent: float
    cv_concentration_percent: float
    n_wells: int
    within: bool | None
    limit_percent: float
    """Allowed deviation from 100 %."""


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One acceptance rule, held against one plate."""

    plate: str
    rule: str
    """Short name: ``standards within tolerance``."""
    observed: str
    """In words and numbers: ``7 of 8 levels``."""
    limit: str
    passed: bool | None
    """None: not assessable."""
    source: str
    """Guideline and section, and whether that source was seen."""


class Verdict(StrEnum):
    """Whether a plate or run may be used."""

    ACCEPTED = "accepted"
    FAILED = "failed"
    NOT_ASSESSABLE = "not assessable"


@dataclass(frozen=True, slots=True, eq=False)
class PlateResult:
    """Everything found on one plate."""

    plate: str
    export: str
    """Name of the file it came from."""
    format: PlateFormat
    software: str
    instrument: str
    read_at: str
    mode: str
    wavelength_nm: str
    reference_nm: str
    """Empty when no reference was subtracted."""
    raw: Floats
    """shape (rows, columns), as recorded; NaN where there is no number."""
    signal: Floats
    """shape (rows, columns), what goes into the curve."""
    wells: tuple[WellReading, ...]
    standards: tuple[StandardLevel, ...]
    curve: CurveRecord | None
    """None when no curve could be fitted; a finding says why."""
    curve_with_excluded: CurveRecord | None
    """The fit had nothing been excluded; None when nothing was."""
    limits: QuantRange
    samples: tuple[SampleConcentration, ...]
    qcs: tuple[QcResult, ...]
    rules: tuple[RuleResult, ...]
    verdict: Verdict
    other_reads: tuple[PlateRead, ...] = ()
    """Raw reads of the plate beside the signal: a reference, other analytes, other times."""
    dilutions: tuple[DilutionSeriesResult, ...] = ()
    spikes: tuple[SpikeResult, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ElisaRun:
    """An ELISA run: one or more plates, each with its own curve."""

    analyte: str
    unit: str
    plates: tuple[PlateResult, ...]
    rule_set: str
    """``research`` or ``ICH M10-style``."""
    verdict: Verdict
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    """What was repaired or assumed on reading, a sentence each."""
    precision: tuple[ControlPrecision, ...] = ()
    """Controls over plates; empty for a single plate, as the next ones."""
    bridges: tuple[BridgeResult, ...] = ()
    """Each plate against the first."""
    range: RangeOverPlates | None = None
    """Limits that three plates or more support together."""
    shared: SharedFit | None = None
    """Curves with common parameters, where the protocol asks for them."""
