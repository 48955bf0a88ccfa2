"""The house rules: who may import whom, and what nobody may import."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted([*ROOT.glob("plates/**/*.py"), *ROOT.glob("assays/**/*.py")])

# The layers, from the top down. A module may import only what stands on a
# lower line, or its own room. Errors, findings and plug-ins are open to all.
LAYERS = (
    ("assays.cli",),
    ("assays.workflow",),
    ("assays.reports", "assays.elisa", "assays.flow", "assays.cohort"),
    ("assays.inhibition",),
    ("assays.curves",),
    ("assays.results",),
    ("assays.protocol_text",),
    ("assays.sample_sheet",),
    ("assays.sample_rows", "assays.sample_form", "assays.sample_files", "assays.sample_faults"),
    ("assays.sample_agents",),
    ("assays.protocol", "assays.samples"),
    (
        "assays.protocol_compensation",
        "assays.protocol_elisa",
        "assays.protocol_gating",
        "assays.protocol_readouts",
    ),
    ("assays.protocol_dose", "assays.protocol_scales"),
    ("assays.protocol_parts", "assays.protocol_faults", "assays.dose_units"),
    ("plates.readers", "plates.qc", "plates.layouts", "plates.draw"),
    ("plates",),
)
OPEN = ("plates.errors", "plates.findings", "plates.plugins", "plates.sameness", "assays.errors")


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> tuple[int, str]:
    rooms = [(i, room) for i, layer in enumerate(LAYERS) for room in layer if within(module, room)]
    return max(rooms, key=lambda found: len(found[1]), default=(-1, ""))


def within(module: str, room: str) -> bool:
    return module == room or module.startswith(f"{room}.")


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def for_types_only(tree: ast.Module) -> set[ast.AST]:
    """Imports under `if TYPE_CHECKING:` bind nothing at run time."""
    guards = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
    ]
    return {inner for guard in guards for inner in ast.walk(guard)}


def imports_of(path: Path, *, at_run_time: bool = False) -> list[tuple[str, int]]:
    tree = tree_of(path)
    skipped = for_types_only(tree) if at_run_time else set()
    found: list[tuple[str, int]] = []
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            assert node.module is not None
            found += [(f"{node.module}.{alias.name}", node.lineno) for alias in node.names]
    return found


MODULES = {module_name(path): path for path in FILES}


def home_of(name: str) -> str:
    """Module that an imported name lives in."""
    while name and name not in MODULES:
        name = name.rpartition(".")[0]
    return name


@pytest.mark.parametrize("module", sorted(set(MODULES) - {"plates", "assays"}))
def test_imports_point_downwards(module: str) -> None:
    layer, room = room_of(module)
    if module in OPEN:
        wanted = [name for name, _ in imports_of(MODULES[module]) if home_of(name)]
        assert all(home_of(name) in OPEN for name in wanted)
        return
    assert layer >= 0, f"{module} stands in no room that the house knows"
    for name, line in imports_of(MODULES[module], at_run_time=True):
        home = home_of(name)
        if not home or home in OPEN or within(home, room):
            continue
        assert home != "assays" or name == "assays.__version__", (
            f"{module}:{line} imports the package, not a module"
        )
        below, other = room_of(home)
        assert below > layer or home == "assays", (
            f"{module}:{line} imports {home}, not below it ({other})"
        )


def test_no_circle() -> None:
    graph = {
        # Types count as well: what a file knows of another it leans on.
        module: {home_of(name) for name, _ in imports_of(path)} - {"", module}
        for module, path in MODULES.items()
        # The packages' front doors load their names lazily.
        if module not in ("plates", "assays")
    }
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join((*path[path.index(module) :], module))
        if module in done or module not in graph:
            return
        for other in sorted(graph[module]):
            visit(other, (*path, module))
        done.add(module)

    for module in sorted(graph):
        visit(module, ())


@pytest.mark.parametrize(
    "folder",
    [
        "plates/readers",
        "plates/qc",
        "plates/layouts",
        "assays/curves",
        "assays/flow/gates",
        "assays/flow/qc",
    ],
)
def test_plugins_of_one_folder_never_import_one_another(folder: str) -> None:
    records = ("READER", "CHECK", "MODEL", "GATE", "FORMAT")
    plugins = {
        module_name(path)
        for path in (ROOT / folder).glob("*.py")
        if any(
            isinstance(node, ast.Assign | ast.AnnAssign)
            and any(
                ast.unparse(t) in records
                for t in (node.targets if isinstance(node, ast.Assign) else [node.target])
            )
            for node in tree_of(path).body
        )
    }
    for module in plugins:
        others = {home_of(name) for name, _ in imports_of(MODULES[module])} & plugins - {module}
        assert not others, f"{module} imports {', '.join(others)}"


def test_plates_knows_no_assay() -> None:
    for path in ROOT.glob("plates/**/*.py"):
        assert not [name for name, _ in imports_of(path) if name.split(".")[0] == "assays"], path


def test_nobody_imports_pyplot() -> None:
    for path in FILES:
        names = [name for name, _ in imports_of(path)]
        assert not [name for name in names if name.startswith("matplotlib.pyplot")], path


def test_only_one_module_calls_the_second_fcs_engine() -> None:
    users = [
        module_name(path)
        for path in FILES
        if any(name.split(".")[0] == "fcsparser" for name, _ in imports_of(path))
    ]
    assert set(users) <= {"assays.flow.fcs.second_engine"}
