"""What blockade did: percent inhibition and dose response."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assays.results.disorder import Disorder
from assays.samples import Agent

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PairMember:
    """One inhibitor of a pair alone, as the expectation of the pair takes it."""

    agent: Agent
    percent: float = math.nan
    """100 (S - I) / (S - U) of the means below; NaN when it was not given alone or is undefined."""
    treated: float = math.nan
    stimulated: float = math.nan
    unstimulated: float = math.nan
    vehicle: str = ""
    """Of the treated tubes."""
    control_vehicle: str = ""
    """Of the controls that `percent` is held against: the pair's, which carry both vehicles, unless
    `note` says otherwise."""
    own_percent: float = math.nan
    """The same against controls with the arm's own vehicle; `percent` where these are the same."""
    own_stimulated: float = math.nan
    own_unstimulated: float = math.nan
    own_off: float = math.nan
    """`percent` less `own_percent`: what the other inhibitor's vehicle does, counted as blockade;
    0 where the controls are the same."""
    own_off_interval: tuple[float, float] = (math.nan, math.nan)
    """At 99 %; NaN where the controls are the same."""
    treated_files: tuple[str, ...] = ()
    stimulated_files: tuple[str, ...] = ()
    unstimulated_files: tuple[str, ...] = ()
    note: str = ""
    """Which control was taken and why, where arm and pair do not carry the same."""


@dataclass(frozen=True, slots=True)
class Inhibition:
    """Share of the stimulated response that a treatment removes, in one donor."""

    donor: str
    readout: str
    stimulus: str
    """Stimulus with dose: ``IL-6 10 ng/mL``."""
    inhibitors: tuple[Agent, ...]
    vehicle: str
    """Vehicle that the controls share with the treated tube."""
    percent: float
    """100 (S - I) / (S - U), not clipped; NaN when undefined."""
    interval: tuple[float, float]
    """At `level`; open ends are infinite; NaN when undefined."""
    interval_kind: str
    """``replicate tubes (Fieller)``, ``declared tube CV (Fieller)`` or
    ``events only (technical)``; ``(bootstrap)`` where that is declared."""
    percent_own_floor: float
    """100 (1 - (I - B) / (S - U)) with B the inhibitor alone; NaN without such a tube."""
    treated: float
    stimulated: float
    unstimulated: float
    """Means of the tubes' responses (medians on the declared scale)."""
    window: float
    """Stimulated minus unstimulated."""
    window_interval: tuple[float, float]
    n_treated: int
    n_stimulated: int
    n_unstimulated: int
    status: str
    """``ok``, ``no activation: inhibition undefined``, ``not testable``, ``control missing``,
    ``few events``, ``no events``, ``total not above zero``. Not testable: nothing is known of the
    scatter between tubes; `percent` is then an estimate with a technical interval, or NaN where
    even that holds no window."""
    dose_nmol_l: float = math.nan
    """Dose of a single inhibitor in nmol/L; NaN when its unit is not molar and no mass is known."""
    role: str = "treated"
    control_vehicle: str = ""
    """Vehicle of the controls that were used; another than `vehicle` only where `note` says so."""
    note: str = ""
    """What had to be assumed about the controls, a sentence; empty when nothing was."""
    level: float = 0.95
    df: float = math.nan
    """Degrees of freedom of the spread behind the interval; infinite for events only."""
    expected_bliss: float = math.nan
    """For two inhibitors: percent expected if they act independently; NaN without the singles."""
    expected_hsa: float = math.nan
    """For two inhibitors: percent of the better one alone; NaN without the singles."""
    excess_bliss: float = math.nan
    """Percent inhibition less `expected_bliss`: above 0 the pair does more, in percent points."""
    excess_bliss_interval: tuple[float, float] = (math.nan, math.nan)
    """At `level`; NaN when undefined."""
    excess_hsa: float = math.nan
    excess_hsa_interval: tuple[float, float] = (math.nan, math.nan)
    expected_loewe: float = math.nan
    """For two inhibitors: percent if one were a dilution of the other; NaN unless the donor has
    a fitted dose series of both."""
    alone: float = math.nan
    """Mean response of the inhibitor alone, where there is such a tube."""
    treated_files: tuple[str, ...] = ()
    stimulated_files: tuple[str, ...] = ()
    unstimulated_files: tuple[str, ...] = ()
    alone_files: tuple[str, ...] = ()
    """The tubes behind each mean, those without a number too."""
    plate: str = ""
    time_min: float | None = None
    """Of the treated tubes, as the sheet gives them: their controls are of the same."""
    pairing_note: str = ""
    """Where controls of another plate or time had to serve, a sentence; else empty."""
    excess_loewe: float = math.nan
    """Percent inhibition less `expected_loewe`, in percent points."""
    excess_loewe_interval: tuple[float, float] = (math.nan, math.nan)
    """At `level`, from the errors of both curves and of the pair."""
    loewe_vehicles: tuple[str, ...] = ()
    """For two inhibitors: vehicle of the controls that each dose series was held against."""
    own_floor_interval: tuple[float, float] = (math.nan, math.nan)
    """Of `percent_own_floor`, at `level`; NaN without inhibitor alone."""
    own_floor_fieller: tuple[float, float] = (math.nan, math.nan)
    own_floor_bootstrap: tuple[float, float] = (math.nan, math.nan)
    """The same, each by its own way, whichever leads."""
    members: tuple[PairMember, ...] = ()
    """For two inhibitors: each alone, in the order of `inhibitors`."""
    expected_bliss_own: float = math.nan
    """`expected_bliss` with each arm held against controls of its own vehicle instead."""
    excess_bliss_own: float = math.nan
    excess_bliss_own_interval: tuple[float, float] = (math.nan, math.nan)
    """At `level`; the same as `excess_bliss` where every arm carries what the pair does."""
    standard_errors: tuple[float, float, float] = (math.nan, math.nan, math.nan)
    """Of `treated`, `stimulated` and `unstimulated`."""
    fieller_interval: tuple[float, float] = (math.nan, math.nan)
    """Of `percent`, at `level`, whichever leads."""
    bootstrap_interval: tuple[float, float] = (math.nan, math.nan)
    """Of `percent`, at `level`, by redrawing the means of the tubes."""
    bootstrap_status: str = ""
    """``ok``, ``fewer than 2 tubes per condition and no tube CV``, ``no interval``."""
    unit: str = ""
    """Of the responses and of the window: ``a.u.``, ``ratio``, ``%`` or ``arcsinh``."""
    driver: Agent | None = None
    """`stimulus` as name, dose and unit, so that 10 ng/mL meets 10,000 pg/mL."""

    @property
    def singles(self) -> tuple[float, ...]:
        """For two inhibitors: percent of each alone, NaN where that is not known."""
        return tuple(member.percent for member in self.members)

    @property
    def inhibitor(self) -> str:
        """Name, or both names joined by `` + ``."""
        return " + ".join(agent.name for agent in self.inhibitors)

    @property
    def dose(self) -> str:
        """Doses with units, joined by `` + ``."""
        return " + ".join(f"{a.dose:g} {a.unit}" for a in self.inhibitors)


