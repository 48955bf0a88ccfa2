"""What the readers' own programs printed: parameters and every well."""

from __future__ import annotations

import math
from collections.abc import Iterator

from assays import curves
from benchmarks.curves.answers import Answer, Check, Rows, near, points


def software_export(answer: Answer, rows: Rows) -> Iterator[Check]:
    if "refit_5pl_a" in answer:
        curve = curves.fit(*points(rows), model="5pl", weighting="none")
        for name, value in answer["printed"].items():
            # Printed to three digits.
            yield name, near(curve.params[name], value, 0.005)
        return
    if "gen5" in answer:
        own = [row for row in rows if row["well_id"].startswith("STD")]
        values = [
            [float(row[key]) for row in own] for key in ("conc_or_dilution", "od_blank_subtracted")
        ]
        line = curves.fit(*values, model="linear", weighting="none", on="means")
        by_well = {row["well"]: row["od_blank_subtracted"] for row in rows}
        for well, value in answer["concentration"].items():
            if value is not None and by_well[well]:
                read = float(line.read_back(float(by_well[well])))
                yield well, near(read, value, 0.003, answer["tolerance"]["conc_abs"])
        return
    loglog = "plate" in rows[0]
    conc, signal = ("conc_ng_ml", "od") if loglog else ("conc_pg_ml", "a450_minus_a620")
    own = [row for row in rows if row["role"] == "standard" and row.get("masked", "0") != "1"]
    values = [[float(row[key]) for row in own] for key in (conc, signal)]
    curve = curves.fit(*values, model="loglog" if loglog else "4pl", weighting="none", on="means")
    for name, value in answer["params"].items():
        yield name, near(curve.params[name], value, 1e-4)
    key = (lambda row: (row["plate"], row["well"])) if loglog else (lambda row: row["well"])
    signals = {key(row): float(row[signal]) for row in rows}
    printed = [(key(one), one["result"], one.get("flag", "")) for one in answer["wells"]]
    printed += [(key(one), one["backcalc"], one.get("flag", "")) for one in answer["standards"]]
    for well, value, flag in printed:
        read = float(curve.read_back(signals[well]))
        if flag == "Range?":
            yield f"{well} Range?", math.isnan(read)
        elif value is not None:
            yield f"{well}", near(read, value, 0.0, answer["tolerance"]["result_abs"])
