"""Every picture of a report, drawn from result records alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from assays.reports.figures.picture import Picture

if TYPE_CHECKING:
    from assays.results.run import Run

__all__ = ["Picture", "pictures_of"]


def pictures_of(
    run: Run, progress: Callable[[int, int, str], object] | None = None, jobs: int = 1
) -> tuple[Picture, ...]:
    """All pictures of a run in the order of the report; `progress` hears (done, total, what).

    With more `jobs`, so many processes draw the pictures of a flow run; they are the same.
    """
    from assays.reports.figures.budget import Work, draw_within
    from assays.reports.figures.correlation import correlation_work
    from assays.reports.figures.elisa import elisa_pictures
    from assays.reports.figures.flow import flow_pictures
    from assays.reports.figures.picture import with_own_names

    share = 0.5 if run.elisa is not None and run.flow is not None else 1.0
    pictures = elisa_pictures(run.elisa, share) if run.elisa is not None else ()
    if run.flow is not None:
        pictures += flow_pictures(run.flow, progress, share, jobs)
    work: list[Work] = [("correlation", draw) for draw in correlation_work(run.correlations)]
    return with_own_names(pictures + draw_within(work, share=share))
