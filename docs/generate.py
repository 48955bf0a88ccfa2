"""Write `docs/reference/` from the records in the code: python docs/generate.py

Each plug-in ends in one record; the tables of the reference are made from
these, so that they cannot lag behind. A test compares what stands there with
what this script would write.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterable
from pathlib import Path

from assays import protocol
from assays.flow.gates.contract import GateMethod
from plates.plugins import collect

REFERENCE = Path(__file__).parent / "reference"


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    cells = [[str(cell).replace("|", "\\|").replace("\n", " ") for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells) + "\n"


def readers() -> str:
    """The page of plate readers."""
    rows = [
        (
            f"`{one.name}`",
            one.software,
            ", ".join(one.suffixes),
            "vendor" if one.vendor else "plain",
        )
        for one in sorted(
            collect("plates.readers", "READER"), key=lambda one: (not one.vendor, one.name)
        )
    ]
    return (
        "# Plate-reader exports\n\n"
        "Every vendor's reader is asked whether it knows a file, by its content. The plain\n"
        "readers are asked only when no vendor's answers yes. None, or two, is an error that says\n"
        "what was looked for; `--reader NAME` decides.\n\n"
        + table(("name", "software", "usual endings", "kind"), rows)
    )


def curves() -> str:
    """The page of curve models."""
    rows = [
        (f"`{one.name}`", one.title, f"`{one.formula}`", ", ".join(one.names), one.min_levels)
        for one in collect("assays.curves", "MODEL")
    ]
    return "# Curve models\n\n" + table(
        ("name", "model", "formula", "parameters", "fewest levels"), rows
    )


def gates() -> str:
    """The page of gate methods."""
    parts = ["# Gate methods\n"]
    for one in collect("assays.flow.gates", "GATE"):
        least, most = one.dimensions
        count = f"{least}" if least == most else f"{least} to {most}"
        plural = "" if count == "1" else "s"
        parts.append(
            f"## {one.name}\n\n{one.summary} Takes {count} channel{plural}.{_found(one)}\n\n"
            + table(("parameter", "meaning"), ((f"`{k}`", v) for k, v in one.params.items()))
        )
    return "\n".join(parts)


def _found(one: GateMethod) -> str:
    """How an automatic gate is found; nothing for a fixed one."""
    if one.search is None:
        return ""
    return (
        f"\n\nFound in the data: a {one.search.kind} gate, cut by {one.search.group_by} unless "
        f"`group_by` says otherwise; without a gate to find, {one.search.fallback} is taken."
    )


def checks() -> str:
    """The page of quality checks."""
    plates = [(f"`{one.name}`", one.question, one.needs) for one in collect("plates.qc", "CHECK")]
    tubes = [
        (f"`{one.name}`", one.summary, one.source) for one in collect("assays.flow.qc", "CHECK")
    ]
    return (
        "# Quality checks\n\nA check that cannot answer says nothing.\n\n"
        "## Plates\n\n"
        + table(("rule", "what it asks", "what it needs"), plates)
        + "\n## FCS files\n\n"
        + table(("rule", "what it tells", "source of the limit"), tubes)
    )


FCS_READ = """# FCS files

FCS 2.0, 3.0, 3.1 and 3.2 in list mode, plain or gzip, of any size. Histograms (`$MODE` C and U)
are refused with a sentence.

- **HEADER and TEXT** – any delimiter, doubled or not, missing at the end or not; values may be
  empty; names are stripped of padding and put in upper case; UTF-8, else Latin-1; supplemental
  TEXT; ANALYSIS. Every data set of a `$NEXTDATA` chain, each with its own keywords.
- **DATA** – integers of 8 to 64 bits in mixed widths, masked by `$PnR`; single and double
  precision; digits (type A); a type for each channel (`$PnDATATYPE`); every byte order.
- **Scaling** – `10^(f1·x/$PnR)·f2` where `$PnE` says so on integers, `x/$PnG` elsewhere, never on
  Time. `scaled=False` gives the stored numbers.
