"""Every benchmark that can be run stands in the list of benchmarks."""

from __future__ import annotations

from pathlib import Path

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def test_every_script_is_in_the_readme() -> None:
    page = (BENCHMARKS / "README.md").read_text(encoding="utf-8")
    scripts = [
        path
        for path in sorted(BENCHMARKS.rglob("*.py"))
        if '__name__ == "__main__"' in path.read_text(encoding="utf-8")
    ]
    assert len(scripts) > 10
    for path in scripts:
        name = path.relative_to(BENCHMARKS.parent).with_suffix("")
        module, place = ".".join(name.parts), name.as_posix()
        inside = "/".join(name.parts[1:])
        told = (f"`python -m {module}", f"`python {place}.py", f"`{inside}.py`", f"`{path.name}`")
        assert any(one in page for one in told), f"{path} is not in README.md"
