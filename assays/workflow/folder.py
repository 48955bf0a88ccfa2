"""A run folder: which of its files are what.

`[inputs]` of `assay.toml` names files by glob. Where it is silent, the
folder's own files are taken by these rules, and the report lists them:

- layout: `layout.xlsx`, `.ods`, `.xls`, `.csv`, `.tsv` or `.toml`; two of them are an error.
- samples: `samples.xlsx` or `samples.csv`; likewise.
- FCS files: those in `fcs/`, else in the folder itself, known by their first bytes or by `.fcs`
  and `.lmd`.
- exports: every other file whose ending a plate reader could have written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path, PurePosixPath

from assays.errors import ProtocolError
from assays.protocol import Protocol
from assays.protocol_text import parse
from plates.source import Source

PROTOCOL = "assay.toml"
EXPORT_ENDINGS = {".txt", ".csv", ".tsv", ".asc", ".xlsx", ".xls", ".xlsm", ".ods", ".xml", ".pda"}
LAYOUT_ENDINGS = {".xlsx", ".xls", ".ods", ".csv", ".tsv", ".toml"}
FCS_ENDINGS = {".fcs", ".lmd"}
_FCS_BEGINS = re.compile(rb"FCS\d\.\d")
OWN_STEMS = {"layout", "samples", "clinical", "readme", "truth", "expected"}


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A run folder with its protocol read and its files told apart."""

    path: Path
    protocol: Protocol
    protocol_text: str
    exports: tuple[Path, ...]
    layout: Path | None
    samples: Path | None
    fcs: tuple[Path, ...]
    spillover: Path | None
    """csv that `compensation` names."""
    gating: Path | None = None
    """Another program's strategy that `[flow.gating]` names."""
    donors: Path | None = None
    """csv of concentrations that `[donors]` names."""
    matrices: tuple[Path, ...] = ()
    """csv files that single gates name as their compensation."""

    def name_of(self, path: Path) -> str:
        """Name of a file relative to the folder, with forward slashes."""
        return path.relative_to(self.path).as_posix()

    @property
    def files(self) -> tuple[tuple[str, Path], ...]:
        """Role and path of every file that goes into the run."""
        single = [
            ("layout", self.layout),
            ("samples", self.samples),
            ("compensation", self.spillover),
            ("gating", self.gating),
            ("donors", self.donors),
        ]
        return (
            ("protocol", self.path / PROTOCOL),
            *(("export", path) for path in self.exports),
            *((role, path) for role, path in single if path is not None),
            *(("compensation", path) for path in self.matrices if path != self.spillover),
            *(("fcs", path) for path in self.fcs),
        )


def open_folder(place: str | Path) -> RunFolder:
    """Read a run folder's protocol and find its files.

    Parameters
    ----------
    place : str or Path
        The folder, or the `assay.toml` in it.

    Raises
    ------
    ProtocolError, SourceError
        When the folder has no `assay.toml`, the file cannot be understood, or a
        file it names is absent or lies outside the folder.
    """
    path = Path(place)
    path = path.parent if path.name == PROTOCOL and not path.is_dir() else path
    if not path.is_dir():
        raise ProtocolError("there is no such run folder", str(place), "Check the name.")
    if not (path / PROTOCOL).is_file():
        raise ProtocolError(
            f"the folder has no {PROTOCOL}", str(place), "Start one with: assays init elisa DIR"
        )
    text = Source.of(path / PROTOCOL).text
    protocol = parse(text)
    layout, samples = _single(path, protocol.inputs.layout, "layout"), None
    exports: tuple[Path, ...] = ()
    fcs: tuple[Path, ...] = ()
    if "flow" in protocol.kind:
        samples = _single(path, protocol.inputs.samples, "samples")
        fcs = _fcs_files(path, protocol.inputs.fcs)
        if samples is None:
            raise ProtocolError(
                "a flow run needs a sample sheet, found neither samples.xlsx nor samples.csv",
                str(place),
                "Start one with: assays init phospho DIR",
            )
    if "elisa" in protocol.kind:
        own = (
            protocol.flow.gating.strategy if protocol.flow is not None else "",
            protocol.donors.concentrations or "",
            *_matrix_names(protocol),
        )
        exports = _exports(path, protocol.inputs.exports, own)
    spillover, gating = _spillover(path, protocol), _gating(path, protocol)
    donors, matrices = _donors(path, protocol), _matrices(path, protocol)
    found = (exports, layout, samples, fcs, spillover, gating, donors, matrices)
    return RunFolder(path, protocol, text, *found)


def _exports(folder: Path, globs: tuple[str, ...] | None, own: tuple[str, ...]) -> tuple[Path, ...]:
    if globs is not None:
        return _named(folder, globs, "inputs.exports")
    found = [
        path
        for path in _plain_files(folder.iterdir())
        if path.suffix.lower() in EXPORT_ENDINGS
        and path.stem.lower() not in OWN_STEMS
        and path.name not in own
    ]
    if not found:
        raise ProtocolError(
            "the folder holds no plate-reader export",
            folder.name,
            "Copy the file that the reader wrote into it, unchanged.",
        )
    return tuple(found)


