"""Exports of Tecan i-control (Infinite readers): one worksheet per run.

The file may be an .xlsx under the name .xls. ``Label: …`` opens a measurement.
"""

from __future__ import annotations

from plates.plateread import Export
from plates.readers.contract import PlateReader, Recognition
from plates.readers.tecan_run import opens_with, read_runs
from plates.source import Source

_APPLICATION = "Tecan i-control"


def recognise(source: Source) -> Recognition:
    """Look for the line ``Application: Tecan i-control``."""
    line = f"'Application: {_APPLICATION}'"
    if opens_with(source, _APPLICATION):
        return Recognition(True, f"it has the line {line}")
    return Recognition(False, f"the line {line}")


def read(source: Source) -> Export:
    """Read every run of the file; see `read_runs` for the errors."""
    return read_runs(source, "icontrol", _APPLICATION)


READER = PlateReader(
    name="icontrol",
    software="Tecan i-control (xlsx, also named xls)",
    recognise=recognise,
    read=read,
    suffixes=(".xlsx", ".xls"),
    tested_on=(
        "3 exports of i-control 1.5 and 2.0: 96 wells, endpoint and kinetic, several plates"
    ),
)
