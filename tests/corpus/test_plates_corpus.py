"""Real exports agree value by value with what independent readers found in them."""

from __future__ import annotations

import csv
import math
from collections import Counter
from pathlib import Path

import plates
from plates.readers.identify import identify, readers
from plates.source import Source

# Files of these folders have a reader; the others must be refused with the list of readers.
BUILT = {"agilent_gen5": "gen5", "moldev_softmax_pro": "softmax", "byonoy": "byonoy"}
PLAIN = {"2024.11.27b_Bradford_plate_raw.xlsx": "plain_grid", "dummy_48_well_example.csv": "byonoy"}
# The group table masks well A2; the expected values were taken from the plate section alone.
MASKED_BY_GROUP = {("group_cols_with_int_sample_names.txt", "A2")}

Key = tuple[str, str, str, str, str, str]


def manifest(corpus: Path) -> list[dict[str, str]]:
    with (corpus / "plates" / "MANIFEST.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def seconds(text: str) -> str:
    return f"{float(text):.3f}" if text.strip() and text != "nan" else ""


def expected(path: Path) -> dict[Key, tuple[float, str]]:
    with Path(f"{path}.expected.csv").open(encoding="utf-8", newline="") as handle:
        return {
            (
                row["plate"], row["well"], row["mode"], row["wavelength_nm"],
                seconds(row["time_s"]), row["read"],
            ): (float(row["value"].strip() or "nan"), row["flag"])
            for row in csv.DictReader(handle)
        }  # fmt: skip


def found(export: plates.Export) -> dict[Key, tuple[float, str]]:
    values: dict[Key, tuple[float, str]] = {}
    for read in export.reads:
        for well in read.format.wells():
            value, flag = float(read.values[well.row, well.column]), read.flags.get(well, "")
            if flag or not math.isnan(value):
                time = seconds(str(read.time_s))
                key = (read.plate, str(well), read.mode, read.wavelength_nm, time, read.read)
                assert key not in values, f"{key} was read twice"
                values[key] = (value, flag)
    return values


def differences(path: Path, *, partial: bool) -> list[str]:
    wanted, got = expected(path), found(plates.read(path))
    wrong = [f"{key} is missing" for key in wanted.keys() - got.keys()]
    if not partial:
        wrong += [f"{key} was not expected" for key in got.keys() - wanted.keys()]
    for key in wanted.keys() & got.keys():
        (value, flag), (own, own_flag) = wanted[key], got[key]
        alike = (math.isnan(value) and math.isnan(own)) or math.isclose(
            value, own, rel_tol=1e-12, abs_tol=0
        )
        if not alike:
            wrong.append(f"{key}: {own} is not {value}")
        if flag != own_flag and (path.name, key[1]) not in MASKED_BY_GROUP:
            wrong.append(f"{key}: flag {own_flag!r} is not {flag!r}")
    return wrong


def test_every_export_of_a_built_reader_agrees_in_every_well(corpus: Path) -> None:
    counts: Counter[str] = Counter()
    wrong: dict[str, list[str]] = {}
    for row in manifest(corpus):
        if row["expect"] != "reads" or row["vendor"] not in (*BUILT, "plain"):
            continue
        path = corpus / "plates" / row["path"]
        partial = "first and last" in row["note"]
        counts[row["vendor"]] += 1
        if found_wrong := differences(path, partial=partial):
            wrong[row["path"]] = found_wrong[:3]
    assert not wrong
    assert counts == {"agilent_gen5": 26, "moldev_softmax_pro": 20, "byonoy": 1, "plain": 2}


def test_damaged_exports_are_refused_with_a_sentence(corpus: Path) -> None:
    refused = 0
    for row in manifest(corpus):
        if row["expect"] != "error":
            continue
        try:
            plates.read(corpus / "plates" / row["path"])
        except plates.LabError as error:
            assert len(error.message) > 20 and error.where and error.hint, row["path"]
            refused += 1
            continue
        raise AssertionError(f"{row['path']} was read")
    assert refused == 8


def test_exactly_one_reader_answers_and_other_vendors_get_the_list(corpus: Path) -> None:
    for row in manifest(corpus):
        if row["expect"] != "reads":
            continue
        source = Source.of(corpus / "plates" / row["path"])
        wanted = BUILT.get(row["vendor"]) or PLAIN.get(source.name)
        try:
            name = identify(source).name
        except plates.LabError as error:
            assert wanted is None, str(error)
            listed = all(reader.name in error.hint for reader in readers())
            assert listed or "old Excel file" in error.message
            continue
        assert name == wanted or (wanted is None and name not in (*BUILT.values(), "plain_grid"))


def test_the_layouts_inside_exports_give_the_known_concentrations(corpus: Path) -> None:
    known = {
        "softmax_450_650": "softmaxpro_example_group_with_missing_calc_column.txt",
        "gen5_bca": "absorbance_010307_114129_BNCH654563_stdcurve_singleplate01.txt",
        "gen5_lowry": "absorbance_Lowry_Protein_Assay_no_results_matrix.txt",
    }
    for name, file in known.items():
        folder = "agilent_gen5" if name.startswith("gen5") else "moldev_softmax_pro"
        layout = plates.read(corpus / "plates" / folder / file).layout
        assert layout is not None
        own = {str(well): content for (_, well), content in layout.contents.items()}
        with (corpus / "elisa" / name / "wells.csv").open(encoding="utf-8", newline="") as handle:
            for row in csv.DictReader(handle):
                content = own[row["well"]]
                role = {"unknown": "sample"}.get(row["role"], row["role"])
                assert content.role.value == role, (name, row["well"])
                if row["role"] == "standard":
                    assert content.nominal == float(row["nominal"])
                if row["role"] == "unknown" and row["dilution"]:
                    printed = float(row["dilution"])
                    assert math.isclose(content.dilution_factor, max(printed, 1 / printed))


def test_masked_wells_keep_their_number_and_carry_the_mask(corpus: Path) -> None:
    export = plates.read(corpus / "curves" / "raw_softmax" / "Assay_2.txt")
    read = export.reads[0]
    masked = {str(well) for well, flag in read.flags.items() if flag == "Masked"}
    assert masked == {"C1", "E1", "F1", "G2", "B6", "E4", "D4", "D9"}
    assert not any(math.isnan(read.values[well.row, well.column]) for well in read.flags)
    assert {result.quantity for result in export.printed} >= {"BackCalcConc", "Result", "AdjResult"}
