"""What `assays read` says of a plate-reader export."""

from __future__ import annotations

from pathlib import Path

from assays.workflow.look import Look, look

SAMPLES = Path(__file__).parents[2] / "samples" / "plates"


def seen(name: str) -> Look:
    return look(SAMPLES / name)


def test_a_multiplex_export_names_the_analyte_of_each_read() -> None:
    found = seen("bioplex/two_cytokines.txt")
    assert dict(found.facts)["analytes"] == "2: IL-6 (12), TNF-alpha (40)"
    at = found.columns.index("analyte")
    assert [row[at] for row in found.rows] == ["IL-6 (12)", "TNF-alpha (40)"]
    assert "analyte" in found.to_csv().split("\n")[0].split(",")
    assert dict(found.facts)["repairs and doubts"] == f"{len(found.notes)}, told below"


def test_wells_with_values_stand_beside_the_wells_of_the_plate() -> None:
    found = seen("softmax/il6_elisa.txt")
    facts = dict(found.facts)
    assert facts["reader"] == "softmax" and facts["software"].startswith("SoftMax")
    assert facts["format"] == "96 wells (8 × 12)"
    assert "analyte" not in found.columns
    assert all(
        row[found.columns.index("wells with values")].endswith(" of 96") for row in found.rows
    )


def test_the_layout_of_several_plates_is_counted_as_such() -> None:
    assert dict(seen("msd_workbench/il6_tnf_two_plates.csv").facts)["layout"].endswith(
        "on 2 plates"
    )
