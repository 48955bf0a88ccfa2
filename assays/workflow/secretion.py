"""What each donor's cells secreted: from the run's own ELISA, or from a table in the folder."""

from __future__ import annotations

import csv
import io
import itertools
import math
import re
from collections.abc import Sequence

from assays.cohort.autocrine import Secreted, correlations, donor_key, some
from assays.errors import ProtocolError
from assays.results.correlation import Correlated
from assays.results.elisa import ElisaRun, SampleConcentration
from assays.results.flow import FlowRun
from assays.workflow.folder import RunFolder
from plates.layout import Role
from plates.source import Source

MOST_ROWS = 10_000
NOTHING = {"", "none", "no", "-", "–", "0", "medium", "unstimulated", "vehicle", "untreated"}
"""Labels that say that nothing was added to the culture."""
_NUMBER = re.compile(r"([<>]?)\s*([0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?)$")


def correlate(
    folder: RunFolder, elisa: ElisaRun | None, flow: FlowRun | None
) -> tuple[Correlated, ...]:
    """Secretion against activation across the donors that have both; empty without either.

    A table that `[donors]` names is taken instead of the run's own ELISA.
    """
    if flow is None:
        return ()
    if folder.donors is not None:
        secreted, unit = read_donor_table(Source.of(folder.donors))
        note = f"concentrations from {folder.donors.name}"
        analyte = folder.protocol.donors.analyte
        found = correlations(secreted, flow, analyte=analyte, unit=unit, note=note)
        if not found:
            _require_a_donor(secreted, flow, folder.donors.name)
        return found
    if elisa is None:
        return ()
    secreted, unit = of_elisa(elisa)
    return correlations(secreted, flow, analyte=elisa.analyte, unit=unit)


def _require_a_donor(secreted: Sequence[Secreted], flow: FlowRun, table: str) -> None:
    """Refuse a table that speaks of other donors than the run."""
    theirs = dict.fromkeys(each.donor for each in secreted)
    mine = dict.fromkeys(each.donor for each in flow.readings if each.donor)
    shared = {donor_key(each) for each in theirs} & {donor_key(each) for each in mine}
    if shared or not mine:
        return
    raise ProtocolError(
        "no donor of the table is a donor of the run",
        table,
        f"The table has {some(list(theirs)) or 'no concentration'}; the run has "
        f"{some(list(mine))}. Names must be the same but for case.",
    )


def of_elisa(run: ElisaRun) -> tuple[list[Secreted], str]:
    """Samples of culture without stimulus and inhibitor; per cells where all of them have it."""
    from assays.reports.reportable import place_of, rows_to_use
    from assays.reports.tables_run import label

    used = rows_to_use(run)
    chosen: list[tuple[str, SampleConcentration]] = []
    for plate in run.plates:
        for sample in plate.samples:
            labels = sample.labels or {}
            added = [
                label(labels, *names)
                for names in (("stimulus",), ("inhibitor",), ("treatment", "condition"))
            ]
            if sample.role != Role.SAMPLE or place_of(sample) not in used:
                continue
            if any(text.strip().casefold() not in NOTHING for text in added):
                continue
            chosen.append((label(labels, "donor", "patient", "subject") or sample.sample, sample))
    per_cells = bool(chosen) and all(
        each.per_cells_unit and math.isfinite(_known(each, True)) for _, each in chosen
    )
    unit = chosen[0][1].per_cells_unit if per_cells else run.unit
    return [
        Secreted(donor, _known(each, per_cells), each.qualifier) for donor, each in chosen
    ], unit


def _known(sample: SampleConcentration, per_cells: bool) -> float:
    """The number, or the limit that stands for it."""
    if per_cells:
        return sample.per_cells_limit if sample.qualifier else sample.per_cells
    return sample.limit if sample.qualifier else sample.concentration


def read_donor_table(source: Source) -> tuple[list[Secreted], str]:
    """A csv with the columns donor, concentration (``12.4``, ``<3.1``) and unit.

    Raises
    ------
    ProtocolError
        When a column is absent, a concentration is no number, units differ, or a donor is blank.
    """
    try:
        text = source.text
        first = text.partition("\n")[0]
        # Where commas are decimal, Excel parts columns by semicolons.
        mark = ";" if first.count(";") > first.count(",") else ","
        rows = list(itertools.islice(csv.reader(io.StringIO(text), delimiter=mark), MOST_ROWS + 2))
    except csv.Error as error:
        raise ProtocolError(f"this is no table: {error}", source.name) from error
    head = [cell.strip().casefold() for cell in rows[0]] if rows else []
    wanted = ("donor", "concentration", "unit")
    lacking = [name for name in wanted if name not in head]
    if lacking:
        raise ProtocolError(
            f"the table of donors has no column {lacking[0]!r}",
            f"{source.name}:1",
            f"Its first line must name: {', '.join(wanted)}.",
        )
    if len(rows) > MOST_ROWS + 1:
        raise ProtocolError(f"the table of donors has more than {MOST_ROWS} rows", source.name)
    found: list[Secreted] = []
    units: dict[str, int] = {}
    for number, row in enumerate(rows[1:], 2):
        cells = dict(zip(head, (cell.strip() for cell in row), strict=False))
        if not any(cells.values()):
            continue
        where = f"{source.name}:{number}"
        units.setdefault(cells.get("unit", ""), number)
        found += _row(cells, where, "," if mark == ";" else ".")
    if len(units) > 1:
        first, second = list(units)[:2]
        raise ProtocolError(
            f"concentrations stand in {first or 'no unit'!s} and in {second or 'no unit'!s}",
            f"{source.name}:{units[second]}",
            "Give all of them in one unit.",
        )
    if units and not next(iter(units)):
        raise ProtocolError("the concentrations have no unit", source.name, "Such as pg/mL.")
    return found, next(iter(units), "")


def _row(cells: dict[str, str], where: str, decimal: str) -> list[Secreted]:
    text = cells.get("concentration", "")
    if not cells.get("donor"):
        raise ProtocolError("a concentration belongs to no donor", where)
    if not text:
        return []
    match = _NUMBER.match(text.replace(decimal, ".", 1))
    value = float(match[2]) if match else math.nan
    if match is None or not math.isfinite(value) or value <= 0:
        raise ProtocolError(
            f"{text!r} is no concentration",
            where,
            "A number above 0, or a limit such as <3.1; leave it empty where nothing was measured.",
        )
    return [Secreted(cells["donor"], value, match[1])]
