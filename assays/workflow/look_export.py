"""What a plate-reader export holds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assays.workflow.look_layout import layout_in_words
from assays.workflow.look_record import Look, some, span
from plates.plateread import Export
from plates.source import Source

MOST_READS = 40
"""Rows of the table; a kinetic export holds hundreds of reads."""


def look_at_export(source: Source, reader: str | None) -> Look:
    """Describe an export.

    Raises
    ------
    LabError
        When no plate reader, or more than one, understands it.
    """
    from plates.readers.identify import read

    export = read(source, reader=reader)
    facts = _facts(source, export)
    several = any(one.analyte for one in export.reads)
    rows = tuple(
        (
            one.plate,
            one.read,
            *((one.analyte,) if several else ()),
            one.mode,
            one.wavelength_nm,
            "" if np.isnan(one.time_s) else f"{one.time_s:g}",
            f"{int(np.isfinite(one.values).sum())} of {one.format.size}",
            span(one.values),
            some([f"{well} {flag}" for well, flag in one.flags.items()]),
        )
        for one in export.reads[:MOST_READS]
    )
    more = len(export.reads) - len(rows)
    notes = export.notes + ((f"{more} further reads are not shown; see --csv.",) if more else ())
    return Look(
        "export",
        facts,
        (
            *("plate", "read", *(("analyte",) if several else ()), "mode", "nm", "time s"),
            *("wells with values", "range", "flags"),
        ),
        rows,
        notes,
        to_csv=lambda: export.to_frame(analyte=True).to_csv(index=False),
        to_html=lambda: _heat_maps(facts, export),
    )


def _facts(source: Source, export: Export) -> tuple[tuple[str, str], ...]:
    formats = dict.fromkeys(one.format for one in export.reads)
    analytes = list(dict.fromkeys(one.analyte for one in export.reads if one.analyte))
    plates = list(dict.fromkeys((one.plate_number, one.plate) for one in export.reads))
    waves = list(dict.fromkeys(one.wavelength_nm for one in export.reads if one.wavelength_nm))
    times = sorted({one.time_s for one in export.reads if not np.isnan(one.time_s)})
    return (
        ("file", source.name),
        ("software", export.software),
        ("reader", export.reader),
        ("instrument", export.instrument or "not given"),
        ("read at", export.read_at or "not given"),
        ("plates", f"{len(plates)}: {some([name or '(no name)' for _, name in plates])}"),
        ("format", ", ".join(f"{f.size} wells ({f.rows} × {f.columns})" for f in formats)),
        ("mode", ", ".join(dict.fromkeys(one.mode for one in export.reads))),
        ("wavelengths", f"{some(waves)} nm" if waves else "not given"),
        *((("analytes", f"{len(analytes)}: {some(analytes, 40)}"),) if analytes else ()),
        ("times", f"{len(times)}, {times[0]:g} to {times[-1]:g} s" if times else "endpoint"),
        ("layout", layout_in_words(export.layout)),
        (
            "printed results",
            f"{len(export.printed)} kept for comparison" if export.printed else "none",
        ),
        *export.metadata.items(),
        ("repairs and doubts", f"{len(export.notes)}, told below" if export.notes else "none"),
    )


def _heat_maps(facts: Sequence[tuple[str, str]], export: Export) -> bytes:
    from assays.reports.export_page import render

    return render(facts, export)
