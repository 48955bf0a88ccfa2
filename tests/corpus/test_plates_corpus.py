"""Real exports agree value by value with what independent readers found in them."""

from __future__ import annotations

import csv
import math
from collections import Counter
from pathlib import Path

import plates
from plates.readers.identify import identify, readers
from plates.source import Source

BUILT = {
    "agilent_gen5": "gen5",
    "biotek_kc4": "kc4",
    "bmg_mars": "mars",
    "bmg_smart_control": "smart_control",
    "byonoy": "byonoy",
    "luminex_xponent": "xponent",
    "moldev_softmax_pro": "softmax",
    "msd_methodical_mind": "msd_methodical_mind",
    "msd_workbench": "msd_workbench",
    "perkinelmer_envision": "envision",
    "promega_glomax": "glomax",
    "revvity_kaleido": "kaleido",
    "tecan_icontrol": "icontrol",
    "tecan_magellan": "magellan",
    "tecan_spark": "sparkcontrol",
    "thermo_skanit": "skanit",
}
"""Reader by folder."""
PLAIN = {"2024.11.27b_Bradford_plate_raw.xlsx": "plain_grid", "dummy_48_well_example.csv": "byonoy"}
# The group table masks well A2; the expected values were taken from the plate section alone.
MASKED_BY_GROUP = {("group_cols_with_int_sample_names.txt", "A2")}

# Readers may name a plate by the sheet or by a line of it, so plates go by order of appearance.
Key = tuple[int, str, str, str, str, str]


def manifest(corpus: Path) -> list[dict[str, str]]:
    with (corpus / "plates" / "MANIFEST.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def seconds(text: str) -> str:
    return f"{float(text):.3f}" if text.strip() and text != "nan" else ""


def expected(path: Path) -> dict[Key, tuple[float, str]]:
    order: dict[str, int] = {}
    with Path(f"{path}.expected.csv").open(encoding="utf-8", newline="") as handle:
        return {
            (
                order.setdefault(row["plate"], len(order) + 1), row["well"], row["mode"],
                row["wavelength_nm"], seconds(row["time_s"]), row["read"],
            ): (float(row["value"].strip() or "nan"), row["flag"])
            for row in csv.DictReader(handle)
        }  # fmt: skip


def found(export: plates.Export) -> dict[Key, tuple[float, str]]:
    values: dict[Key, tuple[float, str]] = {}
    order: dict[str, int] = {}
    for read in export.reads:
        number = order.setdefault(read.plate, len(order) + 1)
        for well in read.format.wells():
            value, flag = float(read.values[well.row, well.column]), read.flags.get(well, "")
            if flag or not math.isnan(value):
                time = seconds(str(read.time_s))
                key = (number, str(well), read.mode, read.wavelength_nm, time, read.read)
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
    assert counts == {
        "agilent_gen5": 26, "biotek_kc4": 2, "bmg_mars": 7, "bmg_smart_control": 1, "byonoy": 1,
        "luminex_xponent": 5, "moldev_softmax_pro": 20, "msd_methodical_mind": 4,
        "msd_workbench": 3, "perkinelmer_envision": 7, "plain": 2, "promega_glomax": 1,
        "revvity_kaleido": 3, "tecan_icontrol": 3, "tecan_magellan": 4, "tecan_spark": 3,
        "thermo_skanit": 5,
    }  # fmt: skip


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


def test_exactly_one_reader_answers(corpus: Path) -> None:
    for row in manifest(corpus):
        source = Source.of(corpus / "plates" / row["path"])
        if row["expect"] == "reads":
            wanted = BUILT.get(row["vendor"]) or PLAIN[source.name]
            assert identify(source).name == wanted, row["path"]
        vendors = [each.name for each in readers() if each.vendor and each.recognise(source)]
        assert len(vendors) <= 1, row["path"]


def test_the_layouts_inside_exports_give_the_known_concentrations(corpus: Path) -> None:
    known = {
        "softmax_450_650": "softmaxpro_example_group_with_missing_calc_column.txt",
        "gen5_bca": "absorbance_010307_114129_BNCH654563_stdcurve_singleplate01.txt",
        "gen5_lowry": "absorbance_Lowry_Protein_Assay_no_results_matrix.txt",
        "magellan_4pl": "example_full.xls",
        "skanit_apoe": "skanit_data.xlsx",
    }
    for name, file in known.items():
        folder = next(key for key, reader in BUILT.items() if reader == name.split("_")[0])
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
