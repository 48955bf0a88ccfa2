"""Every choice a run depends on: the shape of `assay.toml`.

Strict: an unknown key is an error that names the nearest known one. The names
of curve models, gate methods and checks are plain text here and are resolved by
the journeys, which own them.
"""

from __future__ import annotations

import itertools
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

SCHEMA = 1
"""Version of `assay.toml` that this code writes."""

Level = Annotated[float, Field(gt=0.5, lt=1.0)]
Positive = Annotated[float, Field(gt=0)]
Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""A text that must not be left blank."""


class Section(BaseModel):
    """A table of `assay.toml`: frozen, and every key known."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Inputs(Section):
    """Files of the run, as globs relative to its folder; absent, the folder's own are taken."""

    exports: tuple[str, ...] | None = None
    """Plate-reader exports: ``["plate*.txt"]``."""
    layout: str | None = None
    """The layout: workbook, csv or toml."""
    samples: str | None = None
    """The sample sheet of a flow run."""
    fcs: tuple[str, ...] | None = None
    """FCS files: ``["day1/*.fcs"]``."""
    reader: str | None = None
    """Force one plate reader by name."""


class Reagent(Section):
    """A kit, standard or antibody, so that a result can be traced to its lot."""

    name: str = ""
    """As the maker calls it."""
    lot: str = ""
    """Lot number."""
    expiry: str = ""
    """ISO date."""
    clone: str = ""
    """Clone of an antibody."""
    fluorochrome: str = ""
    """Dye or metal of an antibody."""
    marker: str = ""
    """What an antibody binds."""


class Trace(Section):
    """Who, with what: all optional, blanks are shown as blanks."""

    operator: str = ""
    """Who did the experiment."""
    date: str = ""
    """When it was done, an ISO date."""
    instrument: str = ""
    """What it was read on."""
    plates: tuple[str, ...] = ()
    """Plate ids or barcodes."""
    kit: Reagent = Reagent()
    """The kit."""
    standard: Reagent = Reagent()
    """The standard, when it is not the kit's."""
    antibodies: tuple[Reagent, ...] = ()
    """The antibodies, one each."""
    note: str = ""
    """Anything worth keeping."""


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
    on: Literal["wells", "means"] = "wells"
    """Fit every standard well, or the mean of each level."""
    inverse: Literal["mean response", "mean of inverses"] = "mean response"
    """Read a sample back from its mean signal, or average its wells' concentrations."""
    floor: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Smallest fitted response used in a weight, as a share of the curve's range."""
    level: Level = 0.95
    """Confidence of the intervals, 0.95 for 95 %."""


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


class Elisa(Section):
    """An ELISA plate: `[elisa]`."""

    analyte: str = "IL-6"
    """What was measured; it must be named as in an export of many analytes."""
    unit: str = "pg/mL"
    """Unit of every result; standards in other units are converted."""
    signal_nm: str | None = None
    """Wavelength of the signal, when the export holds several."""
    reference_nm: str | None = None
    """Reference wavelength to subtract; nothing is subtracted unless it is named here."""
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
    acceptance: Literal["research", "m10"] = "research"
    """Rules a plate is held against: a research set, or one in the style of ICH M10."""
    exclude: tuple[Exclusion, ...] = ()
    """Wells that a person took out."""


class Scale(Section):
    """How a channel is drawn and gated."""

    method: Literal["linear", "log", "arcsinh", "logicle"] = "logicle"
    """Name of the scale."""
    cofactor: Positive | None = None
    """arcsinh: 150 for fluorescence, 5 for mass cytometry."""
    t: Positive | None = None
    """logicle: top of scale; the channel's range when absent."""
    w: Annotated[float, Field(ge=0)] | None = None
    """logicle: width of the linear part, decades; estimated over the run when absent."""
    m: Positive = 4.5
    """logicle: decades of the whole scale."""
    a: float = 0.0
    """logicle: further decades below zero."""


