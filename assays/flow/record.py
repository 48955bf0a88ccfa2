"""What was measured in a flow run, to the record that reports, tables and figures are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assays.flow.activation import bead_files
from assays.flow.axes import ChannelAxis
from assays.flow.bench import Bench
from assays.flow.brought import Brought
from assays.flow.correction import Correction
from assays.flow.events import Spillover
from assays.flow.exchange.quantity import FCS
from assays.flow.gate_files import gate_files
from assays.flow.intake import Intake
from assays.flow.own_views import OwnViews
from assays.flow.remarks import run_findings, scale_findings, shape_findings
from assays.flow.strategy import GatingStrategy
from assays.flow.strategy_rows import strategy_rows
from assays.flow.threshold import QUANTILE
from assays.flow.unread import stain_findings, unread_tubes
from assays.inhibition.compare import Compared, compare
from assays.inhibition.sheet.slips import slips
from assays.protocol import Flow
from assays.results.flow import FlowRun, PopulationCount, Reading
from assays.samples import Tube
from plates.findings import Finding, by_severity


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Every tube gated and read, with all that this was done by."""

    tubes: Sequence[Tube]
    """Rows of the sample sheet."""
    samples: Sequence[Tube]
    """Those that were read."""
    protocol: Flow
    strategy: GatingStrategy
    axes: Mapping[str, ChannelAxis]
    views: OwnViews
    correction: Correction
    intake: Intake
    bench: Bench
    brought: Brought | None
    populations: tuple[PopulationCount, ...]
    readings: tuple[Reading, ...]
    of_gates: Sequence[Finding]
    """On gates that were looked for in the data."""
    of_cofactors: Sequence[Finding]


def record(measured: Measured) -> FlowRun:
    """Compare the readings of the tubes, and write down what the run found and how."""
    m, protocol, correction = measured, measured.protocol, measured.intake.correction
    compared = compare(m.readings, protocol=protocol)
    written, unwritten = gate_files(
        m.strategy, m.axes, _matrix(m.intake), m.samples, m.views, m.brought
    )
    words = correction.words
    return FlowRun(
        tubes=tuple(m.tubes),
        compensation=m.brought.compensation(words) if m.brought else words,
        spillover_channels=correction.channels,
        spillover=correction.matrix,
        strategy=strategy_rows(m.strategy),
        populations=m.populations,
        readings=m.readings,
        gates=m.bench.pictures(m.samples),
        histograms=m.bench.histograms(m.samples),
        inhibition=compared.inhibitions,
        dose_responses=compared.doses,
        shifts=compared.shifts,
        findings=by_severity(_findings(m, compared)),
        notes=(*m.intake.notes, *((unwritten,) if unwritten else ())),
        settings=m.intake.settings,
        level=protocol.inhibition.level,
        inhibition_scale=protocol.inhibition.scale,
        total_events=m.intake.total_events,
        percent_positive_quantile=QUANTILE,
        donors=compared.donors,
        gating=m.brought.words if m.brought else "",
        gate_files=written,
        every_tube_drawn=protocol.gating.pictures == "every tube",
        controls=m.correction.record,
    )


def _findings(m: Measured, compared: Compared) -> list[Finding]:
    """What a reader should know, from the files to the comparisons."""
    protocol = m.protocol
    read_elsewhere = (*m.correction.files, *bead_files(m.tubes, protocol))
    return [
        *m.intake.findings,
        *(m.brought.findings(m.populations) if m.brought else ()),
        *m.of_gates,
        *scale_findings(m.strategy, m.axes),
        *shape_findings(m.strategy),
        *m.of_cofactors,
        *run_findings(m.samples, m.populations, m.readings, protocol),
        *compared.findings,
        *slips(m.tubes, m.readings, protocol, _named(protocol, m.axes)),
        *stain_findings(m.tubes, protocol, tuple(m.intake.channel_names)),
        *unread_tubes(m.tubes, m.samples, read_elsewhere, protocol),
    ]


def _named(protocol: Flow, axes: Mapping[str, ChannelAxis]) -> dict[str, tuple[str, ...]]:
    """$PnN and marker of each readout's channel: what a staining control may call it."""
    channels = {r.name: axes[r.channel].channel for r in protocol.readouts if r.channel in axes}
    return {name: (each.name, each.marker or "") for name, each in channels.items()}


def _matrix(intake: Intake) -> Spillover | str:
    """The matrix of the run; ``FCS`` for each file's own, empty for none."""
    correction = intake.correction
    return "" if correction.choice == "none" else correction.given or FCS
