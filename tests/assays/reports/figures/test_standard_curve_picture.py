"""The standard curve: zero behind an axis break, every well a point, samples as ticks."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from assays.reports.figures.curve_points import (
    residual_percent,
    residual_reach,
    sorted_standards,
)
from assays.reports.figures.draw import elisa_pictures
from assays.reports.figures.precision_profile import (
    draw_profile,
    has_profile,
    observed_percent,
)
from assays.reports.figures.standard_curve import draw_curve
from assays.results.elisa import RangeStatus
from plates.layout import Role


def points_on(axes, marker: str) -> np.ndarray:
    found = [
        np.column_stack([line.get_xdata(), line.get_ydata()])
        for line in axes.lines
        if line.get_marker() == marker
    ]
    return np.vstack(found) if found else np.empty((0, 2))


def test_every_standard_well_is_drawn_and_zero_has_its_own_axis(plate_of) -> None:
    plate = plate_of()
    zero, main = draw_curve(plate, "pg/mL").axes[:2]
    wells = [r for r in plate.wells if r.role is Role.STANDARD]
    assert len(points_on(zero, "o")) == sum(r.nominal == 0 for r in wells)
    above = [r for r in wells if r.nominal > 0 and not r.excluded_why]
    drawn = points_on(main, "o")
    assert sorted(map(tuple, drawn)) == sorted((r.nominal, r.signal) for r in above)
    assert main.get_xscale() == "log"
    assert len(points_on(main, "x")) == 1


def test_standards_outside_their_recovery_limits_are_hollow(plate_of) -> None:
    plate = plate_of()
    assert [r.sample for r in sorted_standards(plate)["outside"]] == ["S1", "S1"]
    main = draw_curve(plate, "pg/mL").axes[1]
    hollow = [line for line in main.lines if line.get_marker() == "o" and line.get_mfc() == "white"]
    assert [list(line.get_xdata()) for line in hollow] == [[3.13, 3.13]]


def test_samples_are_ticks_at_their_concentration_in_the_well(plate_of) -> None:
    plate = plate_of()
    main = draw_curve(plate, "pg/mL").axes[1]
    drawn = {round(x, 6) for x in points_on(main, "|")[:, 0]}
    inside = [s for s in plate.samples if s.status is RangeStatus.OK]
    assert {round(s.concentration / s.dilution_factor, 6) for s in inside} <= drawn
    low, high = main.get_xlim()
    assert all(low < x < high for x in drawn)


def test_residuals_are_percent_of_the_curve(plate_of) -> None:
    plate = plate_of()
    reading = replace(plate.wells[0], role=Role.STANDARD, nominal=0.0, signal=0.066)
    assert residual_percent(reading, plate.curve) == pytest.approx(10.0)
    assert math.isnan(residual_percent(reading, None))
    far = replace(reading, nominal=1e9)
    assert math.isnan(residual_percent(far, plate.curve))


def test_an_excluded_well_does_not_stretch_the_residual_axis(plate_of) -> None:
    plate = plate_of()
    good = tuple(r for r in plate.wells if r.sample != "S1")
    assert residual_reach(replace(plate, wells=good)) <= 10


def test_a_refused_and_a_missing_curve_are_said_in_the_picture(plate_of, run_of) -> None:
    plate = plate_of()
    assert plate.curve is not None
    refused = replace(plate.curve, accepted=False, refused_why="standards do not rise")
    for curve, word in ((refused, "refused"), (None, "no curve")):
        own = replace(plate, curve=curve)
        texts = [text.get_text() for text in draw_curve(own, "pg/mL").axes[1].texts]
        assert any(word in text for text in texts)
        alt = elisa_pictures(run_of(own))[1].alt.lower()
        assert word in alt


@pytest.mark.parametrize("size", [96, 384, 1536])
def test_a_plate_without_anything_to_draw_is_still_a_picture(plate_of, run_of, size: int) -> None:
    plate = plate_of(size=size)
    nothing = np.full_like(plate.raw, np.nan)
    limits = replace(plate.limits, lloq=math.nan, uloq=math.nan)
    empty = replace(
        plate, raw=nothing, wells=(), standards=(), samples=(), qcs=(), curve=None, limits=limits
    )
    names = [picture.name for picture in elisa_pictures(run_of(empty))]
    assert names == ["plate-1-heatmap", "plate-1-curve"]


def test_one_standard_level_and_a_band_of_nan_are_drawn(plate_of) -> None:
    plate = plate_of()
    assert plate.curve is not None
    unknown = np.full_like(plate.curve.y, np.nan)
    curve = replace(plate.curve, lower=unknown, upper=unknown, zero_response=math.nan)
    one = replace(
        plate,
        curve=curve,
        standards=plate.standards[3:4],
        wells=tuple(r for r in plate.wells if r.sample == "S3"),
        samples=(),
    )
    main = draw_curve(one, "pg/mL").axes[1]
    assert len(points_on(main, "o")) == 2


def test_a_large_plate_with_many_samples_gets_several_pages_of_dots(plate_of, run_of) -> None:
    pictures = elisa_pictures(run_of(plate_of(size=384, samples=120)))
    assert [p.name for p in pictures if p.section == "samples"] == [
        "plate-1-samples",
        "plate-1-samples-2",
        "plate-1-samples-3",
    ]


def profiled(plate, top: float = 40.0):
    x = np.geomspace(0.5, 400.0, 50)
    cv = 3.0 + top * np.exp(-x / 2)
    limits = replace(plate.limits, mdc=0.6, rdl=1.1, working=(1.8, 400.0))
    curve = replace(plate.curve, profile_x=x, cv_percent=cv, profile_wells=2)
    return replace(plate, curve=curve, limits=limits)


def test_recoveries_have_colours_and_a_lost_one_its_number(plate_of) -> None:
    plate = plate_of()
    levels = [replace(level, recovery_percent=100.0) for level in plate.standards]
    levels[4] = replace(levels[4], recovery_percent=115.0)
    levels[1] = replace(levels[1], recovery_percent=135.0)
    found = sorted_standards(replace(plate, standards=tuple(levels)))
    assert {r.sample for r in found["near"]} == {"S4"}
    assert {r.sample for r in found["outside"]} == {"S1"}
    main = draw_curve(replace(plate, standards=tuple(levels)), "pg/mL").axes[1]
    assert "135 %" in [text.get_text() for text in main.texts]


def test_controls_stand_at_their_target(plate_of) -> None:
    plate = plate_of()
    main = draw_curve(plate, "pg/mL").axes[1]
    targets = {r.nominal for r in plate.wells if r.role is Role.QC}
    assert {x for x, _ in points_on(main, "D")} == targets


def test_the_precision_profile_has_its_line_its_limits_and_every_replicate(
    plate_of, run_of
) -> None:
    plate = profiled(plate_of())
    axes = draw_profile(plate, "pg/mL").axes[0]
    line = max(axes.lines, key=lambda one: len(one.get_xdata()))
    assert len(line.get_xdata()) == 50
    texts = [text.get_text() for text in axes.texts]
    for word in ("LLOQ 6.25 pg/mL", "ULOQ 200 pg/mL", "MDC 0.600", "RDL 1.10", "20 %"):
        assert word in texts
    known = [
        s for s in plate.samples if math.isfinite(observed_percent(s)) and s.role is Role.SAMPLE
    ]
    drawn = points_on(axes, "o")
    inside = [s for s in known if s.status in (RangeStatus.OK, RangeStatus.HIGH_CV)]
    assert 0 < len(drawn) <= len(inside)
    pictures = {picture.name: picture for picture in elisa_pictures(run_of(plate))}
    assert "at most 20 % from 1.80 to 400 pg/mL" in pictures["plate-1-precision"].alt


def test_a_plate_without_a_profile_has_no_picture_of_it(plate_of, run_of) -> None:
    assert not has_profile(plate_of())
    names = [picture.name for picture in elisa_pictures(run_of(plate_of()))]
    assert "plate-1-precision" not in names
