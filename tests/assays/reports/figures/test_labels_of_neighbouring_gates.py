"""Where gates share a picture, the words of each stand inside its own region."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.path import Path

from assays.reports.figures.gate_labels import place_beside, place_within
from assays.reports.figures.gate_outline import drawable
from assays.reports.figures.gates import draw_gates

QUADRANTS = {
    "viable": (-np.inf, -np.inf, 0.56, 0.57),
    "early apoptotic": (0.56, -np.inf, np.inf, 0.57),
    "late apoptotic": (0.56, 0.57, np.inf, np.inf),
    "necrotic": (-np.inf, 0.57, 0.56, np.inf),
}
CENTRES = ((0.3, 0.3), (0.8, 0.3), (0.8, 0.85), (0.3, 0.8))


@pytest.fixture
def viability(flow_run_of):
    """Four quadrants on one pair of axes, each with events in its middle."""
    made = flow_run_of(1).gates
    plain = next(gate for gate in made if gate.y is not None)
    rng = np.random.default_rng(5)
    points = np.vstack([rng.normal(centre, 0.06, (800, 2)) for centre in CENTRES])
    counts = np.histogram2d(*points.T, bins=(plain.x.edges, plain.y.edges))[0].astype(np.int64)
    return [
        replace(plain, population=name, parent="CLL", counts=counts, percent_of_parent=25.0,
                outlines=(np.array([(a, b), (c, b), (c, d), (a, d), (a, b)]),))
        for name, (a, b, c, d) in QUADRANTS.items()
    ]  # fmt: skip


def test_each_quadrant_is_named_within_itself(viability) -> None:
    gates = viability
    figure = draw_gates(viability)
    axes = figure.axes[0]
    figure.canvas.draw()
    for gate in gates:
        (text,) = [t for t in axes.texts if t.get_text().replace("\n", " ").startswith(
            gate.population)]  # fmt: skip
        box = text.get_window_extent().transformed(axes.transData.inverted())
        region = Path(drawable(gate)[0])
        assert region.contains_points(box.corners()).all(), gate.population
        others = [Path(drawable(other)[0]) for other in gates if other is not gate]
        assert not any(other.contains_points(box.corners()).any() for other in others)


def test_the_order_of_the_gates_moves_no_name_into_a_neighbour(viability) -> None:
    for turned in range(4):
        order = viability[turned:] + viability[:turned]
        axes = draw_gates(order).axes[0]
        for gate in order:
            (text,) = [t for t in axes.texts if t.get_text().replace("\n", " ").startswith(
                gate.population)]  # fmt: skip
            assert Path(drawable(gate)[0]).contains_point(text.get_position())


def test_a_gate_too_narrow_for_its_name_has_no_place_inside() -> None:
    strip = np.array([(0.0, 0.0), (0.05, 0.0), (0.05, 1.0), (0.0, 1.0)])
    flat = np.zeros((8, 8))
    assert place_within([strip], (0.3, 0.1), flat, []) is None
    assert place_within([np.array([(0.2, 0.2)])], (0.1, 0.1), flat, []) is None


def test_words_inside_a_slanted_gate_do_not_cross_its_side() -> None:
    wedge = np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0)])
    box = place_within([wedge], (0.3, 0.1), np.zeros((8, 8)), [])
    assert box is not None
    assert box[3] < box[0]


def test_words_beside_a_narrow_gate_keep_clear_of_its_neighbours() -> None:
    strip = np.array([(0.1, 0.1), (0.18, 0.1), (0.18, 0.9), (0.1, 0.9), (0.1, 0.1)])
    neighbour = (0.6, 0.1, 0.9, 0.9)
    box = place_beside([strip], (0.3, 0.1), np.zeros((8, 8)), [], [neighbour])
    assert box is not None
    assert box[0] > 0.18 and box[2] < 0.6
    full = (0.2, 0.0, 1.0, 1.0)
    assert place_beside([strip], (0.3, 0.1), np.zeros((8, 8)), [], [full]) is None
