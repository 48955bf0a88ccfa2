"""The columns that single gates see in their own way, made for each tube."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from assays.errors import ControlError, GatingError
from assays.flow.axes import DEFAULT, is_fluorescence
from assays.flow.correction import Correction
from assays.flow.events import Channel, Events, Spillover
from assays.flow.exchange.quantity import FCS
from assays.flow.shelf import only
from assays.flow.views import AS_RECORDED, View
from assays.protocol import Scale as ScaleChoice
from plates.findings import Finding


class OwnViews:
    """Adds the views' columns to the events of each tube.

    Parameters
    ----------
    views : mapping
        By name.
    matrices : mapping
        By name of the csv that a gate's ``compensation`` names.

    Raises
    ------
    ControlError
        When a csv is named and not given, or its matrix cannot be undone.
    """

    def __init__(self, views: Mapping[str, View], matrices: Mapping[str, Spillover]) -> None:
        self._views = dict(views)
        self._corrections = {
            choice: Correction(choice, matrices.get(choice))
            for choice in dict.fromkeys(view.compensation for view in views.values())
            if choice
        }
        self._recorded: dict[str, Channel] = {}

    def plain(self, names: Sequence[str]) -> tuple[str, ...]:
        """Channels of a file that stand behind some names, each once."""
        return tuple(
            dict.fromkeys(
                self._views[name].channel if name in self._views else name for name in names
            )
        )

    def added(self, recorded: Events, corrected: Events, names: Sequence[str]) -> Events:
        """Events with the named channels alone, of the run or of single gates.

        Parameters
        ----------
        recorded, corrected : Events
            As the file has them, and by the run's compensation.
        names : sequence of str
        """
        if not self._views:
            return only(corrected, names)
        seen = only(corrected, [name for name in names if name not in self._views])
        columns, channels = [seen.values], list(seen.channels)
        done: dict[str, Events] = {"": corrected}
        for name in names:
            view = self._views.get(name)
            if view is None:
                continue
            if view.compensation not in done:
                done[view.compensation] = self._corrected(view, recorded)
            own = done[view.compensation]
            index = own.index(view.channel)
            self._recorded[name] = own.channels[index]
            columns.append(own.values[:, index : index + 1])
            channels.append(replace(own.channels[index], name=name, marker=None))
        return replace(
            seen, values=np.ascontiguousarray(np.hstack(columns)), channels=tuple(channels)
        )

    def _corrected(self, view: View, recorded: Events) -> Events:
        try:
            return self._corrections[view.compensation].apply(recorded)
        except (ControlError, GatingError) as fault:
            raise type(fault)(
                f"compensation = {view.compensation!r} of a gate on {view.channel!r}: "
                f"{fault.message}",
                fault.where,
                fault.hint,
            ) from None

    def channel(self, name: str, otherwise: Channel) -> Channel:
        """The file's channel behind a view; another name's own."""
        return self._recorded.get(name, otherwise)

    def choices(self, of_run: Mapping[str, ScaleChoice]) -> dict[str, ScaleChoice]:
        """Scales by name, the run's and the views'."""
        found = dict(of_run)
        for name, view in self._views.items():
            channel = self._recorded[name]
            keys = (view.channel, channel.name, channel.marker or view.channel)
            chosen = view.scale or next((of_run[key] for key in keys if key in of_run), None)
            if chosen is None:
                lit = is_fluorescence(channel.name)
                chosen = of_run.get(DEFAULT, ScaleChoice()) if lit else ScaleChoice(method="linear")
            found[name] = chosen
        return found

    def matrix(self, name: str) -> Spillover | str | None:
        """The csv's matrix of a view, ``FCS`` for the file's, empty for none; None: the run's."""
        view = self._views.get(name)
        if view is None or not view.compensation:
            return None
        if view.compensation == AS_RECORDED:
            return ""
        return self._corrections[view.compensation].given or FCS

    def findings(self) -> list[Finding]:
        """What the matrices of single gates deserve to be told."""
        return [found for one in self._corrections.values() for found in one.findings()]
