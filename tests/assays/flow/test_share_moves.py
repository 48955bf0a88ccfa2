"""A gate that holds other cells once they are treated is told."""

from __future__ import annotations

from assays.flow.share_moves import share_moves
from assays.protocol import Flow
from assays.results.flow import PopulationCount
from assays.samples import Tube, TubeRole

GATES = (
    {"population": "live", "method": "interval", "channels": ("Viability",)},
    {"population": "B cells", "parent": "live", "method": "interval", "channels": ("CD19",)},
    {"population": "dead", "parent": "B cells", "method": "interval", "channels": ("PI",)},
)
SIGNAL = {"name": "pSTAT3", "channel": "pSTAT3", "population": "B cells"}
SHARE = {"name": "dead", "kind": "fraction", "population": "B cells", "populations": ("dead",)}


def told(b_cells: dict[str, int], readouts: tuple[dict[str, object], ...] = (SIGNAL,),
         dead: dict[str, int] | None = None, live: int = 2000) -> list[str]:  # fmt: skip
    """One tube per role with so many B cells among `live` cells of 4,000 events."""
    protocol = Flow.model_validate({"compensation": "none", "gates": GATES, "readouts": readouts})
    tubes, rows = [], []
    for word, count in b_cells.items():
        file = f"{word}.fcs"
        tubes.append(Tube(file, "D1", TubeRole(word)))
        for name, parent, part, whole in (
            ("live", "root", live, 4000),
            ("B cells", "live", count, live),
            ("dead", "B cells", (dead or {}).get(word, 0), count),
        ):
            percent = 100 * part / whole if whole else float("nan")
            rows.append(
                PopulationCount(file, "D1", word, name, parent, part, percent, part / 40, True)
            )
    return [finding.message for finding in share_moves(tubes, rows, protocol)]


def test_a_share_twice_as_small_with_the_stimulus_is_told_with_both_numbers() -> None:
    (message,) = told({"unstimulated": 400, "stimulated": 180})
    assert "'B cells' is 9.0 % of its parent in donor D1 with stimulated" in message
    assert "20.0 % unstimulated" in message


def test_a_share_that_stays_or_rests_on_few_events_is_not_told() -> None:
    assert not told({"unstimulated": 400, "stimulated": 300})
    assert not told({"unstimulated": 80, "stimulated": 20})
    assert not told({"unstimulated": 400})
    assert not told({"stimulated": 400, "treated": 100})


def test_staining_controls_are_not_compared() -> None:
    assert not told({"unstimulated": 400, "fmo": 100})


def test_the_parts_of_a_fraction_are_meant_to_move() -> None:
    moved = {"unstimulated": 1000, "stimulated": 1000}
    assert not told(moved, (SIGNAL, SHARE), {"unstimulated": 600, "stimulated": 200})
    assert not told({"unstimulated": 400, "stimulated": 100}, (SHARE,))


def test_a_population_above_the_one_that_is_read_is_looked_at_too() -> None:
    assert len(told({"unstimulated": 1900, "stimulated": 800})) == 1
