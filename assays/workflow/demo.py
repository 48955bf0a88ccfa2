"""The example runs: where they are, and how they come to a folder of one's own."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from importlib.resources import files
from pathlib import Path

from assays.errors import ResultsError
from assays.workflow.folder import PROTOCOL
from assays.workflow.messages import Progress, silent

GENERATOR = "generate.py"
"""An example whose files are too large to ship writes them itself."""


def examples_folder() -> Path:
    """Folder of the bundled examples: in the wheel, or beside the package in a checkout."""
    package = Path(str(files("assays")))
    for place in (package / "_examples", package.parent / "examples"):
        if place.is_dir():
            return place
    raise ResultsError("the example runs are not part of this installation", str(package))


def copy_examples(place: Path, progress: Progress = silent) -> list[Path]:
    """Copy every example run into a folder, and let it write what it does not ship.

    Files that are there already stay as they are.
    """
    copied = []
    for example in sorted(path.parent for path in examples_folder().glob(f"*/{PROTOCOL}")):
        target = place / example.name
        try:
            shutil.copytree(
                example,
                target,
                dirs_exist_ok=True,
                copy_function=_copy_if_absent,
                ignore=shutil.ignore_patterns("__pycache__", "results", "runs", ".*"),
            )
        except OSError as error:
            raise ResultsError(
                f"the examples cannot be copied: {error.strerror or error}", str(place)
            ) from None
        _generate(example, target, progress)
        copied.append(target)
    return copied


def _copy_if_absent(source: str, target: str) -> str:
    if not Path(target).exists():
        shutil.copyfile(source, target)
    return target


def _generate(example: Path, run: Path, progress: Progress) -> None:
    # The bundled script runs, never the copy, which anybody may have changed.
    script = example / GENERATOR
    if not script.is_file():
        return
    spec = importlib.util.spec_from_file_location(f"assays_example_{run.name}", script)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # A dataclass in the script looks its own module up.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    if hasattr(module, "write"):
        module.write(run, progress)
