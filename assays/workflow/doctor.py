"""Check the installation: what is there, and that known numbers come out."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import numpy as np

from assays import __version__

OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    passed: bool
    detail: str

    def as_record(self) -> dict[str, object]:
        """The check for machines."""
        return asdict(self)


def examine() -> list[Check]:
    """Look at everything a run needs."""
    steps: tuple[tuple[str, Callable[[], str]], ...] = (
        ("assays", _version),
        ("Python", _python),
        ("libraries", _libraries),
        ("examples", _examples),
        ("standard curve", _curve),
        ("FCS file", _fcs),
        ("picture", _picture),
    )
    return [_tried(name, step) for name, step in steps]


def _tried(name: str, step: Callable[[], str]) -> Check:
    try:
        return Check(name, True, step())
    except Exception as error:  # whatever is broken, the doctor must be able to say so
        return Check(name, False, f"{type(error).__name__}: {error}")


def _version() -> str:
    return __version__


def _python() -> str:
    if sys.version_info < OLDEST_PYTHON:
        raise RuntimeError(f"{sys.version.split()[0]} is older than 3.11")
    return sys.version.split()[0]


def _libraries() -> str:
    from packaging.requirements import Requirement

    found, wrong = [], []
    for text in requires("assays") or []:
        wanted = Requirement(text)
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        try:
            has = version(wanted.name)
        except PackageNotFoundError:
            wrong.append(f"{wanted.name} is missing")
            continue
        if not wanted.specifier.contains(has, prereleases=True):
            wrong.append(f"{wanted.name} {has} does not meet {wanted.specifier}")
        found.append(f"{wanted.name} {has}")
    if wrong:
        raise RuntimeError("; ".join(wrong))
    return ", ".join(found)


def _examples() -> str:
    from assays.workflow.demo import examples_folder
    from assays.workflow.folder import PROTOCOL

    runs = sorted(path.parent.name for path in examples_folder().glob(f"*/{PROTOCOL}"))
    if not runs:
        raise RuntimeError("no example run is bundled")
    return ", ".join(runs)


def _curve() -> str:
    """Fit noiseless points: the parameters that made them must come back."""
    from assays import curves

    x = np.array([0.0, 3.125, 6.25, 12.5, 25, 50, 100, 200])
    truth = {"A": 0.05, "B": 1.2, "C": 60.0, "D": 3.2}
    y = truth["D"] + (truth["A"] - truth["D"]) / (1 + (x / truth["C"]) ** truth["B"])
    fitted = curves.fit(x, y, model="4pl", weighting="none").params
    worst = max(abs(fitted[name] / value - 1) for name, value in truth.items())
    if not worst < 1e-5:
        raise RuntimeError(f"the parameters come back with an error of {worst:.1e}")
    return f"parameters come back within {worst:.0e}"


def _fcs() -> str:
    """Write an FCS file and read it with both engines."""
    from assays.flow import fcs
    from assays.flow.events import Channel, Events
    from assays.flow.fcs.second_engine import compare
    from plates.source import Source

    values = np.arange(12, dtype=np.float32).reshape(4, 3)
    channels = tuple(Channel(name, None, 1024.0) for name in ("FSC-A", "SSC-A", "FL1-A"))
    stream = io.BytesIO()
    fcs.write(stream, Events(values, channels))
    source = Source.from_bytes("doctor.fcs", stream.getvalue())
    if not np.array_equal(fcs.read(source).values, values):
        raise RuntimeError("values do not come back")
    differences = compare(source, fcs.read(source, scaled=False))
    if differences:
        raise RuntimeError(differences[0].message)
    return "written and read back, both engines agree"


def _picture() -> str:
    from matplotlib.figure import Figure
    from matplotlib.font_manager import findfont

    font = Path(findfont("DejaVu Sans", fallback_to_default=False)).name
    stream = io.BytesIO()
    Figure(figsize=(1, 1)).savefig(stream, format="svg")
    return f"drawn, with the font {font}"
