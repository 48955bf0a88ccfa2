"""What is said of automatic gates that the data do not show, or not clearly."""

from __future__ import annotations

import dataclasses

from assays.flow.gates.automatic import Found, NoGate
from assays.flow.strategy import GateStep
from plates.findings import ORDER, Finding, Severity

UNCERTAIN = 0.5
"""Score below which somebody should look at a gate."""


def pooled(step: GateStep, treated: int) -> Finding:
    """Treated tubes have a share in their own cut, as the strategy chose."""
    return Finding(
        "pool-holds-treated",
        Severity.NOTE,
        step.population,
        f"Gate {step.population!r} is found in a pool of all tubes: {treated} treated tubes have "
        'a share in their own cut. from = "unstimulated" leaves them out.',
        treated,
        0,
        "tubes",
    )


def uncertain(step: GateStep, group: str, seen: Found) -> Finding:
    """The data show a gate poorly."""
    return Finding(
        "gate-uncertain",
        Severity.LOOK,
        f"{step.population}, {group}",
        f"The data show gate {step.population!r} ({step.method}) poorly: "
        f"{'; '.join(seen.reasons)}. Look at where it lies.",
        seen.score,
        UNCERTAIN,
    )


def refused(step: GateStep, group: str, seen: NoGate, words: str) -> Finding:
    """The data show no gate; `words` say what is taken instead."""
    cleaning = (
        step.sought is not None and step.sought.search.fallback == "all" and words == "every event"
    )
    advice = " Declare a fallback or move the gate by hand." if words == "no event" else ""
    return Finding(
        "gate-not-found",
        Severity.NOTE if cleaning and not seen.grave else Severity.LOOK,
        f"{step.population}, {group}",
        f"The data show no gate for {step.population!r} ({step.method}): {seen.reason}. "
        f"Taken instead: {words}.{advice}",
    )


def said_once(told: list[tuple[tuple[str, ...], Finding]]) -> list[Finding]:
    """Say once what holds for more than three groups or files of one gate."""
    by_gate: dict[tuple[str, ...], list[Finding]] = {}
    for key, finding in told:
        by_gate.setdefault(key[:2], []).append(finding)
    said: list[Finding] = []
    for (_, population), rows in by_gate.items():
        if len(rows) <= 3:
            said += rows
            continue
        worst = min(rows, key=lambda row: ORDER[row.severity])
        where = f"{population}, {len(rows)} groups or files"
        message = f"{worst.message} So in {len(rows)} of them, this one first: {worst.where}."
        said.append(dataclasses.replace(worst, where=where, message=message))
    return said
