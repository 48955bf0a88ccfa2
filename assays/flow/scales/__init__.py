"""How a channel is drawn and gated: linear, log, arcsinh, logicle, hyperlog, biex, ratio.

Every scale is a rising function of the original value, so that a cut in
original units and the same cut on the scale take the same events; only the
ratio takes two values. One file per scale.

References
----------
Gating-ML 2.0 (ISAC, 2013), section 6: flin, flog, fasinh, logicle, hyperlog, fratio.
"""

from __future__ import annotations

from assays.flow.scales.arcsinh import Arcsinh
from assays.flow.scales.biex import Biex
from assays.flow.scales.bounded import Bounded
from assays.flow.scales.contract import Floats, Scale
from assays.flow.scales.hyperlog import Hyperlog
from assays.flow.scales.linear import Linear
from assays.flow.scales.log import Log
from assays.flow.scales.logicle import Logicle
from assays.flow.scales.ratio import Ratio
from assays.flow.scales.width import estimate_width

__all__ = [
    "Arcsinh",
    "Biex",
    "Bounded",
    "Floats",
    "Hyperlog",
    "Linear",
    "Log",
    "Logicle",
    "Ratio",
    "Scale",
    "estimate_width",
]
