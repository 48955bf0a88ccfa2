"""A SkanIt session prints the concentrations that its report gives, apart from raw reads."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import plates
from plates.well import Well


def test_printed_concentrations_are_those_of_the_report(corpus: Path) -> None:
    export = plates.read(corpus / "plates" / "thermo_skanit" / "skanit_data.xlsx")
    printed = {(each.quantity, str(each.well)): each for each in export.printed}
    assert export.layout is not None
    contents = export.layout.of_plate("Plate 1")
    compared = 0
    with (corpus / "elisa" / "skanit_apoe" / "wells.csv").open(encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            signal = printed["Blank subtracted", row["well"]]
            assert signal.value == float(row["signal"])
            if row["conc"] or row["flag"]:
                result = printed["Conc. [microg/ml]", row["well"]]
                assert str(result.value) == str(float(row["conc"] or "nan"))
                assert result.flag == row["flag"]
                compared += 1
            if row["dilution"]:
                content = contents[Well.parse(row["well"])]
                assert math.isclose(content.dilution_factor, float(row["dilution"]))
    assert compared == 94
