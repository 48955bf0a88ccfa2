"""Gating strategies of other programs: Gating-ML, FlowJo, BD FACSDiva.

>>> from assays.flow.exchange import flowjo, gatingml, identify
"""

from __future__ import annotations

from assays.flow.exchange.identify import Program, identify

__all__ = ["Program", "identify"]