class Gate(Section):
    """One row of the gating strategy."""

    population: str
    """Name of the population, as later gates and readouts call it."""
    parent: str = "root"
    """Population it is cut from; ``root`` is every event."""
    method: str
    """In numbers: interval, rectangle, polygon, ellipse, quadrant; or found in the data:
    stable, boundary, debris, singlets, live, valley, tail, control_quantile, mixture,
    prior_ellipse."""
    channels: tuple[str, ...]
    """$PnN names or markers, one per dimension."""
    params: dict[str, Any] = Field(default_factory=dict)
    """What the method needs. Numbers are in original units unless `on` says otherwise."""
    on: Literal["original", "scale"] = "original"
    """Whether numbers in `params` are in original units or on the channels' scales."""
    group_by: Literal["all", "plate", "donor", "file"] = "all"
    """Tubes that share a cut found in the data; when left out, what suits the method."""
    exclude: bool = False
    """Take the events outside the shape."""


class Override(Section):
    """A gate moved by hand for one file: wins over the strategy, with who, when and why."""

    file: str
    """Name of the FCS file."""
    population: str
    """Population whose gate is moved."""
    params: dict[str, Any]
    """The gate's numbers for this file."""
    who: Said
    """Who moved it."""
    when: Said
    """ISO date."""
    why: Said
    """The reason; it stands in the report."""


class Readout(Section):
    """A phospho-protein or other signal read in a population."""

    name: str
    """As it is reported: ``pSTAT3 (Y705)``, ``p-p65 (S529)``."""
    channel: str
    """$PnN name or marker."""
    population: str
    """Population it is read in."""
    cofactor: Positive = 150.0
    """Of Δarcsinh: 150 for fluorescence, 5 for mass cytometry."""
    stimulus: str | None = None
    """The stimulus that drives this readout, when the lab uses another one for it."""
    activation: Literal["up", "down"] = "up"
    """Where the readout goes on activation: total IκBα falls."""


class Inhibition(Section):
    """How inhibition is worked out."""

    scale: Literal["linear", "arcsinh"] = "linear"
    """Medians as measured, or their arcsinh."""
    level: Level = 0.95
    """Confidence of the intervals, 0.95 for 95 %."""
    tube_cv_percent: Annotated[float, Field(gt=0, le=100)] | None = None
    """How far medians of replicate tubes lie apart, as the laboratory knows it from earlier runs.
    Used as known; without it the run's own replicate tubes tell, and without those the
    window is not testable."""
    across_donors: Literal["arcsinh", "log2 fold"] = "arcsinh"
    """What is compared between conditions over donors: Δarcsinh, defined for every median, or
    log2 of the ratio of medians, which leaves donors out whose median is not above zero."""


class Flow(Section):
    """A folder of FCS files: `[flow]`."""

    compensation: str
    """``file`` (the matrix in each FCS file), ``none``, or the name of a csv in the run folder."""
    verify: bool = False
    """Read each FCS file with the second engine too and report any difference."""
    scales: dict[str, Scale] = Field(default_factory=dict)
    """By channel or marker; ``default`` for the rest of the fluorescence channels."""
    gates: tuple[Gate, ...]
    """The gating strategy, parent first."""
    overrides: tuple[Override, ...] = ()
    """Gates moved by hand."""
    readouts: tuple[Readout, ...]
    """What is measured, and in which population."""
    inhibition: Inhibition = Inhibition()
    """How inhibition is worked out."""
    min_events_warn: int = 500
    """Fewer events in a readout's population are told."""
    min_events: int = 100
    """Fewer events give no number."""
    molar_mass_g_per_mol: dict[str, Positive] = Field(default_factory=dict)
    """By inhibitor, to turn ng/mL into nmol/L."""


class Protocol(Section):
    """The whole `assay.toml`."""

    schema_: int = Field(SCHEMA, alias="schema")
    """Version of the shape of this file."""
    kind: tuple[Literal["elisa", "flow"], ...]
    """What the run holds; one or both."""
    title: str = ""
    """Heading of the report."""
    inputs: Inputs = Inputs()
    """Files of the run, when the folder's own are not meant."""
    trace: Trace = Trace()
    """Who, with what."""
    elisa: Elisa | None = None
    """Choices of an ELISA run."""
    flow: Flow | None = None
    """Choices of a flow run."""

    @model_validator(mode="after")
    def _kinds_have_their_tables(self) -> Protocol:
        for kind in self.kind:
            if getattr(self, kind) is None:
                raise ValueError(f"kind names {kind!r}, but there is no [{kind}] table")
        return self
