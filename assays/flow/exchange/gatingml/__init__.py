"""Gating-ML, the standard exchange format of gating strategies: 2.0 in and out, 1.5 in.

>>> strategy = gatingml.read("gates.xml")            # doctest: +SKIP
>>> strategy.apply(events)["Range1"].count           # doctest: +SKIP
440
"""

from __future__ import annotations

from assays.flow.exchange.gatingml.read import read
from assays.flow.exchange.gatingml.write import to_xml, write

__all__ = ["read", "to_xml", "write"]
