"""The journey from tubes to readings and inhibition.

Two looks at the tubes: the first finds scales and limits that all tubes share,
the second gates and measures, the unstimulated tubes before the rest. Only a
few tubes need to be in memory at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count

from assays.errors import ControlError, GatingError
from assays.flow.activation import with_activation
from assays.flow.axes import check_choices, make_axes
from assays.flow.bench import CONTROLS, Bench, Keep
from assays.flow.brought import Brought
from assays.flow.cofactor import settled
from assays.flow.correction import choose_correction
from assays.flow.events import Events, Spillover
from assays.flow.first_look import first_look, naming_who_asks
from assays.flow.gate_row import nearest_population
from assays.flow.intake import Intake
from assays.flow.measure import Values
from assays.flow.own_threshold import refuse_own_shares
from assays.flow.own_views import OwnViews
from assays.flow.pictures import picture_axes
from assays.flow.record import Measured, record
from assays.flow.settle import settle_gates
from assays.flow.shelf import Shelf
from assays.flow.staining import asked_for
from assays.flow.strategy import (
    ROOT,
    GatingStrategy,
    check_asked,
    check_strategy,
)
from assays.inhibition.sheet.doses_named import require_units
from assays.inhibition.sheet.namesakes import refuse_control_twice
from assays.protocol import Flow, Readout
from assays.results.flow import FlowRun
from assays.samples import SAMPLE_ROLES, Tube

Progress = Callable[[int, int, str], None]


def process_flow(
    tubes: Sequence[Tube],
    open_events: Callable[[Tube], Events],
    protocol: Flow,
    *,
    spillover: Spillover | None = None,
    matrices: Mapping[str, Spillover] | None = None,
    brought: Brought | None = None,
    keep: Keep | None = None,
    progress: Progress | None = None,
) -> FlowRun:
    """Gate, measure and compare the tubes of a run.

    Parameters
    ----------
    tubes : sequence of Tube
        Rows of the sample sheet.
    open_events : callable
        Reads one tube, uncompensated; may be called twice for a tube.
    protocol : Flow
        ``[flow]`` of ``assay.toml``.
    spillover : Spillover, optional
        The matrix of the csv that ``protocol.compensation`` names.
    matrices : mapping, optional
        Matrices that single gates name as their compensation, by name of the csv.
    brought : Brought, optional
        Another program's gates, which ``protocol.gating`` names.
    keep : callable, optional
        Given each tube that was gated with its populations, to write their events.
    progress : callable, optional
        Called with steps done, steps in all, and a tube's file.

    Raises
    ------
    GatingError
        When the strategy cannot be understood or a channel is absent.
    ControlError
        When compensation is not possible as chosen, or no tube is a sample.
    """
    samples = _samples(tubes, protocol)
    strategy = _strategy(protocol, tubes, brought)
    recorded = open_events
    if brought:
        brought.demand(protocol, samples)
        open_events, protocol = brought.opening(open_events), brought.compensating(protocol)
    check_asked(strategy, protocol)
    refuse_own_shares({step.population: step for step in strategy.steps}, protocol.readouts)
    channels = _channels(protocol, strategy)
    views = OwnViews(strategy.views, matrices or {})
    correction = choose_correction(protocol, spillover, tubes, recorded, channels)
    intake = Intake(open_events, correction, protocol, channels, views)
    shelf = Shelf(intake.open)
    tell = progress or (lambda done, total, file: None)

    steps_in_all = 2 * len(samples)
    told_so_far = count(1)
    looks = first_look(
        samples,
        naming_who_asks(shelf.take, intake, protocol, strategy.steps),
        channels,
        lambda tube: tell(next(told_so_far), steps_in_all, tube.file),
    )
    check_choices(protocol.scales, intake.channel_names)
    scales = brought.scales() if brought else None
    axes = make_axes(looks.every, views.choices(protocol.scales), scales, looks.calm)
    strategy, unclear = settle_gates(
        strategy, tubes, samples, shelf.take, protocol, looks, axes, views
    )
    drawn = picture_axes(axes, strategy, len(samples) * len(strategy.steps))
    bench = Bench(protocol, strategy, axes, drawn, keep)

    def taken(tube: Tube, readout: Readout) -> tuple[Values, Values | None]:
        held = bench.taken(tube, readout, shelf.take(tube))
        return held.values, held.total

    protocol, told = settled(protocol, looks.every, list(intake.channel_names), samples, taken)
    bench.use(protocol)
    _second_look(samples, shelf, bench, tell)

    counts, readings = bench.counts(samples), bench.readings(samples)
    counts = brought.with_stored(counts) if brought else counts
    measured = Measured(
        tubes=tubes,
        samples=samples,
        protocol=protocol,
        strategy=strategy,
        axes=axes,
        views=views,
        correction=correction,
        intake=intake,
        bench=bench,
        brought=brought,
        populations=counts,
        readings=readings,
        of_gates=unclear,
        of_cofactors=told,
    )
    return with_activation(record(measured), protocol, intake.open, bench.inside)


def _strategy(protocol: Flow, tubes: Sequence[Tube], brought: Brought | None) -> GatingStrategy:
    """Gates of the protocol, after another program's gates where those were brought."""
    read = [name for readout in protocol.readouts for name in readout.channels]
    files = [tube.file for tube in tubes]
    steps, own = brought.steps() if brought else ((), {})
    strategy = check_strategy(protocol.gates, protocol.overrides, files, read, steps)
    return replace(strategy, found=own, elsewhere=brought.masks) if brought else strategy


