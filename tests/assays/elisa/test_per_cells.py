"""Cell densities as people write them."""

from __future__ import annotations

import math

import pytest

from assays.elisa.per_cells import density_per_ml


@pytest.mark.parametrize(
    ("text", "unit", "per_ml"),
    [
        ("2e6", "cells/mL", 2e6),
        ("2000000", "", 2e6),
        ("2", "10^6/mL", 2e6),
        ("2", "10⁶ cells/mL", 2e6),
        ("2", "1e6/ml", 2e6),
        ("2x10^6", "cells/mL", 2e6),
        ("2", "million cells/mL", 2e6),
        ("2 x 10^6 cells/mL", "", 2e6),
        ("2e9", "cells/L", 2e6),
        ("1e6", "cells/well", 5e6),
        ("2000", "cells/µL", 2e6),
    ],
)
def test_densities_are_understood(text: str, unit: str, per_ml: float) -> None:
    assert density_per_ml(text, unit, 0.2) == pytest.approx(per_ml)


@pytest.mark.parametrize(
    ("text", "unit"), [("", ""), ("many", "cells/mL"), ("2", "confluence"), ("0", "cells/mL")]
)
def test_others_are_not_guessed(text: str, unit: str) -> None:
    assert density_per_ml(text, unit, 0.2) is None


def test_cells_per_well_need_a_volume() -> None:
    assert density_per_ml("1e6", "cells/well", None) is None
    assert math.isclose(density_per_ml("1e6", "cells/well", 1.0) or 0, 1e6)
