"""Errors of the assay world: each says what, where, and what to try."""

from __future__ import annotations

from plates.errors import LabError


class ProtocolError(LabError):
    """`assay.toml` or a sample sheet cannot be understood."""


class CurveFitError(LabError):
    """A curve cannot be fitted to these points."""


class FcsError(LabError):
    """An FCS file contradicts itself or the standard."""


class GatingError(LabError):
    """A gating strategy cannot be understood or applied."""


class ControlError(LabError):
    """A control that a result needs is missing or ambiguous."""


class ResultsError(LabError):
    """Results cannot be written, or others stand in their place."""