- **Time** – a tick is `$TIMESTEP` seconds; without it `TIMETICKS` milliseconds; without both it
  is estimated from `$BTIM` and `$ETIM`, where Time never runs backwards. Either is told.
- **Spillover** – `$SPILLOVER`, `SPILL`, `$COMP` and `$DFCmTOn`, by name or number, with decimal
  commas too, held against the channels. What cannot be trusted is left out and told.
- **Precision** – single, or double where a file holds doubles or integers of more than 24 bits.
  Integers of 2^53 and more are rounded to the nearest double, which is told.

## Where DATA lies

HEADER and TEXT each give a first and a last byte, `$TOT` a number of events. The pair whose
length is `$TOT` times the bytes of one event is right, HEADER on a tie; an end one byte too far
still fits. Where none fits, two of HEADER, TEXT, `$TOT` and the end of the file must agree; else
the file is refused. A file that was cut short is refused unless it is to be salvaged.

## Deviations that are mended

Each is a note on the events and stands under the table of `assays read`.

"""

FCS_WRITTEN = """
## What is written

`fcs.write` writes FCS 3.1 or 3.2: list mode, little-endian floats, linear values. Keywords that do
not describe the bytes are kept, those of a channel follow it. `where=` writes the events of a
population alone. Where the events came from stands in `$ORIGINALITY`, `$LAST_MODIFIER` and, when
given, `$LAST_MODIFIED`, and in keywords of our own:

"""


def fcs_files() -> str:
    """The page on FCS files: what is read, what is mended, what is written."""
    from assays.flow.fcs import provenance, quirks

    mended = [(one.name, re.sub(r"\{[^}]*\}", "…", one.told)) for one in quirks.OF_TEXT]
    lines = (inspect.getdoc(provenance) or "").splitlines()
    told = [
        re.split(r" {2,}|(?<=``) ", line, maxsplit=1) for line in lines if line[:8] == "``ASSAYS"
    ]
    rows = [(name.replace("``", "`"), what.replace("``", "`")) for name, what in told]
    return (
        FCS_READ
        + table(("deviation", "what is told"), mended)
        + FCS_WRITTEN
        + table(("keyword", "meaning"), rows)
    )


def assay_toml() -> str:
    """The page of `assay.toml`, from the models and the texts under their fields."""
    tree = ast.parse(inspect.getsource(protocol))
    parts = [
        "# assay.toml\n",
        "Every choice a run depends on. A key that is not listed here is an error.\n",
    ]
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    for node in reversed(classes):
        fields = _fields(node)
        if not fields:
            continue
        parts.append(
            f"## {node.name}\n\n{ast.get_docstring(node)}\n\n"
            + table(("key", "value", "default", "meaning"), fields)
        )
    return "\n".join(parts)


def _fields(node: ast.ClassDef) -> list[tuple[str, str, str, str]]:
    found = []
    for line, after in zip(node.body, [*node.body[1:], None], strict=True):
        if not isinstance(line, ast.AnnAssign) or not isinstance(line.target, ast.Name):
            continue
        meaning = ""
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            meaning = str(after.value.value)
        default = ast.unparse(line.value) if line.value is not None else "required"
        if default.startswith("Field("):
            default = "" if "default_factory" in default else default.split(",")[0][6:]
        if default.endswith("()") and default[0].isupper():
            default = ""
        name = line.target.id.removesuffix("_")
        found.append((f"`{name}`", f"`{ast.unparse(line.annotation)}`", default, meaning))
    return found


PAGES = {
    "readers.md": readers,
    "curves.md": curves,
    "gates.md": gates,
    "checks.md": checks,
    "assay-toml.md": assay_toml,
    "fcs.md": fcs_files,
}


def main() -> None:
    """Write every page."""
    REFERENCE.mkdir(exist_ok=True)
    for name, write in PAGES.items():
        (REFERENCE / name).write_text(write(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
