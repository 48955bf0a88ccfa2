"""What an FCS file holds: what a cytometrist looks for first."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assays.flow.events import Events
from assays.flow.fcs.settings import settings_of
from assays.results.cytometer import Detector, Settings
from assays.workflow.look_record import Look, some
from plates.errors import LabError
from plates.findings import Finding, Severity
from plates.source import Source

CUT_SHORT = "fcs-cut-short"
MOST_DATASETS = 8
"""Data sets that are described one by one."""
LEAST_SHARE = 0.0005
"""Spillover below reads 0.0 %."""
NOT_GIVEN = "not given"

Facts = tuple[tuple[str, str], ...]


def look_at_fcs(source: Source, dataset: int, *, verify: bool, salvage: bool) -> Look:
    """Describe one data set of an FCS file, and name the others.

    Raises
    ------
    FcsError
        When it cannot be understood, or was cut short and is not to be salvaged.
    """
    from assays.flow import fcs
    from assays.flow.fcs.packed import unpacked

    source = unpacked(source)
    events = fcs.read(source, dataset, salvage=salvage)
    settings = settings_of(events)
    findings = _cut_short(events)
    facts = _facts(source, dataset, events, settings)
    if verify:
        from assays.flow.fcs.second_engine import compare

        raw = fcs.read(source, dataset, scaled=False, salvage=salvage)
        told = compare(source, raw, dataset)
        findings += told
        facts += (("second engine", _verdict(told)),)
    columns, rows = _channels(events, settings.detectors)
    return Look(
        "fcs",
        facts,
        columns,
        rows,
        events.notes,
        findings,
        lambda: _as_csv(events),
        lambda: _page(facts, columns, rows, events, findings),
    )


def _verdict(told: Sequence[Finding]) -> str:
    from assays.flow.fcs.second_engine import NAMES_LOST

    if any(finding.severity != Severity.NOTE for finding in told):
        return "differs, see below"
    unread = [finding for finding in told if finding.rule != NAMES_LOST]
    return "could not confirm it, see below" if unread else "agrees in every value"


def _cut_short(events: Events) -> tuple[Finding, ...]:
    if not events.missing:
        return ()
    total = len(events) + events.missing
    return (
        Finding(
            CUT_SHORT,
            Severity.LOOK,
            events.name,
            f"fcs: salvaged from a file that was cut short: {len(events):,} of {total:,} events "
            f"are here, {events.missing:,} are missing. Every number here holds for these alone.",
            float(events.missing),
            0.0,
            "events",
        ),
    )


def _facts(source: Source, dataset: int, events: Events, settings: Settings) -> Facts:
    from assays.flow.fcs.dataset import open_dataset

    words = events.keywords
    count = f"{len(events):,}"
    if events.missing:
        count += f" of {len(events) + events.missing:,}, {events.missing:,} missing (salvaged)"
    clock = "–".join(filter(None, (settings.begin, settings.end)))
    kinds = "/".join(dict.fromkeys(c.kind for c in events.channels)) or "?"
    widths = "/".join(dict.fromkeys(str(c.bits) for c in events.channels))
    order = words.get("$BYTEORD", "?").strip()
    version = open_dataset(source, dataset).header.version
    facts = [
        ("file", source.name),
        ("cytometer", _joined(settings.cytometer, _said("serial", settings.serial))),
        ("software", settings.software),
        ("acquired", " ".join(filter(None, (settings.date, clock))) or NOT_GIVEN),
        ("operator", settings.operator),
        ("institution", settings.institution),
        ("specimen", settings.specimen),
        ("tube", settings.tube),
        ("plate", _joined(settings.plate, _said("well", settings.well), nothing="")),
        ("events", count),
        ("channels", str(len(events.channels))),
        ("data sets", _datasets(source, dataset)),
        ("stored as", f"{version}, {kinds} of {widths} bits, byte order {order}"),
        ("lasers", _lasers(settings)),
        ("spillover", _spillover(events)),
        ("time", _time(events)),
        ("repairs", f"{len(events.notes)}, told below" if events.notes else "none"),
    ]
    return tuple((name, value) for name, value in facts if value)


def _said(name: str, value: str) -> str:
    return f"{name} {value}" if value else ""


def _joined(*parts: str, nothing: str = NOT_GIVEN) -> str:
    return ", ".join(filter(None, parts)) or nothing


def _datasets(source: Source, chosen: int) -> str:
    """How many, and what each holds when there are several."""
    from assays.flow import fcs
    from assays.flow.fcs.read import understand

    try:
        count = fcs.count_datasets(source)
    except LabError as problem:
        return f"data set {chosen} is shown; the chain breaks further on: {problem.message}"
    if count == 1:
        return "1"
    told = []
    for number in range(min(count, MOST_DATASETS)):
        try:
            draft, layout = understand(source, number, salvage=True)
            what = f"{draft.events:,} events × {len(layout.fields)} channels"
        except LabError as problem:
            what = problem.message
        told.append(f"{number}: {what}{' (shown)' if number == chosen else ''}")
    more = f"; and {count - len(told)} more" if count > len(told) else ""
    return f"{count}, counted from 0 – {'; '.join(told)}{more}"


def _lasers(settings: Settings) -> str:
    named = [
        laser.name + (f" (delay {laser.delay})" if laser.delay else "") for laser in settings.lasers
    ]
    if named:
        return some(named)
    waves = dict.fromkeys(d.excitation_nm for d in settings.detectors if d.excitation_nm)
    return f"{some(list(waves))} nm" if waves else NOT_GIVEN


def _spillover(events: Events) -> str:
    spillover = events.spillover
    if spillover is None:
        return "none in the file"
    n = len(spillover.channels)
    text = f"{n} × {n} ({spillover.origin})"
    apart = np.abs(np.where(np.eye(n, dtype=bool), 0.0, spillover.matrix))
    if not apart.any():
        return f"{text}: nothing spills over, the matrix is empty"
    if apart.max() < LEAST_SHARE:
        return f"{text}: less than {100 * LEAST_SHARE:g} % everywhere"
    dye, detector = np.unravel_index(int(apart.argmax()), apart.shape)
    share = 100 * spillover.matrix[dye, detector]
    return (
        f"{text}, most: {share:.1f} % of {spillover.channels[dye]} "
        f"in {spillover.channels[detector]}"
    )


def _time(events: Events) -> str:
    from assays.flow.fcs.clock import origin

    seconds = events.time_s
    if seconds is None or not len(seconds):
        return NOT_GIVEN
    lasted = float(np.nanmax(seconds) - np.nanmin(seconds))
    rate = f", {len(seconds) / lasted:,.0f} events/s" if lasted > 0 else ""
    said = origin(events.keywords)
    return f"{lasted:,.1f} s{rate}, {events.time_step_s:.3g} s a tick ({said})"


def _channels(
    events: Events, detectors: Sequence[Detector]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The table of channels, without the columns that the file leaves blank."""
    heads = (
        *("channel", "marker", "volts", "gain", "laser nm", "mW", "filter", "stored", "range"),
        *("min", "median", "max"),
    )
    rows = [
        (
            channel.name,
            detector.marker,
            _number(detector.voltage_v),
            "" if channel.time or detector.gain == 1 else f"{detector.gain:g}",
            detector.excitation_nm,
            _number(detector.power_mw),
            detector.filter,
            "" if detector.scale == "linear" else detector.scale,
            _number(channel.range),
            *_summary(events.values[:, index]),
        )
        for index, (channel, detector) in enumerate(zip(events.channels, detectors, strict=True))
    ]
    kept = [n for n in range(len(heads)) if n == 0 or any(row[n] for row in rows)]
    return tuple(heads[n] for n in kept), tuple(tuple(row[n] for n in kept) for row in rows)


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.10g}"


