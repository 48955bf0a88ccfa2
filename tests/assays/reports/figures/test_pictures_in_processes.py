"""Pictures come out whole when the processes that draw them are ended from outside."""

from __future__ import annotations

import os

from assays.reports.figures.picture import Picture
from assays.reports.figures.pool import FEWEST, in_processes


def picture(number: int) -> Picture:
    return Picture(f"picture-{number}", "gates", "", "", "", 10, 10, svg=b"<svg/>")


def sound(records):
    return [("gates", lambda number=number: picture(number)) for number in range(records)]


def deadly(records):
    """In another process this work ends the process."""
    made_by, count = records

    def draw(number: int) -> Picture:
        if os.getpid() != made_by:
            os._exit(1)
        return picture(number)

    return [("gates", lambda number=number: draw(number)) for number in range(count)]


def test_processes_draw_the_same_pictures_in_the_same_order() -> None:
    work = sound(FEWEST)
    with in_processes(work, sound, FEWEST, 2) as ahead:
        assert [draw() for _, draw in ahead] == [draw() for _, draw in work]


def test_a_picture_is_drawn_here_when_its_process_is_gone() -> None:
    records = (os.getpid(), FEWEST)
    with in_processes(deadly(records), deadly, records, 2) as ahead:
        assert [draw().name for _, draw in ahead] == [f"picture-{n}" for n in range(FEWEST)]