def _second_look(samples: Sequence[Tube], shelf: Shelf, bench: Bench, tell: Progress) -> None:
    """Gate and measure every tube, the controls first: they set the thresholds."""
    controls_first = sorted(samples, key=lambda tube: tube.role not in CONTROLS)
    for done, tube in enumerate(controls_first, len(samples) + 1):
        bench.gate(tube, shelf.take(tube))
        shelf.drop(tube)
        tell(done, 2 * len(samples), tube.file)
    bench.finish_controls()


def _samples(tubes: Sequence[Tube], protocol: Flow) -> list[Tube]:
    """Tubes that are read; a file stands for one tube only."""
    seen: set[str] = set()
    for tube in tubes:
        if tube.file in seen:
            raise ControlError("the sample sheet names a file twice", tube.file)
        seen.add(tube.file)
    require_units(tubes)
    refuse_control_twice(tubes, protocol.molar_mass_g_per_mol)
    staining = asked_for(tubes, protocol)
    samples = [tube for tube in tubes if tube.role in SAMPLE_ROLES or tube in staining]
    if all(tube in staining for tube in samples):
        roles = ", ".join(SAMPLE_ROLES)
        raise ControlError("no tube of the sample sheet is a sample", hint=f"Samples are: {roles}.")
    return samples


def _channels(protocol: Flow, strategy: GatingStrategy) -> tuple[str, ...]:
    """Channels that gates and readouts use, after checking the readouts' names."""
    known = [ROOT, *(step.population for step in strategy.steps)]
    names: set[str] = set()
    for readout in protocol.readouts:
        for name in (readout.population, *readout.populations):
            if name in known:
                continue
            near = nearest_population(name, known)
            raise GatingError(
                f"readout {readout.name!r} names population {name!r}",
                "assay.toml: [[flow.readouts]]",
                hint=f"Did you mean {near!r}?" if near else f"Known: {', '.join(known)}.",
            )
        if readout.name in names:
            raise GatingError(
                f"readout {readout.name!r} is defined twice", "assay.toml: [[flow.readouts]]"
            )
        names.add(readout.name)
    read = [name for readout in protocol.readouts for name in readout.channels]
    return tuple(dict.fromkeys([*strategy.channels, *read]))
