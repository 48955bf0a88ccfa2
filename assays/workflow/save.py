"""Write a results folder: whole or not at all, and never over another run's.

nothing there              → the new folder appears in one rename
the same run is there      → nothing changes; a file that somebody edited or lost is written
                             anew, the edited one is kept beside it, other files stay
another run is there       → refused, unless superseded: the old one moves to runs/<run_id>
"""

from __future__ import annotations

import itertools
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assays.errors import ResultsError

RECORD = "run.json"
EXECUTION = "execution.json"
"""What cannot repeat: who, when, where, how long, why."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of the results folder."""

    path: Path
    state: str
    """``new``, ``unchanged``, ``repaired`` or ``superseding``."""
    mended: tuple[str, ...] = ()
    """Files that had been missing or altered."""
    kept: tuple[str, ...] = ()
    """Names under which altered files stay beside the new ones."""
    moved_to: Path | None = None
    """Where the superseded results went."""


def run_id_in(results: Path) -> str | None:
    """The `run_id` of the run in a results folder; None when there is none.

    Raises
    ------
    ResultsError
        When the folder holds something that is not a run.
    """
    if not results.exists():
        return None
    if results.is_dir() and not any(results.iterdir()):
        return None
    try:
        record = json.loads((results / RECORD).read_text(encoding="utf-8"))
        return str(record["run_id"])
    except (OSError, ValueError, KeyError, TypeError):
        raise ResultsError(
            f"the folder holds files, but no {RECORD} of a run",
            str(results),
            "Move them away, or choose another place with --out.",
        ) from None


def refuse_other_run(results: Path, run_id: str, supersede: str | None) -> None:
    """Stop early when another run's results stand there and nobody said to supersede them."""
    found = run_id_in(results)
    if found not in (None, run_id) and not supersede:
        raise ResultsError(
            "results of another run stand there: its inputs, choices or version differ",
            str(results),
            'Keep both with --out DIR, or replace them with --supersede "why".',
        )


def save(results: Path, files: Mapping[str, bytes], execution: bytes, run_id: str) -> Saved:
    """Put the files of a run in place.

    Parameters
    ----------
    results : Path
        The folder to appear.
    files : mapping
        Content by name relative to the folder; identical on a rerun.
    execution : bytes
        Content of `execution.json`; that of the first time stays when the run is the same.
    run_id : str
        Of the new run; another run's folder moves to ``runs/<its run_id>``.
    """
    old = run_id_in(results)
    if old == run_id:
        return _put_right(results, files)
    with _beside(results) as fresh:
        for name, data in {**files, EXECUTION: execution}.items():
            place = fresh / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        moved = _aside(results, old)
        try:
            _rename(fresh, results)
        except BaseException:
            if moved is not None:
                moved.rename(results)
            raise
    return Saved(results, "superseding" if moved else "new", moved_to=moved)


def _put_right(results: Path, files: Mapping[str, bytes]) -> Saved:
    """Write what differs anew; nothing that a person made is lost."""
    mended, kept = [], []
    for name, data in files.items():
        place = results / name
        if _holds(place, data):
            continue
        mended.append(name)
        fresh = place.with_name(f".{place.name}-new")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_bytes(data)
            if place.exists():
                edited = _free(place)
                _rename(place, edited)
                kept.append(edited.relative_to(results).as_posix())
            _rename(fresh, place)
        except OSError as error:
            raise _unwritable(results, error) from None
        finally:
            fresh.unlink(missing_ok=True)
    if not mended:
        return Saved(results, "unchanged")
    return Saved(results, "repaired", tuple(mended), tuple(kept))


def _free(place: Path) -> Path:
    """First name beside a file that is not taken: ``results.edited-1.xlsx``."""
    names = (place.with_name(f"{place.stem}.edited-{n}{place.suffix}") for n in itertools.count(1))
    return next(name for name in names if not name.exists())


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except OSError:
        return False


@contextmanager
def _beside(results: Path) -> Iterator[Path]:
    """A folder on the same disk, gone again if anything fails."""
    try:
        results.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{results.name}-", dir=results.parent))
        # mkdtemp makes a folder that only its owner may open; results are for the lab.
        fresh.chmod(0o755)
    except OSError as error:
        raise _unwritable(results, error) from None
    try:
        yield fresh
    except OSError as error:
        raise _unwritable(results, error) from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _aside(results: Path, old: str | None) -> Path | None:
    """Move what stands there out of the way; returns where it went."""
    if old is None:
        if results.exists():
            results.rmdir()
        return None
    place = results.parent / "runs" / old
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        raise ResultsError("the older results are kept there already", str(place))
    _rename(results, place)
    return place


def _rename(source: Path, target: Path) -> None:
    try:
        source.rename(target)
    except PermissionError:
        raise ResultsError(
            "a file in the results folder is in use",
            str(target),
            "Close results.xlsx in Excel and the report in the browser, then run again.",
        ) from None


def _unwritable(results: Path, error: OSError) -> ResultsError:
    return ResultsError(
        f"results cannot be written: {error.strerror or error}",
        str(results),
        "Check free space and permissions, or choose another place with --out.",
    )
