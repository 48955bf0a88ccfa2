"""Look into one file: what it is, what it holds, what was repaired.

By content: FCS files begin with ``FCS``; an FCS file is never taken for
another. A workbook or text that names its own shape (a layout, a sample sheet)
goes by its file name; everything else is asked of the plate readers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from assays.errors import ResultsError
from plates.errors import LabError
from plates.findings import Finding
from plates.plateread import Export
from plates.source import Source


@dataclass(frozen=True, slots=True)
class Look:
    """What a file holds, ready to print."""

    kind: str
    """``export``, ``fcs``, ``layout`` or ``samples``."""
    facts: tuple[tuple[str, str], ...]
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    to_csv: Callable[[], str] = field(default=str)
    """The numbers, long form."""
    to_html: Callable[[], bytes] | None = None

    def as_record(self) -> dict[str, object]:
        """The look for machines."""
        return {
            "kind": self.kind,
            "facts": dict(self.facts),
            "table": [dict(zip(self.columns, row, strict=True)) for row in self.rows],
            "notes": list(self.notes),
            "findings": [
                {"rule": f.rule, "where": f.where, "message": f.message} for f in self.findings
            ],
        }

    def write_csv(self, path: Path) -> None:
        """Write the numbers."""
        _write(path, self.to_csv().encode())

    def write_html(self, path: Path) -> None:
        """Write a page with heat maps."""
        if self.to_html is None:
            raise ResultsError("only a plate-reader export has a page of heat maps", path.name)
        _write(path, self.to_html())


def look(
    place: str | Path, *, reader: str | None = None, verify: bool = False, salvage: bool = False
) -> Look:
    """Read one file and describe it.

    Raises
    ------
    LabError
        When the file cannot be understood; a file that several kinds could
        claim is described by the one its content fits.
    """
    source = Source.of(place)
    if source.head(3) == b"FCS" or Path(source.name).suffix.lower() in (".fcs", ".lmd"):
        return _fcs(source, verify=verify, salvage=salvage)
    stem = Path(source.name).stem.lower()
    if reader is None and stem.startswith("samples"):
        return _samples(source)
    if reader is None and stem.startswith("layout"):
        return _layout(source)
    try:
        return _export(source, reader)
    except LabError as error:
        if reader is not None:
            raise
        try:
            return _layout(source)
        except LabError:
            raise error from None


def _export(source: Source, reader: str | None) -> Look:
    from plates.readers.identify import read

    export = read(source, reader=reader)
    first = export.reads[0]
    plates = list(dict.fromkeys((one.plate_number, one.plate) for one in export.reads))
    waves = list(dict.fromkeys(one.wavelength_nm or "not given" for one in export.reads))
    times = sorted({one.time_s for one in export.reads if not np.isnan(one.time_s)})
    facts = [
        ("file", source.name),
        ("software", export.software),
        ("reader", export.reader),
        ("instrument", export.instrument or "not given"),
        ("read at", export.read_at or "not given"),
        ("plates", f"{len(plates)}: {', '.join(name or '(no name)' for _, name in plates)}"),
        ("format", f"{first.format.size} wells ({first.format.rows} × {first.format.columns})"),
        ("mode", ", ".join(dict.fromkeys(one.mode for one in export.reads))),
        ("wavelengths", f"{_some(waves)} nm"),
        ("times", f"{len(times)}, {times[0]:g} to {times[-1]:g} s" if times else "endpoint"),
        ("layout", _layout_in_words(export.layout)),
        (
            "printed results",
            f"{len(export.printed)} kept for comparison" if export.printed else "none",
        ),
        *export.metadata.items(),
    ]
    rows = tuple(
        (
            one.plate,
            one.read,
            one.mode,
            one.wavelength_nm,
            "" if np.isnan(one.time_s) else f"{one.time_s:g}",
            str(int(np.isfinite(one.values).sum())),
            _range(one.values),
            _some([f"{well} {flag}" for well, flag in one.flags.items()]),
        )
        for one in export.reads[:40]
    )
    more = len(export.reads) - len(rows)
    notes = export.notes + ((f"{more} further reads are not shown; see --csv.",) if more else ())
    return Look(
        "export",
        tuple(facts),
        ("plate", "read", "mode", "nm", "time s", "wells with values", "range", "flags"),
        rows,
        notes,
        to_csv=lambda: export.to_frame().to_csv(index=False),
        to_html=lambda: _heat_maps(facts, export),
    )


def _heat_maps(facts: Sequence[tuple[str, str]], export: Export) -> bytes:
    from assays.reports.export_page import render

    return render(facts, export)


def _layout_in_words(layout: object) -> str:
    from plates.layout import Layout

    if not isinstance(layout, Layout):
        return "none in the file"
    counts: dict[str, int] = {}
    for content in layout.contents.values():
        counts[str(content.role)] = counts.get(str(content.role), 0) + 1
    return ", ".join(f"{count} {role}" for role, count in counts.items())


def _layout(source: Source) -> Look:
    from plates.layouts.identify import read_layout

    layout = read_layout(source)
    facts = (
        ("file", source.name),
        ("format", f"{layout.format.size} wells"),
        ("plates", ", ".join(name or "every plate" for name in layout.plates)),
        ("wells", _layout_in_words(layout)),
    )
    columns = ("plate", "well", "role", "sample", "nominal", "unit", "dilution", "labels")
    rows = tuple(
        (
            plate,
            str(well),
            str(content.role),
            content.sample,
            "" if np.isnan(content.nominal) else f"{content.nominal:g}",
            content.unit,
            f"{content.dilution_factor:g}",
            ", ".join(f"{key} {value}" for key, value in content.labels.items()),
        )
        for (plate, well), content in layout.contents.items()
    )
    return Look(
        "layout",
        facts,
        columns,
        rows,
        layout.notes,
        to_csv=lambda: layout.to_frame().to_csv(index=False),
    )


def _samples(source: Source) -> Look:
    from assays.sample_sheet import read_samples

    tubes = read_samples(source)
    donors = list(dict.fromkeys(tube.donor for tube in tubes))
    facts = (("file", source.name), ("tubes", str(len(tubes))), ("donors", _some(donors)))
    columns = ("file", "donor", "role", "condition", "vehicle")
    rows = tuple((t.file, t.donor, str(t.role), t.condition, t.vehicle) for t in tubes)
    lines = [",".join(columns), *(",".join(f'"{cell}"' for cell in row) for row in rows)]
    return Look("samples", facts, columns, rows, to_csv=lambda: "\n".join(lines) + "\n")


def _fcs(source: Source, *, verify: bool, salvage: bool) -> Look:
    from assays.flow import fcs

    events = fcs.read(source, salvage=salvage)
    sets = fcs.count_datasets(source)
    keywords = events.keywords
    findings: tuple[Finding, ...] = ()
    if verify:
        from assays.flow.fcs.second_engine import compare

        findings = compare(source, fcs.read(source, scaled=False, salvage=salvage))
    seconds = events.time_s
    facts = [
        ("file", source.name),
        ("events", f"{len(events):,}"),
        ("channels", str(len(events.channels))),
        ("data sets", str(sets)),
        ("cytometer", keywords.get("$CYT", "") or "not given"),
        (
            "acquired",
            f"{keywords.get('$DATE', '')} {keywords.get('$BTIM', '')}".strip() or "not given",
        ),
        (
            "stored as",
            f"{keywords.get('$DATATYPE', '?')}, byte order {keywords.get('$BYTEORD', '?')}",
        ),
        ("spillover", _spillover_in_words(events)),
        (
            "duration",
            f"{seconds[-1] - seconds[0]:.1f} s"
            if seconds is not None and len(seconds)
            else "not given",
        ),
    ]
    if verify:
        facts.append(("second engine", "differs" if findings else "agrees"))
    columns = ("channel", "marker", "range", "min", "median", "max")
    rows = tuple(
        (channel.name, channel.marker or "", f"{channel.range:g}", *_summary(events.values[:, i]))
        for i, channel in enumerate(events.channels)
    )

    def to_csv() -> str:
        import pandas as pd

        names = [channel.name for channel in events.channels]
        return pd.DataFrame(events.values, columns=names).to_csv(index=False)

    return Look("fcs", tuple(facts), columns, rows, events.notes, findings, to_csv)


def _spillover_in_words(events: object) -> str:
    from assays.flow.events import Events

    assert isinstance(events, Events)
    if events.spillover is None:
        return "none in the file"
    return f"{len(events.spillover.channels)} channels ({events.spillover.origin})"


def _summary(values: np.ndarray[tuple[int, ...], np.dtype[np.floating]]) -> tuple[str, str, str]:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return ("", "", "")
    return (f"{finite.min():.4g}", f"{np.median(finite):.4g}", f"{finite.max():.4g}")


def _range(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> str:
    finite = values[np.isfinite(values)]
    return f"{finite.min():g} to {finite.max():g}" if finite.size else ""


def _some(words: list[str], most: int = 8) -> str:
    shown = ", ".join(words[:most])
    return f"{shown} and {len(words) - most} more" if len(words) > most else shown


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise ResultsError(f"cannot be written: {error.strerror or error}", str(path)) from None
