"""The blocks under a MARS header: titled grids, tables of wells across, tables of wells down."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from plates.errors import ReaderError
from plates.grid import parse_cell, parse_number, read_block
from plates.layout import Role, WellContent
from plates.plateread import PrintedResult
from plates.roles import role_of
from plates.table import Row, Table, cell, is_blank
from plates.well import Well, is_well_name
from plates.wellcells import WellCells, parse_duration, put_block, well_and_text, wells_in

_RAW = re.compile(r"(?:\d+\.\s*)?Raw\s+Data\b\s*(.*)", re.I)
_SIDE = re.compile(r"(?<!\d)(\d{3,4})(?!\d)")
_CONC = re.compile(r"standard\s+conc", re.I)
_UNIT = re.compile(r"[\[(]\s*([^\])]+?)\s*[\])]")


@dataclass(slots=True)
class Found:
    """One block: what its title says, and the cells of its wells, once or over time."""

    title: str
    raw: bool
    series: list[WellCells] = field(default_factory=list)
    contents: dict[Well, WellContent] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def wells(self) -> set[Well]:
        """Every well that has a cell."""
        return {well for series in self.series for well in series.cells}

    def same(self, other: Found) -> bool:
        """Whether another block, perhaps on another sheet, holds the same cells."""
        return [each.cells for each in self.series] == [each.cells for each in other.series]

    def printed(self, plate: int, mark: str) -> Iterator[PrintedResult]:
        """The cells as results of MARS; of a time course only the first time has a place."""
        for well, text in self.series[0].cells.items() if len(self.series) == 1 else ():
            yield PrintedResult(plate, well, self.title, *parse_cell(text, mark))


def find_blocks(table: Table, start: int, end: int) -> list[Found]:
    """Every block between two rows of a table.

    Raises
    ------
    ReaderError
        When a grid breaks off, or a well stands twice in it.
    """
    found: dict[str, Found] = {}
    blocks: list[Found] = []
    contents: dict[Well, WellContent] = {}
    title = ""
    index = start
    while index < end:
        row = table.rows[index]
        block = None if is_blank(row) else read_block(table, index)
        if block is not None:
            cells = put_block(block, "mars", table)
            texts = list(cells.cells.values())
            if texts and not _RAW.fullmatch(title) and _are_names(texts):
                contents.update({well: _content(text) for well, text in cells.cells.items()})
            elif texts and not title:
                raise ReaderError(
                    "mars: expected a title such as 'Raw Data (450)' over the grid, found none",
                    table.at(index),
                    "Nothing else tells whether it was measured. Was the file edited?",
                )
            elif texts:
                blocks.append(Found(title, bool(_RAW.fullmatch(title)), [cells]))
            index, title = block.end, ""
            continue
        if _names_wells_across(row):
            index = _wells_across(table, index, end, found, contents)
        elif _names_wells_down(row):
            index = _wells_down(table, index, end, found, contents)
        else:
            texts = [text for text in row if text]
            if texts and _RAW.fullmatch(title):
                _refuse_title(table, index, title)
            title = texts[0] if len(texts) == 1 else title
            index += 1
    if _RAW.fullmatch(title):
        _refuse_title(table, end - 1, title)
    blocks += [each for each in found.values() if each.series]
    if blocks:
        blocks[0].contents = contents
    return blocks


def _refuse_title(table: Table, index: int, title: str) -> None:
    raise ReaderError(
        f"mars: expected a grid under {title!r}, found none",
        table.at(index),
        "Was the export cut short or edited?",
    )


def _are_names(texts: list[str]) -> bool:
    names = [parse_number(text) is None and parse_number(text, ",") is None for text in texts]
    return sum(names) * 2 > len(texts)


def wave_of(title: str, mode: str) -> str:
    """Wavelength in a title: ``(450)``, ``(450 1)`` (its first read), ``(485-12/520-10)``.

    A side is the middle of its filter: what follows a dash is the bandwidth.
    """
    found = _RAW.fullmatch(title)
    inner = found[1].strip().strip("()").strip() if found else ""
    sides = re.split(r"\s*/\s*", inner)
    waves = [each[1] if (each := _SIDE.search(side)) else "" for side in sides[:2]]
    waves = [wave if wave and 180 <= int(wave) <= 1400 else "" for wave in waves]
    if len(waves) == 2 and any(waves) and mode == "fluorescence":
        return ":".join(waves)
    return waves[0]


def _names_wells_across(row: Row) -> bool:
    return cell(row, 0).lower() == "well" and len(wells_in(row, 1)) >= 1


def _names_wells_down(row: Row) -> bool:
    lower = [text.lower() for text in row[:4]]
    return ("well" in lower or {"well row", "well col"} <= set(lower)) and any(
        "data" in text.lower() or "raw" in text.lower() for text in row
    )


def _wells_across(
    table: Table, header: int, end: int, found: dict[str, Found], contents: dict[Well, WellContent]
) -> int:
    """``Well, , A01, A02 …`` over facts of the wells, then a row per read and time."""
    wells = wells_in(table.rows[header], 1)
    first = min(wells)
    facts: dict[str, Row] = {}
    heading = ""
    index = header + 1
    while index < end and not is_blank(table.rows[index]):
        row = table.rows[index]
        name = cell(row, 0)
        times = next((text for text in row[1:first] if "time" in text.lower()), "")
        if times or name.lower() in ("content", "group") or _CONC.search(name) or name in (
            "Dilutions", "Well", "ID"
        ):  # fmt: skip
            heading = times or heading
            facts[name.lower()] = row
        elif name:
            series = WellCells(dict(well_and_text(row, wells)))
            time = next((text for text in row[1:first] if text), "")
            series.time_s = parse_duration(time, heading) if time else math.nan
            block = found.setdefault(name, Found(name, bool(_RAW.fullmatch(name))))
            if series.cells:
                block.series.append(series)
        index += 1
    _describe(contents, facts, wells)
    return index


def _describe(
    contents: dict[Well, WellContent], facts: dict[str, Row], wells: dict[int, Well]
) -> None:
    conc = next((key for key in facts if _CONC.search(key)), "")
    unit = _UNIT.search(conc)
    for i, well in wells.items():
        text = cell(facts.get("content", ()), i)
        if text:
            contents[well] = _content(
                text,
                group=cell(facts.get("group", ()), i),
                nominal=cell(facts.get(conc, ()), i),
                unit=unit[1] if unit else "",
                dilution=cell(facts.get("dilutions", ()), i),
            )


def _wells_down(
    table: Table, header: int, end: int, found: dict[str, Found], contents: dict[Well, WellContent]
) -> int:
    """``Well, Content, Raw Data (450) …``: a row per well; times may stand under the header."""
    names = table.rows[header]
    lower = [text.lower() for text in names]
    split = "well row" in lower
    at = lower.index("well row") if split else lower.index("well")
    known = ("well", "well row", "well col", "content", "group", "dilutions", "id", "")
    conc = next((i for i, text in enumerate(names) if _CONC.search(text)), -1)
    columns = [i for i, text in enumerate(lower) if text not in known and i != conc]
    heading = ""
    times: dict[int, float] = {}
    index = header + 1
    series: dict[int, WellCells] = {}
    while index < end and not is_blank(table.rows[index]):
        row = table.rows[index]
        name = f"{cell(row, at)}{cell(row, at + 1)}" if split else cell(row, at)
        if is_well_name(name):
            well = Well.parse(name)
            for i in columns:
                if cell(row, i):
                    own = series.setdefault(i, WellCells(time_s=times.get(i, math.nan)))
                    own.put(well, cell(row, i), table.at(index, i))
            content = lower.index("content") if "content" in lower else -1
            if cell(row, content):
                unit = _UNIT.search(names[conc]) if conc >= 0 else None
                contents[well] = _content(
                    cell(row, content), nominal=cell(row, conc), unit=unit[1] if unit else ""
                )
        else:
            heading = next((text for text in row if "time" in text.lower()), heading)
            times = {i: parse_duration(cell(row, i), heading) for i in columns if cell(row, i)}
        index += 1
    for i, own in series.items():
        # Times of one read stand side by side under the same name, or with a number behind it.
        name = names[i]
        found.setdefault(name, Found(name, bool(_RAW.fullmatch(name)))).series.append(own)
    return index


def _content(
    text: str, group: str = "", nominal: str = "", unit: str = "", dilution: str = ""
) -> WellContent:
    """``Standard S1``, ``Sample X3``, ``Blank B``: the type, then the number of the sample."""
    short = {"S": Role.STANDARD, "X": Role.SAMPLE, "B": Role.BLANK, "P": Role.CONTROL,
             "N": Role.CONTROL, "C": Role.CONTROL}  # fmt: skip
    bare = re.fullmatch(r"([SXBPNC])\d*", text)
    role = role_of(text) or (short[bare[1]] if bare else Role.SAMPLE)
    value, factor = parse_number(nominal), parse_number(dilution)
    return WellContent(
        role,
        text,
        nominal=value if value is not None and role is Role.STANDARD else math.nan,
        unit=unit if value is not None and role is Role.STANDARD else "",
        dilution_factor=factor if factor is not None and factor >= 1 else 1.0,
        labels={"group": group} if group else {},
    )
