"""What a flow check is: one look at a tube as recorded, returning findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from assays.flow.events import Events
from assays.protocol import Flow
from assays.samples import Tube
from plates.findings import Finding
from plates.plugins import collect


@dataclass(frozen=True, slots=True, eq=False)
class TubeLook:
    """A tube as recorded, before compensation."""

    tube: Tube
    events: Events
    channels: tuple[str, ...]
    """Channels that gates and readouts use, as the protocol names them."""
    protocol: Flow


@dataclass(frozen=True, slots=True)
class FlowCheck:
    """One check; each check module ends in one of these."""

    name: str
    summary: str
    """One sentence for the documentation, with the limit."""
    source: str
    """Where the limit comes from."""
    inspect: Callable[[TubeLook], Iterable[Finding]]


def inspect_tube(look: TubeLook) -> list[Finding]:
    """Findings of every check on one tube."""
    checks: tuple[FlowCheck, ...] = collect("assays.flow.qc", "CHECK")
    return [finding for check in checks for finding in check.inspect(look)]


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """Say once what is said alike of more than three tubes."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.rule, finding.severity, finding.message), []).append(finding)
    out: list[Finding] = []
    for (rule, _, message), group in groups.items():
        if len(group) <= 3:
            out += group
            continue
        first, last = group[0], group[-1]
        where = f"{len(group)} files, {first.where} to {last.where}"
        out.append(Finding(rule, first.severity, where, message, unit=first.unit))
    return out
