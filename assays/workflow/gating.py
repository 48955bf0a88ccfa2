"""Which gates of another program's file serve which tube of a run folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assays.errors import GatingError
from assays.flow.brought import Brought
from assays.flow.exchange import opencyto
from assays.flow.exchange.book import Entry, open_book
from assays.protocol import Flow
from assays.samples import SAMPLE_ROLES, Tube
from assays.workflow.folder import RunFolder
from plates.errors import LabError
from plates.source import Source


def with_template(folder: RunFolder) -> tuple[Flow, tuple[str, ...]]:
    """Choices of the run, an openCyto template's rows before its own gates, and what is to be told.

    Raises
    ------
    GatingError
        With the template's line, for what cannot be understood.
    """
    assert folder.protocol.flow is not None
    flow = folder.protocol.flow
    if not _is_template(folder):
        return flow, ()
    assert folder.gating is not None
    if flow.compensation == "gating":
        raise GatingError(
            "an openCyto template has no matrix, but compensation is 'gating'",
            "assay.toml: flow.compensation",
            "Choose 'file', 'none' or a csv.",
        )
    template = opencyto.read(Source.of(folder.gating))
    return flow.model_copy(update={"gates": (*template.gates, *flow.gates)}), template.notes


def _is_template(folder: RunFolder) -> bool:
    return folder.gating is not None and opencyto.is_template(Source.of(folder.gating))


def read_gating(folder: RunFolder, tubes: Sequence[Tube]) -> Brought | None:
    """The strategy that `[flow.gating]` names, for each tube; None when it names none.

    Raises
    ------
    GatingError
        When the file cannot be understood, or has no gates for a tube that is read; stained
        controls may lack them.
    """
    if folder.gating is None or _is_template(folder):
        return None
    assert folder.protocol.flow is not None
    choice = folder.protocol.flow.gating
    book = open_book(Source.of(folder.gating))
    entries: dict[str, Entry] = {}
    channels: dict[str, tuple[tuple[str, str], ...]] = {}
    for tube, path in _paths(folder, tubes):
        keywords = _keywords(path)
        try:
            entries[tube.file] = book.entry_for(
                tube.file, keywords, group=choice.group, sample=choice.sample
            )
        except LabError:
            if tube.role in SAMPLE_ROLES:
                raise
            continue
        channels[tube.file] = _channels(keywords)
    return Brought(
        book,
        entries,
        channels,
        compensated=folder.protocol.flow.compensation != "none",
        own_matrix=folder.protocol.flow.compensation == "gating",
    )


def _paths(folder: RunFolder, tubes: Sequence[Tube]) -> list[tuple[Tube, Path]]:
    from assays.sample_sheet import match_files

    paths = {folder.name_of(path): path for path in folder.fcs}
    names = match_files(tubes, list(paths))
    return [(tube, paths[names[tube.file]]) for tube in tubes if tube.file in names]


def _keywords(path: Path) -> dict[str, str]:
    from assays.flow import fcs

    return dict(fcs.read_keywords(path))


def _channels(keywords: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """$PnN and marker of each channel."""
    count = keywords.get("$PAR", "0").strip()
    numbers = range(1, 1 + (int(count) if count.isdecimal() else 0))
    return tuple(
        (keywords.get(f"$P{n}N", "").strip(), (keywords.get(f"$P{n}S") or "").strip())
        for n in numbers
    )
