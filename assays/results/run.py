"""A whole run: what went in, what came out."""

from __future__ import annotations

from dataclasses import dataclass

from assays.protocol import Protocol
from assays.results.correlation import Correlated
from assays.results.elisa import ElisaRun, Verdict
from assays.results.flow import FlowRun
from plates.findings import Finding, Severity


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that went into a run."""

    name: str
    """Relative to the run folder, with forward slashes."""
    sha256: str
    size: int
    role: str
    """``protocol``, ``export``, ``layout``, ``samples``, ``fcs``, ``compensation``."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a run was made from; nothing in here changes on a rerun."""

    run_id: str
    """sha256 of inputs, protocol and version."""
    version: str
    inputs: tuple[InputFile, ...]
    protocol: Protocol
    protocol_text: str
    """`assay.toml` as written."""
    libraries: tuple[tuple[str, str], ...]
    """Name and version of the libraries that numbers depend on."""
    supersedes: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """The records of one run."""

    name: str
    """First twelve digits of the run id."""
    title: str
    provenance: Provenance
    elisa: ElisaRun | None
    flow: FlowRun | None
    correlations: tuple[Correlated, ...] = ()
    """Secretion against activation, where donors have both."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Findings of every journey."""
        parts = [part.findings for part in (self.elisa, self.flow) if part is not None]
        return tuple(finding for part in parts for finding in part)

    @property
    def failed(self) -> bool:
        """Whether an acceptance rule failed (exit code 3).

        Plates have their rule sets. Flow has none; there a finding that forbids the use of the
        result as it is, such as one tube counted twice, is what a run fails by.
        """
        flow = self.flow.findings if self.flow is not None else ()
        stopped = any(finding.severity == Severity.STOP for finding in flow)
        return stopped or (self.elisa is not None and self.elisa.verdict == Verdict.FAILED)
