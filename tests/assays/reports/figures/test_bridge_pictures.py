"""Two plates held against one another: a scatter, and Bland and Altman's differences."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from assays.curves.bridging import bridge
from assays.reports.figures.bridge import bridge_work, draw_bridge, percent_apart, words_of_bridge
from assays.results.plates_together import BridgePair, BridgeResult

FIRST = (8.0, 12.0, 26.0, 40.0, 64.0, 110.0, 141.0)
SECOND = (8.9, 13.2, 28.3, 44.4, 66.4, 130.0, 155.0)


def made() -> BridgeResult:
    found = bridge(FIRST, SECOND)
    pairs = tuple(
        BridgePair(f"QC{n}", *both) for n, both in enumerate(zip(FIRST, SECOND, strict=True))
    )
    return BridgeResult(
        "Plate 1", "Plate 2", "pg/mL", pairs, found.ratio, found.ratio_interval, (0.8, 1.25), True,
        found.mean_percent, found.limits_of_agreement_percent, found.deming.slope,
        found.deming.slope_interval, found.deming.intercept, found.deming.intercept_interval,
        found.concordance,
    )  # fmt: skip


def points(axes):
    (line,) = [line for line in axes.lines if line.get_marker() == "o"]
    return np.column_stack([line.get_xdata(), line.get_ydata()])


def test_each_sample_is_a_point_in_both_panels() -> None:
    scatter, differences = draw_bridge(made()).axes
    assert points(scatter) == pytest.approx(np.column_stack([FIRST, SECOND]))
    apart = [percent_apart(pair) for pair in made().pairs]
    assert points(differences)[:, 1] == pytest.approx(apart)
    assert np.mean(apart) == pytest.approx(made().mean_percent)


def test_the_line_is_demings_within_what_was_measured() -> None:
    found = made()
    scatter = draw_bridge(found).axes[0]
    (line,) = [line for line in scatter.lines if line.get_linewidth() == 1.2]
    x, y = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
    assert (x.min(), x.max()) == pytest.approx((min(FIRST), max(FIRST)))
    assert y == pytest.approx(found.intercept + found.slope * x)


def test_mean_and_limits_of_agreement_are_lines_with_their_numbers() -> None:
    found = made()
    differences = draw_bridge(found).axes[1]
    levels = {round(float(line.get_ydata()[0]), 6) for line in differences.lines
              if line.get_marker() == "None"}  # fmt: skip
    wanted = {0.0, found.mean_percent, *found.agreement_percent}
    assert levels == {round(value, 6) for value in wanted}
    assert differences.get_ylim()[0] == -differences.get_ylim()[1]


def test_a_sample_outside_the_limits_of_agreement_is_named() -> None:
    found = replace(made(), agreement_percent=(5.0, 16.0))
    texts = [text.get_text() for text in draw_bridge(found).axes[1].texts]
    assert [text for text in texts if text.startswith("QC")] == ["QC5", "QC4"]


def test_too_few_pairs_have_no_picture(run_of, plate_of) -> None:
    run = replace(run_of(plate_of()), bridges=(made(), replace(made(), ratio=math.nan)))
    assert len(list(bridge_work(run))) == 1
    caption, alt = words_of_bridge(made(), "IL-6")
    assert "limits of agreement" in caption
    assert "7 samples on both: mean ratio 1.10" in alt
