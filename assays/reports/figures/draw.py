"""The two doors of this room: all pictures of an ELISA run, all pictures of a flow run."""

from __future__ import annotations

from assays.reports.figures.elisa import elisa_pictures
from assays.reports.figures.flow import flow_pictures
from assays.reports.figures.picture import Picture

__all__ = ["Picture", "elisa_pictures", "flow_pictures"]
