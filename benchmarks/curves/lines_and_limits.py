"""Straight lines, inverses with their intervals, and limits of detection, beside NIST and R."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from assays import curves
from benchmarks.curves.answers import Answer, Check, Rows, near, points


def linear(answer: Answer, rows: Rows) -> Iterator[Check]:
    if "certified" in answer:
        line = curves.fit(*points(rows), model="linear", weighting="none")
        told = answer["certified"]
        yield "intercept", near(line.params["intercept"], told["intercept"], 1e-9)
        yield "slope", near(line.params["slope"], told["slope"], 1e-9)
        return
    for key in ("linear", "quadratic"):
        if isinstance(answer.get(key), dict):
            curve = curves.fit(*points(rows), model=key, weighting="none")
            for ours, theirs in zip(curve.params.values(), answer[key]["coef"], strict=True):
                yield f"{key} coefficient", near(ours, theirs, 1e-6)
            for ours, theirs in zip(curve.standard_errors.values(), answer[key]["se"], strict=True):
                yield f"{key} se", near(ours, theirs, 1e-6)
    line = curves.fit(*points(rows), model="linear", weighting="none")
    if "coef" in answer:
        for ours, theirs in zip(line.params.values(), answer["coef"], strict=True):
            yield "coefficient", near(ours, theirs, 1e-6)
        for key, interval in (("inversion_fieller", "inversion"), ("wald", "wald")):
            told = answer["calibrate_y0_3"][key]
            back = line.inverse(3.0, interval=interval)
            yield f"{key} lower", near(back.lower, told["lower"], 1e-6)
            yield f"{key} upper", near(back.upper, told["upper"], 1e-6)
    for one in answer.get("inverse", []):
        back = line.inverse(one["y0"], wells=one["m"], interval="wald")
        yield "x", near(back.value, one["x"], 1e-6)
        yield "se", near(back.standard_error, one["se"], 1e-6)
        for ours, theirs in zip((back.lower, back.upper), one["ci95"], strict=True):
            yield "wald end", near(ours, theirs, 1e-6)
    for one in answer.get("calibrate", []):
        for key, interval in (("inversion_fieller", "inversion"), ("wald", "wald")):
            back = line.inverse(one["y0"], interval=interval)
            for ours, theirs in zip((back.lower, back.upper), one[key], strict=True):
                yield f"{key} end", near(ours, theirs, 1e-6)
    if answer.get("critical_alpha01"):
        _, edge = line.prediction_band(0.0, level=0.98)
        found = line.read_back(float(edge))
        yield "critical value", near(found, answer["critical_alpha01"], 1e-6)


def inverse(answer: Answer, rows: Rows) -> Iterator[Check]:
    curve = curves.fit(*points(rows), model="3pl", weighting="none")
    first, shift, slope = answer["coef"]
    wanted = {"A": first, "B": slope, "C": math.exp(-shift / slope)}
    for name, value in wanted.items():
        yield name, near(curve.params[name], value, 1e-4)
    for one in answer["inverse"]:
        if one["interval"] not in curves.INTERVALS:
            continue
        replicates = one["y0"] if isinstance(one["y0"], list) else [one["y0"]]
        # investr counts the unknown's own replicates as degrees of freedom, and keeps the SD.
        own = replace(curve, df=curve.df + len(replicates) - 1)
        back = own.inverse(np.mean(replicates), wells=len(replicates), interval=one["interval"])
        yield "x", near(back.value, one["x"], 1e-4)
        for ours, theirs in ((back.lower, one["lower"]), (back.upper, one["upper"])):
            yield f"{one['interval']} end, {len(replicates)} wells", near(ours, theirs, 1e-4)


def limits(answer: Answer, rows: Rows) -> Iterator[Check]:
    kinds = {"lin": "linear", "quad": "quadratic", "fpl": "4pl"}
    rel = answer["tolerance"]
    for key, told in answer["results"].items():
        model = kinds[key.removeprefix("log.").removesuffix(".pom")]
        weighting = "power" if key.endswith("pom") else "none"
        curve = curves.fit(*points(rows), model=model, weighting=weighting)
        for wells in (1, 2, 3):
            found = curves.minimum_detectable(curve, wells)
            yield f"{key} mdc {wells}", near(found, told[f"mdc_m{wells}"], rel["limits_rel"])
            found = curves.reliable_detection(curve, wells)
            yield f"{key} rdl {wells}", near(found, told[f"rdl_m{wells}"], rel["limits_rel"])
        for one in told["calib"]:
            if one["x"] is None:
                continue
            back = curve.inverse(one["y"], level=0.90, interval="wald")
            yield f"{key} x {one['y']}", near(back.value, one["x"], rel["x_rel"])
            yield f"{key} se {one['y']}", near(back.standard_error, one["se"], rel["se_rel"])
            for ours, theirs in zip((back.lower, back.upper), one["wald_ci95"], strict=True):
                good = near(ours, theirs, rel["ci_rel"], rel["ci_rel"] * one["se"])
                yield f"{key} wald {one['y']}", good
