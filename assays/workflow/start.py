"""Start a run: `assay.toml` and a workbook to fill in, pre-filled from what is there."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from assays.errors import ProtocolError
from assays.workflow.folder import PROTOCOL, is_fcs
from assays.workflow.panel import Panel, fit_to_panel
from plates.plateread import PlateRead
from plates.well import FORMATS

KINDS = ("elisa", "phospho", "viability")
GATES = ("fixed", "auto")


def start(
    kind: str,
    place: Path,
    *,
    wells: int = 96,
    export: Path | None = None,
    gates: str = "fixed",
) -> list[Path]:
    """Write the files of a new run; returns them.

    Parameters
    ----------
    kind : {"elisa", "phospho", "viability"}
    place : Path
        Folder of the run; made when absent. Nothing in it is overwritten.
    wells : int
        Plate format, when no export tells it.
    export : Path, optional
        A plate-reader export (its format and layout are taken over), or, for
        a flow run, an FCS file or a folder of them (names and channels are).
    gates : {"fixed", "auto"}
        For phospho: gates given in numbers, or found in the data.

    Raises
    ------
    ProtocolError
        When a file that would be written is there already.
    """
    workbook = place / ("layout.xlsx" if kind == "elisa" else "samples.xlsx")
    protocol = place / PROTOCOL
    for path in (protocol, workbook):
        if path.exists():
            raise ProtocolError("the file is there already", str(path), "Choose another folder.")
    content = _elisa(wells, export) if kind == "elisa" else _flow(kind, place, export, gates)
    place.mkdir(parents=True, exist_ok=True)
    if kind != "elisa":
        (place / "fcs").mkdir(exist_ok=True)
    protocol.write_text(content[0], encoding="utf-8", newline="\n")
    workbook.write_bytes(content[1])
    return [protocol, workbook]


def _template(name: str) -> str:
    return files("assays.workflow").joinpath("templates", name).read_text(encoding="utf-8")


def _elisa(wells: int, export: Path | None) -> tuple[str, bytes]:
    from assays.elisa.contents import of_analyte
    from plates.layouts.template import layout_template
    from plates.readers.identify import read

    text = _template("elisa.toml")
    plate_format, layout = FORMATS[wells], None
    if export is not None:
        found = read(export)
        plate_format, layout = found.reads[0].format, found.layout
        text = _with_wavelengths(text, found.reads)
        analyte, text = _with_analyte(text, found.reads)
        layout = of_analyte(layout, analyte) if layout is not None else None
    return text, layout_template(plate_format, layout)


def _with_wavelengths(text: str, reads: Sequence[PlateRead]) -> str:
    """The signal named, and a reference offered, where the export holds several wavelengths."""
    waves = list(
        dict.fromkeys(one.wavelength_nm for one in reads if one.wavelength_nm.isprintable())
    )
    waves = [nm for nm in waves if nm]
    if len(waves) < 2:
        return text
    # TMB stopped with acid is read at 450 nm, whichever came first.
    signal = "450" if "450" in waves else waves[0]
    reference = next(nm for nm in waves if nm != signal)
    text = _line(text, "# signal_nm", f"signal_nm = {json.dumps(signal, ensure_ascii=False)}")
    return _line(
        text, "# reference_nm", f"# reference_nm = {json.dumps(reference, ensure_ascii=False)}"
    )


def _with_analyte(text: str, reads: Sequence[PlateRead]) -> tuple[str, str]:
    """One analyte of a multiplex export, and the protocol that names it and lists the others."""
    names = [one.analyte for one in reads if one.analyte and one.analyte.isprintable()]
    names = list(dict.fromkeys(names))
    if not names:
        return "", text
    wanted = next((name for name in names if re.match(r"(?i)il-?6(?!\w)", name)), names[0])
    others = ", ".join(name for name in names if name != wanted)
    told = f"  # the export holds {others} too" if others else ""
    named = f"analyte = {json.dumps(wanted, ensure_ascii=False)}{told}"
    return wanted, text.replace('analyte = "IL-6"', named)


def _line(text: str, key: str, value: str) -> str:
    """A line of the template with another value; the remark behind it stays in its column."""
    found = re.search(rf'(?m)^{re.escape(key)} = "[^"]*" *', text)
    assert found, key
    return text[: found.start()] + value.ljust(28) + " " + text[found.end() :]


def _flow(kind: str, place: Path, export: Path | None, gates: str) -> tuple[str, bytes]:
    from assays.sample_form import sample_template

    folder = export if export is not None else place / "fcs"
    paths = [folder] if folder.is_file() else sorted(folder.iterdir()) if folder.is_dir() else []
    paths = [path for path in paths if path.is_file() and is_fcs(path)]
    if export is not None and not paths:
        raise _nothing_to_read(export)
    channels = "(start with --from FOLDER to see them here)"
    text = _template(f"{kind}.toml")
    if kind == "phospho" and gates == "auto":
        text = _with_found_gates(text)
    if paths:
        panel = _panel(paths[0])
        text, channels = fit_to_panel(text, panel), _listed(panel)
    text = text.replace("@CHANNELS@", channels)
    return text, sample_template([path.name for path in paths])


def _nothing_to_read(export: Path) -> ProtocolError:
    """Why a place to start from has no FCS file."""
    if not export.exists():
        return ProtocolError("there is no such file or folder", str(export), "Check the name.")
    if export.is_file():
        return ProtocolError(
            "this is no FCS file", str(export), "It would begin with FCS2.0, FCS3.0 or FCS3.1."
        )
    inside = [path.name for path in export.iterdir()]
    said = f"none among its {len(inside)} files and folders" if inside else "the folder is empty"
    if len(inside) == 1:
        said = f"it holds {inside[0]} alone"
    return ProtocolError(
        f"there is no FCS file: {said}",
        str(export),
        "Name the folder that the FCS files lie in; subfolders are not searched.",
    )


def _with_found_gates(text: str) -> str:
    """The template with its fixed gates exchanged for those that are found in the data."""
    start, end = text.index("# Gates, parent first."), text.index("# A gate moved by hand")
    return text[:start] + _template("gates_auto.toml") + text[end:]


def _panel(path: Path) -> Panel:
    from assays.flow import fcs

    return Panel.of(fcs.read_keywords(path))


def _listed(panel: Panel) -> str:
    names = [
        f"{name} ({marker})" if marker and marker != name else name
        for name, marker in panel.channels
    ]
    # The names come from a file: they must not end the comment they stand in.
    return ", ".join("".join(c for c in name if c.isprintable()) for name in names)