def _summary(values: NDArray[np.floating]) -> tuple[str, str, str]:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return ("", "", "")
    lowest, middle, highest = float(finite.min()), float(np.median(finite)), float(finite.max())
    return _short(lowest), _short(middle), _short(highest)


def _short(value: float) -> str:
    """Four significant digits, and no powers of ten where digits do."""
    return f"{value:.0f}" if 1e4 <= abs(value) < 1e9 else f"{value:.4g}"


def _as_csv(events: Events) -> str:
    import pandas as pd

    names = [channel.name for channel in events.channels]
    frame = pd.DataFrame(events.values, columns=names)
    if events.missing:
        frame["salvaged"] = f"{len(events)} of {len(events) + events.missing} events"
    return str(frame.to_csv(index=False))


def _page(
    facts: Facts,
    columns: tuple[str, ...],
    rows: tuple[tuple[str, ...], ...],
    events: Events,
    findings: tuple[Finding, ...],
) -> bytes:
    from assays.flow.scatter import scatter_of
    from assays.reports.fcs_page import FcsPage, render

    spillover = events.spillover
    return render(
        FcsPage(
            facts,
            columns,
            rows,
            () if spillover is None else spillover.channels,
            None if spillover is None else spillover.matrix,
            scatter_of(events),
            events.notes,
            findings,
        )
    )