def _fcs_files(folder: Path, globs: tuple[str, ...] | None) -> tuple[Path, ...]:
    if globs is not None:
        return _named(folder, globs, "inputs.fcs")
    for place in (folder / "fcs", folder):
        if place.is_dir():
            found = [path for path in _plain_files(place.iterdir()) if is_fcs(path)]
            if found:
                return tuple(found)
    raise ProtocolError(
        "the folder holds no FCS file", folder.name, "Copy them into its subfolder fcs/."
    )


def is_fcs(path: Path) -> bool:
    """Whether a file is called like an FCS file, or begins like one whatever it is called.

    Old cytometers number their files (``060909.001``), others end them with the well (``.B08``).
    """
    if path.suffix.lower() in FCS_ENDINGS:
        return True
    try:
        with path.open("rb") as stream:
            return _FCS_BEGINS.match(stream.read(6)) is not None
    except OSError:
        return False


def _plain_files(paths: Iterable[Path]) -> list[Path]:
    # Excel keeps a lock file ~$name.xlsx beside a workbook that is open.
    plain = [p for p in paths if p.is_file() and not p.name.startswith(("~$", "."))]
    for path in plain:
        # A run folder may come from a stranger: a link in it could name any file of this computer.
        if path.is_symlink() and not path.resolve().is_relative_to(path.parent.resolve()):
            raise ProtocolError("a link leaves the run folder", path.name, "Copy the file instead.")
    return sorted(plain, key=lambda path: path.name)


def _named(folder: Path, globs: tuple[str, ...], key: str) -> tuple[Path, ...]:
    found: dict[Path, None] = {}
    for glob in globs:
        _stay_inside(glob, key)
        matches = _plain_files(folder.glob(glob))
        if not matches:
            raise ProtocolError(f"no file matches {glob!r}", f"{PROTOCOL}: {key}")
        found.update(dict.fromkeys(matches))
    return tuple(found)


def _single(folder: Path, glob: str | None, stem: str) -> Path | None:
    if glob is not None:
        found = list(_named(folder, (glob,), f"inputs.{stem}"))
    else:
        endings = LAYOUT_ENDINGS if stem == "layout" else {".xlsx", ".csv"}
        found = [
            p
            for p in _plain_files(folder.iterdir())
            if p.stem.lower() == stem and p.suffix.lower() in endings
        ]
    if len(found) > 1:
        names = " and ".join(path.name for path in found)
        raise ProtocolError(
            f"expected one {stem} file, found {names}",
            folder.name,
            f'Keep one, or name it in {PROTOCOL}: inputs.{stem} = "{found[0].name}"',
        )
    return found[0] if found else None


_NO_FILE = ("file", "controls", "unmix", "gating", "none")
"""Choices of compensation that name no csv."""


def _spillover(folder: Path, protocol: Protocol) -> Path | None:
    if protocol.flow is None or protocol.flow.compensation in _NO_FILE:
        return None
    return _matrix(folder, protocol.flow.compensation, f"{PROTOCOL}: flow.compensation", _NO_FILE)


def _matrix_names(protocol: Protocol) -> tuple[str, ...]:
    """csv files that the run or its gates name as compensation."""
    if protocol.flow is None:
        return ()
    named = (protocol.flow.compensation, *(gate.compensation for gate in protocol.flow.gates))
    return tuple(dict.fromkeys(name for name in named if name and name not in _NO_FILE))


def _matrices(folder: Path, protocol: Protocol) -> tuple[Path, ...]:
    gates = protocol.flow.gates if protocol.flow is not None else ()
    found = {
        gate.compensation: _matrix(folder, gate.compensation, gate.place, ("file", "none"))
        for gate in gates
        if gate.compensation and gate.compensation not in _NO_FILE
    }
    return tuple(found.values())


def _matrix(folder: Path, name: str, where: str, known: tuple[str, ...]) -> Path:
    _stay_inside(name, "flow.compensation")
    path = folder / name
    if not path.is_file():
        raise ProtocolError(
            f"compensation {name!r} is neither 'file' nor 'none' nor a file of the run folder",
            where,
            f"Known are {', '.join(known)}, and the name of a csv in the folder.",
        )
    return path


def _gating(folder: Path, protocol: Protocol) -> Path | None:
    if protocol.flow is None or not protocol.flow.gating.strategy:
        return None
    name = protocol.flow.gating.strategy
    _stay_inside(name, "flow.gating.strategy")
    found = _plain_files([folder / name])
    if not found:
        near = get_close_matches(name, [path.name for path in folder.iterdir()], n=1, cutoff=0.5)
        raise ProtocolError(
            f"strategy {name!r} is no file of the run folder",
            f"{PROTOCOL}: flow.gating.strategy",
            f"Did you mean {near[0]!r}?" if near else "Copy it into the folder.",
        )
    return found[0]


def _donors(folder: Path, protocol: Protocol) -> Path | None:
    name = protocol.donors.concentrations
    if name is None:
        return None
    _stay_inside(name, "donors.concentrations")
    found = _plain_files([folder / name])
    if not found:
        raise ProtocolError(
            f"{name!r} is no file of the run folder",
            f"{PROTOCOL}: donors.concentrations",
            "Copy the table into it: columns donor, concentration, unit.",
        )
    return found[0]


def _stay_inside(name: str, key: str) -> None:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if ".." in parts or name.startswith(("/", "\\", "~")) or ":" in name:
        raise ProtocolError(f"{name!r} leaves the run folder", f"{PROTOCOL}: {key}")
