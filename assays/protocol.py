"""Every choice a run depends on: the shape of `assay.toml`.

Strict: an unknown key is an error that names the nearest known one. The names
of curve models, gate methods and checks are plain text here and are resolved by
the journeys, which own them.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from assays.protocol_compensation import SingleStains as SingleStains
from assays.protocol_elisa import Cells as Cells
from assays.protocol_elisa import Curve as Curve
from assays.protocol_elisa import Elisa as Elisa
from assays.protocol_elisa import Exclusion as Exclusion
from assays.protocol_elisa import Limits as Limits
from assays.protocol_elisa import Replicates as Replicates
from assays.protocol_elisa import Rules as Rules
from assays.protocol_gating import Gate as Gate
from assays.protocol_gating import Gating as Gating
from assays.protocol_gating import Override as Override
from assays.protocol_parts import Positive
from assays.protocol_parts import Section as Section
from assays.protocol_readouts import Beads as Beads
from assays.protocol_readouts import Inhibition as Inhibition
from assays.protocol_readouts import Readout as Readout
from assays.protocol_scales import Scale as Scale

SCHEMA = 1
"""Version of `assay.toml` that this code writes."""
FEWEST_EVENTS = 100
"""A median of fewer is no number. Of BCR-XL, events of two wells redrawn: the standard error of
Δarcsinh is 0.17 to 0.26 with 100 events, 0.24 to 0.38 with 50, 0.07 to 0.13 with 500."""


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
    maker: str = ""
    """Who makes it."""
    catalogue: str = ""
    """Catalogue number."""


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


class Experiment(Section):
    """What the files cannot tell of a flow experiment, for the MIFlowCyt list; blanks are shown."""

    purpose: str = ""
    """What the experiment was to find out (item 1.1)."""
    keywords: tuple[str, ...] = ()
    """Keywords (item 1.2)."""
    organisation: str = ""
    """Name and address (item 1.4)."""
    contact: str = ""
    """Whom to ask, and how (item 1.5)."""
    conclusions: str = ""
    """What was found (item 1.7)."""
    quality_control: str = ""
    """Checks of instrument and staining beside those of the report (item 1.8)."""
    material: str = ""
    """What the cells are and where they come from (item 2.1)."""
    characteristics: str = ""
    """What is known of the donors, without what could identify them (item 2.2)."""
    treatment: str = ""
    """How the cells were kept, treated, fixed and stained (item 2.3)."""
    cytometer_maker: str = ""
    """Who makes the cytometer (item 3.1)."""
    fluidics: str = ""
    """Flow cell and fluidics (item 3.3)."""
    data_location: str = ""
    """Where the list-mode files are kept, such as an accession number (item 4.1)."""


class Flow(Section):
    """A folder of FCS files: `[flow]`."""

    compensation: str
    """``file`` (the matrix in each FCS file), ``gating`` (the matrix of the strategy that
    `gating` names), ``controls`` (a matrix from the single stains of the sample sheet), ``unmix``
    (raw spectral files, unmixed with them), ``none``, or the name of a csv in the run folder."""
    uncompensated_because: str = ""
    """Why ``none`` leaves a matrix in the files unused, such as events compensated before export;
    without a reason it is asked for."""
    single_stains: SingleStains = SingleStains()
    """How spillover or spectra are worked out from single stains."""
    verify: bool = False
    """Read each FCS file with the second engine too and report any difference."""
    scales: dict[str, Scale] = Field(default_factory=dict)
    """By channel or marker; ``default`` for the rest of the fluorescence channels."""
    gates: tuple[Gate, ...] = ()
    """The gating strategy, parent first; may be left out where `gating` names another one."""
    gating: Gating = Gating()
    """Gates of another program, and events that leave the run."""
    overrides: tuple[Override, ...] = ()
    """Gates moved by hand."""
    readouts: tuple[Readout, ...]
    """What is measured, and in which population."""
    beads: tuple[Beads, ...] = ()
    """Beads of known brightness, one for each channel that is calibrated."""
    inhibition: Inhibition = Inhibition()
    """How inhibition is worked out."""
    min_events: int = 100
    """Fewer events give no number: 100, or more where that is asked for."""
    min_events_warn: int = 500
    """Fewer events in a readout's population are told; not below `min_events`."""
    molar_mass_g_per_mol: dict[str, Positive] = Field(default_factory=dict)
    """By inhibitor, to turn ng/mL into nmol/L."""
    inhibitor_kind: dict[str, Literal["small molecule", "antibody", "other"]] = Field(
        default_factory=dict
    )
    """By inhibitor: a small molecule's controls hold its solvent, an antibody's an isotype; of
    another kind nothing is asked. Left out, the name may tell (tocilizumab, JAK2 inhibitor)."""

    @field_validator("min_events")
    @classmethod
    def _enough(cls, least: int) -> int:
        if least < FEWEST_EVENTS:
            raise PydanticCustomError(
                "too_few_events",
                f"fewer than {FEWEST_EVENTS} events give no number",
                {
                    "hint": "The floor may be raised, not lowered: between two alike tubes "
                    "Δarcsinh of 50 events has a standard error of 0.24 to 0.38. Record more "
                    "events, or gate a larger population."
                },
            )
        return least

    @field_validator("min_events_warn")
    @classmethod
    def _told_before_lost(cls, warn: int, info: ValidationInfo) -> int:
        least = info.data.get("min_events")
        if least is not None and warn < least:
            raise PydanticCustomError(
                "warns_too_late",
                f"a tube must be told before it loses its number, at {least:g} events or more",
                {
                    "hint": f"Write {least:g} or more, or leave the line out: fewer than "
                    f"min_events = {least:g} events give no number."
                },
            )
        return warn

    @model_validator(mode="after")
    def _has_gates(self) -> Flow:
        if "gates" not in self.model_fields_set and not self.gating.strategy:
            raise ValueError("there are neither [[flow.gates]] nor a strategy under [flow.gating]")
        if self.compensation == "gating" and not self.gating.strategy:
            raise ValueError("compensation is 'gating', but [flow.gating] names no strategy")
        if self.compensation == "gating" and any(g.compensation == "file" for g in self.gates):
            raise ValueError(
                "a gate's compensation is 'file', but with compensation = 'gating' events carry "
                "the strategy's matrix"
            )
        return self


class Donors(Section):
    """What else is known of the donors of a flow run: `[donors]`."""

    concentrations: str | None = None
    """A csv in the run folder with what each donor's cells released: columns donor, concentration
    (a number, or a limit such as ``<3.1``) and unit. It is held against their activation; left
    out, the run's own ELISA is."""
    analyte: str = "IL-6"
    """What that table is about."""


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
    donors: Donors = Donors()
    """What else is known of the donors."""
    experiment: Experiment = Experiment()
    """What a reader of a flow experiment wants to know beyond the files."""

    @model_validator(mode="after")
    def _kinds_have_their_tables(self) -> Protocol:
        for kind in self.kind:
            if getattr(self, kind) is None:
                raise ValueError(f"kind names {kind!r}, but there is no [{kind}] table")
        return self
