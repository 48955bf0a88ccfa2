"""openCyto gating templates (csv) as rows of a gating strategy.

>>> template = opencyto.read("template.csv")                    # doctest: +SKIP
>>> [gate.population for gate in template.gates]                # doctest: +SKIP
['nonDebris', 'singlets', 'lymph', 'cd3']
"""

from __future__ import annotations

from assays.flow.exchange.opencyto.template import Template, is_template, read

__all__ = ["Template", "is_template", "read"]
