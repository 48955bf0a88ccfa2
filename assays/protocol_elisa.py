"""The choices of an ELISA run: `[elisa]` of `assay.toml` and the tables in it."""

from __future__ import annotations

import itertools
from typing import Annotated, Literal

from pydantic import Field, model_validator

from assays.protocol_parts import Level, Positive, Said, Section


class Exclusion(Section):
    """Wells that a person took out: they stay visible, with who, when and why."""

    wells: str
    """``B3``, ``A1-A3`` or a comma-separated list."""
    plate: str = ""
    """Plate label; empty for every plate."""
    who: Said
    """Who took them out."""
    when: Said
    """ISO date."""
    why: Said
    """The reason; it stands in the report."""


MOST_BOOTSTRAPPED = 0.999
"""Level beyond which no draw of the bootstrap is left outside."""


class Curve(Section):
    """How standards become a curve."""

    model: str = "4pl"
    """Name of the curve model: see curve models."""
    richer: str | None = None
    """A model to take instead where AICc, F-test and condition number all ask for it: ``5pl``."""
    weighting: Literal[
        "none", "1/y", "1/y^2", "1/yhat", "1/yhat^2", "power", "two-component", "robust"
    ] = "1/yhat^2"
    """How much each standard counts; ``two-component`` also allows for constant noise near zero."""
    power: Annotated[float, Field(ge=0, le=3)] | None = None
    """For ``power``: the SD goes with this power of the response, 0.75 say, as many plates of the
    assay have shown; estimated from the plate's own wells when absent."""
    shared: tuple[str, ...] = ()
    """Parameters that all plates of the run have in common, as ``["B"]``; the others belong to
    each plate. Empty: every plate has a curve of its own."""
    on: Literal["wells", "means"] = "wells"
    """Fit every standard well, or the mean of each level."""
    inverse: Literal["mean response", "mean of inverses"] = "mean response"
    """Read a sample back from its mean signal, or average its wells' concentrations."""
    floor: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Smallest fitted response used in a weight, as a share of the curve's range."""
    level: Level = 0.95
    """Confidence of the intervals, 0.95 for 95 %."""
    interval: Literal["inversion", "wald", "wald-log", "bootstrap"] = "inversion"
    """How the intervals of concentrations are found; ``inversion`` alone keeps its promise near
    plateaus."""

    @model_validator(mode="after")
    def _choices_fit_together(self) -> Curve:
        if self.interval == "bootstrap" and self.level > MOST_BOOTSTRAPPED:
            raise ValueError(
                f"level is {self.level:g}: a bootstrap interval tells at most {MOST_BOOTSTRAPPED:g}"
            )
        if self.power is not None and self.weighting != "power":
            raise ValueError(f'power is {self.power:g}, but weighting is "{self.weighting}"')
        if self.shared and (self.richer is not None or self.power is not None):
            raise ValueError("shared parameters go with one model and no given power")
        return self


class Limits(Section):
    """Limits of quantitation declared for the method, in the reported unit, undiluted."""

    lod: Positive | None = None
    """Limit of detection."""
    lloq: Positive | None = None
    """Lower limit of quantitation."""
    uloq: Positive | None = None
    """Upper limit of quantitation."""
    source: str = ""
    """Where they come from: a validation report, the kit insert."""

    @model_validator(mode="after")
    def _in_order(self) -> Limits:
        known = [
            (name, value)
            for name, value in (("lod", self.lod), ("lloq", self.lloq), ("uloq", self.uloq))
            if value is not None
        ]
        for (low, below), (high, above) in itertools.pairwise(known):
            if below > above or (high == "uloq" and below == above):
                raise ValueError(f"{low} is {below:g}, which is not below {high}, {above:g}")
        return self


class Replicates(Section):
    """When replicates disagree."""

    cv_signal_percent: Positive = 20.0
    """Largest CV of replicate signals that raises no remark."""
    cv_concentration_percent: Positive = 20.0
    """Largest CV of replicate concentrations; above it a result is flagged."""


