"""The next command is printed so that it works where the program was called."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from assays.workflow.called import called, in_shell

posix = pytest.mark.skipif(os.name == "nt", reason="paths of a POSIX shell")


def program(folder: Path) -> Path:
    folder.mkdir(parents=True)
    path = folder / "assays"
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@posix
def test_called_by_a_path_that_a_plain_terminal_does_not_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / ".venv" / "bin")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/usr/bin")
    assert called(".venv/bin/assays") == ".venv/bin/assays"
    assert called(str(tmp_path / ".venv" / "bin" / "assays")) == ".venv/bin/assays"


@posix
def test_called_from_an_activated_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = program(tmp_path / ".venv" / "bin")
    monkeypatch.setenv("PATH", str(path.parent))
    assert called(str(path)) == "assays"
    other = program(tmp_path / "other venv" / "bin")
    assert called(str(other)) == f"'{other}'", "another assays than the one on PATH"


def test_called_without_a_path() -> None:
    assert called("assays") == "assays"
    assert called("-m") == "assays"
    assert called("/usr/lib/python3/assays/cli.py") == "assays"


def test_a_windows_program_may_end_in_exe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    place = tmp_path / "assays.EXE"
    assert str(place) in called(str(place))


@posix
def test_folders_with_blanks_are_quoted() -> None:
    assert in_shell(["check", "my run"]) == "check 'my run'"


@posix
def test_init_tells_the_next_command_as_it_was_called(tmp_path: Path) -> None:
    script = tmp_path / "env" / "assays"
    script.parent.mkdir()
    script.write_text("from assays.cli import main\nmain()\n")
    done = subprocess.run(
        [sys.executable, "env/assays", "init", "elisa", "my-run"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "next: env/assays check my-run  (" in done.stderr
