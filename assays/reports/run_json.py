"""`run.json`: what went in, every choice, and every number that came out.

Strict JSON (RFC 8259), sorted and in ASCII, so that the same run gives the same
bytes. A number that cannot be known (NaN) is null; an open end of an interval
is the text ``"inf"`` or ``"-inf"``, since JSON has no infinity and null would
say that the end is unknown.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

import numpy as np

from assays.reports.verdict import headline, verdict_line
from assays.results.run import Run
from assays.results.table import Table
from plates.findings import Severity

SCHEMA = 1
"""Version of `run.json` that this code writes."""

CONVENTIONS = {
    "missing": "null: the number cannot be known; the status beside it says why",
    "infinite": 'the texts "inf" and "-inf": an open end of an interval',
    "text": "names are kept as they were given; show them escaped",
}


def render(run: Run, tables: Mapping[str, Table]) -> bytes:
    """Write the record of a run; nothing in it depends on when or where it was made."""
    provenance = run.provenance
    parts = (("elisa", run.elisa), ("flow", run.flow))
    record = {
        "schema": SCHEMA,
        "run_id": provenance.run_id,
        "name": run.name,
        "title": run.title,
        "version": provenance.version,
        "libraries": dict(provenance.libraries),
        "supersedes": provenance.supersedes,
        "inputs": [
            {"name": each.name, "sha256": each.sha256, "size": each.size, "role": each.role}
            for each in provenance.inputs
        ],
        "protocol": provenance.protocol.model_dump(mode="python", by_alias=True),
        "protocol_text": provenance.protocol_text,
        "verdict": {
            "line": verdict_line(run),
            "severity": str(headline(run)),
            "failed": run.failed,
            "stops": [
                {"rule": each.rule, "where": each.where, "message": each.message}
                for each in run.findings
                if each.severity == Severity.STOP
            ],
            "elisa": str(run.elisa.verdict) if run.elisa else None,
            "rule_set": run.elisa.rule_set if run.elisa else None,
        },
        "notes": {name: list(part.notes) for name, part in parts if part is not None},
        "conventions": CONVENTIONS,
        "columns": {
            name: [
                {"key": c.key, "title": c.title, "unit": c.unit, "kind": c.kind}
                for c in table.columns
            ]
            for name, table in tables.items()
        },
        "results": {
            name: [
                dict(zip((c.key for c in table.columns), row, strict=True)) for row in table.rows
            ]
            for name, table in tables.items()
        },
    }
    text = json.dumps(plain(record), indent=1, sort_keys=True, ensure_ascii=True, allow_nan=False)
    return text.encode("ascii") + b"\n"


def plain(value: object) -> object:
    """A value as JSON can hold it."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float | np.floating):
        number = float(value)
        if math.isnan(number):
            return None
        return number if math.isfinite(number) else repr(number)
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    return str(value)
