"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Seeded: the same examples on every machine, and no deadline on a busy one.
settings.register_profile("house", derandomize=True, deadline=None)
settings.load_profile("house")


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Folder of real files with independent answers; they are not part of the repository."""
    place = os.environ.get("ASSAYS_CORPUS")
    if not place:
        pytest.skip("ASSAYS_CORPUS is not set")
    path = Path(place)
    assert path.is_dir(), f"ASSAYS_CORPUS names {place}, which is no folder"
    return path
