"""Every tube's readings as the page shows them: a signal, an expression, or a share of cells."""

from __future__ import annotations

import math
from collections.abc import Sequence

from assays.reports.cells import Cell, Head, PageTable, figure, table, words
from assays.reports.words import count, fixed, percent, percentile, significant, whole
from assays.results.flow import FlowRun, Reading

OK = "ok"
_UNKNOWN = (
    "a.u.: arbitrary units. MFI: median intensity. \u2014: not known; the column remark of the "
    "sheet readings_distribution says why."
)


def readings(run: FlowRun, readout: str) -> PageTable:
    """One readout in every tube."""
    found = [each for each in run.readings if each.readout == readout]
    if found and found[0].kind == "fraction":
        return _shares(run, readout, found)
    unit = found[0].unit if found else "a.u."
    calibrated = next((each.calibrated_unit for each in found if each.calibrated_unit), "")
    heads = (
        Head("Tube"),
        Head("Donor"),
        Head("Condition"),
        Head("Events", number=True),
        Head(f"Median, {unit}", number=True),
        *([Head(calibrated, number=True)] if calibrated else []),
        Head("Δarcsinh", number=True),
        Head(_positive_head(found), number=True),
        Head(f"Geometric mean, {unit}", number=True),
        Head(f"Δmedian, {unit}", number=True),
        Head("Fold", number=True),
        Head("Integrated MFI", number=True),
        Head("KS D", number=True),
        Head("AUROC", number=True),
        Head("Overton, %", number=True),
        Head("Status"),
    )
    rows = [
        (
            words(each.file),
            words(each.donor),
            words(each.tube.condition),
            figure(whole(each.count)),
            figure(significant(each.median)),
            *([_molecules(each)] if calibrated else []),
            figure(_delta(each)),
            _positive(each),
            _geometric(each),
            figure(significant(each.delta_median)),
            figure(fixed(each.fold, 2)),
            figure(significant(each.integrated_mfi)),
            figure(fixed(each.ks_d, 2)),
            figure(fixed(each.auroc, 2)),
            figure(percent(each.overton_percent)),
            words(each.status, "" if each.status == OK else "muted"),
        )
        for each in found
    ]
    key = _key(run, readout)
    note = _how_read(run, found)
    return table(key, f"{readout} in every tube", heads, rows, note=note, folded=True)


def _delta(each: Reading) -> str:
    return fixed(each.delta_asinh, 2)


def _positive_head(found: Sequence[Reading]) -> str:
    """Which side counts, where it is not the usual one."""
    below = any(each.positive_side == "below" for each in found)
    return "Positive (below threshold), %" if below else "Positive, %"


def _positive(each: Reading) -> Cell:
    """Percent of the events beyond the threshold, and the threshold."""
    sign = "<" if each.positive_side == "below" else ">"
    below = "" if math.isnan(each.threshold) else f"{sign} {significant(each.threshold)}"
    return Cell(figure(percent(each.percent_positive)).text, number=True, below=below)


def _geometric(each: Reading) -> Cell:
    """The geometric mean, or the word with what stands in for it."""
    if math.isnan(each.geometric_mean) and not math.isnan(each.arcsinh_mean):
        return Cell(
            "undefined", look="muted right", below=f"arcsinh mean {significant(each.arcsinh_mean)}"
        )
    return figure(significant(each.geometric_mean))


def _molecules(each: Reading) -> Cell:
    """The median in molecules; said to be extrapolated where it lies beyond the beads."""
    beyond = each.calibrated_status not in ("", OK)
    return Cell(
        significant(each.calibrated),
        number=True,
        below=each.calibrated_status if beyond and math.isfinite(each.median) else "",
    )


def _shares(run: FlowRun, readout: str, found: Sequence[Reading]) -> PageTable:
    """A share of cells in every tube."""
    heads = (
        Head("Tube"),
        Head("Donor"),
        Head("Condition"),
        Head(f"{found[0].population}, events", number=True),
        Head(f"{readout}, %", number=True),
        Head("Less unstimulated, percent points", number=True),
        Head("Status"),
    )
    rows = [
        (
            words(each.file),
            words(each.donor),
            words(each.tube.condition),
            figure(whole(each.count)),
            figure(percent(each.median)),
            figure(fixed(each.delta_median, 1)),
            words(each.status, "" if each.status == OK else "muted"),
        )
        for each in found
    ]
    note = (
        f"{count(len(found), 'tube')}; percent of {found[0].population}. The populations that are "
        "added up stand below, tube by tube."
    )
    title = f"{readout} in every tube"
    return table(_key(run, readout), title, heads, rows, note=note, folded=True)


def _key(run: FlowRun, readout: str) -> str:
    """An anchor, whatever the readout's name."""
    order = list(dict.fromkeys(each.readout for each in run.readings))
    return f"readings-{order.index(readout) + 1}"


def _how_read(run: FlowRun, found: Sequence[Reading]) -> str:
    if not found:
        return ""
    first = found[0]
    told = [
        f"{count(len(found), 'tube')}; {first.channel} of {first.population}, compensated and "
        f"untransformed. Δarcsinh is arcsinh(median / cofactor) less the mean of that over the "
        f"{'isotype' if first.kind == 'expression' else 'unstimulated'} tubes of the same donor, "
        f"plate, time and vehicle; its cofactor is {significant(first.cofactor)}"
    ]
    if first.total:
        told[0] += "."
        told.append(
            f"Divided by {first.total} of the same cells; the cofactor is that of the signal over "
            "the unstimulated tubes' usual total."
        )
    fallen = any(each.positive_side == "below" for each in found)
    side, rank = percentile(run.percent_positive_quantile, below=fallen)
    roles = {each.threshold_from for each in found if each.threshold_from}
    if roles:
        named = {"fmo": "FMO", "isotype": "isotype", "unstimulated": "unstimulated"}
        whose = " and ".join(named[role] for role in sorted(roles))
        told[0] = told[0].rstrip(".") + (
            f"; positive is {side} the {rank} percentile of the donor's {whose} events, "
            "which stands below each percentage."
        )
        told.append(
            "Activation makes this readout fall; there is no integrated MFI, as positive events "
            "get dimmer."
            if fallen
            else "Integrated MFI is percent positive times the median of the positive events."
        )
    elif not first.total:
        told[0] += "."
    if first.kind == "expression":
        told.append("Differences, fold, KS D, AUROC and Overton hold against the isotype tubes.")
        return " ".join([*told, _UNKNOWN])
    told.append(
        "The geometric mean is undefined where events are not above zero, and a fold where the "
        "unstimulated median is not. Three numbers hold the events against those of the "
        "unstimulated tubes, of which an unstimulated tube is one: KS D (Kolmogorov–Smirnov), the "
        "largest distance of the two cumulative curves, 0 to 1; AUROC (Mann–Whitney), the chance "
        "that a cell is brighter than an unstimulated one, 0.5 for no shift; Overton, percent of "
        "cells beyond the unstimulated ones, his maximum difference."
    )
    if first.falls:
        told.append("Here it counts the cells below them; an AUROC under 0.5 is dimmer.")
    if any("ratio of two medians" in each.remark for each in found):
        told.append("A ratio of two medians has no distribution, so these are not known for it.")
    return " ".join([*told, _UNKNOWN])
