"""What cannot repeat about a run: who, when, where, how long, why."""

from __future__ import annotations

import datetime
import getpass
import json
import platform
import sys
from collections.abc import Mapping

from assays.results.run import Run


def execution_record(run: Run, seconds: Mapping[str, float], supersede: str | None) -> bytes:
    """Content of `execution.json`."""
    now = datetime.datetime.now().astimezone()
    record = {
        "schema": 1,
        "run_id": run.provenance.run_id,
        "finished_at": now.isoformat(timespec="seconds"),
        "user": _user(),
        "computer": platform.node(),
        "system": platform.platform(),
        "python": sys.version.split()[0],
        "seconds": {stage: round(value, 3) for stage, value in seconds.items()},
        "reason": supersede or "",
    }
    return (json.dumps(record, indent=2, ensure_ascii=False) + "\n").encode()


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        # A container may run under a number that has no name.
        return ""
