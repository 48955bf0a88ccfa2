"""Each automatic method by itself: where it cuts, when it refuses, what it survives."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assays.flow.gates.automatic import Found, NoGate, Pool, Sought
from assays.flow.gates.contract import methods
from assays.flow.gates.density import density_of, valleys_of
from assays.flow.scales import Arcsinh, Linear, Logicle, Scale
from benchmarks.gating import labels

AUTOMATIC = sorted(name for name, one in methods().items() if one.automatic)
NEEDED: dict[str, dict[str, Any]] = {
    "mixture": {"target": [5000.0, 0.0]},
    "prior_ellipse": {"center": [5000.0, 0.0], "axes": [3000.0, 500.0]},
}


def random(name: str) -> np.random.Generator:
    digest = hashlib.sha256(name.encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))


def look(
    method: str,
    values: Any,
    *,
    scale: Scale | None = None,
    top: float = 262144.0,
    named: tuple[str, ...] | None = None,
    **params: Any,
) -> Found | NoGate:
    table = np.asarray(values, dtype=np.float64)
    table = table[:, None] if table.ndim == 1 else table
    size = table.shape[1]
    shape = methods()[method].shape(params, size)
    assert isinstance(shape, Sought)
    names = ("FSC-A", "FSC-H")[:size] if method in ("boundary", "debris") else ("x", "y")[:size]
    names = named or names
    return shape.look(Pool(table, names, (scale or Linear(),) * size, (top,) * size, 0.01, ("a",)))


def found(*args: Any, **kwargs: Any) -> Found:
    seen = look(*args, **kwargs)
    assert isinstance(seen, Found), seen
    return seen


def cut(seen: Found) -> float:
    """The finite end of a cut on one channel."""
    ends = seen.shape.bounds()[:, 0]
    return float(ends[np.isfinite(ends)][0])


def two(name: str, n: int = 4000, share: float = 0.5) -> np.ndarray:
    """Two kinds of cells: around 0 and around 8000."""
    rng = random(name)
    return np.where(rng.random(n) < share, rng.normal(8000, 1600, n), rng.normal(0, 150, n))


SCALE = Logicle(W=0.8)


def test_a_valley_lies_between_two_kinds_of_cells_on_either_side() -> None:
    above, below = found("valley", two("v"), scale=SCALE), found("valley", two("v"), scale=SCALE,
                                                                 side="-")  # fmt: skip
    assert 600 < cut(above) == cut(below) < 3500
    assert above.score > 0.9
    inside = above.shape.contains(np.array([[5000.0], [0.0], [math.nan]]))
    assert inside.tolist() == [True, False, False]
    assert below.shape.contains(np.array([[5000.0], [0.0]])).tolist() == [False, True]


def test_a_prior_range_settles_which_of_two_valleys_is_meant() -> None:
    three = np.concatenate([two("a"), random("b").normal(60_000, 8000, 2000)])
    plain = found("valley", three, scale=SCALE)
    assert any("other valleys" in reason for reason in plain.reasons)
    assert 600 < cut(found("valley", three, scale=SCALE, high=5000.0)) < 3500
    assert 15_000 < cut(found("valley", three, scale=SCALE, low=5000.0)) < 40_000
    refused = look("valley", three, scale=SCALE, low=100_000.0)
    assert isinstance(refused, NoGate) and "prior range" in refused.reason


@pytest.mark.parametrize("n", [150, 1000, 10_000])
@pytest.mark.parametrize("kind", ["normal", "exponential", "uniform", "lognormal", "standard_t"])
def test_one_peak_shows_no_valley(kind: str, n: int) -> None:
    for run in range(10):
        rng = random(f"{kind} {n} {run}")
        shape = {"lognormal": (0, 0.5), "standard_t": (3,)}.get(kind, ())
        values = getattr(rng, kind)(*shape, size=n)
        assert isinstance(look("valley", values), NoGate)


def test_a_small_second_peak_is_seen_when_there_are_events_enough() -> None:
    rng = random("small")
    for n, share in ((500, 0.4), (5000, 0.06), (50_000, 0.02)):
        values = np.where(rng.random(n) < share, rng.normal(6, 1, n), rng.normal(0, 1, n))
        assert 1.5 < cut(found("valley", values)) < 4.8


def test_a_quadrant_is_looked_at_again_among_the_wanted_cells() -> None:
    # The wanted cells' second channel reaches across the valley of all events.
    rng = random("quadrant")
    wanted = np.stack([rng.normal(10, 1, 2000), rng.normal(1.5, 1.0, 2000)], axis=1)
    others = np.stack([rng.normal(0, 1, 6000), rng.normal(7, 1.2, 6000)], axis=1)
    neither = np.stack([rng.normal(0, 1, 2000), rng.normal(0, 0.4, 2000)], axis=1)
    seen = found("valley", np.vstack([wanted, others, neither]), side="+-")
    assert seen.shape.contains(wanted).mean() > 0.985
    assert seen.shape.contains(others).mean() < 0.005


def test_singlets_follow_the_line_and_doublets_leave_it() -> None:
    rng = random("singlets")
    height = rng.lognormal(11, 0.25, 10_000)
    doublet = np.arange(10_000) % 12 == 0
    area = height * np.where(doublet, 1.8, 1.05) * (1 + rng.normal(0, 0.02, 10_000))
    for columns in ([area, height], [height, area]):
        points = np.stack(columns, axis=1)
        inside = found("singlets", points).shape.contains(points)
        assert inside[~doublet].mean() > 0.995
        assert inside[doublet].mean() < 0.02
    width = 80_000 * np.where(doublet, 1.7, 1.0) * (1 + rng.normal(0, 0.04, 10_000))
    inside = found("singlets", width).shape.contains(width[:, None])
    assert inside[~doublet].mean() > 0.995 and inside[doublet].mean() < 0.02


def test_a_few_events_far_away_change_neither_line_nor_valley() -> None:
    rng = random("far away")
    x = rng.normal(80_000, 15_000, 10_000)
    points = np.stack([x, 0.9 * x + rng.normal(0, 0.02, 10_000) * x], axis=1)
    wild = np.vstack([points, np.stack([np.linspace(-6e6, -1e6, 150), np.full(150, 2e5)], axis=1)])
    inside = found("singlets", wild).shape.contains(wild)
    assert inside[:10_000].mean() > 0.99 and inside[10_000:].mean() < 0.2
    far = np.concatenate([two("far"), np.linspace(1e7, 1e9, 30)])
    assert 600 < cut(found("valley", far, low=500.0)) < 5000


def test_the_width_of_the_singlet_band_may_be_chosen() -> None:
    rng = random("band")
    x = rng.normal(50_000, 8000, 20_000)
    points = np.stack([x, 0.9 * x + rng.normal(0, 500, 20_000)], axis=1)
    for k, share in ((2.0, 0.954), (3.0, 0.9973), (5.0, 1.0)):
        inside = found("singlets", points, k=k, valley=False).shape.contains(points)
        assert inside.mean() == pytest.approx(share, abs=0.004)


def test_channels_that_are_copies_of_one_another_show_no_singlets() -> None:
    x = random("copy").normal(50_000, 8000, 2000)
    assert isinstance(look("singlets", np.stack([x, x], axis=1)), NoGate)


def test_debris_lies_below_the_lowest_valley_of_scatter() -> None:
    rng = random("debris")
    size = np.concatenate([rng.normal(12_000, 3000, 800), rng.normal(90_000, 9000, 3000),
                           rng.normal(180_000, 9000, 1000)])  # fmt: skip
    points = np.stack([size, rng.normal(30_000, 5000, len(size))], axis=1)
    seen = found("debris", points)
    assert 20_000 < cut(seen) < 60_000
    assert isinstance(look("debris", points[800:3800]), NoGate)
    two_kinds = look("debris", points[800:])
    assert isinstance(two_kinds, NoGate) and "two kinds of cells" in two_kinds.reason


@pytest.mark.parametrize("dead", [0.0, 0.05, 0.3, 0.7])
def test_the_living_are_below_whether_few_or_most_are_dead(dead: float) -> None:
    rng = random(f"dead {dead}")
    is_dead = rng.random(8000) < dead
    values = np.where(is_dead, rng.normal(9000, 1500, 8000), rng.normal(200, 120, 8000))
    inside = found("live", values, scale=SCALE).shape.contains(values[:, None])
    assert inside[~is_dead].mean() > 0.99
    if dead:
        assert inside[is_dead].mean() < 0.01


def test_a_tail_is_cut_by_the_flank_that_no_other_cell_reaches() -> None:
    rng = random("tail")
    values = np.concatenate([rng.normal(0, 1, 20_000), rng.uniform(2, 9, 800)])
    seen = found("tail", values)
    assert cut(seen) == pytest.approx(3.0, abs=0.15)
    assert cut(found("tail", -values, tail="left")) == pytest.approx(-3.0, abs=0.15)
    assert cut(found("tail", values, k=5.0)) == pytest.approx(5.0, abs=0.25)
    assert isinstance(look("tail", rng.exponential(size=5000)), NoGate)


def test_most_of_the_events_are_no_tail() -> None:
    # Mass cytometry: a sharp peak of zeros, and a broad skewed signal that runs out of it.
    rng = random("zeros")
    zeros = rng.normal(-0.3, 0.15, 3000)
    values = np.concatenate([zeros, rng.exponential(4.0, 5000)])
    seen = look("tail", values, scale=Arcsinh(5.0))
    assert isinstance(seen, NoGate) and "no tail" in seen.reason
    # Nor when a small peak of bright cells stands far behind.
    more = np.concatenate([values, rng.normal(300.0, 40.0, 600)])
    assert isinstance(look("tail", more, scale=Arcsinh(5.0)), NoGate)


def test_a_few_events_beyond_the_detector_are_no_peak_of_cells() -> None:
    rng = random("beyond")
    cells = np.where(rng.random(9000) < 0.2, rng.normal(9000, 1500, 9000), rng.normal(0, 150, 9000))
    beyond = rng.normal(262_000, 900, 200)
    alone = found("valley", cells, scale=SCALE)
    seen = found("valley", np.concatenate([cells, beyond]), scale=SCALE)
    assert cut(seen) == pytest.approx(cut(alone), rel=0.05)
    assert "2.2 % of events at the detector's top" in seen.reasons[0]
    dim = rng.normal(0, 150, 9000)
    lone = look("valley", np.concatenate([dim, beyond]), scale=SCALE)
    assert isinstance(lone, NoGate) and "detector's top" in lone.reason
    # Many are cells all the same, only brighter than the detector can tell.
    bright = found("valley", np.concatenate([dim, np.repeat(beyond, 15)]), scale=SCALE)
    assert 500 < cut(bright) < 250_000


def test_a_debris_gate_that_leaves_few_cells_is_in_doubt() -> None:
    rng = random("mostly debris")
    debris, cells = rng.normal(12_000, 3000, 9000), rng.normal(90_000, 9000, 1000)
    doubtful = found("debris", np.concatenate([debris, cells]))
    sure = found("debris", np.concatenate([debris[:1000], cells]))
    assert doubtful.score < 0.5 < sure.score


def test_the_boundary_is_where_events_pile_up() -> None:
    rng = random("boundary")
    values = rng.normal(200_000, 50_000, (5000, 2)).clip(None, 262_143.0)
    values[:20, 1] = -5.0
    seen = found("boundary", values)
    inside = seen.shape.contains(values)
    np.testing.assert_array_equal(inside, (values < 262_143).all(axis=1) & (values > 0).all(axis=1))
    free = found("boundary", rng.normal(100_000, 5000, (500, 2)))
    assert free.shape.contains(np.array([[262_143.0, 262_143.0]])).all()


def test_a_threshold_is_strictly_above_the_controls_quantile() -> None:
    values = np.arange(1001.0)
    seen = found("control_quantile", values, quantile=0.9)
    assert seen.shape.contains(np.array([[900.0], [900.001]])).tolist() == [False, True]
    few = look("control_quantile", np.arange(500.0), quantile=0.999)
    assert isinstance(few, NoGate) and "1,000" in few.reason


def blobs(name: str) -> tuple[np.ndarray, np.ndarray]:
    rng = random(name)
    centers = np.array([[0.0, 0.0], [6.0, 0.0], [1.0, 7.0]])
    kind = rng.choice(3, 6000, p=[0.5, 0.3, 0.2])
    return centers[kind] + rng.normal(0, 1, (6000, 2)), kind


def test_the_cloud_at_the_target_is_taken_whatever_the_seed() -> None:
    points, kind = blobs("mixture")
    shares = []
    for seed in range(8):
        seen = found("mixture", points, target=[5.0, 0.5], k=3, quantile=0.99, seed=seed)
        inside = seen.shape.contains(points)
        assert inside[kind == 1].mean() == pytest.approx(0.99, abs=0.01)
        assert inside[kind != 1].mean() < 0.01
        shares.append(inside.mean())
    assert max(shares) - min(shares) < 0.002
    away = look("mixture", points, target=[40.0, 40.0], k=3)
    assert isinstance(away, NoGate) and "SD from the target" in away.reason


def test_an_ellipse_moves_onto_the_cells_but_not_out_of_itself() -> None:
    points, kind = blobs("ellipse")
    seen = found("prior_ellipse", points, center=[5.0, -1.0], axes=[3.0, 3.0])
    low, high = seen.shape.bounds()
    assert ((low + high) / 2).tolist() == pytest.approx([6.0, 0.0], abs=0.2)
    assert seen.shape.contains(points)[kind == 1].mean() > 0.97
    assert isinstance(look("prior_ellipse", points, center=[30.0, 30.0], axes=[2.0, 2.0]), NoGate)


def test_a_shape_found_on_a_scale_is_the_same_in_original_units() -> None:
    scale = Arcsinh(150.0)
    points, kind = blobs("scaled")
    original = np.asarray(scale.inverse(points))
    target = [float(scale.inverse(6.0)), 0.0]
    seen = found("mixture", original, scale=scale, target=target, k=3, quantile=0.95)
    assert seen.shape.contains(original)[kind == 1].mean() == pytest.approx(0.95, abs=0.02)
    inside = seen.shape.contains(original)
    low, high = seen.shape.bounds()
    assert (original[inside] >= low - 1e-6).all() and (original[inside] <= high + 1e-6).all()
    assert "arcsinh" in seen.shape.words(("x", "y"))


HOSTILE = {
    "nothing": np.empty(0),
    "one event": np.array([5.0]),
    "all alike": np.full(2000, 7.0),
    "two values": np.arange(2000) % 2 * 1.0,
    "infinite": np.r_[np.full(500, np.inf), np.full(500, -np.inf), np.arange(1000.0)],
    "huge": np.arange(2000) * 1e300,
    "tiny": np.arange(2000) * 1e-310,
    "negative": -np.arange(2000.0),
    "one far away": np.r_[np.arange(1999) / 1999, 1e30],
    "mostly one value": np.r_[np.zeros(1900), np.arange(100.0)],
}


@pytest.mark.parametrize("scale", [Linear(), Logicle(W=0.5)], ids=["linear", "logicle"])
@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("method", AUTOMATIC)
def test_no_data_break_a_method(method: str, kind: str, scale: Scale) -> None:
    values = HOSTILE[kind]
    for size in range(methods()[method].dimensions[0], min(2, methods()[method].dimensions[1]) + 1):
        table = np.stack([values] * size, axis=1)
        more = NEEDED.get(method, {}) | ({"side": "+-"} if (method, size) == ("valley", 2) else {})
        for top in (262144.0, math.nan):
            seen = look(method, table, scale=scale, top=top, **more)
            if isinstance(seen, NoGate):
                assert seen.reason
                continue
            assert 0 <= seen.score <= 1
            assert seen.shape.contains(table).shape == (len(table),)
            assert seen.shape.words(("x", "y")[:size])
            assert seen.shape.bounds().shape == (2, size)
            outline = seen.shape.outline()
            assert not len(outline) or outline.ndim == 2


def test_a_density_has_area_one_and_valleys_from_left_to_right() -> None:
    values = np.concatenate([two("area"), random("far").normal(16_000, 500, 2000)])
    density = density_of(values)
    assert density is not None
    step = density.places[1] - density.places[0]
    assert density.heights.sum() * step == pytest.approx(1, abs=1e-6)
    places = [valley.place for valley in valleys_of(density)]
    assert places == sorted(places) and len(places) == 2


def test_hand_made_labels_are_found_and_stay_found(corpus: Path) -> None:
    tube = labels.labelled(corpus / "gating" / "flowjo" / "flowsom_68983")
    every = np.ones(len(tube.events), dtype=bool)
    single, doublets = labels.singlets(tube, every)
    cells = labels.b_cells(tube, every)
    assert single >= 0.996 and doublets >= 0.95
    assert cells >= 0.995
    moved = [{"gain": 0.8}, {"gain": 1.2}, {"width": 0.8}, {"width": 1.2}]
    for change in moved:
        assert abs(labels.singlets(tube, every, **change)[0] - single) < 0.005
        assert abs(labels.b_cells(tube, every, **change) - cells) < 0.005
    for seed in range(5):
        kept = random(f"half {seed}").random(len(every)) < 0.5
        assert abs(labels.singlets(tube, kept)[0] - single) < 0.005
        assert abs(labels.b_cells(tube, kept) - cells) < 0.005
    clouds = [labels.clouds(tube, every, seed) for seed in range(3)]
    assert max(clouds) - min(clouds) < 0.005 and min(clouds) >= 0.995


def test_steps_of_the_digitiser_are_no_peaks_of_cells() -> None:
    rng = random("whole numbers")
    few = rng.integers(0, 5, 20_000).astype(float)
    assert isinstance(look("valley", few), NoGate)
    one = np.round(rng.normal(400, 3, 20_000))
    assert isinstance(look("valley", one), NoGate)
    both = np.round(np.r_[rng.normal(20, 3, 10_000), rng.normal(60, 4, 10_000)])
    assert 28 < cut(found("valley", both)) < 48
    # Zeros of a mass cytometer beside counts: a pile is no step.
    counts = np.r_[np.zeros(8_000), np.round(rng.gamma(6, 20, 12_000))]
    assert 0 < cut(found("valley", counts, scale=Arcsinh(5.0))) < 60


@pytest.mark.parametrize("scale", [Arcsinh(150.0), Logicle(W=0.5)], ids=["arcsinh", "logicle"])
@pytest.mark.parametrize("value", [262144.0, 500.0, -500.0])
@pytest.mark.parametrize("method", ["valley", "debris", "live", "tail", "singlets"])
def test_equal_values_are_alike_whatever_rounding_makes_of_their_spread(
    method: str, value: float, scale: Scale
) -> None:
    seen = look(method, np.full(20_000, value), scale=scale)
    assert isinstance(seen, NoGate)


def test_a_threshold_that_nothing_can_pass_is_refused() -> None:
    rng = random("off scale")
    control = np.minimum(np.r_[rng.normal(500, 50, 900), np.full(100, 262144.0)], 262144.0)
    seen = look("control_quantile", control)
    assert isinstance(seen, NoGate) and "detector's top" in seen.reason
    alike = look("control_quantile", np.full(500, 20.0))
    assert isinstance(alike, NoGate) and "alike" in alike.reason


@pytest.mark.parametrize("method", ["live", "tail"])
def test_a_tail_that_begins_beyond_the_detector_is_none(method: str) -> None:
    seen = look(method, random("wide").uniform(0, 262144, 20_000))
    assert isinstance(seen, NoGate) and "channel's range" in seen.reason


@pytest.mark.parametrize("share", [0.0, 0.02, 0.25, 0.4, 0.6, 0.8])
@pytest.mark.parametrize("n", [400, 20_000])
@pytest.mark.parametrize("named", [("FSC-A", "FSC-H"), ("FSC-H", "FSC-A")])
@pytest.mark.parametrize("alike", [0.1, 0.01], ids=["cells", "beads of one size"])
def test_many_doublets_do_not_become_the_line(
    share: float, n: int, named: tuple[str, ...], alike: float
) -> None:
    rng = random("doublets")
    doublet = rng.random(n) < share
    height = rng.normal(60_000, 60_000 * alike, n)
    area = 1.1 * height * np.where(doublet, 2.0, 1.0) + rng.normal(0, 1200, n)
    height = height * np.where(doublet, rng.uniform(1.0, 1.35, n), 1.0)
    both = {"FSC-A": area, "FSC-H": height}
    table = np.stack([both[name] for name in named], axis=1)
    seen = found("singlets", table, named=named)
    inside = seen.shape.contains(table)
    assert inside[~doublet].mean() > 0.99
    if n * share < 10:
        return  # eight doublets make no peak
    assert inside[doublet].mean() < 0.02
    assert (seen.score < 0.5) == (share == 0.8)


def test_debris_of_another_ratio_is_not_taken_for_the_single_cells() -> None:
    rng = random("debris beside cells")
    debris = rng.random(8000) < 0.4
    height = np.where(debris, rng.normal(9_000, 2_000, 8000), rng.normal(60_000, 6_000, 8000))
    area = height * np.where(debris, 0.8, 1.3) + rng.normal(0, 900, 8000)
    table = np.stack([area, height], axis=1)
    inside = found("singlets", table, named=("FSC-A", "FSC-H")).shape.contains(table)
    assert inside[~debris].mean() > 0.9


def test_nearly_every_event_is_no_debris() -> None:
    rng = random("cells and a few large ones")
    scatter = np.r_[rng.normal(20_000, 3_000, 9_800), rng.normal(90_000, 9_000, 200)]
    seen = look("debris", scatter)
    assert isinstance(seen, NoGate) and seen.grave and "may be the cells" in seen.reason
    below = np.r_[rng.normal(-60_000, 5_000, 3_000), rng.normal(-10_000, 2_000, 5_000)]
    seen = look("debris", below)
    assert isinstance(seen, NoGate) and "below zero" in seen.reason


def test_few_living_cells_put_the_cut_in_doubt() -> None:
    rng = random("nearly all dead")
    dye = np.r_[rng.normal(100, 40, 400), rng.normal(9_000, 900, 9_600)]
    assert found("live", dye).score < 0.5
    dye = np.r_[rng.normal(100, 40, 2_000), rng.normal(9_000, 900, 8_000)]
    assert found("live", dye).score > 0.9


def test_a_cut_may_lie_a_little_above_the_brightest_control_event() -> None:
    """Mass cytometers write the brightest event of the tube as the channel's range."""
    control = random("dim control").normal(40.0, 5.0, 300)
    seen = found("tail", control, top=float(control.max()), k=4.0)
    assert control.max() < cut(seen) < 1.2 * control.max()


