"""The program's own name, as the next command line must begin with."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

NAME = "assays"


def called(argument: str | None = None) -> str:
    """How to call this very program again: ``assays``, or by its path where it is not on PATH.

    Parameters
    ----------
    argument : str, optional
        What the program was called by; ``sys.argv[0]`` when absent.

    Returns
    -------
    str
        ``assays`` where PATH leads to this program, or where it was not called by a path
        (``python -m``, a notebook); else the path it was called by, quoted where it needs to be.

    Examples
    --------
    >>> called("pytest")
    'assays'
    """
    by = sys.argv[0] if argument is None else argument
    path = Path(by)
    if path.name.lower().removesuffix(".exe") != NAME or path.name == by:
        return NAME
    found = shutil.which(NAME)
    # Windows may leave out ".exe" in what it was called by.
    whole = path if path.exists() else path.with_name(f"{path.name}.exe")
    if found and whole.exists() and whole.samefile(found):
        return NAME
    return in_shell([_from_here(by)])


def in_shell(parts: Sequence[str]) -> str:
    """Parts of a command as they are typed: those with blanks in quotes."""
    return subprocess.list2cmdline(parts) if os.name == "nt" else shlex.join(parts)


def _from_here(by: str) -> str:
    """A path below the working folder as one types it: ``.venv/bin/assays``."""
    try:
        return str(Path(by).relative_to(Path.cwd()))
    except ValueError:
        return by
