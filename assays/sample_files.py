"""The tubes of a sample sheet against the FCS files of its folder, both ways."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from assays.errors import ControlError, ProtocolError
from assays.samples import Tube
from plates.findings import Finding, Severity
from plates.layouts.words import nearest

_MOST_NAMED = 6
_UNSEEN = {
    "hidden": "hidden or filtered out in the sample sheet",
    "struck out": "struck out in the sample sheet (wholly or in part)",
}


def match_files(tubes: Sequence[Tube], names: Sequence[str]) -> dict[str, str]:
    """Name in the folder of each tube's file.

    A sheet may name ``a.fcs`` while the folder holds ``fcs/a.fcs``, as long as one
    file only is called so.

    Parameters
    ----------
    tubes : tubes of the sheet
    names : names of the FCS files, relative to the run folder, with forward slashes

    Raises
    ------
    ProtocolError
        When a file is absent (with the nearest name that is there), or when two are called so.
    ControlError
        When two rows name the same.
    """
    by_name = {name: name for name in names}
    by_file: dict[str, list[str]] = {}
    for name in names:
        by_file.setdefault(PurePosixPath(name).name, []).append(name)
    found: dict[str, str] = {}
    taken: dict[str, str] = {}
    # A file that another row names already is no suggestion: it may be another donor's.
    named = {tube.file.replace("\\", "/") for tube in tubes}
    free = [name for name in (*by_file, *by_name) if name not in named]
    free = [name for name in free if PurePosixPath(name).name not in named]
    for tube in tubes:
        wanted = tube.file.replace("\\", "/")
        fits = [by_name[wanted]] if wanted in by_name else by_file.get(wanted, [])
        if not fits:
            raise ProtocolError(
                f"the file {tube.file!r} of the sample sheet is not in the run folder",
                tube.where,
                nearest(wanted, free) or "Copy it into the folder, or take its row out.",
            )
        if len(fits) > 1:
            raise ProtocolError(
                f"{tube.file!r} could be {' or '.join(fits)}",
                tube.where,
                "Write the folder with the name.",
            )
        if fits[0] in taken:
            raise ControlError(
                f"the file {fits[0]!r} is named twice, first at {taken[fits[0]]}",
                tube.where,
                "One file is one tube: correct the name in one of the rows, or delete it.",
            )
        taken[fits[0]] = tube.where
        found[tube.file] = fits[0]
    return found


def check_files(tubes: Sequence[Tube], names: Sequence[str]) -> tuple[Finding, ...]:
    """Hold the sheet against the FCS files that are there, both ways.

    Returns
    -------
    tuple of Finding
        A file without a row is worth a look; what was odd about the rows is a note.

    Raises
    ------
    ProtocolError, ControlError
        When a row names a file that is absent, or one that another row names (see `match_files`).
    """
    named = set(match_files(tubes, names).values())
    spare = [name for name in names if name not in named]
    findings = [
        Finding(
            "file-without-row",
            Severity.LOOK,
            name,
            f"{name} is in the folder but not in the sample sheet, and is left out. "
            "Add a row for it, or move it away.",
        )
        for name in spare
    ]
    findings += [_told_unseen(tubes, how) for how in _UNSEEN if any(t.unseen == how for t in tubes)]
    doubts = [
        # What was said of the sheet as a whole names its own cells.
        Finding(
            "sample-sheet", Severity.NOTE, "" if _names_cells(doubt, tube) else tube.where, doubt
        )
        for tube in tubes
        for doubt in tube.doubts
    ]
    return (*findings, *doubts)


def _told_unseen(tubes: Sequence[Tube], how: str) -> Finding:
    """Rows that a reader of the workbook does not see as part of it, and the run reads."""
    own = [tube for tube in tubes if tube.unseen == how]
    more = f" and {len(own) - _MOST_NAMED} more" if len(own) > _MOST_NAMED else ""
    many = len(own) > 1
    return Finding(
        "row-unseen",
        Severity.LOOK,
        own[0].where,
        f"{', '.join(tube.file for tube in own[:_MOST_NAMED])}{more}: the row{'s' * many} "
        f"{'are' if many else 'is'} {_UNSEEN[how]} and {'are' if many else 'is'} used like every "
        f"other. Delete {'them' if many else 'it'} to leave the tube{'s' * many} out.",
    )


def _names_cells(doubt: str, tube: Tube) -> bool:
    return f"({tube.where.rpartition(': ')[0] or tube.where.rpartition(':')[0]}" in doubt
