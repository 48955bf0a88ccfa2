"""Real FCS files against the values that independent readers agree on."""

from __future__ import annotations

import io
import json
import math
import os
from pathlib import Path
from typing import Any

import flowio
import numpy as np
import pytest

from assays.errors import FcsError
from assays.flow import fcs
from assays.flow.fcs.second_engine import compare
from plates.source import Source

# Only the names: pytest wants them before any fixture is made.
CORPUS = Path(os.environ.get("ASSAYS_CORPUS") or "absent")
FILES = sorted(path.name for path in CORPUS.glob("fcs/*.expected.json"))
OTHERS = sorted(
    str(path.relative_to(CORPUS))
    for room in ("gating", "phospho", "qc")
    for path in CORPUS.glob(f"{room}/**/*.fcs")
)


def expected(corpus: Path, name: str) -> tuple[Path, dict[str, Any]]:
    answers = json.loads((corpus / "fcs" / name).read_text(encoding="utf-8"))
    return corpus / "fcs" / answers["file"], answers


def test_the_corpus_is_there(corpus: Path) -> None:
    assert FILES


@pytest.mark.parametrize("name", FILES)
def test_a_real_file_agrees_or_is_refused(corpus: Path, name: str) -> None:
    path, answers = expected(corpus, name)
    if answers["expect"] == "error":
        with pytest.raises(FcsError):
            fcs.read(path)
        if answers.get("text_readable"):
            keywords = fcs.read_keywords(path)
            assert keywords["$TOT"].strip() == str(answers["events_claimed"])
            salvaged = fcs.read(path, salvage=True)
            assert len(salvaged) == answers["whole_events_present"]
            assert len(salvaged) + salvaged.missing == answers["events_claimed"]
        return
    assert fcs.count_datasets(path) == answers["n_datasets"]
    for dataset in answers["datasets"]:
        agree_about_keywords(path, dataset)
        agree_about_values(path, dataset)


def agree_about_keywords(path: Path, answers: dict[str, Any]) -> None:
    keywords = fcs.read_keywords(path, answers["index"])
    assert len(keywords) == answers["n_keywords"]
    assert answers["keywords"].items() <= keywords.items()
    for letter in "BREG":
        found = [keywords.get(f"$P{n}{letter}") for n in range(1, answers["channels"] + 1)]
        assert [f and f.strip() for f in found] == answers[f"pn{letter.lower()}"]


def agree_about_values(path: Path, answers: dict[str, Any]) -> None:
    raw = fcs.read(path, answers["index"], scaled=False)
    scaled = fcs.read(path, answers["index"])
    assert raw.values.shape == scaled.values.shape == (answers["events"], answers["channels"])
    assert [channel.name for channel in raw.channels] == answers["pnn"]
    assert [channel.marker for channel in raw.channels] == answers["pns"]
    for column, answer in enumerate(answers["raw"]):
        agree(raw.values[:, column], answer, 0.0)
        answer = answers.get("scaled", {}).get(str(column + 1))
        if answer is not None:
            agree(scaled.values[:, column], answer, 1e-6)
        else:
            assert np.array_equal(scaled.values[:, column], raw.values[:, column], equal_nan=True)
    time = answers.get("time", {})
    if time.get("timestep") is None:
        # The corpus gives no seconds here: what is taken in place of $TIMESTEP is told.
        told = [note for note in scaled.notes if "$TIMESTEP" in note]
        assert (scaled.time_s is not None) == bool(told)
    elif len(scaled):
        assert scaled.time_s is not None
        assert scaled.time_s[[0, -1]] == pytest.approx(
            [time["seconds_first"], time["seconds_last"]], rel=1e-9
        )


def agree(values: np.ndarray, answer: dict[str, Any], tolerance: float) -> None:
    """Hold one channel against its sum, extremes and ends; exactly when tolerance is 0."""
    values = values.astype(np.float64)
    assert np.count_nonzero(np.isnan(values)) == answer.get("nan", 0)
    there = values[~np.isnan(values)]
    if not len(values):
        return
    assert math.fsum(there) == pytest.approx(answer["sum"], rel=max(tolerance, 1e-9))
    found = [there.min(), there.max(), *values[:3], *values[-3:]]
    wanted = [answer["min"], answer["max"], *answer["first"], *answer["last"]]
    assert found == pytest.approx(wanted, rel=tolerance, abs=0.0)


@pytest.mark.parametrize("name", FILES)
def test_the_second_engine_never_differs(corpus: Path, name: str) -> None:
    path, answers = expected(corpus, name)
    for dataset in answers.get("datasets", []):
        events = fcs.read(path, dataset["index"], scaled=False)
        findings = compare(Source.of(path), events, dataset["index"])
        assert {finding.severity for finding in findings} <= {"note"}


# FlowIO warns of the ends one byte too far that we mend and tell.
@pytest.mark.filterwarnings("ignore:.*incorrect data offset")
@pytest.mark.parametrize("name", OTHERS)
def test_files_of_the_other_corpora_read_as_flowio_reads_them(corpus: Path, name: str) -> None:
    path = corpus / name
    events = fcs.read(path, scaled=False)
    assert compare(Source.of(path), events) == ()
    data = flowio.FlowData(io.BytesIO(path.read_bytes()), ignore_offset_error=True)
    assert data.events is not None
    table = np.reshape(np.asarray(data.events, dtype=np.float64), (-1, data.channel_count))
    assert np.array_equal(events.values.astype(np.float64), table, equal_nan=True)


@pytest.mark.parametrize("name", FILES[::7])
def test_a_real_file_written_again_reads_back_the_same(
    corpus: Path, name: str, tmp_path: Path
) -> None:
    path, answers = expected(corpus, name)
    if answers["expect"] == "error":
        return
    events = fcs.read(path)
    fcs.write(tmp_path / "again.fcs", events)
    again = fcs.read(tmp_path / "again.fcs")
    assert np.array_equal(again.values, events.values, equal_nan=True)
    assert [channel.name for channel in again.channels] == [c.name for c in events.channels]
    assert (again.spillover is None) == (events.spillover is None)
    assert again.time_step_s == events.time_step_s
    assert (
        compare(Source.of(tmp_path / "again.fcs"), fcs.read(tmp_path / "again.fcs", scaled=False))
        == ()
    )
