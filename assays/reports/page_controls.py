"""Every control's value behind each percent inhibition, so that it can be worked out by hand."""

from __future__ import annotations

import dataclasses
import math

from assays.reports.cells import Cell, Head, PageTable, figure, stacked, table
from assays.reports.dose_order import by_dose
from assays.reports.tables_inhibition import own_floor_status
from assays.reports.words import MISSING, fixed, significant, with_interval
from assays.results.flow import FlowRun
from assays.results.inhibition import Inhibition

NOT_TESTABLE, FIELLER = "not testable", "Fieller"


def controls(run: FlowRun) -> PageTable:
    """Every control's value, so that each percentage can be recomputed by hand."""
    floors = any(math.isfinite(each.alone) for each in run.inhibition)
    drawn = any("bootstrap" in each.interval_kind for each in run.inhibition)
    blocks = len({(each.plate, each.time_min) for each in run.inhibition}) > 1
    leading, other = ("the bootstrap", FIELLER) if drawn else (FIELLER, "bootstrap")
    heads = (
        Head("Donor, readout"),
        Head("Inhibitor, dose, stimulus, vehicle"),
        Head("Unstimulated (tubes)", number=True),
        Head("Stimulated (tubes)", number=True),
        Head("Treated (tubes)", number=True),
        *([Head("Alone (tubes)", number=True)] if floors else []),
        Head("Window (interval)", number=True),
        Head("Inhibition, % (interval)", number=True),
        *([Head("Own floor, % (interval)", number=True)] if floors else []),
        Head(f"Scatter from ({other})"),
    )
    rows = [
        (
            Cell(each.donor, below=each.readout),
            _what(each, blocks),
            _mean(each.unstimulated, each.n_unstimulated),
            _mean(each.stimulated, each.n_stimulated),
            _mean(each.treated, each.n_treated),
            *([_alone(each)] if floors else []),
            stacked(each.window, each.window_interval),
            _percent(each),
            *([_own_floor(each)] if floors else []),
            _source(each, other),
        )
        for each in by_dose(run.inhibition)
    ]
    note = (
        "100 × (stimulated − treated) ÷ (stimulated − unstimulated), from the means shown; the "
        f"interval under it is that of {leading}. The other one stands in the last column: "
        "Fieller's is exact for normal means, the bootstrap draws them anew from the scatter of "
        "the tubes, where that is known."
    )
    note += f" Responses are {responses_in_words(run)}."
    if floors:
        note += (
            " Alone: the same dose without the stimulus. Own floor: 100 × (1 − (treated − alone) ÷ "
            "(stimulated − unstimulated)), which leaves out what the inhibitor does to a tonic "
            "signal; — where it was not given alone."
        )
    else:
        note += " No inhibitor was given alone, so no own floor is known."
    return table(
        "inhibition-controls", "Every control's value", heads, rows, note=note, folded=True
    )


def _what(each: Inhibition, blocks: bool) -> Cell:
    """Inhibitor, and beneath it its dose and what its controls share with it: stimulus with dose,
    vehicle, and plate and time where there are several. It may wrap, so that the numbers have room.
    """
    told = [each.dose, f"against {each.stimulus}" if each.stimulus else "", each.vehicle]
    if blocks:
        told += [each.plate, "" if each.time_min is None else f"{each.time_min:g} min"]
    return Cell(each.inhibitor, look="fold", below=", ".join(filter(None, told)))


def _percent(each: Inhibition) -> Cell:
    """The percentage with its interval beneath it, or why there is none."""
    if math.isnan(each.percent):
        return dataclasses.replace(figure(MISSING), below=each.status.partition(":")[0])
    return stacked(each.percent, each.interval, decimals=1)


def _source(each: Inhibition, other: str) -> Cell:
    """What the interval was found from; beneath, what the other way gives."""
    kind = each.interval_kind.partition(" (")[0]
    if each.status == NOT_TESTABLE:
        return Cell(kind, below=NOT_TESTABLE)
    interval = each.fieller_interval if other == FIELLER else each.bootstrap_interval
    _, ends = with_interval(each.percent, interval, decimals=1)
    return Cell(kind, below=f"({ends})" if ends else _why_not(each, other))


def _why_not(each: Inhibition, other: str) -> str:
    """Why the other way gives no interval."""
    if math.isnan(each.percent):
        return ""
    return "no interval" if other == FIELLER else each.bootstrap_status


def _own_floor(each: Inhibition) -> Cell:
    """The percentage from the inhibitor's own floor, or why there is none."""
    if math.isnan(each.percent_own_floor):
        why = own_floor_status(each).partition(":")[0]
        return dataclasses.replace(figure(MISSING), below=why.removeprefix("inhibitor "))
    return stacked(each.percent_own_floor, each.own_floor_interval, decimals=1)


def _alone(each: Inhibition) -> Cell:
    if math.isnan(each.alone):
        return figure(MISSING)
    return _mean(each.alone, len(each.alone_files))


def _mean(value: float, tubes: int) -> Cell:
    # One decimal, so that the percentage worked out from it is that of the page.
    text = fixed(value, 1) if abs(value) >= 10 else significant(value, 4)
    return dataclasses.replace(figure(text), below=f"n = {tubes}")


def responses_in_words(run: FlowRun) -> str:
    """The scale of responses, or their units."""
    if run.inhibition_scale != "linear":
        return f"on the {run.inhibition_scale} scale"
    units = dict.fromkeys(each.unit for each in run.readings if each.unit)
    named = {"a.u.": "arbitrary units (a.u.)", "%": "percent of cells", "ratio": "ratios"}
    return " or ".join(named.get(unit, unit) for unit in units) or "arbitrary units (a.u.)"
