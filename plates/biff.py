"""Read the cells of an old Excel workbook (.xls, BIFF in an OLE file) within fixed limits.

The format is a chain of binary records that point at one another; a damaged
file can send a reader round in circles or ask for memory it never fills. So
the file is read by xlrd in a process of its own (`plates.biff_script`), which
may use so much memory and so many seconds and no more, and which hands back
text: whatever happens to it, only cells or a sentence come out.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from plates.errors import SourceError
from plates.worksheet import CELL_LIMIT, COLUMN_LIMIT, Cell, Sheet, date_of

FILE_LIMIT = 50 * 1024 * 1024
"""Largest .xls that is opened, bytes; 65,536 rows of a plate reader take fewer."""
TEXT_LIMIT = 64 * 1024 * 1024
"""Most characters that all cells together may hold."""
SECONDS_LIMIT = 30
"""Seconds until the process is given up, however little it was allowed to work."""
CPU_SECONDS, CPU_SECONDS_PER_MB = 2, 1.0
"""Seconds that the process may work, where the system can bound it: a small damaged file
that sends the reader round in circles is given up soon, on a busy computer too."""
MEMORY_LIMIT, MEMORY_PER_BYTE = 400 * 1024 * 1024, 12
"""Address space of the process, bytes, where the system can bound it."""
SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HINT = "Open it in Excel and save it as .xlsx."


def read_old_workbook(name: str, data: bytes) -> tuple[Sheet, ...]:
    """Read every worksheet of an .xls file.

    Parameters
    ----------
    name : str
        Name of the file, for messages.
    data : bytes
        The whole file, which begins with `SIGNATURE`.

    Raises
    ------
    SourceError
        When the file is encrypted, damaged, something else in an OLE file, or
        passes a limit.
    """
    # An encrypted .xlsx is an OLE file with a stream of this name.
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise SourceError(
            "the workbook is encrypted", name, "Save it without a password and try again."
        )
    if len(data) > FILE_LIMIT:
        raise SourceError(f"{len(data):,} bytes are too many for an old Excel file", name, _HINT)
    answer = _ask(name, data)
    if "error" in answer:
        raise _refusal(name, str(answer["error"]))
    epoch = datetime(1904, 1, 1) if answer["date1904"] else datetime(1899, 12, 30)
    return tuple(
        Sheet(
            sheet["name"],
            tuple(tuple(_cell(value, epoch) for value in row) for row in sheet["rows"]),
            sheet["hidden"],
        )
        for sheet in answer["sheets"]
    )


def _ask(name: str, data: bytes) -> dict[str, Any]:
    """Let the other process read the bytes."""
    # -P keeps the folder of the script off the path: its neighbours have common names.
    command = [
        sys.executable, "-P", str(Path(__file__).with_name("biff_script.py")),
        str(CELL_LIMIT), str(COLUMN_LIMIT), str(TEXT_LIMIT),
        str(MEMORY_LIMIT + MEMORY_PER_BYTE * len(data)),
        str(math.ceil(CPU_SECONDS + CPU_SECONDS_PER_MB * len(data) / 1e6)),
    ]  # fmt: skip
    try:
        done = subprocess.run(  # noqa: S603 (our own script, by its full path)
            command, input=data, capture_output=True, timeout=SECONDS_LIMIT, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _refusal(name, f"it took more than {SECONDS_LIMIT} seconds") from error
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        raise _refusal(name, "it is damaged") from error
    return answer


def _refusal(name: str, reason: str) -> SourceError:
    return SourceError(f"this old Excel file (.xls) cannot be read: {reason}", name, _HINT)


def _cell(value: str | float | list[float] | None, epoch: datetime) -> Cell:
    """A cell as the process prints it: text, a number, or a date as a list of one number."""
    if isinstance(value, list):
        return date_of(value[0], epoch)
    return float(value) if isinstance(value, int) else value
