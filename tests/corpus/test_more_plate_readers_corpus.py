"""MSD, Luminex, GloMax, Kaleido, KC4 and SMART Control exports agree in every well."""

from __future__ import annotations

import csv
import math
from collections import Counter
from pathlib import Path

import plates
from plates.layout import WellContent
from plates.readers.identify import identify
from plates.well import Well

READERS = {
    "msd_workbench": ("msd_workbench", 3),
    "msd_methodical_mind": ("msd_methodical_mind", 4),
    "luminex_xponent": ("xponent", 5),
    "promega_glomax": ("glomax", 1),
    "revvity_kaleido": ("kaleido", 3),
    "biotek_kc4": ("kc4", 2),
    "bmg_smart_control": ("smart_control", 1),
}
Found = dict[tuple[str, str, str, str, str], tuple[float, str]]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def expected(path: Path) -> Found:
    return {
        (row["plate"], row["well"], row["mode"], row["wavelength_nm"], row["read"]): (
            float(row["value"] or "nan"),
            row["flag"],
        )
        for row in rows(Path(f"{path}.expected.csv"))
    }


def read_from(export: plates.Export) -> Found:
    found: Found = {}
    for read in export.reads:
        assert math.isnan(read.time_s)
        for well in read.format.wells():
            value, flag = float(read.values[well.row, well.column]), read.flags.get(well, "")
            if flag or not math.isnan(value):
                key = (read.plate, str(well), read.mode, read.wavelength_nm, read.read)
                assert key not in found
                found[key] = (value, flag)
    return found


def test_every_well_of_every_file_agrees(corpus: Path) -> None:
    counts: Counter[str] = Counter()
    wells = 0
    for vendor, (reader, _) in READERS.items():
        for path in sorted((corpus / "plates" / vendor).iterdir()):
            if path.name.endswith(".expected.csv"):
                continue
            assert identify(path).name == reader, path.name
            wanted, found = expected(path), read_from(plates.read(path))
            # NaN equals nothing, so the cells are compared as text, which repeats every digit.
            wrong = [key for key in wanted if str(found.get(key)) != str(wanted[key])]
            assert not wrong, (path.name, wrong[:3])
            assert found.keys() == wanted.keys(), path.name
            counts[vendor] += 1
            wells += len(wanted)
    assert counts == {vendor: count for vendor, (_, count) in READERS.items()}
    assert wells == 8668


def own_role(row: dict[str, str]) -> str:
    return {"unknown": "sample", "control": "qc"}.get(row["role"], row["role"])


def content_of(export: plates.Export, plate: str, well: str) -> WellContent:
    assert export.layout is not None
    return export.layout.contents[plate, Well.parse(well)]


def test_bio_plex_means_concentrations_and_results_are_those_of_the_report(corpus: Path) -> None:
    folder = corpus / "elisa" / "bioplex_13plex"
    for name in ("pnLINCO20070302A.xlsx", "pnLINCO20070302A.xls"):
        export = plates.read(folder / name)
        assert export.reader == "bioplex"
        printed = {(r.analyte, str(r.well), r.quantity): r for r in export.printed}
        reads = {read.analyte: read for read in export.reads}
        assert len(reads) == 13
        for row in rows(folder / "wells.csv"):
            first = row["well"].split(",")[0]
            well, analyte = Well.parse(first), row["analyte"]
            content = content_of(export, "PLATE1_3-2-07", first)
            assert content.role.value == own_role(row)
            assert content.labels.get("mean_of", first) == row["well"]
            if row["nominal"]:
                assert content.nominals[analyte] == (float(row["nominal"]), "")
            value = float(reads[analyte].values[well.row, well.column])
            assert str(value) == str(float(row["signal"] or "nan"))
            if row["conc"]:
                assert printed[analyte, first, "Obs Conc"].value == float(row["conc"])
        curves = {row["analyte"]: row["equation"] for row in rows(folder / "curves.csv")}
        assert all(curves[name] in export.metadata[f"curve {name}"] for name in curves)


def test_xponent_batches_carry_their_standards_units_and_dilutions(corpus: Path) -> None:
    folder = corpus / "elisa" / "xponent_30plex"
    export = plates.read(folder / "pone.0187901.s001.csv")
    assert len(export.reads) == 30
    damaged = 0
    for row in rows(folder / "wells.csv"):
        content = content_of(export, "plate_1", row["well"])
        assert content.role.value == own_role(row)
        assert content.sample == row["sample"]
        assert content.dilution_factor == float(row["dilution"] or 1)
        if not row["nominal"]:
            continue
        value, unit = content.nominals[row["analyte"]]
        assert unit == row["unit"] == "pg/mL"
        # The file lost decimal points in Standard5 to Standard8; the reader keeps what it says.
        if not math.isclose(value, float(row["nominal"]), rel_tol=1e-6):
            assert math.isclose(value, 1000 * float(row["nominal"]), rel_tol=1e-6)
            damaged += 1
    assert damaged == 30
    results = {(r.analyte, str(r.well)): r for r in export.printed if r.quantity == "Result"}
    for row in rows(folder / "wells.csv"):
        result = results[row["analyte"], row["well"]]
        assert str(result.value) == str(float(row["final"] or "nan"))
        assert result.flag == row["flag"]


def test_msd_calibrators_blanks_and_dilutions_are_those_of_the_table(corpus: Path) -> None:
    export = plates.read(corpus / "plates" / "msd_workbench" / "3plateMSD.csv")
    analytes = {(read.plate, read.analyte) for read in export.reads}
    assert len(analytes) == 12
    labels = {str(read.plate_number): read.plate for read in export.reads}
    results = {
        (str(r.plate_number), r.analyte, str(r.well)): r
        for r in export.printed
        if r.quantity == "Calc. Concentration"
    }
    for row in rows(corpus / "elisa" / "msd_3plates" / "wells.csv"):
        content = content_of(export, labels[row["plate"]], row["well"])
        # A calibrator is one in its well, whatever the spot without a concentration holds.
        if row["role"] != "unknown" or not content.nominals:
            assert content.role.value == own_role(row)
        if row["dilution"]:
            assert content.dilution_factor == float(row["dilution"])
        if row["nominal"]:
            assert content.nominals[row["analyte"]][0] == float(row["nominal"])
        result = results.get((row["plate"], row["analyte"], row["well"]))
        if row["final"]:
            assert result is not None and result.value == float(row["final"])


def test_a_kc4_template_gives_the_standards(corpus: Path) -> None:
    export = plates.read(corpus / "plates" / "biotek_kc4" / "biotek_02.xls")
    for row in rows(corpus / "elisa" / "kc4_cathepsin_d" / "wells.csv"):
        content = content_of(export, "Cathepsin-D.Raw Data", row["well"])
        assert content.role.value == own_role(row)
        assert str(content.nominal) == str(float(row["nominal"] or "nan"))


def test_smart_control_grids_give_the_layout(corpus: Path) -> None:
    path = corpus / "plates" / "bmg_smart_control" / "fluroescence_endpoint_example1.xlsx"
    export = plates.read(path)
    content = content_of(export, "Plate 3", "D1")
    assert (content.role.value, content.nominal, content.unit) == ("standard", 31.3, "ng/mL")
    assert content_of(export, "Plate 3", "B9").dilution_factor == 1000
    assert content_of(export, "Plate 3", "H12").role.value == "blank"
    assert {result.quantity.partition(" based")[0] for result in export.printed} == {
        "Blank corrected"
    }
