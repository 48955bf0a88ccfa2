"""Readings from the FCS files of `corpus/phospho`: B cells under a cross-linker by mass cytometry
(`bcr_xl`), and IL-2 receptors beside their isotype (`il2r_isotype_fcs`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from assays.flow.events import Events
from assays.flow.fcs import read
from assays.flow.run import process_flow
from assays.protocol import Flow, Gate
from assays.results.flow import FlowRun
from assays.samples import Agent, Tube, TubeRole
from benchmarks.inhibition.check import Check, near, rows

MARKERS = ("pNFkB", "pp38", "pStat5", "pAkt", "pStat1", "pStat3", "pBtk", "pPlcg2", "pErk", "pS6")
DIGITS = 2e-6
"""The expected numbers are printed with six decimals."""
BCR_XL = Flow.model_validate(
    {
        "compensation": "none",
        # asinh(CD20 / 5) > 1.5 and asinh(CD3 / 5) < 2, said on the scale that was gated.
        "scales": {"default": {"method": "arcsinh", "cofactor": 5.0}},
        "gates": (
            {
                "population": "B cells",
                "method": "quadrant",
                "channels": ("CD20", "CD3"),
                "params": {"x": 1.5, "y": 2.0, "quadrant": "+-"},
                "on": "scale",
            },
        ),
        "readouts": tuple(
            {"name": marker, "channel": marker, "population": "B cells", "cofactor": 5.0}
            for marker in MARKERS
        ),
    }
    # Some patients have fewer B cells than a run may give a number for.
).model_copy(update={"min_events": 1})
POPULATIONS = ("T_helper_memory", "T_reg_naive")
WELLS = (("A01", "", TubeRole.UNSTIMULATED), ("C01", "_isotype-control", TubeRole.ISOTYPE))


def cross_linked(corpus: Path) -> FlowRun:
    """Five patients, unstimulated and under the BCR/FcR cross-linker, as a run reads them."""
    folder = corpus / "phospho" / "bcr_xl"
    tubes = [
        Tube(row["file_name"], row["patient"], TubeRole.UNSTIMULATED)
        if row["condition"] == "Ref"
        else Tube(
            row["file_name"], row["patient"], TubeRole.STIMULATED, Agent("BCR/FcR cross-linker")
        )
        for row in rows(folder / "sample_table.csv")
    ]
    return process_flow(tubes, lambda tube: read(folder / tube.file), BCR_XL)


def bcr_xl(corpus: Path) -> Iterator[Check]:
    """Every measure of every patient and marker."""
    run = cross_linked(corpus)
    found = {(r.donor, r.readout, r.tube.role): r for r in run.readings}
    totals = {
        row.file: round(100 * row.count / row.percent_of_total)
        for row in run.populations
        if row.count
    }
    for line in rows(corpus / "phospho" / "bcr_xl" / "expected_measures.csv"):
        name = line["patient"], line["marker"]
        calm, driven = (found[*name, role] for role in (TubeRole.UNSTIMULATED, TubeRole.STIMULATED))
        for key, ours in {
            "n_total_ref": totals[calm.file],
            "n_total_stim": totals[driven.file],
            "n_b_ref": calm.count,
            "n_b_stim": driven.count,
            "median_raw_ref": calm.median,
            "median_raw_stim": driven.median,
            # Of each event's arcsinh: with an even number the two middle ones are averaged after.
            "median_asinh_stim - ref": driven.delta_asinh,
            "delta_asinh": driven.delta_asinh,
            "pct_pos_ref": calm.percent_positive,
            "pct_pos_stim": driven.percent_positive,
            "ks_d": driven.ks_d,
            "overton_pct": driven.overton_percent,
            "auroc": driven.auroc,
        }.items():
            if key == "median_asinh_stim - ref":
                told = float(line["median_asinh_stim"]) - float(line["median_asinh_ref"])
            else:
                told = float(line[key])
            yield near(key, " ".join(name), ours, told, rel=0.0, apart=DIGITS)


def receptors(corpus: Path) -> tuple[FlowRun, dict[str, Events]]:
    """Two populations, gated by others, stained and under the isotype, in every channel."""
    folder = corpus / "phospho" / "il2r_isotype_fcs"
    tubes = [
        Tube(f"Well_{well}_{cells}{ending}.fcs", cells, role)
        for cells in POPULATIONS
        for well, ending, role in WELLS
    ]
    held = {tube.file: read(folder / tube.file) for tube in tubes}
    channels = [c.name for c in held[tubes[0].file].channels if c.name.endswith("-H")][2:]
    everything = Gate(
        population="cells", method="interval", channels=("FSC-A",), params={"low": -1e9}
    )
    readouts = tuple(
        {"name": name, "kind": "expression", "channel": name, "population": "cells",
         "cofactor": 150.0}
        for name in channels
    )  # fmt: skip
    protocol = Flow.model_validate(
        {"compensation": "none", "gates": (everything,), "readouts": readouts}
    )
    return process_flow(tubes, lambda tube: held[tube.file], protocol), held


def isotypes(corpus: Path) -> Iterator[Check]:
    """Readings beside the same worked out from the events in a few lines."""
    run, held = receptors(corpus)
    control = {tube.donor: tube.file for tube in run.tubes if tube.role is TubeRole.ISOTYPE}
    for row in run.readings:
        if row.tube.role is TubeRole.ISOTYPE:
            yield Check("isotype: 1 % positive", row.channel, row.percent_positive <= 1.5)
            continue
        mine = held[row.file].column(row.channel).astype(float)
        theirs = held[control[row.donor]].column(row.channel).astype(float)
        cut = float(np.quantile(theirs, 0.99))
        grid = np.concatenate([mine, theirs])
        below = np.searchsorted(np.sort(theirs), grid, "right") / len(theirs)
        own = np.searchsorted(np.sort(mine), grid, "right") / len(mine)
        middle = float(np.median(mine) - np.median(theirs))
        for what, ours, told in (
            ("threshold", row.threshold, cut),
            ("percent positive", row.percent_positive, 100 * float(np.mean(mine > cut))),
            ("Δmedian", row.delta_median, middle),
            ("Overton", row.overton_percent, 100 * max(0.0, float((below - own).max()))),
            ("KS D", row.ks_d, float(np.abs(below - own).max())),
        ):
            yield near(what, f"{row.donor} {row.channel}", ours, told, rel=1e-6, apart=1e-9)
