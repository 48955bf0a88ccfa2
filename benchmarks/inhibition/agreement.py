"""Agreement with every corpus of inhibition and phospho-flow, counted.

    ASSAYS_CORPUS=… python -m benchmarks.inhibition.agreement [WORD]

Prints, for every set and kind of number, how many agree of how many were compared, and then each
that does not, with its cause. With WORD only sets whose name has it. About three minutes.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.inhibition import (
    classic_curves,
    cohorts,
    courses,
    drug_screens,
    phospho_files,
    published_doses,
)
from benchmarks.inhibition.check import Check

UNEXPLAINED = "not explained"
SETS: dict[str, Callable[[Path], Iterator[Check]]] = {
    "phospho/bcr_xl": phospho_files.bcr_xl,
    "phospho/il2r_isotype_fcs": phospho_files.isotypes,
    "phospho/il6_ruxolitinib, blockade": published_doses.ruxolitinib,
    "phospho/il6_ruxolitinib, EC50": published_doses.il6_under_inhibitors,
    "phospho/il4_pstat6": published_doses.pstat6,
    "phospho/il2_pstat5": courses.pstat5,
    "phospho/il2_pstat5, doses": courses.pstat5_doses,
    "phospho/bcell_il6_timecourse": courses.b_cells,
    "phospho/pbmc_il6_cohort": cohorts.donors,
    "phospho/cll_il6_jak": cohorts.effects,
    "phospho/cll_il6_jak, combination": cohorts.pairs,
    "inhibition/cll_cytokine_jak_nfkb": cohorts.block,
    "inhibition/curve_fits": classic_curves.classic,
    "inhibition/pace_cll_viability": drug_screens.pace,
    "inhibition/pace_cll_viability, percent": drug_screens.pace_percent,
    "inhibition/cll_raw384_plates": drug_screens.raw384,
    "inhibition/cll_raw384_plates, percent": drug_screens.raw384_percent,
    "inhibition/gdsc_raw_wells": drug_screens.gdsc,
    "inhibition/gdsc_raw_wells, percent": drug_screens.gdsc_percent,
}


def counted(checks: list[Check]) -> Iterator[tuple[str, int, int]]:
    """Kind of number, how many agree, and of how many."""
    agree, compared = Counter(c.what for c in checks if c.agrees), Counter(c.what for c in checks)
    for what, number in compared.items():
        yield what, agree[what], number


def main(word: str, corpus: Path) -> None:
    """Compare and print."""
    good = every = 0
    exceptions: list[tuple[str, Check]] = []
    for name, compare in SETS.items():
        if word not in name:
            continue
        checks = list(compare(corpus))
        print(name)
        for what, agree, number in counted(checks):
            print(f"    {what:42} {agree:6,} of {number:6,}")
            good, every = good + agree, every + number
        exceptions += [(name, check) for check in checks if not check.agrees]
    print(f"\n{good:,} of {every:,} agree")
    for cause in dict.fromkeys(check.cause for _, check in exceptions):
        print(f"\n{cause or UNEXPLAINED}:")
        for name, check in exceptions:
            if check.cause == cause:
                print(f"    {name}: {check.what}, {check.case}: {check.words}")


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        main((sys.argv[1:2] or [""])[0], Path(os.environ["ASSAYS_CORPUS"]))
