"""What a reader should know about the inhibitions of a run before using them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from assays.inhibition.dose.remarks import dose_findings
from assays.inhibition.magnitude import brief
from assays.inhibition.pairing import plate_key, plate_words
from assays.inhibition.positive import RESPONDS, SILENT, turned
from assays.inhibition.spread import TECHNICAL, pool_spread
from assays.inhibition.window import NO_ACTIVATION, NOT_TESTABLE, readings_of
from assays.protocol import Flow
from assays.results.activation import PositiveControl
from assays.results.flow import Reading
from assays.results.inhibition import DonorComparison, DoseResponse, Inhibition
from plates.findings import Finding, Severity

FEW_DF = 4
"""Fewer degrees of freedom make Student's t larger than 2.8: intervals say little."""
SIGNIFICANT = 0.05
"""What readers look for; a test that cannot reach it is told."""
SURPRISE = 0.01
"""Chance that replicates as close as declared lie this far apart."""


def inhibition_findings(
    inhibitions: Sequence[Inhibition],
    dose_responses: Sequence[DoseResponse],
    positives: Sequence[PositiveControl] = (),
) -> tuple[Finding, ...]:
    """Remarks on windows, intervals and IC50s; those on controls come from the sample sheet.

    Parameters
    ----------
    inhibitions : sequence of Inhibition
    dose_responses : sequence of DoseResponse
    positives : sequence of PositiveControl
        What the donors' positive controls showed.

    Returns
    -------
    tuple of Finding
        One per donor and readout where that is enough, not one per dose.
    """
    return (
        *_no_window(inhibitions, positives),
        *_beyond_controls(inhibitions),
        *_weak_intervals(inhibitions),
        *dose_findings(dose_responses),
    )


def _no_window(
    rows: Sequence[Inhibition], positives: Sequence[PositiveControl]
) -> Iterable[Finding]:
    seen = _first_of_each(
        (row for row in rows if row.status == NO_ACTIVATION),
    )
    for row in seen:
        low, high = row.window_interval
        told = (
            "" if math.isnan(low) else f" ({row.level:.0%} interval {brief(low)} to {brief(high)})"
        )
        against = "goes against its declared direction of activation, from"
        if not (low > 0 or high < 0):
            against = "cannot be told from"
        carried = f" ({row.control_vehicle})" if row.control_vehicle else ""
        carried += f" on {plate_words(row.plate)}" if row.plate else ""
        carried += f" at {row.time_min:g} min" if row.time_min is not None else ""
        yield Finding(
            "no-activation",
            Severity.LOOK,
            f"donor {row.donor}",
            f"{row.readout} of donor {row.donor} with {row.stimulus}{carried} {against} "
            f"unstimulated: {brief(row.stimulated)} against {brief(row.unstimulated)}, difference "
            f"{brief(row.window)}{told}. Inhibition is undefined here. "
            f"{_answered(row, positives)}",
            row.window,
            0.0,
            row.unit,
        )


def _answered(row: Inhibition, positives: Sequence[PositiveControl]) -> str:
    """What the donor's positive control showed, of the row's own plate and time if there is one."""
    own = [one for one in positives if (one.donor, one.readout) == (row.donor, row.readout)]
    here = [one for one in own if plate_key(one.plate) == plate_key(row.plate)] or own
    here = [one for one in here if one.time_min == row.time_min] or here
    for status, words in _SHOWED.items():
        for one in here:
            if one.status == status:
                numbers = f"{brief(one.value)} against {brief(one.unstimulated)}"
                elsewhere = ""
                if one.plate and plate_key(one.plate) != plate_key(row.plate):
                    elsewhere = f" on {plate_words(one.plate)}"
                if one.time_min is not None and one.time_min != row.time_min:
                    elsewhere += f" at {one.time_min:g} min"
                said = AGAINST if turned(one) else words
                return f"The positive control {one.stimulus}{elsewhere} {said} ({numbers})."
    if here:
        return f"Its positive control {here[0].stimulus} has no number to tell why."
    return "A positive control would tell whether these cells can respond; this donor has none."


_SHOWED = {
    RESPONDS: "does move it, so these cells can respond",
    SILENT: "does not move it either, so nothing tells whether they can respond",
    NOT_TESTABLE: "cannot be tested without the scatter of tubes",
}
"""What a positive control's status says of a missing response; the most telling first."""
AGAINST = "goes the other way, so nothing tells whether they can respond"
"""Of one that moves the readout against its direction of activation."""


def _beyond_controls(rows: Sequence[Inhibition]) -> Iterable[Finding]:
    """Values whose whole interval lies below 0 or above 100: shown as they are, and told."""
    for above in (True, False):
        groups: dict[tuple[str, str], list[Inhibition]] = {}
        for row in rows:
            low, high = row.interval
            if low > 100.0 if above else high < 0.0:
                groups.setdefault((row.readout, row.inhibitor), []).append(row)
        for (readout, inhibitor), group in groups.items():
            worst = (max if above else min)(group, key=lambda row: row.percent)
            # Where activation makes the readout fall, the controls have changed sides.
            falls = worst.window < 0
            moved, past = ("raises", "above") if above == falls else ("lowers", "below")
            control = "unstimulated" if above else "stimulated"
            why = f"the treatment {moved} the readout {past} {control}"
            if above and any(math.isfinite(row.percent_own_floor) for row in group):
                why += "; compare the own-floor column"
            yield Finding(
                "inhibition-beyond-controls",
                Severity.NOTE,
                f"donor {', '.join(dict.fromkeys(row.donor for row in group))}",
                f"{inhibitor} on {readout}: {worst.percent:.1f} % in donor {worst.donor} at "
                f"{worst.dose}: {why}.",
                worst.percent,
                100.0 if above else 0.0,
                "%",
            )


