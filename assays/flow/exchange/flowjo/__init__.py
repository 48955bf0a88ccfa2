"""FlowJo 10 workspaces: samples with their gates, compensation, scales and stored counts.

>>> workspace = flowjo.read("experiment.wsp")                            # doctest: +SKIP
>>> workspace.samples["tube_1.fcs"].stored_counts["root/Lymphocytes"]    # doctest: +SKIP
19212
"""

from __future__ import annotations

from assays.flow.exchange.flowjo.workspace import Group, Sample, Workspace, read

__all__ = ["Group", "Sample", "Workspace", "read"]
