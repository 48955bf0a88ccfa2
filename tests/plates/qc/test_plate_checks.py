"""What the checks of a plate say, and what they leave unsaid."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from numpy.typing import NDArray

from plates.findings import Finding, Severity
from plates.layout import Role, WellContent
from plates.plateread import PlateRead
from plates.qc import battery
from plates.qc.contract import Check
from plates.qc.tokens import is_beyond
from plates.well import FORMATS, PlateFormat, Well

Contents = dict[Well, WellContent]


def dice(name: str) -> np.random.Generator:
    return np.random.default_rng(
        np.frombuffer(hashlib.sha256(name.encode()).digest(), dtype=np.uint32)
    )


def read_of(values: NDArray[np.float64], flags: dict[str, str] | None = None) -> PlateRead:
    plate = PlateFormat(*values.shape)
    tokens = {Well.parse(name): token for name, token in (flags or {}).items()}
    return PlateRead("Plate 1", 1, "1", plate, "absorbance", "450", values, tokens)


def elisa(name: str = "plate") -> tuple[NDArray[np.float64], Contents]:
    """A sound plate: standards in columns 1 and 2, blanks in H3 and H4, samples in pairs."""
    rng = dice(name)
    plate, contents = np.full((8, 12), 0.05), {}
    for row in range(8):
        for pair in range(6):
            if pair == 0:
                content = WellContent(
                    Role.STANDARD, f"S{row}", [0, *3.0 ** np.arange(7)][row], "pg/mL"
                )
                mean = 0.08 + 0.4 * row
            elif (row, pair) == (7, 1):
                content, mean = WellContent(Role.BLANK, "blank"), 0.05
            else:
                content, mean = WellContent(Role.SAMPLE, f"P{row}{pair}"), rng.uniform(0.2, 2.8)
            for column in (2 * pair, 2 * pair + 1):
                contents[Well(row, column)] = content
                plate[row, column] = mean * rng.normal(1, 0.03)
    return plate, contents


def inspect(
    plate: NDArray[np.float64],
    contents: Contents,
    flags: dict[str, str] | None = None,
    **more: object,
) -> tuple[Finding, ...]:
    return battery.run(read_of(plate, flags), contents, **more)  # type: ignore[arg-type]


def rules(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.rule for finding in findings]


@pytest.mark.parametrize("number", range(20))
def test_a_sound_plate_gets_no_remark(number: int) -> None:
    assert inspect(*elisa(f"sound {number}")) == ()


def test_every_check_meets_its_contract() -> None:
    checks = battery.checks()
    assert len(checks) >= 6
    assert all(isinstance(check, Check) for check in checks)
    assert len({check.name for check in checks}) == len(checks)
    empty = np.full((8, 12), np.nan)
    for check in checks:
        assert check.question.endswith("?")
        assert battery.run(read_of(empty), {}, skip=[c.name for c in checks if c != check]) == ()


def test_a_bad_pair_is_named_with_both_readings_and_the_limit() -> None:
    plate, contents = elisa()
    plate[3, 4:6] = 1.0, 1.6
    (finding,) = inspect(plate, contents)
    assert finding.rule == "replicate-cv"
    assert finding.where == "D5, D6"
    assert finding.observed == pytest.approx(100 * 0.6 / np.sqrt(2) / 1.3)
    assert "D5 1, D6 1.6" in finding.message
    assert inspect(plate, contents, cv_limit_percent=40.0) == ()
    assert inspect(plate, contents, excluded=[Well(3, 5)]) == ()


def test_blanks_that_differ_by_nothing_that_matters_are_left_alone() -> None:
    plate, contents = elisa()
    plate[7, 2:4] = 0.03, 0.05
    assert inspect(plate, contents) == ()


def test_many_bad_pairs_are_told_once() -> None:
    plate, contents = elisa()
    plate[:, 4] *= 1.8
    (finding,) = [f for f in inspect(plate, contents) if f.rule == "replicate-cv"]
    assert finding.message.startswith("8 of 39 sample replicates")


@pytest.mark.parametrize("token", ["OVRFLW", "OVER", "*****", "#Sat", ">Max", "> 4.0", "OOR >"])
def test_a_saturated_sample_is_to_be_diluted(token: str) -> None:
    plate, contents = elisa()
    plate[3, 4] = np.nan
    (finding,) = inspect(plate, contents, {"D5": token})
    assert (finding.rule, finding.where) == ("saturated", "D5")
    assert token in finding.message
    assert "Dilute" in finding.message


@pytest.mark.parametrize("token", ["MISSED", "?????", "< Min", "NaN", "---", "Masked", "OOR <"])
def test_other_tokens_are_not_saturation(token: str) -> None:
    assert not is_beyond(token)


def test_readings_cut_off_at_one_ceiling_are_told() -> None:
    plate, contents = elisa()
    plate[1:3, 4:6] = 4.0
    (finding,) = inspect(plate, contents)
    assert finding.rule == "saturated"
    assert finding.observed == 4.0


def test_a_missing_well_is_named_and_a_missing_plate_stops() -> None:
    plate, contents = elisa()
    plate[3, 4] = np.nan
    (finding,) = inspect(plate, contents, {"D5": "MISSED"})
    assert (finding.rule, finding.where, finding.severity) == (
        "missing-wells",
        "D5",
        Severity.LOOK,
    )
    assert "MISSED" in finding.message
    plate[2:] = np.nan
    findings = inspect(plate, contents)
    assert findings[0].severity is Severity.STOP
    assert findings[0].observed == 72


def test_a_masked_well_keeps_its_number_and_is_a_note() -> None:
    plate, contents = elisa()
    (finding,) = inspect(plate, contents, {"D5": "Masked"})
    assert (finding.rule, finding.severity) == ("masked-wells", Severity.NOTE)


def test_a_bright_blank_and_a_bright_empty_well_are_told() -> None:
    plate, contents = elisa()
    plate[7, 3] = 0.9
    assert "blank-with-signal" in rules(inspect(plate, contents, cv_limit_percent=1000.0))
    plate, contents = elisa()
    del contents[Well(3, 4)], contents[Well(3, 5)]
    plate[3, 4:6] = 1.5
    (finding,) = inspect(plate, contents)
    assert (finding.rule, finding.where) == ("empty-with-signal", "D5, D6")


def test_a_shifted_layout_is_suspected_once() -> None:
    plate, contents = elisa()
    shifted = {Well(w.row, w.column - 2): c for w, c in contents.items() if w.column > 1}
    findings = inspect(plate, shifted)
    assert rules(findings).count("blank-with-signal") == 2
    (found,) = [f for f in findings if f.rule == "empty-with-signal"]
    assert found.observed >= 12
    assert "shifted" in found.message


def test_controls_that_cannot_be_told_apart() -> None:
    plate, contents = elisa()
    for row in range(4):
        contents[Well(row, 10)] = WellContent(Role.CONTROL, "positive control")
        contents[Well(row, 11)] = WellContent(Role.CONTROL, "neg ctrl")
    plate[:4, 10], plate[:4, 11] = (2.0, 2.02, 2.05, 1.97), (0.1, 0.11, 0.1, 0.09)
    assert inspect(plate, contents) == ()
    plate[:4, 10] = 1.2, 2.4, 1.7, 2.9
    findings = inspect(plate, contents, cv_limit_percent=1000.0)
    assert rules(findings) == ["control-window"]
    assert findings[0].observed < 0.4


def uniform(name: str) -> tuple[NDArray[np.float64], Contents]:
    plate = 1.0 + 0.04 * dice(name).standard_normal((8, 12))
    return plate, {well: WellContent(Role.CONTROL, "pool") for well in FORMATS[96].wells()}


@pytest.mark.parametrize("number", range(10))
def test_a_uniform_plate_without_a_pattern_gets_no_remark(number: int) -> None:
    assert inspect(*uniform(f"uniform {number}")) == ()


def test_an_edge_effect_on_a_uniform_plate_is_measured() -> None:
    plate, contents = uniform("edge")
    plate[[0, -1], :] *= 1.3
    plate[1:-1, [0, -1]] *= 1.3
    (finding,) = inspect(plate, contents)
    assert finding.rule == "edge-effect"
    assert finding.observed == pytest.approx(30, abs=6)


@pytest.mark.parametrize(("axis", "rule"), [(0, "row-drift"), (1, "column-drift")])
def test_drift_over_rows_or_columns_is_measured(axis: int, rule: str) -> None:
    plate, contents = uniform("drift")
    steps = np.linspace(0.85, 1.15, plate.shape[axis])
    plate *= steps[:, None] if axis == 0 else steps[None, :]
    (finding,) = inspect(plate, contents)
    assert finding.rule == rule
    assert finding.observed == pytest.approx(30, abs=5)


def test_neighbouring_duplicates_tell_nothing_of_drift() -> None:
    plate, contents = elisa()
    plate[:, 1::2] *= 1.1
    assert inspect(plate, contents) == ()


def test_a_screen_with_drift_is_a_note_only() -> None:
    plate = 1000 + 60 * dice("screen").standard_normal((16, 24))
    plate *= np.linspace(0.8, 1.2, 24)
    contents = {w: WellContent(Role.SAMPLE, str(w)) for w in FORMATS[384].wells()}
    (finding,) = inspect(plate, contents)
    assert (finding.rule, finding.severity) == ("column-drift", Severity.NOTE)


def test_moving_wells_changes_nothing_where_place_plays_no_part() -> None:
    plate, contents = elisa()
    plate[3, 4:6] = 1.0, 1.6
    first = inspect(plate, contents)
    flipped = {Well(7 - well.row, well.column): content for well, content in contents.items()}
    second = inspect(plate[::-1].copy(), flipped)
    assert [f.observed for f in first] == pytest.approx([f.observed for f in second])
