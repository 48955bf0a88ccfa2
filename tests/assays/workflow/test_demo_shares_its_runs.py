"""The runs of `assays demo` are shared out: each is done once, whoever does it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from assays.errors import ResultsError
from assays.workflow import demo
from assays.workflow.save import Saved


class Elsewhere:
    """Stands in for processes: does the work here, breaks off, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.asked: list[str] = []
        self.begun = Event()

    def submit(self, work: Any, example: Path, place: Path) -> Future[Any]:
        self.asked.append(example.name)
        self.begun.set()
        future: Future[Any] = Future()
        if self.error is not None:
            future.set_exception(self.error)
        else:
            future.set_result(work(example, place))
        return future


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Runs in the order of their beginning, with the processes each was given."""
    begun: list[tuple[str, int]] = []

    def run(example: Path, place: Path, jobs: int = 1, progress: Any = None) -> demo.Finished:
        begun.append((example.name, jobs))
        return demo.Finished(example.name, "fine", Saved(place, "new"), {})

    monkeypatch.setattr(demo, "_run", run)
    return begun


def with_helpers(monkeypatch: pytest.MonkeyPatch, pool: Elsewhere) -> None:
    @contextmanager
    def helping(helpers: int) -> Iterator[tuple[Elsewhere, ThreadPoolExecutor]]:
        with ThreadPoolExecutor(max(helpers, 1)) as threads:
            yield pool, threads

    monkeypatch.setattr(demo, "_helping", helping)
    here = demo._run

    def not_before_the_others(*given: Any) -> demo.Finished:
        # This process could else be through before a thread is awake.
        if len(given) > 2:
            pool.begun.wait(10)
        return here(*given)

    monkeypatch.setattr(demo, "_run", not_before_the_others)


NAMES = [path.name for path in demo.examples()]


@pytest.mark.parametrize("jobs", [1, 2, 16])
def test_every_run_is_done_once_and_told_by_name(
    monkeypatch: pytest.MonkeyPatch, done: list[tuple[str, int]], tmp_path: Path, jobs: int
) -> None:
    pool = Elsewhere()
    if jobs == 1:
        pool.begun.set()
    with_helpers(monkeypatch, pool)
    finished = demo.run_examples(tmp_path, jobs=jobs)
    assert [each.folder for each in finished] == NAMES
    assert sorted(name for name, _ in done) == NAMES
    assert bool(pool.asked) == (jobs > 1)


def test_the_longest_run_is_begun_here_and_first(
    monkeypatch: pytest.MonkeyPatch, done: list[tuple[str, int]], tmp_path: Path
) -> None:
    pool = Elsewhere()
    with_helpers(monkeypatch, pool)
    demo.run_examples(tmp_path, jobs=16)
    assert "il6_blockade" not in pool.asked
    assert ("il6_blockade", 16 - len(NAMES) + 1) in done


def test_a_process_that_dies_leaves_its_run_to_this_one(
    monkeypatch: pytest.MonkeyPatch, done: list[tuple[str, int]], tmp_path: Path
) -> None:
    with_helpers(monkeypatch, Elsewhere(BrokenProcessPool("ended from outside")))
    finished = demo.run_examples(tmp_path, jobs=3)
    assert [each.folder for each in finished] == NAMES
    assert sorted(name for name, _ in done) == NAMES


def test_an_error_of_any_run_comes_out(
    monkeypatch: pytest.MonkeyPatch, done: list[tuple[str, int]], tmp_path: Path
) -> None:
    with_helpers(monkeypatch, Elsewhere(ResultsError("the disk is full", "il6_elisa")))
    with pytest.raises(ResultsError, match="the disk is full"):
        demo.run_examples(tmp_path, jobs=len(NAMES))