@dataclass(frozen=True, slots=True)
class TubeScatter:
    """How far replicate tubes of one readout lie apart: where the intervals of a run come from."""

    readout: str
    sd: float
    """On the arcsinh scale of the offset, about the relative SD of a bright median. NaN when
    nothing is known: then intervals hold the events alone."""
    df: float
    """Degrees of freedom; infinite where the scatter is declared."""
    groups: int
    """Conditions that had replicate tubes."""
    source: str
    """What an interval from it is called."""
    offset: float
    """In the unit of the medians: tubes scatter in proportion to sqrt(median² + offset²). Chosen by
    the replicates, else the cofactor of the readout."""


@dataclass(frozen=True, slots=True, eq=False)
class DoseResponse:
    """A dose-response curve of one inhibitor in one donor."""

    donor: str
    readout: str
    inhibitor: str
    unit: str
    """Of doses and of the IC50."""
    doses: Floats
    """shape (n,), one per tube."""
    responses: Floats
    """shape (n,), in the readout's unit."""
    stimulated: float
    unstimulated: float
    stimulated_band: tuple[float, float]
    unstimulated_band: tuple[float, float]
    ic50: float
    """NaN when not bracketed or not fitted."""
    ic50_interval: tuple[float, float]
    status: str
    """``ok``, ``< lowest dose``, ``> highest dose``, ``not bracketed`` (half-way is crossed
    among the doses, but it may lie threefold beyond them), ``window too weak`` (no dose is refused
    as the IC50), ``doses out of order`` (neither, since the responses do not follow the doses),
    ``too few doses``, ``control missing``,
    ``no activation: inhibition undefined``, ``not testable``; ``few events`` or ``total not above
    zero`` where a control has no number."""
    params: Mapping[str, float]
    x: Floats
    """shape (k,), doses of the sampled curve; empty without a fit."""
    y: Floats
    stimulus: str = ""
    """Stimulus with dose."""
    vehicle: str = ""
    level: float = 0.95
    scale: str = "linear"
    """Scale of responses: ``linear`` or ``arcsinh``."""
    n: int = 0
    """Tubes in the fit, controls included."""
    note: str = ""
    relative_ic50: float = math.nan
    """Half-way between the curve's own plateaus; NaN where the tubes do not hold both."""
    relative_ic50_interval: tuple[float, float] = (math.nan, math.nan)
    """At `level`."""
    fixed: str = ""
    """Parameters that were given instead of fitted: ``B = 1.0``; empty without."""
    covariance: Floats | None = None
    """shape (4, 4), of A, B, C and D by linearisation; None without a fit."""
    level_variance: float = 0.0
    """Of U in `params`."""
    df: int = 0
    """Degrees of freedom of both."""
    files: tuple[str, ...] = ()
    """Tubes that the curve was fitted to, controls included; empty without a fit."""
    influence: Floats = field(default_factory=lambda: np.empty((0, 5)))
    """shape (files, 5): change of A, B, C, D and U per change of each tube's response."""
    tube_variance: Floats = field(default_factory=lambda: np.empty(0))
    """shape (files,): of each tube's response, from the scatter about the curve."""
    plate: str = ""
    time_min: float | None = None
    """Of the treated tubes, as the sheet gives them."""
    driver: Agent | None = None
    """`stimulus` as name, dose and unit, so that 10 ng/mL meets 10,000 pg/mL."""
    control_vehicle: str = ""
    """Of the controls that were used."""
    scatter_from: str = ""
    """What the window was tested with: ``replicate tubes``, ``declared tube CV``, or ``residuals of
    this series``, whose tubes scatter around their curve; empty where nothing is known of it. The
    interval of the IC50 always comes from the scatter around the curve."""
    disorder: Disorder | None = None
    """Doses that leave less than a higher one, beyond what tubes scatter; None in order."""


