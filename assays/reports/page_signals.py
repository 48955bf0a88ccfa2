"""The wells and the signal behind each concentration, so that it can be read back by hand."""

from __future__ import annotations

import math

from assays.reports.cells import Cell, Head, PageTable, figure, table, words
from assays.reports.page_concentrations import anchor
from assays.reports.tables_elisa import in_order
from assays.reports.words import percent, significant
from assays.results.elisa import ElisaRun, PlateResult
from plates.layout import Role

SIGNAL_DIGITS = 5
"""So that the concentration worked out from a signal is that of the page."""


def signals(run: ElisaRun, plate: PlateResult, unit: str) -> PageTable:
    """Every sample's wells, mean signal and concentration in the well, before its dilution.

    Parameters
    ----------
    unit : str
        Of the signal: ``OD``.
    """
    heads = (
        Head("Sample"),
        Head("Wells"),
        Head(f"Mean signal, {unit}", number=True),
        Head("CV of signal, %", number=True),
        Head(f"In the well, {run.unit}", number=True),
        Head("Dilution", number=True),
        Head(f"{run.analyte}, {run.unit}", number=True),
    )
    rows = [
        (
            words(each.sample),
            Cell(
                " ".join(map(str, each.wells)),
                look="wide",
                struck=" ".join(map(str, each.excluded)),
            ),
            figure(significant(each.signal, SIGNAL_DIGITS)),
            figure(percent(each.cv_signal_percent)),
            figure(significant(each.concentration / each.dilution_factor)),
            figure(f"1:{each.dilution_factor:g}"),
            figure(significant(each.concentration)),
        )
        for each in in_order(plate.samples)
        if each.role != Role.QC
    ]
    note = (
        "The signal is the mean of the wells shown, as it went into the curve. In the well: what "
        "the formula under \u201cCurve and limits\u201d gives for x where y is that signal"
    )
    if plate.curve is not None and plate.curve.model == "4pl":
        note += ", x = C ((A \u2212 D) / (y \u2212 D) \u2212 1)^(1/B)"
    note += (
        '; with inverse = "mean of inverses" in assay.toml it is the mean over the wells instead. '
        "The concentration is that times the dilution."
    )
    if any(math.isnan(each.concentration) for each in plate.samples):
        note += " \u2014: not reported as a number; its status says why."
    title = "Wells and signals of the concentrations"
    return table(anchor("signals", run, plate), title, heads, rows, note=note, folded=True)
