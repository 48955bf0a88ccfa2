"""Gated events leave a run: one file for each tube and population, FCS or csv.

Events are written as they were recorded, every channel, with the file's own
spillover matrix beside them: another program compensates and gates them anew.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping

import numpy as np

from assays.errors import GatingError
from assays.flow.events import Events
from assays.flow.strategy import Population
from assays.protocol import Gating
from assays.results.flow import EventFile
from assays.samples import Tube

MOST_BYTES = 1 << 30
"""Of all event files of a run together."""
_UNSAFE = re.compile(r"[^\w.+-]+")


class EventsOut:
    """Writes the events of the populations that ``[flow.gating] export`` names.

    Parameters
    ----------
    choice : Gating
    open_events : callable
        Events of a tube as recorded, with every channel.
    """

    def __init__(self, choice: Gating, open_events: Callable[[Tube], Events]) -> None:
        self._choice = choice
        self._open = open_events
        self._bytes = 0
        self.files: dict[str, bytes] = {}
        """Content by name within the results folder."""
        self.records: list[EventFile] = []

    def __call__(self, tube: Tube, found: Mapping[str, Population]) -> None:
        """Write one tube's populations; one that the tube does not have is left out.

        Raises
        ------
        GatingError
            When the files of the run grow too large.
        """
        asked = [name for name in self._choice.export if name in found]
        if not asked:
            return
        events = self._open(tube)
        for name in asked:
            mask = found[name].mask
            data = self._written(events, mask, name)
            self._bytes += len(data)
            if self._bytes > MOST_BYTES:
                raise GatingError(
                    "the exported events take more than a gigabyte",
                    "assay.toml: [flow.gating.export]",
                    "Export smaller populations, or fewer.",
                )
            place = self._unused(tube, name)
            self.files[place] = data
            self.records.append(EventFile(place, tube.file, name, found[name].count))

    def _written(self, events: Events, mask: np.ndarray, population: str) -> bytes:
        if self._choice.format == "csv":
            return _as_csv(events, mask)
        from assays.flow import fcs

        out = io.BytesIO()
        fcs.write(out, events, where=mask, population=population)
        return out.getvalue()

    def _unused(self, tube: Tube, population: str) -> str:
        """``events/tube_population.fcs``; of a path its end, with a number where that is taken."""
        stem = re.sub(r"(?i)\.(fcs|lmd)$", "", tube.file)
        end = population.rpartition("/")[2] if population.startswith("root/") else population
        name = "_".join(_UNSAFE.sub("_", part).strip("_.") or "x" for part in (stem, end))[:150]
        number, ending = 1, self._choice.format
        place = f"events/{name}.{ending}"
        taken = {known.casefold() for known in self.files}
        while place.casefold() in taken:
            number += 1
            place = f"events/{name}-{number}.{ending}"
        return place


def _as_csv(events: Events, mask: np.ndarray) -> bytes:
    from assays.reports.csv import cell

    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([cell(channel.name) for channel in events.channels])
    chosen = events.values[mask]
    # str of a float32 has the digits that it has, not those of its nearest double.
    writer.writerows([str(value) for value in row] for row in chosen)
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")
