"""What a colleague would say about the populations and readings of a run."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from assays.flow.axes import ChannelAxis
from assays.flow.exchange.gate import crosses_itself
from assays.flow.gates.shapes import Polygon
from assays.flow.share_moves import share_moves
from assays.flow.signal import NO_TOTAL
from assays.flow.strategy import GatingStrategy
from assays.inhibition.pairing import pairing_key
from assays.inhibition.residues import residue_findings
from assays.inhibition.vehicles import vehicle_key
from assays.protocol import Flow
from assays.results.flow import PopulationCount, Reading
from assays.samples import STAINING, Tube, TubeRole
from plates.findings import Finding, Severity

DISAGREE_PERCENT = 25.0
"""Spread of medians between replicate unstimulated tubes that is told."""


def run_findings(
    tubes: Sequence[Tube],
    populations: Sequence[PopulationCount],
    readings: Sequence[Reading],
    protocol: Flow,
) -> list[Finding]:
    """Everything worth saying, tube by tube and then donor by donor."""
    return [
        *_empty(populations),
        *share_moves(tubes, populations, protocol),
        *_few(readings, protocol),
        *_without_total(readings),
        *_without_control(tubes, readings),
        *_vehicles(readings),
        *_replicates(readings),
        *residue_findings(protocol.readouts),
    ]


def _empty(populations: Sequence[PopulationCount]) -> Iterable[Finding]:
    """Empty populations whose parent is not: the gate misses the cells."""
    counts = {(row.file, row.population): row.count for row in populations}
    files_of = {row.file for row in populations}
    totals = {file: max(r.count for r in populations if r.file == file) for file in files_of}
    for row in populations:
        above = counts.get((row.file, row.parent), totals[row.file])
        # A gate that the data do not show is told once, where it was looked for.
        refused = bool(row.reasons) and math.isnan(row.score)
        if row.count == 0 and above > 0 and not refused:
            yield Finding(
                "population-empty",
                Severity.LOOK,
                row.file,
                f"No event falls into {row.population!r}, though {row.parent!r} has {above:,}. "
                "Look at where the gate lies in this tube.",
                0,
                1,
                "events",
            )


def _few(readings: Sequence[Reading], protocol: Flow) -> Iterable[Finding]:
    """One remark per tube and population with few events."""
    told: set[tuple[str, str]] = set()
    # The floor may be raised above the warning's default: no number is lost in silence.
    enough = max(protocol.min_events_warn, protocol.min_events)
    for reading in readings:
        key = (reading.file, reading.population)
        if key in told or reading.count == 0 or reading.count >= enough:
            continue
        told.add(key)
        if reading.count < protocol.min_events:
            yield Finding(
                "few-events",
                Severity.LOOK,
                reading.file,
                f"{reading.population!r} has {_events(reading.count)}, fewer than the "
                f"{protocol.min_events:,} that a number needs: no reading is given. "
                "Record more cells.",
                reading.count,
                protocol.min_events,
                "events",
            )
        else:
            yield Finding(
                "few-events",
                Severity.NOTE,
                reading.file,
                f"{reading.population!r} has {_events(reading.count)}, fewer than "
                f"{protocol.min_events_warn:,}: its readings are uncertain.",
                reading.count,
                protocol.min_events_warn,
                "events",
            )


def _events(count: int) -> str:
    return f"{count:,} event{'s' * (count != 1)}"


def _without_total(readings: Sequence[Reading]) -> Iterable[Finding]:
    """Tubes whose signal has no total to be divided by."""
    lacking: dict[tuple[str, str], list[str]] = {}
    for reading in readings:
        if reading.status == NO_TOTAL:
            lacking.setdefault((reading.readout, reading.total), []).append(reading.file)
    for (readout, total), files in lacking.items():
        many = len(files) > 1
        yield Finding(
            "total-not-above-zero",
            Severity.LOOK,
            ", ".join(files[:3]) + (" …" if len(files) > 3 else ""),
            f"{len(files)} tube{'s have' if many else ' has'} no {total} above zero to divide "
            f"{readout} by: no ratio is given there. Was the total stained, and is its channel "
            "compensated?",
            len(files),
            0,
            "tubes",
        )


def _without_control(tubes: Sequence[Tube], readings: Sequence[Reading]) -> Iterable[Finding]:
    """Controls that are in the sheet and serve nobody; those that are not, the sheet tells."""
    stained = {tube.donor for tube in tubes if tube.role == TubeRole.ISOTYPE}
    for readout in dict.fromkeys(r.readout for r in readings if r.kind == "expression"):
        own = [r for r in readings if r.readout == readout and r.status == "no control"]
        donors = [d for d in dict.fromkeys(r.donor for r in own) if stained & {d, ""}]
        if donors:
            yield Finding(
                "no-isotype",
                Severity.LOOK,
                ", ".join(donors),
                f"No isotype tube serves {readout} in {', '.join(donors)}: too few events, or "
                "another dye in the column stain. There is no percent positive and no fold, and "
                "its median holds the background too.",
            )
    readings = [r for r in readings if r.kind != "expression" and r.tube.role not in STAINING]
    have = {tube.donor for tube in tubes if tube.role == TubeRole.UNSTIMULATED}
    for donor in dict.fromkeys(reading.donor for reading in readings if reading.donor in have):
        names = {r.readout for r in readings if r.donor == donor and r.status == "no control"}
        for readout in sorted(names):
            yield Finding(
                "no-unstimulated",
                Severity.LOOK,
                donor,
                f"The unstimulated tubes of donor {donor} have too few events for {readout}: "
                "there is no Δarcsinh and no percent positive.",
            )


def _vehicles(readings: Sequence[Reading]) -> Iterable[Finding]:
    """Tubes held against unstimulated tubes of another vehicle."""
    calm = {r.file: r.tube for r in readings if r.tube.role == TubeRole.UNSTIMULATED}
    have = {(tube.donor, vehicle_key(tube.vehicle)) for tube in calm.values()}
    lacking: dict[tuple[str, str, str], dict[str, Tube]] = {}
    for reading in readings:
        tube = reading.tube
        if tube.role in STAINING:
            continue
        used = [calm[file].vehicle for file in reading.control.split(" + ") if file in calm]
        if used and vehicle_key(tube.vehicle) not in {vehicle_key(name) for name in used}:
            against = ", ".join(sorted({name or "no vehicle" for name in used}))
            key = (reading.donor, tube.vehicle, against)
            lacking.setdefault(key, {})[reading.file] = tube
    for (donor, vehicle, against), files in lacking.items():
        elsewhere = (donor, vehicle_key(next(iter(files.values())).vehicle)) in have
        where = " on the same plate and at the same time" if elsewhere else ""
        many = len(files) > 1
        tubes = f"{len(files)} tube{'s' * many}"
        if vehicle:
            told = (
                f"Donor {donor} has no unstimulated tube with {vehicle}{where}; {tubes} with it "
                f"{'are' if many else 'is'}"
            )
        else:
            have_none, they_are = ("have", "they are") if many else ("has", "it is")
            told = (
                f"{tubes} of donor {donor} {have_none} no vehicle in the sample sheet, and every "
                f"unstimulated tube{where} has one; {they_are}"
            )
        yield Finding(
            "vehicle-unmatched",
            Severity.NOTE,
            donor,
            f"{told} held against unstimulated with {against}.",
        )


def _replicates(readings: Sequence[Reading]) -> Iterable[Finding]:
    """Replicate unstimulated tubes whose medians differ by more than noise and the limit."""
    groups: dict[tuple[str, str, str, object], list[Reading]] = {}
    for r in readings:
        if r.tube.role == TubeRole.UNSTIMULATED and math.isfinite(r.median):
            key = (r.donor, r.readout, r.tube.vehicle, pairing_key(r.tube))
            groups.setdefault(key, []).append(r)
    for (donor, readout, vehicle, _), group in groups.items():
        if len(group) < 2:
            continue
        low, high = (pick(group, key=lambda r: r.median) for pick in (min, max))
        # On the arcsinh scale, so that a median near zero does not blow the percentage up.
        apart = math.asinh(high.median / high.cofactor) - math.asinh(low.median / low.cofactor)
        noise = math.hypot(*(r.median_se for r in (low, high) if math.isfinite(r.median_se)))
        limit = math.log1p(DISAGREE_PERCENT / 100)
        if apart > limit and high.median - low.median > 3 * noise:
            yield Finding(
                "unstimulated-disagree",
                Severity.LOOK,
                donor,
                f"The unstimulated tubes of donor {donor}{f' ({vehicle})' if vehicle else ''} "
                f"disagree in {readout}: medians {_brief(low.median)} in {low.file} and "
                f"{_brief(high.median)} in {high.file}. Both count towards the baseline.",
                apart,
                limit,
                "arcsinh",
            )


def _brief(value: float) -> str:
    """Three significant digits without an exponent: ``1260``, ``12.4``."""
    return f"{float(f'{value:.3g}'):.12g}"


def shape_findings(strategy: GatingStrategy) -> list[Finding]:
    """Polygons whose edges cross, the overrides' too: which parts are inside must be known."""
    return [
        Finding(
            "polygon-crosses-itself",
            Severity.NOTE,
            step.population if not file else f"{file}, {step.population}",
            f"The edges of gate {step.population!r} cross one another. What a ray leaves an odd "
            "number of times is inside (even-odd), so the part covered twice is outside.",
        )
        for file, step in [
            *(("", step) for step in strategy.steps),
            *((file, step) for (file, _), step in strategy.moved.items()),
        ]
        if isinstance(step.shape, Polygon) and crosses_itself(step.shape)
    ]


def scale_findings(strategy: GatingStrategy, axes: Mapping[str, ChannelAxis]) -> list[Finding]:
    """Gates whose numbers stand on a scale that was estimated from this run."""
    found = []
    for step in strategy.steps:
        loose = [axes[name] for name in step.channels if axes[name].estimated]
        if step.on_scale and loose:
            found.append(
                Finding(
                    "gate-on-estimated-scale",
                    Severity.LOOK,
                    step.population,
                    f"Gate {step.population!r} is given on the scale of {loose[0].name}, which "
                    f"was estimated from this run: {loose[0].scale.words}. Declare t and w in "
                    "[flow.scales], or the gate moves with the data.",
                )
            )
    return found
