"""The page on FCS files shows a piece of Python: it does what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from assays.flow import fcs
from assays.flow.events import Channel, Events

PAGE = Path(__file__).parents[3] / "docs/how-to/look-into-an-fcs-file.md"


def test_the_snippet_writes_the_population_that_it_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    values = np.array([[50_000, 20_000], [10_000, 20_000], [60_000, 1_000], [90_000, 90_000]])
    channels = (Channel("FSC-A", None, 262144.0), Channel("SSC-A", None, 262144.0))
    tube = Events(values.astype(np.float32), channels, None, keywords={}, name="tube.fcs")
    fcs.write("tube.fcs", tube)
    (snippet,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(snippet, str(PAGE), "exec"), {})
    written = fcs.read("cells.fcs")
    assert written.values.tolist() == [[50_000, 20_000], [90_000, 90_000]]
    assert "cells" in written.keywords.values()
