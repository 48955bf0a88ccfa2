"""The gates of a run as Gating-ML 2.0: one file, or one for each set of tubes that share gates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assays.errors import GatingError
from assays.flow.axes import ChannelAxis
from assays.flow.brought import Brought
from assays.flow.events import Spillover
from assays.flow.exchange.gatingml import to_xml
from assays.flow.exchange.own import own_strategy, unwritable
from assays.flow.own_views import OwnViews
from assays.flow.strategy import GatingStrategy
from assays.results.flow import GateFile
from assays.samples import Tube


def gate_files(
    strategy: GatingStrategy,
    axes: Mapping[str, ChannelAxis],
    compensation: Spillover | str,
    samples: Sequence[Tube],
    views: OwnViews,
    brought: Brought | None = None,
) -> tuple[tuple[GateFile, ...], str]:
    """Every set of gates that served tubes of the run.

    Parameters
    ----------
    strategy : GatingStrategy
        With every automatic gate settled.
    axes : mapping
        By channel as the strategy names it.
    compensation : Spillover or str
        The matrix of the run, ``FCS`` for each file's own, or empty for none.
    samples : sequence of Tube
    views : OwnViews
        Channels that single gates see in their own way.
    brought : Brought, optional
        Another program's gates.

    Returns
    -------
    files
        ``gates.xml`` when all tubes share their gates; else ``gates/1.xml`` and so on.
    note
        Why gates could not be written; empty otherwise.
    """
    sets: dict[tuple[int, ...], list[str]] = {}
    for tube in samples:
        other = brought.strategy_of(tube.file) if brought else None
        key = (id(other), *(id(step) for step in strategy.steps_for(tube.file)))
        sets.setdefault(key, []).append(tube.file)
    scales = {name: axis.scale for name, axis in axes.items()}
    names = {name: views.channel(name, axis.channel).name for name, axis in axes.items()}
    own = {name: views.matrix(name) for name in axes}
    own_matrices = {name: matrix for name, matrix in own.items() if matrix is not None}
    texts: dict[str, list[str]] = {}
    try:
        for files in sets.values():
            other = brought.strategy_of(files[0]) if brought else None
            steps = strategy.steps_for(files[0])
            spillover = brought.spillover_of(files[0]) if brought else None
            made = own_strategy(
                steps, scales, names, spillover or compensation, other, own_matrices
            )
            texts.setdefault(to_xml(made), []).extend(files)
    except GatingError as fault:
        return (), unwritable(fault)
    one = len(texts) == 1
    return tuple(
        GateFile("gates.xml" if one else f"gates/{number}.xml", tuple(files), text)
        for number, (text, files) in enumerate(texts.items(), 1)
    ), ""
