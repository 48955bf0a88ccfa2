"""The sample sheet: one row per FCS file, from samples.xlsx or samples.csv.

The order of columns is free and their common other names are known. Only `file`
must be there; what the role column leaves blank follows from stimulus and
inhibitor. Every fault is told with its cell or line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from assays.errors import ControlError, ProtocolError
from assays.sample_faults import refuse_all
from assays.sample_files import check_files as check_files
from assays.sample_files import match_files as match_files
from assays.sample_form import sample_template as sample_template
from assays.sample_form import write_sample_template as write_sample_template
from assays.sample_rows import AMBIGUOUS, COLUMNS, read_row
from assays.samples import SAMPLE_ROLES, Tube
from plates.errors import LabError, LayoutError
from plates.layouts.cells import Cell, Sheet
from plates.layouts.delimited import best_sheet
from plates.layouts.mangled import tell_mangled
from plates.layouts.remarks import Remarks
from plates.layouts.sheets import sheet_of_text, sheets_of_workbook
from plates.layouts.words import key_of, nearest
from plates.source import Source
from plates.workbook import column_name

_NAMES = {word: name for name, words in COLUMNS.items() for word in (name, *words)}
_TITLE = re.compile(r"^(.*?)\s*[(\[]\s*([^()\[\]]+?)\s*[)\]]\s*$")
_HEADER_ROWS = 30


def read_samples(place: str | Path | Source) -> tuple[Tube, ...]:
    """Read the tubes of a run, in the order of the sheet.

    Raises
    ------
    ProtocolError, ControlError, UnitError
        Names the cell or line: an unknown role or unit, a dose without a unit, an inhibitor
        without a dose, a file named twice or outside the run folder, a role that contradicts
        stimulus or inhibitor. Faults of several rows are told together.
    SourceError
        When there is no such file, or it is empty.
    """
    source = Source.of(place)
    try:
        sheet = _sheet(source)
        remarks = Remarks()
        rows = _rows(sheet, remarks)
        points = _writes_points(source, sheet)
    except LayoutError as error:
        raise ProtocolError(error.message, error.where, error.hint) from error
    if not rows:
        raise ProtocolError("the sample sheet names no file", source.name, "Write a row per file.")
    titles = _titles(sheet)
    found: list[Tube] = []
    faults: list[LabError] = []
    doses: dict[str, str] = {}
    for number, row in rows.items():
        places = {name: sheet.where(number, c) for name, c in titles.items()}
        try:
            tube = read_row(row, points=points, places=places)
        except LayoutError as error:
            faults.append(ProtocolError(error.message, error.where, error.hint))
        except LabError as error:
            faults.append(error)
        else:
            found.append(replace(tube, unseen=_unseen(sheet, number)))
            doses[tube.where] = places.get("stimulus_dose", tube.where)
    tubes = tuple(found)
    refuse_all([*faults, *_named_twice(tubes), *_dose_forgotten(tubes, doses)], source.name)
    return _with_doubts(tubes, list(rows.values()), remarks)


def _titles(sheet: Sheet) -> dict[str, int]:
    """Columns by name: a cell that is blank has a place all the same."""
    header = _header(sheet)
    assert header is not None
    names = ((_column(sheet.text(header, c))[0], c) for c in range(len(sheet.rows[header])))
    return {name: c for name, c in names if name}


def _unseen(sheet: Sheet, row: int) -> str:
    if row in sheet.hidden_rows:
        return "hidden"
    return "struck out" if any(at == row for at, _ in sheet.struck) else ""


def _sheet(source: Source) -> Sheet:
    if source.is_workbook:
        sheets = [sheet for sheet in sheets_of_workbook(source) if _score(sheet)]
        if len(sheets) > 1:
            names = ", ".join(sheet.name for sheet in sheets)
            raise ProtocolError(f"several sheets name files: {names}", source.name, "Keep one.")
        sheet = sheets[0] if sheets else None
    else:
        sheet = best_sheet(source, _score)
    if sheet is None:
        raise ProtocolError(
            "no sample sheet was found in this file",
            source.name,
            "Expected a table with the columns file, donor, stimulus, inhibitor … ; "
            "`assays init phospho` writes one to fill in.",
        )
    return sheet


def _writes_points(source: Source, sheet: Sheet) -> bool:
    """Whether commas part the fields, so that the program that wrote them uses decimal points."""
    return not source.is_workbook and sheet_of_text(source, ",") == sheet


def _header(sheet: Sheet) -> int | None:
    """Row whose cells name the files and at least one thing more."""
    for r in range(min(_HEADER_ROWS, len(sheet.rows))):
        names = {_column(sheet.text(r, c))[0] for c in range(len(sheet.rows[r]))}
        if "file" in names and len(names & set(COLUMNS)) > 1:
            return r
    return None


def _score(sheet: Sheet) -> int:
    header = _header(sheet)
    if header is None:
        return 0
    return sum(bool(_column(sheet.text(header, c))[0]) for c in range(len(sheet.rows[header])))


def _column(title: str) -> tuple[str, str]:
    """Name and unit of a column's title; the name is empty when it is unknown."""
    found = _TITLE.match(title)
    name, unit = (found[1], found[2]) if found else (title, "")
    return _NAMES.get(key_of(name), ""), unit


