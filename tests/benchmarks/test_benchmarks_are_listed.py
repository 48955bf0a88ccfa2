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
        told = (f"`python -m {'.'.join(name.parts)}", f"`python {name.as_posix()}.py", f"`{path.name}`")
        inside = "/".join(name.parts[1:]) + ".py"
        assert any(one in page for one in (*told, f"`{inside}`")), f"{path} is not in README.md"
