"""Draw on several processor cores: matplotlib draws in one thread of a process at a time.

Each process gets the run's records once, makes the same list of work from them,
and draws by number, so that nothing but records and finished pictures travels.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from typing import Any

from assays.reports.figures.budget import Work
from assays.reports.figures.picture import Picture

FEWEST = 8
"""Fewer pictures are drawn faster than a process starts."""

_work: Sequence[Work] = ()


@contextmanager
def in_processes(
    work: Sequence[Work], make: Callable[[Any], Sequence[Work]], records: Any, jobs: int
) -> Iterator[Sequence[Work]]:
    """The same work, drawn ahead of its time by `jobs` processes.

    Parameters
    ----------
    work : sequence of Work
        What `make` gives for these records.
    make : function of a module
        Makes the list of work again in each process.
    records : picklable
        What `make` needs.
    jobs : int
        Processes; with one, or little work, everything is drawn right here.
    """
    if jobs < 2 or len(work) < FEWEST:
        yield work
        return
    # Spawned, not forked: a fork of a process with threads may hang.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, context, initializer=_begin, initargs=(make, records))
    try:
        yield [
            (section, partial(_drawn, _asked(pool, number), draw))
            for number, (section, draw) in enumerate(work)
        ]
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(make: Callable[[Any], Sequence[Work]], records: Any) -> None:
    global _work
    _work = make(records)


def _asked(pool: ProcessPoolExecutor, number: int) -> Future[Picture] | None:
    """A picture on its way; None when the processes are gone already."""
    try:
        return pool.submit(_draw, number)
    except BrokenProcessPool:
        return None


def _drawn(asked: Future[Picture] | None, draw: Callable[[], Picture]) -> Picture:
    """The picture; drawn here when its process was ended from outside, for want of memory, say."""
    if asked is None:
        return draw()
    try:
        return asked.result()
    except BrokenProcessPool:
        return draw()


def _draw(number: int) -> Picture:
    return _work[number][1]()