@pytest.mark.parametrize("share", [0.05, 0.2, 0.4, 0.6])
@pytest.mark.parametrize("named", [("FSC-H", "FSC-W"), ("FSC-W", "FSC-A"), ("FSC-W",)])
def test_many_doublets_are_told_by_their_width_or_the_gate_is_in_doubt(
    share: float, named: tuple[str, ...]
) -> None:
    rng = random("wide pulses")
    doublet = rng.random(6000) < share
    height = rng.normal(60_000, 6_000, 6000)
    width = np.where(doublet, rng.normal(140_000, 9_000, 6000), rng.normal(80_000, 4_000, 6000))
    both = {"FSC-H": height, "FSC-W": width, "FSC-A": height * width / 80_000}
    table = np.stack([both[name] for name in named], axis=1)
    seen = found("singlets", table, named=named)
    inside = seen.shape.contains(table)
    assert inside[~doublet].mean() > 0.99
    assert inside[doublet].mean() < 0.02 or seen.score < 0.5
    assert len(named) == 1 or inside[doublet].mean() < 0.02


def test_numbers_too_small_to_divide_by_are_zero() -> None:
    rng = random("tiny beside noise")
    table = np.stack([rng.normal(0, 1, 5000) * 1e-310, rng.normal(1000, 300, 5000)], axis=1)
    for turned in (table, table[:, ::-1]):
        seen = look("singlets", turned)
        assert isinstance(seen, NoGate) or 0 <= seen.score <= 1
