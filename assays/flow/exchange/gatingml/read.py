"""A Gating-ML file of either version to a strategy."""

from __future__ import annotations

from pathlib import Path

from assays.flow.exchange.gatingml.version15 import GATES as GATES_15
from assays.flow.exchange.gatingml.version15 import read_15
from assays.flow.exchange.gatingml.version20 import GATES as GATES_20
from assays.flow.exchange.gatingml.version20 import read_20
from assays.flow.exchange.markup import Node, read_markup
from assays.flow.exchange.strategy import MOST_GATES, SharedStrategy
from plates.source import Source


def read(place: str | Path | Source) -> SharedStrategy:
    """Read a Gating-ML file.

    Parameters
    ----------
    place : path or Source

    Returns
    -------
    SharedStrategy
        ``.apply(events)`` gives the populations by gate id. Version 2.0 gates scaled
        values, 1.5 values as stored; either way give the events as `fcs.read` does.

    Raises
    ------
    GatingError
        With the gate's id and line, for what cannot be understood.
    """
    root = read_markup(Source.of(place), gates={*GATES_15, *GATES_20}, most_gates=MOST_GATES)
    return read_20(root) if version_of(root) == "2.0" else read_15(root)


def version_of(root: Node) -> str:
    """Version of a Gating-ML file, from its namespace.

    Raises
    ------
    GatingError
        When it is no Gating-ML, or another version.
    """
    if root.name != "Gating-ML":
        raise root.error(
            f"expected Gating-ML, found <{root.name}>",
            "FlowJo workspaces are read by flowjo.read, Diva experiments by diva.read.",
        )
    for version in ("2.0", "1.5"):
        if f"/v{version}" in root.space:
            return version
    raise root.error(f"expected Gating-ML 1.5 or 2.0, found {root.space[:80]!r}")
