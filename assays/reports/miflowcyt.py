"""What a reader of a flow experiment is owed: the items of MIFlowCyt, blanks shown.

The list is that of MIFlowCyt 1.0 (Lee and others, Cytometry A 2008;73A:926-930,
doi:10.1002/cyto.a.20623). Items that the files, the sample sheet or the run
itself can answer are filled from them, the rest from ``[experiment]`` and
``[trace]`` of ``assay.toml``; an item that nobody answered is left blank, so
that it is seen. Where tubes differ, each value is told with its number of tubes.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from statistics import median

from assays.protocol import Reagent
from assays.reports.words import count, percent
from assays.results.cytometer import Detector, Settings
from assays.results.flow import FlowRun
from assays.results.run import Run
from assays.results.table import Column, Table

FILES, SHEET, CHOSEN, RUN = "FCS files", "sample sheet", "assay.toml", "this run"
MOST = 4
"""Different values of one item that are told in full."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the list."""

    number: str
    """As MIFlowCyt numbers it."""
    name: str
    value: str
    """Empty when nobody said."""
    origin: str
    """Who said so; for a blank, who could."""


def miflowcyt_items(run: Run) -> tuple[Item, ...]:
    """The list for a run; empty when it has no flow part."""
    if run.flow is None:
        return ()
    return (*_overview(run, run.flow), *_specimen(run, run.flow), *_instrument(run, run.flow),
            *_analysis(run, run.flow))  # fmt: skip


def miflowcyt(run: Run) -> Table:
    """The list as a table."""
    columns = (
        Column("item", "Item"),
        Column("name", "MIFlowCyt asks for"),
        Column("value", "Answer"),
        Column("origin", "From"),
    )
    rows = tuple((i.number, i.name, i.value or None, i.origin) for i in miflowcyt_items(run))
    return Table("miflowcyt", "MIFlowCyt items", columns, rows)


def _overview(run: Run, flow: FlowRun) -> Iterator[Item]:
    told, trace = run.provenance.protocol.experiment, run.provenance.protocol.trace
    yield Item("1.1", "Purpose", told.purpose or run.title, CHOSEN)
    yield Item("1.2", "Keywords", ", ".join(told.keywords), CHOSEN)
    yield Item("1.3", "Experiment variables", _variables(flow), SHEET)
    places = _over(flow, lambda each: each.institution)
    yield Item("1.4", "Organization", told.organisation or places,
               CHOSEN if told.organisation or not places else FILES)  # fmt: skip
    yield Item("1.5", "Primary contact", told.contact, CHOSEN)
    recorded = _over(flow, lambda each: each.date)
    yield Item("1.6", "Date", trace.date or recorded,
               CHOSEN if trace.date or not recorded else FILES)  # fmt: skip
    yield Item("1.7", "Conclusions", told.conclusions, CHOSEN)
    yield Item("1.8", "Quality control measures", _quality(run, told.quality_control),
               f"{RUN}, {CHOSEN}" if told.quality_control else RUN)  # fmt: skip


def _specimen(run: Run, flow: FlowRun) -> Iterator[Item]:
    told, trace = run.provenance.protocol.experiment, run.provenance.protocol.trace
    donors = {tube.donor for tube in flow.tubes if tube.donor}
    counted = f"{count(len(donors), 'donor')}, {count(len(flow.tubes), 'tube')}"
    yield Item("2.1", "Material", "; ".join(filter(None, (told.material, counted))),
               f"{CHOSEN}, {SHEET}" if told.material else SHEET)  # fmt: skip
    yield Item("2.2", "Characteristics", told.characteristics, CHOSEN)
    yield Item("2.3", "Treatment", told.treatment or trace.note, CHOSEN)
    for reagent in trace.antibodies:
        yield Item("2.4", "Fluorescence reagent", _reagent(reagent), CHOSEN)
    if not trace.antibodies:
        yield Item("2.4", "Fluorescence reagents", _stains(flow), FILES)


def _instrument(run: Run, flow: FlowRun) -> Iterator[Item]:
    told, trace = run.provenance.protocol.experiment, run.provenance.protocol.trace
    yield Item("3.1", "Manufacturer", told.cytometer_maker, CHOSEN)
    model = _over(flow, lambda each: each.cytometer)
    yield Item("3.2", "Model", model or trace.instrument, FILES if model else CHOSEN)
    yield Item("3.2", "Serial number", _over(flow, lambda each: each.serial), FILES)
    yield Item("3.2", "Acquisition software", _over(flow, lambda each: each.software), FILES)
    yield Item("3.3", "Flow cell and fluidics", told.fluidics, CHOSEN)
    yield Item("3.3", "Light sources", _over(flow, _lights), FILES)
    yield Item("3.3", "Optical filters",
               _over(flow, lambda each: _detectors(each, lambda d: d.filter)), FILES)  # fmt: skip
    yield Item("3.3", "Detector voltage and gain",
               _over(flow, lambda each: _detectors(each, _amplified)), FILES)  # fmt: skip


