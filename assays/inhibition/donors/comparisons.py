"""What holds over donors: treated against stimulated, stimulated against unstimulated, in pairs.

The plan. Each donor gives one difference per condition, between its treated and its matched
control tubes; donors are the replicates here, tubes and events are not. The difference is one
of arcsinh(median / cofactor), or log2 of the ratio of medians where that is declared: effects
multiply, and percentages of a small window would let the weakest donor rule the result. Fractions
of cells are compared in percent points. Donors
without activation stay in, or the effect would be that of chosen donors; a note names them.

Per condition: paired t, exact signed-rank test, Hodges-Lehmann estimate. Holm's correction
counts inhibitors, not doses: each inhibitor enters with one dose, that which most donors have,
among these the highest. Which dose counts is thus fixed by the sample sheet, not by the
results; p of the other doses stands as it is, without an adjusted one. Activation is a
family of its own, by stimulus.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

import numpy as np

from assays.inhibition.arms import agent_key, agents_key, find_controls, replicates
from assays.inhibition.donors.left_out import in_other_units
from assays.inhibition.donors.signed_rank import (
    FEWEST,
    hodges_lehmann,
    holm,
    paired_t,
    signed_rank_p,
)
from assays.inhibition.donors.signed_rank import smallest_p as smallest_of
from assays.inhibition.donors.tubes import (
    Pair,
    level_of,
    model_of_tubes,
    scale_of,
    spread_over_donors,
)
from assays.inhibition.doses import on_footing
from assays.inhibition.window import NO_ACTIVATION, readings_of
from assays.protocol import Flow, Readout
from assays.results.flow import Reading
from assays.results.inhibition import DonorComparison, Inhibition
from assays.samples import Agent, Tube, TubeRole

OK = "ok"
TOO_FEW = "too few donors"
ACTIVATION, INHIBITION = "activation", "inhibition"


def donor_comparisons(
    readings: Sequence[Reading], inhibitions: Sequence[Inhibition], *, protocol: Flow
) -> tuple[DonorComparison, ...]:
    """Every condition that at least two donors share, compared within donors.

    Parameters
    ----------
    readings : sequence of Reading
        Of every tube and readout of the run.
    inhibitions : sequence of Inhibition
        Tell which donors have no activation.
    protocol : Flow
        `inhibition.across_donors`, level, readouts, molar masses.

    Returns
    -------
    tuple of DonorComparison
        In the order of the readouts; activation first, then inhibitors as in the sample sheet.
    """
    masses = protocol.molar_mass_g_per_mol
    found: list[DonorComparison] = []
    for readout in protocol.readouts:
        own = readings_of(readings, readout)
        silent = {
            row.donor
            for row in inhibitions
            if row.readout == readout.name and row.status == NO_ACTIVATION
        }
        for kind, pairs in (
            (ACTIVATION, _activated(own, masses)),
            (INHIBITION, _treated(own, masses)),
        ):
            rows, amounts = [], []
            for group in pairs.values():
                elsewhere = in_other_units(group, pairs, masses)
                row = _comparison(kind, readout, group, silent, elsewhere, protocol)
                if row.n >= 2:
                    rows.append(row)
                    amounts.append(_amount(_given(group[0].tube, kind), masses))
            found += _adjusted(rows, amounts)
    return tuple(found)


def _treated(readings: Sequence[Reading], masses: Mapping[str, float]) -> dict[object, list[Pair]]:
    """Treated tubes and their stimulated controls, by stimulus and inhibitors."""
    groups: dict[object, list[Pair]] = {}
    for group in replicates(readings, masses).values():
        tube = group[0].tube
        if tube.role != TubeRole.TREATED:
            continue
        controls = find_controls(group[0], readings, masses)
        inside = agents_key(tube.inhibitors, masses)
        key = (agent_key(tube.stimulus, masses), inside, tube.time_min)
        pair = Pair(group[0].donor, tube, group, controls.stimulated, controls.note)
        groups.setdefault(key, []).append(pair)
    return groups


def _activated(
    readings: Sequence[Reading], masses: Mapping[str, float]
) -> dict[object, list[Pair]]:
    """Stimulated tubes and the unstimulated ones of the same vehicle, by stimulus."""
    groups: dict[object, list[Pair]] = {}
    for group in replicates(readings, masses).values():
        tube = group[0].tube
        if tube.role != TubeRole.STIMULATED:
            continue
        controls = find_controls(group[0], readings, masses)
        key = (agent_key(tube.stimulus, masses), tube.time_min)
        pair = Pair(group[0].donor, tube, group, controls.unstimulated, controls.note)
        groups.setdefault(key, []).append(pair)
    return groups


def _comparison(
    kind: str,
    readout: Readout,
    pairs: Sequence[Pair],
    silent: set[str],
    elsewhere: Mapping[str, str],
    protocol: Flow,
) -> DonorComparison:
    settings = protocol.inhibition
    scale = scale_of(readout, protocol)
    by_donor: dict[str, list[tuple[float, float]]] = {}
    for pair in pairs:
        control = level_of(pair.against, scale)
        difference = level_of(pair.mine, scale) - control
        if math.isfinite(difference):
            by_donor.setdefault(pair.donor, []).append((difference, control))
    means = {donor: math.fsum(d for d, _ in own) / len(own) for donor, own in by_donor.items()}
    zeros = [math.fsum(zero for _, zero in own) / len(own) for own in by_donor.values()]
    values = np.array(list(means.values()))
    center, t_p = paired_t(values, settings.level)
    location = hodges_lehmann(values, settings.level)
    signed = int(np.count_nonzero(values))
    spread = spread_over_donors(pairs, means, scale, settings.level)
    model = model_of_tubes(pairs, scale, settings.level)
    tube = pairs[0].tube
    given = _given(tube, kind)
    return DonorComparison(
        readout=readout.name,
        kind=kind,
        condition=_condition(tube),
        against="unstimulated" if kind == ACTIVATION else str(tube.stimulus),
        member=" + ".join(agent.name for agent in given),
        dose=" + ".join(_dose(agent) for agent in given),
        scale=scale,
        donors=tuple(means),
        differences=tuple(means.values()),
        sd=float(values.std(ddof=1)) if len(values) > 1 else math.nan,
        mean=center.estimate,
        mean_interval=center.interval,
        t_p=t_p,
        estimate=location.estimate,
        estimate_interval=location.interval,
        confidence=location.confidence,
        wilcoxon_p=signed_rank_p(values),
        smallest_p=smallest_of(signed),
        level=settings.level,
        controls=tuple(zeros),
        status=OK if len(values) >= FEWEST else TOO_FEW,
        note=_note(pairs, means, silent, elsewhere, signed),
        time_min=tube.time_min,
        sd_response=spread.sd,
        sd_response_interval=spread.interval,
        heterogeneity_p=spread.p,
        prediction=spread.prediction,
        mixed=model.estimate,
        mixed_interval=model.interval,
        mixed_p=model.p,
        mixed_df=model.df,
        mixed_status=model.status,
    )


def _condition(tube: Tube) -> str:
    """What was given and for how long; times are never averaged over."""
    given = " + ".join(str(agent) for agent in (tube.stimulus, *tube.inhibitors) if agent)
    return given if tube.time_min is None else f"{given}, {tube.time_min:g} min"


def _given(tube: Tube, kind: str) -> tuple[Agent, ...]:
    """What the comparison is about: the inhibitors, or for activation the stimulus."""
    if kind == INHIBITION:
        return tube.inhibitors
    return (tube.stimulus,) if tube.stimulus else ()


def _dose(agent: Agent) -> str:
    return "" if math.isnan(agent.dose) else f"{agent.dose:g} {agent.unit}"


def _note(
    pairs: Sequence[Pair],
    means: Mapping[str, float],
    silent: set[str],
    elsewhere: Mapping[str, str],
    signed: int,
) -> str:
    """Who is left out, who did not respond, and which controls were not quite the same."""
    told = []
    lost = [donor for donor in dict.fromkeys(pair.donor for pair in pairs) if donor not in means]
    if lost:
        told.append(f"left out, without a number for both: {', '.join(lost)}")
    if elsewhere:
        given = ", ".join(f"{donor} ({what})" for donor, what in elsewhere.items())
        told.append(f"left out, in a unit that cannot be turned into this one: {given}")
    still = [donor for donor in means if donor in silent]
    if still:
        told.append(f"no activation: {', '.join(still)}")
    if signed < len(means):
        told.append(f"{len(means) - signed} without any difference, outside the signed ranks")
    told += dict.fromkeys(pair.note for pair in pairs if pair.note)
    return "; ".join(told)


def _adjusted(
    rows: Sequence[DonorComparison], amounts: Sequence[float]
) -> tuple[DonorComparison, ...]:
    """Holm over the members of a family, each with the dose that most donors have."""
    chosen: dict[tuple[str, str], int] = {}
    for at, row in enumerate(rows):
        if row.n < FEWEST:
            continue
        # One family for each stimulus that is inhibited, one for all stimuli that activate.
        key = (row.against, row.member.casefold())
        best = chosen.setdefault(key, at)
        if (row.n, amounts[at]) > (rows[best].n, amounts[best]):
            chosen[key] = at
    out = list(rows)
    for family in dict.fromkeys(against for against, _ in chosen):
        places = [at for (against, _), at in chosen.items() if against == family]
        t = holm([rows[at].t_p for at in places])
        w = holm([rows[at].wilcoxon_p for at in places])
        # No adjusted p falls when another p rises: with every p at its smallest, so is each here.
        least = holm([rows[at].smallest_p for at in places])
        for at, t_holm, w_holm, smallest in zip(places, t, w, least, strict=True):
            out[at] = dataclasses.replace(
                rows[at],
                family=len(places),
                t_holm=t_holm,
                wilcoxon_holm=w_holm,
                smallest_holm=smallest,
            )
    return tuple(out)


def _amount(agents: Sequence[Agent], masses: Mapping[str, float]) -> float:
    """Dose that orders the variants of one member, whatever their units."""
    doses = [on_footing(agent, masses)[0] for agent in agents]
    return math.fsum(dose for dose in doses if math.isfinite(dose))
