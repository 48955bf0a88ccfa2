"""Captions say what to see; alternative texts say it to those who cannot."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from assays.reports.figures.gate_panels import Panel, leaf, parent_in_words, percent
from assays.reports.figures.readouts import rows_of
from assays.reports.words import percentile, with_interval
from assays.results.flow import FlowRun, GatePicture, ReadoutHistogram
from assays.results.inhibition import DoseResponse, Inhibition
from assays.samples import Tube
from plates.lettering import number

Words = tuple[str, str]
"""Caption and alternative text."""


def counted(count: int, noun: str) -> str:
    """``1 well``, ``3 wells``.

    >>> counted(1, "well"), counted(0, "well")
    ('1 well', '0 wells')
    """
    return f"{count} {noun if count == 1 else noun + 's'}"


def some(names: Sequence[str], most: int = 8) -> str:
    """Names in a row; the rest is counted."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def of_gates(tube: Tube, gates: Sequence[GatePicture]) -> Words:
    """Gate strip of one tube."""
    caption = (
        f"Gates of {tube.file} ({tube.donor}, {tube.condition}) in gating order. Colour is the "
        "density of the parent's events on the scale that was gated; beside each outline stands "
        "its share of the parent."
    )
    behind = next((gate.behind for gate in gates if gate.behind), "")
    if behind:
        caption += f" In vermilion the events of {behind} again, on every gate that leads to them."
    steps = [
        f"{leaf(gate.population)} is {percent(gate.percent_of_parent)} of "
        f"{parent_in_words(gate.parent)}"
        for gate in gates
    ]
    return caption, f"{counted(len(gates), 'gate')}: {some(steps, 12)}."


def of_contact_sheet(panels: Sequence[Panel], sheet: int, sheets: int) -> Words:
    """One gate over many tubes."""
    first = panels[0].first
    which = f" (sheet {sheet} of {sheets})" if sheets > 1 else ""
    names = " and ".join(dict.fromkeys(leaf(gate.population) for gate in panels[0].gates))
    parent = parent_in_words(first.parent)
    caption = (
        f"Gate {names} in {parent}, every tube{which}, each donor's in dose order. Look for tubes "
        "whose cloud has moved out of the gate. The bar on top tells the condition: grey-blue "
        "unstimulated, vermilion stimulated, brown positive controls, grey staining ones, other "
        "colours are inhibitors, lighter for lower doses."
    )
    shares = sorted(
        (panel.first.percent_of_parent, panel.first.file)
        for panel in panels
        if math.isfinite(panel.first.percent_of_parent)
    )
    alt = f"{counted(len(panels), 'tube')}, gate {names} in {parent}."
    if shares:
        middle = shares[len(shares) // 2][0]
        alt += (
            f" Share of the parent: lowest {percent(shares[0][0])} in {shares[0][1]}, "
            f"middle {percent(middle)}, highest {percent(shares[-1][0])} in {shares[-1][1]}."
        )
    return caption, alt


def _threshold_of(histogram: ReadoutHistogram, run: FlowRun) -> str:
    """Which tubes gave the threshold: unstimulated, FMO or isotype ones."""
    roles = {
        reading.threshold_from
        for reading in run.readings
        if (reading.readout, reading.donor) == (histogram.readout, histogram.donor)
    }
    named = {"fmo": "FMO", "isotype": "isotype"}
    return next((named[role] for role in sorted(roles) if role in named), "unstimulated")


def of_readout(
    histograms: Sequence[ReadoutHistogram], positives: Mapping[str, float], run: FlowRun
) -> Words:
    """Offset histograms of one donor."""
    first = histograms[0]
    below = any(histogram.positive_below for histogram in histograms)
    side, rank = percentile(run.percent_positive_quantile, below=below)
    caption = (
        f"{first.readout} in {first.donor}: one histogram per condition, in dose order, each "
        "scaled to its own peak. Dashed behind: the donor's unstimulated tubes. Tick: median. "
        f"Dotted line: the threshold, {rank} percentile of the {_threshold_of(first, run)} "
        f"events; right: share of events {side} it."
    )
    if below:
        caption += " Activation makes this readout fall, so cells below it count as positive."
    told = []
    for row in rows_of(histograms):
        known = [positives.get(histogram.file, math.nan) for histogram in row]
        known = [value for value in known if math.isfinite(value)]
        told.append(
            f"{row[0].condition} {percent(sum(known) / len(known)) if known else 'not known'}"
        )
    return (
        caption,
        f"{first.readout} in {first.donor}, events {side} the threshold: {some(told, 14)}.",
    )


def of_inhibition(rows: Sequence[Inhibition], level: float) -> Words:
    """Inhibition over donors."""
    caption = (
        f"Inhibition of {rows[0].readout}: 0 % is the donor's stimulated, 100 % its unstimulated "
        f"tubes. Dots are donors, bars their {100 * level:g} % intervals, thin lines connect the "
        "doses of one donor; an arrowhead ends an interval that goes on. On top, n: donors in whom "
        f"inhibition is defined at that dose.{_crosses(rows)}"
    )
    if len({(row.donor, row.inhibitors) for row in rows}) < len(rows):
        caption += " A second dot of a donor at one dose, beside the line, has another vehicle."
    if any(row.status == "not testable" for row in rows):
        caption += " Bars hold the scatter of events only: without replicate tubes the window "
        caption += "is not testable."
    told = []
    for key in dict.fromkeys((row.inhibitors, row.inhibitor, row.dose) for row in rows):
        own = [row for row in rows if row.inhibitors == key[0]]
        known = sorted(row.percent for row in own if math.isfinite(row.percent))
        lost = len(own) - len(known)
        text = f"{key[1]} {key[2]}: "
        if known:
            text += f"{number(known[0])} to {number(known[-1])} % in {counted(len(known), 'donor')}"
        if lost:
            text += f"{', ' if known else ''}undefined in {lost}"
        told.append(text)
    return caption, f"Inhibition of {rows[0].readout}. {some(told, 20)}."


def _crosses(rows: Sequence[Inhibition]) -> str:
    """Why donors stand in the lower strip, by reason."""
    reasons: dict[str, dict[str, None]] = {}
    for row in rows:
        if math.isnan(row.percent):
            reasons.setdefault(row.status.partition(":")[0], {})[row.donor] = None
    if not reasons:
        return ""
    told = [f"{why} ({some(list(donors), 6)})" for why, donors in reasons.items()]
    return f" Crosses in the lower strip, inhibition undefined: {'; '.join(told)}."


def response_quantity(readout: str, scale: str) -> str:
    """What the responses of a dose series are."""
    return f"{readout}, median (a.u.)" if scale == "linear" else f"{readout}, {scale} of median"


def of_dose_responses(series: Sequence[DoseResponse], level: float) -> Words:
    """Dose responses of one inhibitor."""
    first = series[0]
    caption = (
        f"{first.readout} against {first.inhibitor}, a panel per donor. Points are tubes, the line "
        "is the fitted curve, dashed where it gives no IC50; bands are the "
        f"{100 * level:g} % intervals of the stimulated (vermilion) and unstimulated (grey-blue) "
        "tubes. The triangle on the axis is the IC50, the bar its interval."
    )
    told = []
    for own in series:
        if math.isfinite(own.ic50):
            shown, ends = with_interval(own.ic50, own.ic50_interval)
            interval = f" ({ends})" if ends else ""
            told.append(f"{own.donor}: IC50 {shown}{interval} {own.unit}")
        else:
            told.append(f"{own.donor}: {own.status}")
    return caption, f"{first.inhibitor} on {first.readout}. {'; '.join(told)}."