@dataclass(frozen=True, slots=True)
class DonorComparison:
    """Two conditions compared within each donor, over all donors that have both."""

    readout: str
    kind: str
    """``activation`` (stimulated against unstimulated) or ``inhibition`` (treated against
    stimulated)."""
    condition: str
    """``IL-6 10 ng/mL + ruxolitinib 100 nM``."""
    against: str
    """What it is held against: ``IL-6 10 ng/mL``, ``unstimulated``."""
    member: str
    """The inhibitor, or for activation the stimulus: what Holm's correction counts."""
    dose: str
    scale: str
    """``arcsinh``, ``log2 fold``; ``percent points`` for a fraction of cells."""
    donors: tuple[str, ...]
    differences: tuple[float, ...]
    """One per donor, on `scale`, mean over replicate tubes and vehicles."""
    sd: float
    """Between donors: how far their responses differ; NaN for one donor."""
    mean: float
    mean_interval: tuple[float, float]
    """Student's, at `level`."""
    t_p: float
    """Paired t test, two-sided, not adjusted."""
    estimate: float
    """Hodges-Lehmann: median of the means of all pairs of differences."""
    estimate_interval: tuple[float, float]
    """NaN below 3 donors."""
    confidence: float
    """That `estimate_interval` attains: 0.75, 0.875, 0.9375 at 3, 4, 5 donors."""
    wilcoxon_p: float
    """Exact signed-rank test, two-sided, not adjusted."""
    smallest_p: float
    """The smallest that so many donors allow."""
    family: int = 0
    """Inhibitors (or stimuli) that p was adjusted for; 0 where this dose took no part."""
    t_holm: float = math.nan
    """Adjusted over the family; NaN where `family` is 0."""
    wilcoxon_holm: float = math.nan
    smallest_holm: float = math.nan
    """The smallest adjusted Wilcoxon p that donors and family allow."""
    level: float = 0.95
    status: str = "ok"
    """``ok``, ``too few donors``."""
    controls: tuple[float, ...] = ()
    """One per donor: what `differences` are held against, on `scale`."""
    note: str = ""
    """Donors left out or without activation, controls with another vehicle."""
    time_min: float | None = None
    """Time point that was compared, minutes; None where the sheet gives none."""
    sd_response: float = math.nan
    """Between donors, less what the scatter of tubes explains; NaN without replicate tubes."""
    sd_response_interval: tuple[float, float] = (math.nan, math.nan)
    heterogeneity_p: float = math.nan
    """That all donors respond alike; NaN without replicate tubes."""
    prediction: tuple[float, float] = (math.nan, math.nan)
    """Where the next donor's difference is expected, at `level`; NaN below three donors."""
    mixed: float = math.nan
    """Mean difference by a mixed model of all tubes; NaN below six donors with replicates."""
    mixed_interval: tuple[float, float] = (math.nan, math.nan)
    mixed_p: float = math.nan
    """Not adjusted."""
    mixed_df: float = math.nan
    """Satterthwaite's, at most donors less one."""
    mixed_status: str = ""
    """``ok``; ``ok, variance between responses at zero`` where the donors respond as alike as their
    tubes allow; else why there is no mixed model, with the donors where it is theirs."""

    @property
    def n(self) -> int:
        """Donors."""
        return len(self.donors)
