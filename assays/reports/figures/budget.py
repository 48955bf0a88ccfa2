"""Draw what fits into a report, and say what was left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from assays.reports.figures.picture import Picture, Section, with_own_names
from assays.reports.figures.words import counted

Progress = Callable[[int, int, str], object]
Work = tuple[Section, Callable[[], Picture]]
"""A picture still to be drawn, and the section that it belongs to."""

ALLOWANCE: Mapping[Section, int] = {
    "plate": 3_800_000,
    "curve": 3_000_000,
    "samples": 3_250_000,
    "compensation": 600_000,
    "gates": 2_500_000,
    "contact": 2_500_000,
    "readouts": 2_600_000,
    "inhibition": 600_000,
    "dose": 700_000,
    "course": 300_000,
    "protection": 150_000,
    "calibration": 100_000,
    "bridge": 150_000,
    "correlation": 200_000,
}
"""Bytes of pictures per section. An ELISA or a flow run comes to 10.4 MB, which is 13.9 MB once
embedded in the page: below the 15 MB that a report may have."""


def draw_within(
    work: Sequence[Work], progress: Progress | None = None, share: float = 1.0
) -> tuple[Picture, ...]:
    """Draw in order, section by section, until a section's allowance is used up.

    The last picture of a section that was cut short says in its caption how many are missing.

    Parameters
    ----------
    work : sequence of Work
        In the order of the report.
    progress : callable, optional
        Told (done, total, what) after every picture; what is left out counts as done.
    share : float
        Of the allowance: 0.5 where two journeys share one report.
    """
    made: list[Picture] = []
    used: dict[Section, int] = {}
    largest: dict[Section, int] = {}
    last: dict[Section, int] = {}
    missing: dict[Section, int] = {}
    for done, (section, draw) in enumerate(work, start=1):
        # A section always has its first picture, and nothing after the first that did not fit.
        full = used.get(section, 0) + largest.get(section, 0) > share * ALLOWANCE[section]
        if section in missing or (full and section in last):
            missing[section] = missing.get(section, 0) + 1
        else:
            picture = draw()
            size = len(picture.data)
            used[section] = used.get(section, 0) + size
            largest[section] = max(largest.get(section, 0), size)
            last[section] = len(made)
            made.append(picture)
        if progress is not None:
            progress(done, len(work), "drawing pictures")
    for section, count in missing.items():
        picture = made[last[section]]
        verb = "is" if count == 1 else "are"
        told = (
            f" {counted(count, 'more picture')} of this kind {verb} left out to keep the report "
            "small; the numbers are in the tables."
        )
        made[last[section]] = replace(picture, caption=picture.caption + told)
    return with_own_names(made)