def _weak_intervals(rows: Sequence[Inhibition]) -> Iterable[Finding]:
    for readout in dict.fromkeys(row.readout for row in rows):
        own = [row for row in rows if row.readout == readout]
        one = own[0]
        if one.interval_kind == TECHNICAL and not any(map(_read, own)):
            # No tube gave a number: other findings say why, and no replicate would mend it.
            continue
        if one.interval_kind == TECHNICAL and any(map(_replicated, own)):
            yield Finding(
                "technical-interval",
                Severity.LOOK,
                "",
                f"The sheet has replicate tubes, but no condition has two with a reading of "
                f"{readout}: the window is not testable, and intervals hold the scatter of events "
                "only, narrower than a repeat of the experiment would show. Look first why tubes "
                "have no reading.",
            )
        elif one.interval_kind == TECHNICAL:
            yield Finding(
                "technical-interval",
                Severity.LOOK,
                "",
                f"No condition has replicate tubes for {readout}, and no tube_cv_percent is "
                "declared: the window is not testable, and intervals hold the scatter of events "
                "only, narrower than a repeat of the experiment would show. Run the controls in "
                "duplicate, or declare the CV that replicate tubes have in your hands.",
            )
        elif one.df < FEW_DF:
            yield Finding(
                "few-replicates",
                Severity.NOTE,
                "",
                f"The spread of replicate tubes for {readout} rests on {one.df:.0f} degrees of "
                "freedom, so intervals are wide. Run controls in duplicate for every donor.",
                one.df,
                FEW_DF,
            )


def _read(row: Inhibition) -> bool:
    """Whether any tube behind the row has a number."""
    return any((row.n_treated, row.n_stimulated, row.n_unstimulated))


def _replicated(row: Inhibition) -> bool:
    """Whether the sheet gives one of the row's conditions two tubes, read or not."""
    groups = (row.treated_files, row.stimulated_files, row.unstimulated_files, row.alone_files)
    return any(len(files) > 1 for files in groups)


def spread_findings(readings: Sequence[Reading], protocol: Flow) -> tuple[Finding, ...]:
    """Whether the run's replicate tubes bear the scatter out that was declared for them."""
    from scipy.special import chdtri

    declared = protocol.inhibition.tube_cv_percent
    if declared is None:
        return ()
    found = []
    for readout in protocol.readouts:
        pooled = pool_spread(readings_of(readings, readout), protocol.molar_mass_g_per_mol)
        if not pooled.known:
            continue
        # A pooled variance over the true one is chi-squared over its degrees of freedom.
        limit = declared * math.sqrt(float(chdtri(pooled.df, SURPRISE)) / pooled.df)
        if 100.0 * pooled.sd > limit:
            found.append(
                Finding(
                    "tube-cv-exceeded",
                    Severity.LOOK,
                    "",
                    f"Replicate tubes of this run lie {100 * pooled.sd:.1f} % apart in "
                    f"{readout.name}, more than the declared {declared:g} % lets expect "
                    f"(up to {limit:.1f} %): intervals are too narrow. Leave tube_cv_percent out, "
                    "or look for the tube that differs.",
                    100.0 * pooled.sd,
                    limit,
                    "%",
                )
            )
    return tuple(found)


def donor_findings(comparisons: Sequence[DonorComparison]) -> tuple[Finding, ...]:
    """Readouts with too few donors for the signed ranks to reach 0.05, one remark each."""
    found = []
    for readout in dict.fromkeys(row.readout for row in comparisons):
        tested = [row for row in comparisons if row.readout == readout and row.family]
        out_of_reach = [row for row in tested if row.smallest_holm > SIGNIFICANT]
        if not out_of_reach:
            continue
        worst = max(out_of_reach, key=lambda row: row.smallest_holm)
        family = f" and {worst.family} compared together" if worst.family > 1 else ""
        found.append(
            Finding(
                "too-few-donors",
                Severity.NOTE,
                readout,
                f"{worst.condition} against {worst.against}: with {worst.n} donors{family} no "
                f"Wilcoxon p for {readout} can be below {worst.smallest_holm:.3g}, whatever the "
                "effect. Read the estimates, not p.",
                worst.smallest_holm,
                SIGNIFICANT,
            )
        )
    return tuple(found)


def _first_of_each(rows: Iterable[Inhibition]) -> list[Inhibition]:
    """One row per donor, readout, stimulus, plate, time and controls."""
    found: dict[tuple[object, ...], Inhibition] = {}
    for row in rows:
        key = (row.donor, row.readout, row.stimulus, row.control_vehicle, row.plate, row.time_min)
        found.setdefault(key, row)
    return list(found.values())
