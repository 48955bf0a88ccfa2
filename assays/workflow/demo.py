"""The example runs: where they are, how they come to a folder of one's own, and all of them run."""

from __future__ import annotations

import importlib.util
import multiprocessing
import shutil
import sys
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from types import ModuleType

from assays.errors import ResultsError
from assays.workflow.folder import PROTOCOL
from assays.workflow.messages import Progress, silent
from assays.workflow.save import Saved

GENERATOR = "generate.py"
"""An example whose files are too large to ship writes them itself."""
SHEET = "samples.csv"


@dataclass(frozen=True, slots=True)
class Finished:
    """An example that was processed: what is told of it."""

    folder: str
    verdict: str
    """One line."""
    saved: Saved
    seconds: dict[str, float]
    """Where the time went, by stage."""


def examples_folder() -> Path:
    """Folder of the bundled examples: in the wheel, or beside the package in a checkout."""
    package = Path(str(files("assays")))
    for place in (package / "_examples", package.parent / "examples"):
        if place.is_dir():
            return place
    raise ResultsError("the example runs are not part of this installation", str(package))


def examples() -> list[Path]:
    """Folders of the bundled runs, by name."""
    return sorted(path.parent for path in examples_folder().glob(f"*/{PROTOCOL}"))


def copy_examples(place: Path, progress: Progress = silent) -> list[Path]:
    """Copy every example run into a folder, and let it write what it does not ship.

    Files that are there already stay as they are.
    """
    return [copy_example(example, place, progress) for example in examples()]


def copy_example(example: Path, place: Path, progress: Progress = silent) -> Path:
    """Copy one example run into a folder; returns its folder there."""
    target = place / example.name
    try:
        shutil.copytree(
            example,
            target,
            dirs_exist_ok=True,
            copy_function=_copy_if_absent,
            ignore=shutil.ignore_patterns("__pycache__", "results", "runs", "fcs", ".*"),
        )
    except OSError as error:
        raise ResultsError(
            f"the examples cannot be copied: {error.strerror or error}", str(place)
        ) from None
    _generate(example, target, progress)
    return target


def run_examples(place: Path, *, jobs: int = 1, progress: Progress = silent) -> list[Finished]:
    """Copy and process every example run.

    Parameters
    ----------
    place : Path
        Where they are copied to.
    jobs : int
        Processes in all. This one takes the longest run and tells its progress, others take the
        rest; results do not depend on it.
    progress : callable, optional

    Returns
    -------
    list of Finished
        By name.
    """
    waiting = deque(sorted(examples(), key=_length, reverse=True))
    done: list[Finished] = []
    helpers = max(0, min(jobs, len(waiting)) - 1)

    def work_here(own: int) -> None:
        while (example := _next(waiting)) is not None:
            done.append(_run(example, place, own, progress))

    def work_elsewhere(pool: ProcessPoolExecutor) -> None:
        while (example := _next(waiting)) is not None:
            try:
                done.append(pool.submit(_run, example, place).result())
            except BrokenProcessPool:
                # Ended from outside, for want of memory, say: this process does it.
                waiting.append(example)
                return

    first = _next(waiting)
    with _helping(helpers) as (pool, threads):
        asked = [threads.submit(work_elsewhere, pool) for _ in range(helpers)]
        try:
            if first is not None:
                done.append(_run(first, place, jobs - helpers, progress))
            work_here(1)
            for each in asked:
                each.result()
        finally:
            # Where one failed, the others are not begun.
            left = list(waiting)
            waiting.clear()
    waiting.extend(left)
    work_here(jobs)
    return sorted(done, key=lambda each: each.folder)


@contextmanager
def _helping(helpers: int) -> Iterator[tuple[ProcessPoolExecutor, ThreadPoolExecutor]]:
    """Processes, and a thread for each that waits for it."""
    # Spawned, not forked: a fork of a process with threads may hang.
    context = multiprocessing.get_context("spawn")
    with (
        ProcessPoolExecutor(max(helpers, 1), context) as pool,
        ThreadPoolExecutor(max(helpers, 1)) as threads,
    ):
        yield pool, threads


def _next(waiting: deque[Path]) -> Path | None:
    try:
        return waiting.popleft()
    except IndexError:
        return None


def _length(example: Path) -> int:
    """How long a run takes, roughly: tubes take longer than plates."""
    sheet = example / SHEET
    return len(sheet.read_bytes().splitlines()) if sheet.is_file() else 0


def _run(example: Path, place: Path, jobs: int = 1, progress: Progress = silent) -> Finished:
    from assays.reports.verdict import verdict_line
    from assays.workflow.process import process

    made = process(copy_example(example, place, progress), jobs=jobs, progress=progress)
    return Finished(made.folder, verdict_line(made.run), made.saved, made.seconds)


def _copy_if_absent(source: str, target: str) -> str:
    if not Path(target).exists():
        shutil.copyfile(source, target)
    return target


def _generate(example: Path, run: Path, progress: Progress) -> None:
    # The bundled script runs, never the copy, which anybody may have changed.
    if (example / GENERATOR).is_file():
        module = load_generator(example)
        if hasattr(module, "write"):
            module.write(run, progress)


def load_generator(example: Path) -> ModuleType:
    """`generate.py` of an example, whatever else is called so."""
    name = f"assays_example_{example.name}"
    spec = importlib.util.spec_from_file_location(name, example / GENERATOR)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # A dataclass in the script looks its own module up.
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
