"""Results appear whole or not at all, and never over another run's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assays.errors import ResultsError
from assays.workflow.save import refuse_other_run, run_id_in, save


def files_of(run_id: str, extra: bytes = b"1") -> dict[str, bytes]:
    return {"run.json": json.dumps({"run_id": run_id}).encode(), "tables/a.csv": extra}


def test_a_first_run_appears_with_its_execution_record(tmp_path: Path) -> None:
    results = tmp_path / "run" / "results"
    saved = save(results, files_of("one"), b"{}", "one")
    assert saved.state == "new"
    assert (results / "tables" / "a.csv").read_bytes() == b"1"
    assert (results / "execution.json").read_bytes() == b"{}"
    assert [path.name for path in results.parent.iterdir()] == ["results"]


def test_the_same_run_again_changes_nothing(tmp_path: Path) -> None:
    results = tmp_path / "results"
    save(results, files_of("one"), b"first", "one")
    before = (results / "tables" / "a.csv").stat().st_mtime_ns
    assert save(results, files_of("one"), b"second", "one").state == "unchanged"
    assert (results / "execution.json").read_bytes() == b"first"
    assert (results / "tables" / "a.csv").stat().st_mtime_ns == before


def test_an_altered_file_of_the_same_run_is_put_right_and_named(tmp_path: Path) -> None:
    results = tmp_path / "results"
    save(results, files_of("one"), b"first", "one")
    (results / "tables" / "a.csv").write_bytes(b"edited by hand")
    saved = save(results, files_of("one"), b"second", "one")
    assert (saved.state, saved.mended) == ("repaired", ("tables/a.csv",))
    assert saved.kept == ("tables/a.edited-1.csv",)
    assert (results / "tables" / "a.csv").read_bytes() == b"1"
    assert (results / "tables" / "a.edited-1.csv").read_bytes() == b"edited by hand"
    assert (results / "execution.json").read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["results"]


def test_a_rerun_leaves_what_a_person_put_beside_the_results(tmp_path: Path) -> None:
    results = tmp_path / "results"
    save(results, files_of("one"), b"{}", "one")
    (results / "signed.pdf").write_bytes(b"signature")
    (results / "tables" / "a.csv").unlink()
    saved = save(results, files_of("one"), b"{}", "one")
    assert (saved.mended, saved.kept) == (("tables/a.csv",), ())
    assert (results / "signed.pdf").read_bytes() == b"signature"


def test_another_run_is_refused_until_it_is_superseded(tmp_path: Path) -> None:
    results = tmp_path / "results"
    save(results, files_of("one"), b"{}", "one")
    with pytest.raises(ResultsError, match="another run"):
        refuse_other_run(results, "two", None)
    refuse_other_run(results, "two", "wrong dilution")
    saved = save(results, files_of("two", b"2"), b"{}", "two")
    assert saved.state == "superseding"
    assert run_id_in(results) == "two"
    assert run_id_in(tmp_path / "runs" / "one") == "one"


def test_a_folder_of_other_things_is_never_overwritten(tmp_path: Path) -> None:
    results = tmp_path / "results"
    results.mkdir()
    (results / "thesis.docx").write_bytes(b"precious")
    with pytest.raises(ResultsError, match=r"no run\.json"):
        refuse_other_run(results, "one", "a reason")
    with pytest.raises(ResultsError, match=r"no run\.json"):
        save(results, files_of("one"), b"{}", "one")
    assert (results / "thesis.docx").read_bytes() == b"precious"


def test_a_failure_half_way_leaves_nothing(tmp_path: Path) -> None:
    results = tmp_path / "results"
    with pytest.raises(ResultsError, match="cannot be written"):
        save(results, {"run.json": b"{}", "run.json/inside": b""}, b"{}", "one")
    assert list(tmp_path.iterdir()) == []


def test_results_held_open_elsewhere_are_a_named_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = tmp_path / "results"
    save(results, files_of("one"), b"{}", "one")

    def held(self: Path, target: Path) -> Path:
        raise PermissionError(13, "in use")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", held)
        with pytest.raises(ResultsError, match=r"Close results\.xlsx"):
            save(results, files_of("two"), b"{}", "two")
    assert run_id_in(results) == "one"
