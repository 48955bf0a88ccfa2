"""The study's question: does a cytokine that the cells secrete go with their activation?

Per donor one concentration (of culture without stimulus and inhibitor) is held against two things
of every readout: the constitutive level, the mean over the unstimulated tubes, and the induced
one, stimulated less unstimulated, as compared over donors. Signs are reported as they come.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assays.cohort.censored_pearson import censored_pearson
from assays.cohort.spearman import spearman
from assays.results.correlation import Correlated
from assays.results.flow import FlowRun, Reading
from assays.samples import TubeRole

POINTS = "percent points"
MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class Secreted:
    """What the cells of one donor released."""

    donor: str
    value: float
    """Concentration or amount per cells; the limit where `qualifier` says so."""
    qualifier: str = ""
    """``<`` or ``>``; empty for a number."""


@dataclass(frozen=True, slots=True)
class Activation:
    """One readout of every donor, on one scale."""

    readout: str
    question: str
    stimulus: str
    scale: str
    values: Mapping[str, float]
    """By donor."""


def correlations(
    secreted: Sequence[Secreted], flow: FlowRun, *, analyte: str, unit: str, note: str = ""
) -> tuple[Correlated, ...]:
    """Secretion against constitutive and induced activation, readout by readout.

    Parameters
    ----------
    secreted : sequence of Secreted
        Several of one donor are made one: the geometric mean of numbers; with a limit among
        them, a limit.
    flow : FlowRun
    analyte, unit : str
        Of `secreted`.
    note : str
        What had to be assumed about the concentrations.

    Returns
    -------
    tuple of Correlated
        Constitutive first, then induced. Empty where no donor has both.
    """
    by_donor = one_per_donor(secreted)
    found = []
    for each in (*constitutive(flow.readings), *induced(flow)):
        row = _correlated(by_donor, each, flow.level, analyte, unit, note)
        if row.donors:
            found.append(row)
    return tuple(found)


def one_per_donor(secreted: Iterable[Secreted]) -> dict[str, Secreted]:
    """By folded name; a geometric mean lies below its largest part, so limits stay limits."""
    groups: dict[str, list[Secreted]] = {}
    for each in secreted:
        if math.isfinite(each.value) and each.value > 0:
            groups.setdefault(donor_key(each.donor), []).append(each)
    found = {}
    for key, own in groups.items():
        marks = {each.qualifier for each in own}
        if marks <= {""}:
            value = math.exp(math.fsum(math.log(each.value) for each in own) / len(own))
            found[key] = Secreted(own[0].donor, value)
        elif ">" not in marks:
            found[key] = Secreted(own[0].donor, max(each.value for each in own), "<")
        elif "<" not in marks:
            found[key] = Secreted(own[0].donor, min(each.value for each in own), ">")
    return found


def constitutive(readings: Iterable[Reading]) -> list[Activation]:
    """Mean over each donor's unstimulated tubes, by readout."""
    values: dict[tuple[str, str], dict[str, list[float]]] = {}
    for each in readings:
        if each.tube.role != TubeRole.UNSTIMULATED or not math.isfinite(each.median):
            continue
        fraction = each.kind == "fraction"
        level = each.median if fraction else math.asinh(each.median / each.cofactor)
        place = (each.readout, POINTS if fraction else "arcsinh")
        values.setdefault(place, {}).setdefault(each.donor, []).append(level)
    return [
        Activation(
            readout, "constitutive", "", scale,
            {donor: math.fsum(own) / len(own) for donor, own in donors.items()},
        )
        for (readout, scale), donors in values.items()
    ]  # fmt: skip


def induced(flow: FlowRun) -> list[Activation]:
    """Stimulated less unstimulated, for the dose of each stimulus that p was adjusted for."""
    found: dict[tuple[str, str], Activation] = {}
    for row in flow.donors:
        if row.kind != "activation":
            continue
        own = Activation(
            row.readout, "induced", row.condition, row.scale,
            dict(zip(row.donors, row.differences, strict=True)),
        )  # fmt: skip
        key = (row.readout, row.member.casefold())
        if row.family or len(own.values) > len(found.get(key, own).values) or key not in found:
            found[key] = own
    return list(found.values())


def _correlated(
    secreted: Mapping[str, Secreted],
    activation: Activation,
    level: float,
    analyte: str,
    unit: str,
    note: str,
) -> Correlated:
    """Join by donor, then both coefficients."""
    names = {donor_key(donor): donor for donor in activation.values}
    both = [key for key in names if key in secreted]
    x = [secreted[key].value for key in both]
    marks = [secreted[key].qualifier for key in both]
    y = [activation.values[names[key]] for key in both]
    lacking = [donor for key, donor in names.items() if key not in secreted]
    alone = [each.donor for key, each in secreted.items() if key not in names]
    told = [note] if note else []
    told += [f"no {analyte} of {some(lacking)}"] if lacking else []
    told += [f"no {activation.question} {activation.readout} of {some(alone)}"] if alone else []
    return Correlated(
        analyte=analyte,
        unit=unit,
        readout=activation.readout,
        question=activation.question,
        stimulus=activation.stimulus,
        scale=activation.scale,
        donors=tuple(names[key] for key in both),
        concentrations=tuple(x),
        qualifiers=tuple(marks),
        activation=tuple(y),
        spearman=spearman(x, y, qualifiers=marks, level=level),
        pearson=censored_pearson(x, y, qualifiers=marks, level=level),
        note="; ".join(told),
    )


def donor_key(donor: str) -> str:
    """``P 1`` and ``p  1`` are the same."""
    return " ".join(donor.split()).casefold()


def some(donors: Sequence[str]) -> str:
    """``P1, P2 and 3 more``."""
    more = f" and {len(donors) - MOST_NAMED} more" if len(donors) > MOST_NAMED else ""
    return ", ".join(donors[:MOST_NAMED]) + more
