"""What any gating file holds, program aside: its samples, and which one serves a tube.

A Gating-ML file has one strategy for every tube. A FlowJo workspace or a Diva
experiment has one per sample; a tube's is found as those programs find it: by the
GUID of the file where both know one, by the name of the file, or by its ``$FIL``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path

from assays.errors import GatingError
from assays.flow.events import Spillover
from assays.flow.exchange import diva, flowjo, gatingml
from assays.flow.exchange.identify import Program, identify
from assays.flow.exchange.strategy import SharedStrategy
from assays.flow.scales import Scale
from plates.source import Source


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One sample of a gating file."""

    name: str
    """As the program shows it; empty for the one strategy of a Gating-ML file."""
    file: str
    """Its FCS file, without folder; empty when the gating file names none."""
    strategy: SharedStrategy
    compensation: Spillover | None = None
    stored_counts: Mapping[str, int] = field(default_factory=dict)
    """What the program counted, by population; -1 where it had not."""
    groups: tuple[str, ...] = ()
    keywords: Mapping[str, str] = field(default_factory=dict)
    """GUID, $FIL and $TOT of its FCS file, where the gating file remembers them."""
    scales: Mapping[str, Scale | None] = field(default_factory=dict)
    """Scale of each channel, where the program has scales beside gates; None is linear."""


@dataclass(frozen=True, slots=True, eq=False)
class Book:
    """A gating file of any program that is read."""

    name: str
    program: Program
    version: str
    """Of the program or standard, as the file says it."""
    entries: Mapping[str, Entry]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names of its samples, by group."""
    of_group: Callable[[str, str], SharedStrategy] | None = None
    """A group's own gates on one sample's scales, where the program has groups."""

    @property
    def one_for_all(self) -> bool:
        """Whether one strategy serves every tube."""
        return len(self.entries) == 1 and not next(iter(self.entries.values())).file

    def entry_for(
        self,
        file: str,
        keywords: Mapping[str, str],
        *,
        group: str = "",
        sample: str = "",
    ) -> Entry:
        """The entry that serves a tube.

        Parameters
        ----------
        file : str
            Name of the FCS file; its folder does not matter.
        keywords : mapping
            Of the FCS file.
        group : str
            Take the gates that this group has of its own, on the tube's own scales.
        sample : str
            Take this sample's gates for every tube.

        Raises
        ------
        GatingError
            When none or several samples are the tube's, or a name is not known (names the nearest).
        """
        found = self._named(sample) if sample else self._matched(file, keywords)
        if not group:
            return found
        if self.of_group is None:
            raise GatingError(f"{self.program} files have no groups", self.name, "Leave out group.")
        return replace(found, strategy=self.of_group(group, found.name))

    def _named(self, sample: str) -> Entry:
        if sample not in self.entries:
            raise GatingError(
                f"the file has no sample {sample!r}", self.name, _nearest(sample, self.entries)
            )
        return self.entries[sample]

    def _matched(self, file: str, keywords: Mapping[str, str]) -> Entry:
        entries = list(self.entries.values())
        if self.one_for_all:
            return entries[0]
        words = {name.upper(): value.strip() for name, value in keywords.items()}
        bare = re.split(r"[/\\]", file)[-1]
        total = words.get("$TOT", "")
        fil = words.get("$FIL")
        ways = (
            [entry for entry in entries if _same(entry.keywords.get("GUID"), words.get("GUID"))],
            [entry for entry in entries if _same(entry.file, bare)],
            [entry for entry in entries if _same(entry.name, bare)],
            [entry for entry in entries if _same(entry.keywords.get("$FIL") or entry.file, fil)],
        )
        for found in ways:
            if len(found) > 1:
                total = words.get("$TOT", "")
                found = [e for e in found if e.keywords.get("$TOT", "").strip() == total] or found
            if len(found) == 1:
                return found[0]
            if found:
                names = ", ".join(entry.name or entry.file for entry in found[:4])
                raise GatingError(
                    f"{len(found)} samples of {self.name} could be {bare!r}: {names}",
                    file,
                    'Say which: sample = "…" under [flow.gating].',
                )
        files = [entry.file or entry.name for entry in entries]
        raise GatingError(
            f"{self.name} has no sample for {bare!r}",
            file,
            f"{_nearest(bare, files)} To take one sample's gates for every tube, write "
            'sample = "…" under [flow.gating].',
        )


def open_book(place: str | Path | Source) -> Book:
    """Read a gating file of any program that is known.

    Raises
    ------
    GatingError
        When no program is recognised, or the file cannot be understood.
    """
    source = Source.of(place)
    match identify(source):
        case Program.GATINGML_20 | Program.GATINGML_15 as program:
            strategy = gatingml.read(source)
            return Book(
                source.name, program, program.rpartition(" ")[2], {"": Entry("", "", strategy)}
            )
        case Program.FLOWJO:
            return _of_workspace(flowjo.read(source))
        case Program.DIVA:
            return _of_experiment(source, diva.read(source))
    raise GatingError(
        "this is no gating file that is known",
        source.name,
        "Known: Gating-ML 2.0 and 1.5, FlowJo 10 workspaces, BD FACSDiva experiments (XML).",
    )


def _of_workspace(workspace: flowjo.Workspace) -> Book:
    entries = {
        name: Entry(
            name,
            sample.file,
            sample.strategy,
            sample.compensation,
            sample.stored_counts,
            sample.groups,
            sample.keywords,
            {channel: one.scale for channel, one in sample.transforms.items()},
        )
        for name, sample in workspace.samples.items()
    }
    groups = {name: group.samples for name, group in workspace.groups.items()}
    return Book(
        workspace.name, Program.FLOWJO, workspace.version, entries, groups, workspace.group_strategy
    )


def _of_experiment(source: Source, experiment: diva.Experiment) -> Book:
    entries = {
        name: Entry(
            name, tube.file, tube.strategy, tube.compensation, tube.stored_counts, (tube.specimen,)
        )
        for name, tube in experiment.samples.items()
    }
    return Book(source.name, Program.DIVA, experiment.version, entries)


def _same(one: str | None, other: str | None) -> bool:
    return bool(one and other) and str(one).strip().casefold() == str(other).strip().casefold()


def _nearest(name: str, known: Mapping[str, object] | list[str]) -> str:
    near = get_close_matches(name, [*known], n=1, cutoff=0.5)
    return f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join([*known][:12]) or 'none'}."