def _analysis(run: Run, flow: FlowRun) -> Iterator[Item]:
    told = run.provenance.protocol.experiment
    files = sum(each.role == "fcs" for each in run.provenance.inputs)
    kept = f"; kept at {told.data_location}" if told.data_location else ""
    yield Item("4.1", "List-mode data files",
               f"{files} files, SHA-256 of each in run.json{kept}",
               f"{RUN}, {CHOSEN}" if kept else RUN)  # fmt: skip
    yield Item("4.2", "Compensation", flow.compensation, RUN)
    yield Item("4.3", "Data transformation, for gating and pictures", _scales(flow), RUN)
    yield Item("4.3", "Data transformation, for readings", _read_on(flow), RUN)
    for row in flow.strategy:
        name = f"{row.population} in {row.parent}"
        yield Item("4.4.1", "Gate", f"{name}: {row.method} on {', '.join(row.channels)}", CHOSEN)
        yield Item("4.4.2", "Gate statistics", f"{name}: {_share(flow, row.population)}", RUN)
        yield Item("4.4.3", "Gate boundaries", f"{name}: {row.definition}", RUN)


def _over(flow: FlowRun, what: Callable[[Settings], str]) -> str:
    """One item over all tubes: once where they agree, with numbers of tubes where not."""
    found = Counter(what(each) for each in flow.settings.values())
    if not any(found):
        return ""
    if len(found) == 1:
        return next(iter(found))
    told = [f"{value or 'not given'} ({count(n, 'tube')})" for value, n in found.most_common(MOST)]
    more = [f"{len(found) - MOST} other values"] if len(found) > MOST else []
    return "; ".join([*told, *more])


def _lights(each: Settings) -> str:
    """Lasers by name; where the file has none, the wavelengths that its detectors name."""
    powers = {d.excitation_nm: d.power_mw for d in each.detectors if d.excitation_nm}
    waves = [
        f"{wave} nm" + ("" if math.isnan(power) else f" {power:g} mW")
        for wave, power in powers.items()
    ]
    return ", ".join([*(laser.name for laser in each.lasers), *waves])


def _detectors(each: Settings, what: Callable[[Detector], str]) -> str:
    told = [(detector.channel, what(detector)) for detector in each.detectors]
    return ", ".join(f"{name} {value}" for name, value in told if value)


def _amplified(detector: Detector) -> str:
    parts = [] if math.isnan(detector.voltage_v) else [f"{detector.voltage_v:g} V"]
    parts += [f"gain {detector.gain:g}"] if detector.gain != 1 else []
    return ", ".join(parts)


def _variables(flow: FlowRun) -> str:
    """What was varied between tubes: stimuli, inhibitors with the number of doses, vehicles."""
    stimuli = _once(str(tube.stimulus) for tube in flow.tubes if tube.stimulus)
    doses: dict[str, set[str]] = {}
    for tube in flow.tubes:
        if tube.inhibitor:
            doses.setdefault(tube.inhibitor, set()).add(tube.dose)
    inhibitors = [f"{name} ({count(len(found), 'dose')})" for name, found in doses.items()]
    parts = (
        ("stimulus", stimuli),
        ("inhibitor", inhibitors),
        ("vehicle", _once(tube.vehicle for tube in flow.tubes)),
    )
    return "; ".join(f"{name}: {', '.join(found)}" for name, found in parts if found)


def _once(values: Iterable[str]) -> list[str]:
    return [value for value in dict.fromkeys(values) if value]


def _quality(run: Run, told: str) -> str:
    seen = count(len(run.flow.findings) if run.flow else 0, "finding")
    own = f"every tube checked for its events, time, margins and compensation: {seen}"
    return "; ".join(filter(None, (told, own)))


def _reagent(each: Reagent) -> str:
    """Analyte, detector, reporter, clone, maker: items 2.4.1 to 2.4.6 in one line."""
    parts = (
        ("analyte", each.marker or each.name),
        ("reporter", each.fluorochrome),
        ("clone", each.clone),
        ("manufacturer", each.maker),
        ("catalogue number", each.catalogue),
        ("lot", each.lot),
    )
    return ", ".join(f"{name} {value or 'left blank'}" for name, value in parts)


def _stains(flow: FlowRun) -> str:
    """Markers that the files name, detector by detector."""
    return _over(flow, lambda each: _detectors(each, lambda d: d.marker))


def _scales(flow: FlowRun) -> str:
    axes = [axis for gate in flow.gates for axis in (gate.x, gate.y) if axis is not None]
    axes += [histogram.axis for histogram in flow.histograms]
    return "; ".join(_once(f"{axis.channel}: {axis.scale}" for axis in axes))


def _read_on(flow: FlowRun) -> str:
    cofactors = _once(f"{r.readout} {r.cofactor:g}" for r in flow.readings)
    told = "medians of compensated, untransformed intensities"
    return f"{told}; Δarcsinh with cofactor: {', '.join(cofactors)}" if cofactors else told


def _share(flow: FlowRun, population: str) -> str:
    """Percent of parent over the tubes; each tube's stands in the table of populations."""
    found = [
        each.percent_of_parent
        for each in flow.populations
        if each.population == population and not math.isnan(each.percent_of_parent)
    ]
    if not found:
        return "no events"
    if len(found) == 1:
        return f"{percent(found[0])} % of parent"
    return (f"median {percent(median(found))} % of parent over {len(found)} tubes "
            f"({percent(min(found))} to {percent(max(found))} %)")  # fmt: skip
