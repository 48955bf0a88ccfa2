"""What the file says about the cytometer."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from assays.flow import fcs
from assays.flow.fcs.settings import settings_of
from assays.results.cytometer import Laser

Make = Callable[..., Any]

WORDS = {
    "$CYT": "LSRII ",
    "CYTNUM": "H1234",
    "CREATOR": "BD FACSDiva Software Version 6.1",
    "$DATE": "03-Feb-2014",
    "$BTIM": "13:13:54",
    "$OP": " ",
    "$SRC": "donor 7",
    "LASER1NAME": "Blue ",
    "LASER1DELAY": "0.00",
    "LASER2NAME": "Red",
    "$P1V": "450",
    "$P2V": "512.5",
    "$P2L": "488,561",
    "$P2O": "100mW",
    "$P2F": "525 BP",
    "$P1L": "-1",
}


def test_settings_are_those_of_the_file(odd: Make) -> None:
    settings = settings_of(fcs.read(odd(words=WORDS).source()))
    assert (settings.cytometer, settings.serial) == ("LSRII", "H1234")
    assert (settings.date, settings.begin, settings.end) == ("03-Feb-2014", "13:13:54", "")
    assert settings.operator == ""
    assert settings.specimen == "donor 7"
    assert settings.lasers == (Laser("Blue", "0.00"), Laser("Red"))
    first, second = settings.detectors
    assert first.voltage_v == 450
    assert first.excitation_nm == ""
    assert math.isnan(first.power_mw)
    assert (second.excitation_nm, second.power_mw, second.filter) == ("488, 561", 100, "525 BP")
    assert second.scale == "linear"


def test_settings_follow_the_channels_that_were_read(odd: Make) -> None:
    (detector,) = settings_of(fcs.read(odd(words=WORDS).source(), channels=["C2"])).detectors
    assert (detector.channel, detector.voltage_v) == ("C2", 512.5)


def test_a_silent_file_leaves_everything_blank(odd: Make) -> None:
    settings = settings_of(fcs.read(odd().source()))
    assert settings.cytometer == ""
    assert settings.lasers == ()
    assert all(math.isnan(detector.voltage_v) for detector in settings.detectors)


def test_a_stored_logarithm_is_named(odd: Make) -> None:
    made = odd(kind="I", bits="16", ranges=(1024, 1024), words={"$P1E": "4,1"})
    assert settings_of(fcs.read(made.source())).detectors[0].scale == "log 4 decades"
