"""What a run was made from, and the name that follows from it."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version

from assays import __version__
from assays.results.run import InputFile, Provenance
from assays.workflow.folder import RunFolder
from plates.source import Source

NUMBERS_DEPEND_ON = ("numpy", "scipy", "statsmodels", "pandas", "matplotlib", "openpyxl")


def provenance_of(folder: RunFolder) -> Provenance:
    """Digest every input, and name the run by inputs, protocol and version."""
    inputs = tuple(_digest(folder, role, Source.of(path)) for role, path in folder.files)
    facts = {
        "inputs": [[file.role, file.name, file.sha256] for file in inputs],
        "protocol": folder.protocol.model_dump(mode="json"),
        "version": __version__,
    }
    text = json.dumps(facts, sort_keys=True, ensure_ascii=True)
    return Provenance(
        run_id=hashlib.sha256(text.encode()).hexdigest(),
        version=__version__,
        inputs=inputs,
        protocol=folder.protocol,
        protocol_text=folder.protocol_text,
        libraries=tuple((name, version(name)) for name in NUMBERS_DEPEND_ON),
    )


def _digest(folder: RunFolder, role: str, source: Source) -> InputFile:
    assert source.path is not None
    return InputFile(folder.name_of(source.path), source.sha256, source.size, role)
