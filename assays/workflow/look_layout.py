"""What a layout or a sample sheet says."""

from __future__ import annotations

import numpy as np

from assays.workflow.look_record import Look, some
from plates.source import Source


def look_at_layout(source: Source) -> Look:
    """Describe a layout.

    Raises
    ------
    LabError
        When it is none.
    """
    from plates.layouts.identify import read_layout

    layout = read_layout(source)
    facts = (
        ("file", source.name),
        ("format", f"{layout.format.size} wells"),
        ("plates", ", ".join(name or "every plate" for name in layout.plates)),
        ("wells", layout_in_words(layout)),
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


def look_at_samples(source: Source) -> Look:
    """Describe a sample sheet.

    Raises
    ------
    LabError
        When it cannot be understood.
    """
    from assays.sample_sheet import read_samples

    tubes = read_samples(source)
    donors = list(dict.fromkeys(tube.donor for tube in tubes))
    facts = (("file", source.name), ("tubes", str(len(tubes))), ("donors", some(donors)))
    columns = ("file", "donor", "role", "condition", "vehicle")
    rows = tuple((t.file, t.donor, str(t.role), t.condition, t.vehicle) for t in tubes)
    return Look("samples", facts, columns, rows, to_csv=lambda: _as_csv(columns, rows))


def _as_csv(columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> str:
    import csv
    import io

    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows((columns, *rows))
    return text.getvalue()


def layout_in_words(layout: object) -> str:
    """How many wells of each role."""
    from plates.layout import Layout

    if not isinstance(layout, Layout):
        return "none in the file"
    counts: dict[str, int] = {}
    for content in layout.contents.values():
        counts[str(content.role)] = counts.get(str(content.role), 0) + 1
    wells = ", ".join(f"{count} {role}" for role, count in counts.items())
    named = [plate for plate in layout.plates if plate]
    return f"{wells}, on {len(named)} plates" if len(named) > 1 else wells
