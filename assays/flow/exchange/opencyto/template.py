"""A template's rows: read, expanded, and turned into gates that this program has."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from assays.errors import GatingError
from assays.flow.exchange.markup import MOST_LETTERS
from assays.flow.exchange.opencyto.methods import Row, gates_of
from assays.flow.gate_step import ROOT
from assays.protocol import Gate
from plates.source import Source

COLUMNS = (
    "alias", "pop", "parent", "dims", "gating_method", "gating_args",
    "collapseDataForGating", "groupBy", "preprocessing_method", "preprocessing_args",
)  # fmt: skip
NEEDED = COLUMNS[:5]
MOST_ROWS = 2000
MOST_GATES = 1000
MOST_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Template:
    """A gating template, ready for a run."""

    name: str
    gates: tuple[Gate, ...]
    """Rows as they would stand under ``[[flow.gates]]``, in the template's order."""
    notes: tuple[str, ...] = ()
    """What was read otherwise than openCyto does, a sentence each."""
    lines: dict[str, int] = field(default_factory=dict)
    """Line of the template by population."""


def is_template(source: Source) -> bool:
    """Whether a file begins as a template does."""
    if b"\x00" in source.head(64):
        return False
    first = source.head(4096).splitlines()[:1]
    heads = first[0].decode("utf-8-sig", "replace").lower().split(",") if first else []
    named = {head.strip().strip('"') for head in heads}
    return {"alias", "pop", "parent", "dims", "gating_method"} <= named


def read(place: str | Path | Source) -> Template:
    """Read an openCyto template.

    Raises
    ------
    GatingError
        With file and line: for a method that is not known (names those that are), an
        unknown parent or reference (names the nearest), or arguments that are no such.
    """
    source = Source.of(place)
    if source.size > MOST_BYTES:
        raise GatingError(f"{source.size:,} bytes are too many for a template", source.name)
    known: dict[str, list[str]] = {}
    gates: list[Gate] = []
    notes: list[str] = []
    lines: dict[str, int] = {}
    for row in _rows(source):
        for parent in row.cells["parent"].split(","):
            above = {gate.population: gate for gate in gates}
            made, told = gates_of(row, _parent(parent.strip(), known, row), _names(known), above)
            notes += told
            for gate in made:
                if len(gates) >= MOST_GATES:
                    raise GatingError(f"more than {MOST_GATES:,} gates", row.place)
                if gate.population in lines:
                    raise GatingError(
                        f"population {gate.population!r} is defined twice",
                        row.at("alias"),
                        f"It stands in line {lines[gate.population]} already.",
                    )
                gates.append(gate.at(row.place))
                lines[gate.population] = row.line
                known.setdefault(gate.population.rpartition("/")[2], []).append(gate.population)
    if not gates:
        raise GatingError("the template has no rows", source.name)
    return Template(source.name, tuple(gates), tuple(dict.fromkeys(notes)), lines)


def _rows(source: Source) -> list[Row]:
    reader = csv.reader(io.StringIO(source.text.lstrip("\ufeff")))
    rows: list[Row] = []
    heads: list[str] = []
    try:
        for cells in reader:
            line = reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if not heads:
                heads = _heads(cells, source.at(line))
                continue
            if len(rows) >= MOST_ROWS:
                raise GatingError(f"more than {MOST_ROWS:,} rows", source.at(line))
            if any(cell.strip() for cell in cells[len(heads) :]):
                raise GatingError(
                    f"{len(cells)} cells under {len(heads)} columns",
                    source.at(line),
                    'Put quotes around cells with commas: "FSC-A,SSC-A".',
                )
            named = dict(zip(heads, (cell.strip() for cell in cells), strict=False))
            for head, cell in named.items():
                if len(cell) > MOST_LETTERS and not head.endswith("_args"):
                    raise GatingError(f"{len(cell):,} letters under {head!r}", source.at(line))
            rows.append(Row({name: named.get(name, "") for name in COLUMNS}, line, source.at(line)))
    except csv.Error as broken:
        raise GatingError(f"expected a csv: {broken}", source.name) from broken
    return rows


def _heads(cells: list[str], where: str) -> list[str]:
    """Column names as openCyto writes them, whatever their case."""
    proper = {name.lower(): name for name in COLUMNS}
    heads = [proper.get(cell.strip().lower(), cell.strip()) for cell in cells]
    missing = [name for name in NEEDED if name not in heads]
    if missing:
        raise GatingError(f"expected the column {missing[0]!r}", where, f"Found: {heads[:12]}.")
    return heads


def _parent(name: str, known: dict[str, list[str]], row: Row) -> str:
    bare = name.strip("/")
    if bare in ("", ROOT):
        return ROOT
    return _meant(bare.removeprefix(f"{ROOT}/"), known, row, "parent")


def _names(known: dict[str, list[str]]) -> dict[str, str]:
    """Populations that a row's arguments may name, by every name that fits one only."""
    found = {path: path for paths in known.values() for path in paths}
    return {end: paths[0] for end, paths in known.items() if len(paths) == 1} | found


def _meant(name: str, known: dict[str, list[str]], row: Row, role: str) -> str:
    paths = [path for every in known.values() for path in every]
    end = name.rpartition("/")[2]
    fits = [path for path in known.get(end, ()) if path == name or path.endswith(f"/{name}")]
    fits = fits or known.get(end, [])
    if len(fits) == 1:
        return fits[0]
    if fits:
        raise GatingError(
            f"{role} {name!r} could be {' or '.join(fits)}", row.at(role), "Write its whole path."
        )
    near = get_close_matches(name, paths, n=1, cutoff=0.5)
    above = ", ".join(["root", *paths[:12]])
    hint = f"Did you mean {near[0]!r}?" if near else f"Above stand: {above}."
    raise GatingError(f"{role} {name!r} stands in no row above", row.at(role), hint)
