"""The first picture of a tube: which channels, on which scale."""

from __future__ import annotations

import numpy as np
import pytest

from assays.flow.events import Channel, Events
from assays.flow.scatter import scatter_of


def tube(*names: str, events: int = 50, **more: object) -> Events:
    values = np.arange(events * len(names), dtype=np.float32).reshape(events, len(names))
    channels = tuple(Channel(name, None, 1024.0, **more) for name in names)  # type: ignore[arg-type]
    return Events(values, channels)


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (("Time", "FSC-H", "FSC-W", "FSC-A", "SSC-A", "FITC-A"), ("FSC-A", "SSC-A")),
        (("FL1", "FS INT LIN", "FS PEAK LIN", "FS TOF LIN", "SS INT LIN"), ("FS INT LIN",) * 1),
        (("FSC LogH", "FSC LinH", "SSC LogH", "SSC LinH"), ("FSC LinH", "SSC LinH")),
        (("SSC1-Height", "SSC1-Area", "FSC-Width", "FSC-Area"), ("FSC-Area", "SSC1-Area")),
        (("fsc-h", "SSC-H"), ("fsc-h", "SSC-H")),
    ],
)
def test_scatter_is_found_on_every_cytometer(
    names: tuple[str, ...], wanted: tuple[str, ...]
) -> None:
    found = scatter_of(tube(*names))
    assert found is not None
    assert found.light
    assert (found.x.channel, found.y.channel)[: len(wanted)] == wanted
    assert found.events == 50


def test_a_mass_cytometer_shows_length_against_dna() -> None:
    found = scatter_of(tube("Time", "Event_length", "CD3(110)Dd", "DNA-1(Ir191)Dd"))
    assert found is not None
    assert not found.light
    assert (found.x.channel, found.y.channel) == ("Event_length", "DNA-1(Ir191)Dd")


def test_without_scatter_the_first_channels_that_are_not_time_are_shown() -> None:
    found = scatter_of(tube("Time", "A", "B", "C"))
    assert found is not None
    assert (found.x.channel, found.y.channel, found.light) == ("A", "B", False)


def test_two_channels_of_one_name_are_told_apart() -> None:
    found = scatter_of(tube("X", "X"))
    assert found is not None
    assert found.events == 50


def test_a_logarithmic_amplifier_is_drawn_on_its_decades() -> None:
    found = scatter_of(tube("FSC", "SSC", amplification=(4.0, 1.0), kind="I"))
    assert found is not None
    assert found.x.scale.startswith("log")


def test_nothing_to_draw_is_no_picture() -> None:
    assert scatter_of(tube("FSC", "SSC", events=0)) is None
    assert scatter_of(tube("Time", "FSC")) is None