class Cells(Section):
    """How a supernatant's concentration becomes an amount per cell number."""

    per: Positive = 1e6
    """Report amounts per so many cells."""
    volume_ml: Positive | None = None
    """Culture volume; needed only when density is given as cells per well."""
    hours: Positive | None = None
    """Hours of culture; when given, amounts per cells are per hour."""


Share = Annotated[float, Field(gt=0, le=1)]


class Rules(Section):
    """Acceptance rules of one's own, for `acceptance = "own"`."""

    source: Said
    """Where they are written: an SOP, a validation plan; it is printed beside each rule."""
    standards_percent: Positive = 20.0
    """How far a standard may read back from its nominal value."""
    ends_percent: Positive = 25.0
    """The same at the ends: lowest and highest standard, controls at a limit."""
    standards_share: Share = 0.75
    """Share of the standards that must read back."""
    levels: Annotated[int, Field(ge=0)] = 0
    """Fewest standard levels above zero, and fewest that read back."""
    replicates: Annotated[int, Field(ge=0)] = 0
    """Fewest wells of a standard level."""
    keep_ends: bool = False
    """Whether lowest and highest standard must read back."""
    leave_out_anchors: bool = False
    """Keep zeros, and standards beyond the declared limits, out of the regression."""
    qc_percent: Positive = 20.0
    """How far a control may lie from its target."""
    qc_share: Share = 0.66
    """Share of the control wells that must be within."""
    qc_share_each_level: Annotated[float, Field(ge=0, le=1)] = 0.5
    """The same for each target."""
    qc_levels: Annotated[int, Field(ge=0)] = 0
    """Fewest targets of controls; 0 asks for no controls at all."""
    qc_replicates: Annotated[int, Field(ge=0)] = 0
    """Fewest wells of a target."""
    qc_cv_percent: Positive | None = None
    """Largest CV of a control's concentrations; not asked when absent."""


class Elisa(Section):
    """An ELISA plate: `[elisa]`."""

    analyte: str = "IL-6"
    """What was measured; it must be named as in an export of many analytes."""
    unit: str = "pg/mL"
    """Unit of every result; standards in other units are converted."""
    signal_nm: str | None = None
    """Wavelength of the signal, when the export holds several."""
    reference_nm: str | None = None
    """Reference wavelength to subtract; nothing is subtracted unless it is named here. ``none``
    says that none is meant, and no remark asks for one."""
    blank: Literal["none", "subtract"] = "none"
    """Subtract the mean of the wells with role `blank`."""
    confirm_fraction_dilutions: bool = False
    """Read a bare dilution below 1 (``0.1``) as a fraction, 1 in 10."""
    curve: Curve = Curve()
    """How standards become a curve."""
    limits: Limits = Limits()
    """Limits declared for the method."""
    replicates: Replicates = Replicates()
    """When replicates disagree."""
    cells: Cells = Cells()
    """Amounts per number of cells."""
    kit_range: tuple[Positive, Positive] | None = None
    """Lowest and highest standard of the kit's insert, in `unit`: standards far from it are told,
    since one of the units is then likely wrong."""
    acceptance: Literal["research", "m10", "own"] = "research"
    """Rules a plate is held against: a research set, one in the style of ICH M10, or `rules`."""
    rules: Rules | None = None
    """Acceptance rules of one's own."""
    exclude: tuple[Exclusion, ...] = ()
    """Wells that a person took out."""

    @model_validator(mode="after")
    def _rules_are_asked_for(self) -> Elisa:
        if self.acceptance == "own" and self.rules is None:
            raise ValueError('acceptance is "own", but there is no [elisa.rules]')
        if self.acceptance != "own" and self.rules is not None:
            raise ValueError(f'[elisa.rules] is there, but acceptance is "{self.acceptance}"')
        if self.kit_range is not None and self.kit_range[0] >= self.kit_range[1]:
            raise ValueError("kit_range wants the lowest standard first, then the highest")
        return self
