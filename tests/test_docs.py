"""The reference is what the records say; examples in docstrings run."""

from __future__ import annotations

import doctest
import importlib
import importlib.util
import pkgutil
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def generator() -> object:
    spec = importlib.util.spec_from_file_location("generate_docs", ROOT / "docs" / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", sorted(path.name for path in (ROOT / "docs/reference").glob("*")))
def test_no_page_of_the_reference_is_left_over(page: str) -> None:
    assert page in generator().PAGES  # type: ignore[attr-defined]


def test_the_reference_is_up_to_date() -> None:
    for page, write in generator().PAGES.items():  # type: ignore[attr-defined]
        stands = (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8")
        assert stands == write(), f"{page} is stale: python docs/generate.py"


def test_every_key_of_the_protocol_has_a_meaning_in_plain_words() -> None:
    page = generator().PAGES["assay-toml.md"]()  # type: ignore[attr-defined]
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert len(rows) > 60
    for row in rows:
        assert not row.endswith("|  |"), f"no meaning: {row}"
    for word in ("Annotated", "Literal", "tuple[", "Optional", "None", "Field(", "(notes"):
        assert word not in page


def test_every_command_and_every_table_has_its_lines() -> None:
    pages = generator().PAGES  # type: ignore[attr-defined]
    commands = pages["command-line.md"]()
    for name in ("init", "check", "run", "read", "doctor", "demo"):
        assert f"## {name}\n" in commands
    assert "`--supersede REASON`" in commands
    tables = pages["results.md"]()
    for name in ("findings", "concentrations", "standards", "readings", "inhibition", "cohort"):
        assert f"## {name}\n" in tables
    assert "`stimulus_dose`" in pages["samples.md"]()
    assert "| Cell density |" in pages["layout.md"]()


def test_the_readme_counts_the_example_runs() -> None:
    told = (ROOT / "README.md").read_text(encoding="utf-8")
    number = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    runs = number[len(list((ROOT / "examples").glob("*/assay.toml")))]
    assert f"See it work on {runs} simulated runs" in told
    assert f"It ends by naming {runs} reports" in told


PAGES = [
    path
    for path in sorted((ROOT / "docs").glob("**/*.md"))
    if ">>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("page", PAGES, ids=[str(path.relative_to(ROOT)) for path in PAGES])
def test_worked_examples_of_the_pages_run(page: Path) -> None:
    failed, tried = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert tried > 0
    assert failed == 0


def explanation() -> list[Path]:
    return sorted((ROOT / "docs" / "explanation").glob("*.md"))


@pytest.mark.parametrize("page", [path.name for path in explanation()])
def test_every_explanation_is_linked_from_the_start(page: str) -> None:
    assert f"explanation/{page}" in (ROOT / "docs" / "index.md").read_text(encoding="utf-8")


def test_links_between_explanations_lead_somewhere() -> None:
    for path in explanation():
        for target in re.findall(r"\]\(([\w./-]+\.md)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


def modules() -> list[str]:
    found = []
    for package in ("plates", "assays"):
        folder = importlib.import_module(package)
        found += [one.name for one in pkgutil.walk_packages(folder.__path__, f"{package}.")]
    return found


@pytest.mark.parametrize("name", modules())
def test_examples_in_docstrings_run(name: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0
