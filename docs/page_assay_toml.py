"""The reference page of `assay.toml`: keys, what may be written, defaults, meanings.

It is made from the source of `assays.protocol`, since the meaning of a key stands in
the text under its field. Types are told in words, not as Python writes them.
"""

from __future__ import annotations

import ast
import inspect
import re

from markdown_table import table

from assays import (
    protocol,
    protocol_compensation,
    protocol_dose,
    protocol_elisa,
    protocol_gating,
    protocol_readouts,
    protocol_scales,
)


def assay_toml() -> str:
    """The page of `assay.toml`, from the models and the texts under their fields."""
    modules = (
        protocol,
        protocol_compensation,
        protocol_dose,
        protocol_elisa,
        protocol_gating,
        protocol_readouts,
        protocol_scales,
    )
    trees = [ast.parse(inspect.getsource(module)) for module in modules]
    classes = {n.name: n for tree in trees for n in tree.body if isinstance(n, ast.ClassDef)}
    parts = [
        "# assay.toml\n",
        "Every choice a run depends on. A key that is not listed here is an error. `[name]` is a\n"
        "table; `[[name]]` may stand several times, one for each.\n",
    ]
    for name, places in _tables_of_toml(classes).items():
        heading = f"{', '.join(f'`{place}`' for place in places)}" if places[0] else "At the top"
        fields = _fields(classes[name], set(classes))
        about = (ast.get_docstring(classes[name]) or "").replace("\n", " ")
        parts.append(
            f"## {heading}\n\n{about}\n\n" + table(("key", "value", "default", "meaning"), fields)
        )
    return "\n".join(parts)


def _tables_of_toml(classes: dict[str, ast.ClassDef]) -> dict[str, list[str]]:
    """Where each model stands in the file, from the top down."""
    found: dict[str, list[str]] = {"Protocol": [""]}
    waiting = [("Protocol", "")]
    while waiting:
        name, path = waiting.pop(0)
        for line in classes[name].body:
            if not isinstance(line, ast.AnnAssign) or not isinstance(line.target, ast.Name):
                continue
            kind = ast.unparse(line.annotation)
            for inner in re.findall(r"\w+", kind):
                if inner in classes:
                    own = f"{path}.{line.target.id}".lstrip(".")
                    own += ".NAME" if kind.startswith("dict") else ""
                    shown = f"[[{own}]]" if kind.startswith("tuple") else f"[{own}]"
                    found.setdefault(inner, []).append(shown)
                    waiting.append((inner, own))
    return found


TYPES = {
    "str": "text", "int": "whole number", "float": "number", "bool": "true or false",
    "Any": "anything", "Level": "number between 0.5 and 1", "Positive": "number above 0",
    "Said": "text, not blank", "Share": "number above 0 and up to 1",
}  # fmt: skip
BOUNDS = {"ge": "from", "gt": "above", "le": "up to", "lt": "below"}


def plain_type(node: ast.expr, tables: set[str]) -> str:
    """What may be written for a key, in words."""
    if isinstance(node, ast.Name):
        return "table" if node.id in tables else TYPES[node.id]
    if isinstance(node, ast.BinOp):
        sides = [one for one in (node.left, node.right) if ast.unparse(one) != "None"]
        return " or ".join(plain_type(one, tables) for one in sides)
    assert isinstance(node, ast.Subscript), ast.unparse(node)
    inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    kind = ast.unparse(node.value)
    if kind == "Literal":
        return " or ".join(f"`{_toml(one)}`" for one in inner)
    if kind == "Annotated":
        call = inner[1]
        assert isinstance(call, ast.Call)
        bounds = [f"{BOUNDS[b.arg or '']} {ast.unparse(b.value)}" for b in call.keywords]
        return f"{plain_type(inner[0], tables)} {' and '.join(bounds)}"
    last = plain_type(inner[0] if kind == "tuple" else inner[-1], tables)
    several = {"text": "texts", "table": "tables", "number above 0": "numbers above 0"}
    return f"list of {several.get(last, last)}" if kind == "tuple" else f"by name: {last}"


def _toml(node: ast.expr) -> str:
    value = ast.literal_eval(node)
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else "[]" if value == () else f"{value:g}"


def _fields(node: ast.ClassDef, tables: set[str]) -> list[tuple[str, str, str, str]]:
    found = []
    for line, after in zip(node.body, [*node.body[1:], None], strict=True):
        if not isinstance(line, ast.AnnAssign) or not isinstance(line.target, ast.Name):
            continue
        meaning = ""
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            meaning = " ".join(str(after.value.value).split()).replace("``", "`")
        name = line.target.id.removesuffix("_")
        found.append((f"`{name}`", plain_type(line.annotation, tables), _default(line), meaning))
    return found


def _default(line: ast.AnnAssign) -> str:
    """The default as it would be written; nothing where the key is simply left out."""
    if line.value is None:
        return "required"
    if isinstance(line.value, ast.Call):
        named = line.value.args
        return f"`{protocol.SCHEMA}`" if named and ast.unparse(named[0]) == "SCHEMA" else ""
    value = ast.literal_eval(line.value)
    return "" if value is None or value in ("", ()) else f"`{_toml(line.value)}`"
