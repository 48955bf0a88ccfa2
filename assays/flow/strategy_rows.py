"""The strategy in words, as it was applied: one row per gate, or per group of tubes."""

from __future__ import annotations

import math

from assays.flow.strategy import GateStep, GatingStrategy
from assays.results.flow import StrategyRow


def strategy_rows(strategy: GatingStrategy) -> tuple[StrategyRow, ...]:
    """Rows in gating order; a gate found for several groups has a row for each.

    Gates cut in each file by itself share a row; the populations of each tube name
    the boundary that was applied there.
    """
    rows: list[StrategyRow] = []
    for step in strategy.steps:
        settled = [each for key, each in strategy.found.items() if key[1] == step.population]
        groups = list({id(each): each for each in settled}.values())
        if step.group_by == "file" and len(groups) > 1:
            rows.append(_shared(step, groups))
        else:
            rows += [_row(each) for each in groups or [step]]
    return tuple(rows)


def _row(step: GateStep) -> StrategyRow:
    return StrategyRow(
        step.population,
        step.parent,
        step.method,
        step.channels,
        step.definition,
        step.group or step.group_by,
        step.score,
        "; ".join(step.reasons),
    )


def _shared(step: GateStep, files: list[GateStep]) -> StrategyRow:
    scores = [each.score for each in files if math.isfinite(each.score)]
    without = len(files) - len(scores)
    if step.origin:
        return StrategyRow(
            step.population,
            step.parent,
            step.method,
            step.channels,
            f"{step.method}, in each tube as its own sample has it",
            step.group_by,
            reasons=f"{len({each.definition for each in files})} different ones",
        )
    reasons = f"{len(scores)} tube{'s' * (len(scores) != 1)}"
    if scores:
        reasons += f", scores {min(scores):.2f} to {max(scores):.2f}"
    if without:
        reasons += f"; fallback in {without}"
    return StrategyRow(
        step.population,
        step.parent,
        step.method,
        step.channels,
        f"found in each tube: {step.method}",
        step.group_by,
        min(scores, default=math.nan),
        reasons,
    )
