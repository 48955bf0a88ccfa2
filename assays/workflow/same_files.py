"""FCS files that are the same byte for byte: one tube that stands in the run twice.

A cytometer never writes the same file twice, so a copy under another name is a slip: two rows then
share one measurement, replicates seem to agree perfectly and intervals become too narrow. Which of
the rows is the right one cannot be known, so both are read and it is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from assays.samples import Tube
from plates.errors import LabError
from plates.findings import Finding, Severity
from plates.source import Source

MOST_TOLD = 6
"""Files of one content that the finding names."""
_SAMPLE = 65_536
"""Bytes from the middle of a file that tell most files of one size apart."""


def same_files(paths: Mapping[str, Path], tubes: Mapping[str, Tube]) -> tuple[Finding, ...]:
    """Files of a run that are byte for byte the same.

    Parameters
    ----------
    paths : FCS files of the folder by name
    tubes : rows of the sample sheet by the same names; a file without a row is not there

    Returns
    -------
    tuple of Finding
        ``stop`` where two rows share one measurement, ``note`` where a copy lies beside.
    """
    alike: dict[object, list[str]] = {}
    for name, path in paths.items():
        if (key := _glimpse(path)) is not None:
            alike.setdefault(key, []).append(name)
    groups: dict[str, list[str]] = {}
    for names in alike.values():
        for name in names if len(names) > 1 else ():
            groups.setdefault(Source.of(paths[name]).sha256, []).append(name)
    return tuple(_finding(names, tubes) for names in groups.values() if len(names) > 1)


def _glimpse(path: Path) -> object | None:
    """Size and some bytes of a file; None when it cannot be read, which reading it will tell."""
    try:
        source = Source.of(path)
        return (source.size, source.read(source.size // 2, _SAMPLE))
    except LabError:
        return None


def _finding(names: Sequence[str], tubes: Mapping[str, Tube]) -> Finding:
    given = [name for name in names if name in tubes]
    if len(given) < 2:
        return Finding(
            "same-file-twice",
            Severity.NOTE,
            names[-1],
            f"{' and '.join(names)} are the same file, byte for byte"
            + (f"; the run reads {given[0]}." if given else "."),
        )
    told = "; ".join(
        f"{name} as {tubes[name].condition}"
        + (f" of donor {tubes[name].donor}" if tubes[name].donor else "")
        for name in given[:MOST_TOLD]
    )
    every = "Both" if len(given) == 2 else "All"
    rest = f" and {len(given) - MOST_TOLD} more" if len(given) > MOST_TOLD else ""
    return Finding(
        "same-file-twice",
        Severity.STOP,
        given[0],
        f"{_row_of(given)}{rest} are the same file, byte for byte, and the sample sheet has them "
        f"as different tubes: {told}{rest}. {every} are counted, so that n is too large and "
        "intervals are too narrow. Export the right file again, or take one of the rows out.",
    )


def _row_of(names: Sequence[str]) -> str:
    """``a and b``, ``a, b and c``; of many the first."""
    if len(names) > MOST_TOLD:
        return ", ".join(names[:MOST_TOLD])
    return f"{', '.join(names[:-1])} and {names[-1]}"
