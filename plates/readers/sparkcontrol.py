"""Exports of Tecan SparkControl: ``Mode`` opens a measurement, ``Name`` names it.

A time course prints the facts of all its measurements first, then a table under
the name of each.
"""

from __future__ import annotations

from plates.plateread import Export
from plates.readers.contract import PlateReader, Recognition
from plates.readers.tecan_run import opens_with, read_runs
from plates.source import Source

_APPLICATION = "SparkControl"


def recognise(source: Source) -> Recognition:
    """Look for the line ``Application: SparkControl``."""
    line = f"'Application: {_APPLICATION}'"
    if opens_with(source, _APPLICATION):
        return Recognition(True, f"it has the line {line}")
    return Recognition(False, f"the line {line} of Tecan")


def read(source: Source) -> Export:
    """Read every run of the file; see `read_runs` for the errors."""
    return read_runs(source, "sparkcontrol", _APPLICATION)


READER = PlateReader(
    name="sparkcontrol",
    software="Tecan SparkControl (xlsx, csv)",
    recognise=recognise,
    read=read,
    suffixes=(".xlsx", ".csv"),
    tested_on="3 exports of SparkControl 2.1, 3.1 and 3.2: 96 wells, endpoint and kinetic",
)
