"""Real plates, from the vendor's export to concentrations, beside those the vendor printed."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import plates
from assays.elisa.run import process_elisa
from assays.protocol import Elisa


class Case(NamedTuple):
    data: str
    file: str
    choice: dict[str, Any]
    tolerance: float
    agree: tuple[int, int]
    """How many of the printed wells agree, of how many."""
    column: str = "conc"
    plates: tuple[str, ...] = ()
    """Plates of the table that the file holds; all of them when empty."""
    factor: float = 1.0
    """Printed unit in the run's."""
    analyte: str = ""
    """As the table calls it; the only one when empty."""


LINE = {"curve": {"model": "linear", "weighting": "none", "on": "wells"}}
FOUR = {"curve": {"model": "4pl", "weighting": "none", "on": "means"}}
BEADS = {"curve": {"model": "4pl", "weighting": "1/y^2", "on": "means"}}
GEN5 = "../plates/agilent_gen5/absorbance_"
CASES = (
    Case("softmax_batch", "softmax_batch/Assay_2.txt",
         FOUR | {"signal_nm": "450", "reference_nm": "620"}, 1e-3, (63, 63), plates=("Assay_2",)),
    Case("softmax_batch", "softmax_batch/Assay_3_and_4.txt",
         FOUR | {"signal_nm": "450", "reference_nm": "620"}, 1e-3, (139, 139),
         plates=("Assay_3_and_4",)),
    # Printed to 0.001 ng/mL: the 15 others are below 0.6 or above every standard.
    Case("softmax_450_650",
         "../plates/moldev_softmax_pro/softmaxpro_example_group_with_missing_calc_column.txt",
         FOUR | {"signal_nm": "450"}, 1e-3, (59, 74), factor=1000),
    Case("skanit_apoe", "../plates/thermo_skanit/skanit_data.xlsx",
         FOUR | {"unit": "microg/ml", "blank": "subtract"}, 1e-3, (59, 59)),
    # Signals are printed to three decimals: the lowest wells cannot agree better.
    Case("gen5_bca", f"{GEN5}010307_114129_BNCH654563_stdcurve_singleplate01.txt", LINE, 5e-3,
         (87, 96)),
    Case("gen5_bca_3plates", f"{GEN5}endpoint_stdcurve_multiplate.txt", LINE, 5e-3, (257, 288)),
    Case("gen5_lowry", f"{GEN5}Lowry_Protein_Assay_no_results_matrix.txt", LINE, 5e-3, (93, 93)),
    # Two wells print 105, the limit that stands for >105.00.
    Case("kc4_cathepsin_d", "../plates/biotek_kc4/biotek_02.xls", LINE, 5e-3, (82, 84)),
    Case("magellan_4pl", "../plates/tecan_magellan/example_full.xls",
         {"curve": {"model": "4pl", "weighting": "none", "on": "wells"}}, 1e-3, (4, 4)),
    # The vendor's own weighting: the lowest standards differ.
    Case("bioplex_13plex", "bioplex_13plex/pnLINCO20070302A.xlsx", BEADS, 5e-2, (45, 46), "final",
         analyte="IL-6 (12)"),
    # What disagrees are wells read near the plateaus, which the vendor fits a little otherwise.
    *(Case("msd_3plates", "../plates/msd_workbench/3plateMSD.csv", BEADS | {"analyte": analyte},
           1e-2, agree, "final", analyte=analyte)
      for analyte, agree in (("SARS-COV2 S-2P", (601, 602)), ("SARS-COV2 RBD", (935, 945)),
                             ("SARS-COV2 N-protein", (1016, 1018)))),
)  # fmt: skip


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case.data}-{Path(case.file).stem}{case.analyte}"
)
def test_concentrations_agree_with_the_vendors(corpus: Path, case: Case) -> None:
    place = corpus / "elisa"
    choice = Elisa.model_validate({"unit": "pg/mL"} | case.choice)
    path = place / case.file
    run = process_elisa([(path.name, plates.read(path))], None, choice)
    with (place / case.data / "wells.csv").open(encoding="utf-8", newline="") as handle:
        rows = [
            row
            for row in csv.DictReader(handle)
            if not case.plates or row["plate"].split("/")[0] in case.plates
            if not case.analyte or row["analyte"] == case.analyte
        ]
    names = list(dict.fromkeys(row["plate"] for row in rows))
    assert len(names) == len(run.plates)
    agreed = total = 0
    for name, plate in zip(names, run.plates, strict=True):
        wells = {str(well.well): well for well in plate.wells}
        for row in rows:
            if row["plate"] != name or not row[case.column]:
                continue
            own = [wells[well] for well in row["well"].split(",") if well in wells]
            assert own, f"well {row['well']} of plate {name} is lost"
            dilution = own[0].dilution_factor if case.column == "final" else 1.0
            # A pair of wells has its mean in the first of them.
            found = own[0].concentration * dilution
            total += 1
            agreed += math.isclose(
                found, case.factor * float(row[case.column]), rel_tol=case.tolerance, abs_tol=1e-12
            )
    assert (agreed, total) == case.agree
