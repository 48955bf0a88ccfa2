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
