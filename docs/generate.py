"""Write `docs/reference/` from the records in the code: python docs/generate.py

Each plug-in ends in one record; the tables of the reference are made from
these, so that they cannot lag behind. A test compares what stands there with
what this script would write.
"""

from __future__ import annotations

import ast
import inspect
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
}


def main() -> None:
    """Write every page."""
    REFERENCE.mkdir(exist_ok=True)
    for name, write in PAGES.items():
        (REFERENCE / name).write_text(write(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
