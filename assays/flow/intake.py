"""A tube comes in: checked as recorded, compensated, and cut down to the channels in use."""

from __future__ import annotations

from collections.abc import Callable

from assays.errors import GatingError
from assays.flow.correction import Correction
from assays.flow.events import Events
from assays.flow.fcs.settings import settings_of
from assays.flow.own_views import OwnViews
from assays.flow.qc.contract import TubeLook, inspect_tube, merged
from assays.protocol import Flow
from assays.results.cytometer import Settings
from assays.samples import Tube
from plates.findings import Finding


class Intake:
    """Opens tubes and remembers what was found about each, once."""

    def __init__(
        self,
        open_events: Callable[[Tube], Events],
        correction: Correction,
        protocol: Flow,
        channels: tuple[str, ...],
        views: OwnViews,
    ) -> None:
        self._open = open_events
        self._protocol = protocol
        self._channels = channels
        self.views = views
        self._findings: list[Finding] = []
        self._notes: dict[str, list[str]] = {}
        self.correction = correction
        self.settings: dict[str, Settings] = {}
        self.total_events = 0
        self.channel_names: dict[str, None] = {}
        """Every channel and marker met, in order."""
        self._seen: set[str] = set()

    def open(self, tube: Tube) -> Events:
        """Events of a tube, compensated as chosen, with the channels in use."""
        events = self._open(tube)
        if tube.file not in self._seen:
            self._seen.add(tube.file)
            self._name(events)
            self._register(tube, events)
        try:
            corrected = self.correction.apply(events)
            self._name(corrected)
            return self.views.added(events, corrected, self._channels)
        except GatingError as error:
            asked = f"{error.where}, asked for by a gate or readout of assay.toml"
            raise GatingError(error.message, asked, error.hint) from None

    def _register(self, tube: Tube, events: Events) -> None:
        plain = self.views.plain(self._channels)
        seen = tuple(dict.fromkeys(self.correction.recorded_as(name) for name in plain))
        self._findings += inspect_tube(TubeLook(tube, events, seen, self._protocol))
        for note in events.notes:
            self._notes.setdefault(note, []).append(tube.file)
        self.settings[tube.file] = settings_of(events)
        self.total_events += len(events)

    def _name(self, events: Events) -> None:
        for channel in events.channels:
            self.channel_names |= dict.fromkeys(filter(None, (channel.name, channel.marker)))

    @property
    def findings(self) -> list[Finding]:
        """Findings on tubes as recorded and on compensation."""
        return [*merged(self._findings), *self.correction.findings(), *self.views.findings()]

    @property
    def notes(self) -> tuple[str, ...]:
        """Repairs on reading, each said once with the files it holds for."""
        return tuple(
            f"{files[0] if len(files) == 1 else f'{len(files)} files, first {files[0]}'}: {note}"
            for note, files in self._notes.items()
        )