def _rows(sheet: Sheet, remarks: Remarks) -> dict[int, dict[str, Cell]]:
    """Filled cells by column, by number of the row from 0."""
    header = _header(sheet)
    assert header is not None
    columns: dict[int, tuple[str, str]] = {}
    names = {_column(sheet.text(header, c))[0] for c in range(len(sheet.rows[header]))}
    for c in range(len(sheet.rows[header])):
        title = sheet.text(header, c)
        name, unit = _column(title)
        if key_of(title) in ("sample", "sample_id") and "donor" not in names:
            name = "donor"
        if not title:
            continue
        if not name:
            # A slip of the pen must not silently drop an inhibitor; a further column may.
            if hint := nearest(key_of(title), COLUMNS):
                raise ProtocolError(
                    f"the column {title!r} is unknown", sheet.where(header, c), hint
                )
            if key_of(title) in AMBIGUOUS and not {"stimulus", "inhibitor"} & names:
                raise ProtocolError(
                    f"the column {title!r} could hold stimuli or inhibitors",
                    sheet.where(header, c),
                    "Name it stimulus or inhibitor, with a dose column beside it.",
                )
            remarks.add(f"the column {title!r} is not read", sheet.where(header, c))
            continue
        if name in [other for other, _ in columns.values()]:
            raise ProtocolError(
                f"the column {title!r} comes twice (both mean {name})", sheet.where(header, c)
            )
        columns[c] = (name, unit)
    _refuse_merged(sheet, header, columns)
    rows: dict[int, dict[str, Cell]] = {}
    for r in range(header + 1, len(sheet.rows)):
        row = {
            name: cell
            for c, (name, unit) in columns.items()
            if (cell := sheet.cell(r, c, unit)) is not None
        }
        beyond = range(len(sheet.rows[header]), len(sheet.rows[r]))
        if any(sheet.text(r, c) for c in beyond):
            raise ProtocolError(
                f"the row has {len(sheet.rows[r])} fields, the header {len(sheet.rows[header])}",
                sheet.where(r),
                "Is a decimal comma read as a separator?",
            )
        if row and "file" not in row:
            raise ProtocolError("the row names no file", next(iter(row.values())).where)
        # A row of the form that holds nothing but a file name is not filled in yet:
        # reading it says so, because it has no donor.
        if row:
            rows[r] = row
    return rows


def _refuse_merged(sheet: Sheet, header: int, columns: Mapping[int, tuple[str, str]]) -> None:
    """Only the first of merged cells holds the value: the other rows would have none."""
    for top, left, bottom, right in sheet.merged:
        if bottom > header and any(left <= c <= right for c in columns):
            last = f"{column_name(right)}{bottom + 1}"
            raise ProtocolError(
                f"the cells to {last} are merged, so that only the first of them holds a value",
                sheet.where(top, left),
                "Unmerge them and fill in every row.",
            )


def _with_doubts(
    tubes: tuple[Tube, ...], rows: list[dict[str, Cell]], remarks: Remarks
) -> tuple[Tube, ...]:
    """What is odd about the sheet as a whole is told once, with the first tube."""
    names = ("donor", "stimulus", "inhibitor", "inhibitor_2", "vehicle")
    tell_mangled((row[name] for row in rows for name in names if name in row), remarks)
    said = remarks.sentences()
    return (replace(tubes[0], doubts=(*said, *tubes[0].doubts)), *tubes[1:]) if said else tubes


def _named_twice(tubes: tuple[Tube, ...]) -> Iterator[LabError]:
    seen: dict[str, str] = {}
    for tube in tubes:
        key = tube.file.casefold()
        if key in seen:
            yield ControlError(
                f"the file {tube.file!r} is named twice, first at {seen[key]}",
                tube.where,
                "One file is one tube: correct the name in one of the rows, or delete it.",
            )
        seen.setdefault(key, tube.where)


def _dose_forgotten(tubes: Sequence[Tube], places: Mapping[str, str]) -> Iterator[LabError]:
    """A stimulus without a dose where other rows tell it: its tube would lose its controls."""
    told: dict[str, str] = {}
    for tube in tubes:
        if tube.stimulus is not None and math.isfinite(tube.stimulus.dose):
            told.setdefault(tube.stimulus.name.casefold(), tube.where)
    for tube in tubes:
        agent = tube.stimulus
        if agent is None or math.isfinite(agent.dose) or tube.role not in SAMPLE_ROLES:
            continue
        if agent.name.casefold() in told:
            yield ControlError(
                f"the stimulus dose of {agent.name} is missing for {tube.file}; other rows tell "
                f"it, first {told[agent.name.casefold()]}",
                places[tube.where],
                "Fill in the column stimulus_dose, or clear it in every row of this stimulus.",
            )
