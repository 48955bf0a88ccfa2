"""A FlowJo workspace: its samples and groups."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import unquote

from assays.errors import GatingError
from assays.flow.events import Spillover
from assays.flow.exchange.columns import Basis
from assays.flow.exchange.flowjo.axes import Axes, Transform
from assays.flow.exchange.flowjo.gates import NODES, SHAPES, Tree
from assays.flow.exchange.gate import ShapeGate
from assays.flow.exchange.markup import Node, read_markup
from assays.flow.exchange.quantity import channels_of
from assays.flow.exchange.strategy import SharedStrategy, check
from plates.source import Source

MOST_GATES = 200_000
"""Of all samples and groups together."""
OLDEST = 18.0
"""Workspaces of FlowJo 10 have version 18 or above."""

_PLOTS = {
    "Graph", "WindowPosition", "TextTraits", "Columns", "TableEditor", "LayoutEditor",
    "Scripts", "Exports", "SOPS", "Statistic", "Cytometers", "Matrices", "experiment", "weights",
}  # fmt: skip
_WANTED = re.compile(r"(?i)\$P\d{1,4}[NGE]|\$DATATYPE|\$FIL|\$TOT|GUID")
IDENTITY = ("GUID", "$FIL", "$TOT")
"""Keywords by which a sample's file is known again."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One FCS file of a workspace."""

    name: str
    """As FlowJo shows it."""
    file: str
    """Name of the FCS file, without its folder."""
    strategy: SharedStrategy
    """Gates by path (``root/cells/live``), on the sample's own scales and matrix."""
    compensation: Spillover | None
    """Between detectors; None when the sample is not compensated."""
    stored_counts: Mapping[str, int]
    """What FlowJo counted, by path; -1 where it had not counted."""
    transforms: Mapping[str, Transform] = field(default_factory=dict)
    """Scale of each channel, as FlowJo names it."""
    groups: tuple[str, ...] = ()
    keywords: Mapping[str, str] = field(default_factory=dict)
    """Those of `IDENTITY` that the workspace remembers of the FCS file."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Samples that share gates."""

    name: str
    samples: tuple[str, ...]
    """Names of its samples."""
    populations: tuple[str, ...]
    """Paths of the gates that the group has of its own."""
    node: Node


@dataclass(frozen=True, slots=True, eq=False)
class Workspace:
    """What a FlowJo workspace holds."""

    name: str
    version: str
    """Of FlowJo."""
    samples: Mapping[str, Sample]
    """By name; a second sample of one name has its number behind."""
    groups: Mapping[str, Group]
    nodes: Mapping[str, Node] = field(default_factory=dict, repr=False)

    def group_strategy(self, group: str, sample: str) -> SharedStrategy:
        """Gates of a group, on the scales and the matrix of one sample.

        Raises
        ------
        GatingError
            When there is no such group or sample; names the nearest.
        """
        for name, known in ((group, self.groups), (sample, self.nodes)):
            if name not in known:
                near = get_close_matches(name, [*known], n=1, cutoff=0.5)
                hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known)}."
                raise GatingError(f"the workspace has no {name!r}", self.name, hint)
        axes = Axes(self.nodes[sample])
        tree = Tree(self.groups[group].node, axes)
        return check(tree.gates, axes.matrices, Basis.SCALED, self.name)


def read(place: str | Path | Source) -> Workspace:
    """Read a FlowJo 10 workspace (.wsp).

    Parameters
    ----------
    place : path or Source

    Raises
    ------
    GatingError
        With the gate's path and line, for what cannot be understood.
    """
    source = Source.of(place)
    root = read_markup(source, gates=(*SHAPES, *NODES), most_gates=MOST_GATES, keep=_keep)
    if root.name != "Workspace":
        raise root.error(
            f"expected a FlowJo workspace, found <{root.name}>",
            "Gating-ML is read by gatingml.read, Diva experiments by diva.read.",
        )
    version = root.get("flowJoVersion") or root.get("version")
    _check_version(root)
    members = _members(root)
    samples: dict[str, Sample] = {}
    nodes: dict[str, Node] = {}
    ids: dict[str, str] = {}
    for node in (root.first("SampleList") or root).all("Sample"):
        shown = node.first("SampleNode")
        if shown is None:
            continue
        key = shown.get("sampleID")
        name = _unused(shown.get("name") or key or "sample", samples)
        ids[key] = name
        nodes[name] = node
        samples[name] = _sample(node, shown, name, members.get(key, ()))
    groups = {
        node.get("name"): Group(
            node.get("name"),
            tuple(ids[key] for key in _references(node) if key in ids),
            _paths(node),
            node,
        )
        for node in (root.first("Groups") or root).all("GroupNode")
    }
    return Workspace(source.name, version, samples, groups, nodes)


def _keep(name: str, attributes: dict[str, str]) -> bool:
    if name == "Keyword":
        return _WANTED.fullmatch(attributes.get("name", "").strip()) is not None
    return name not in _PLOTS


def _check_version(root: Node) -> None:
    try:
        old = float(root.get("version", "20")) < OLDEST
    except ValueError:
        old = False
    if old:
        raise root.error(
            f"workspace version {root.get('version')!r} is older than FlowJo 10",
            "How older versions keep scales and gates is not known here. Open it in FlowJo 10 and "
            "save it as .wsp, or export the gates as Gating-ML 2.0.",
        )


def _sample(node: Node, shown: Node, name: str, groups: tuple[str, ...]) -> Sample:
    axes = Axes(node)
    tree = Tree(shown, axes)
    notes = [*_derived(node, tree), *_unknown_scales(axes)]
    strategy = check(tree.gates, axes.matrices, Basis.SCALED, node.file, notes)
    dataset = node.first("DataSet")
    uri = unquote(dataset.get("uri")) if dataset else ""
    return Sample(
        name,
        re.split(r"[/\\]", uri)[-1],
        strategy,
        axes.matrix.spillover if axes.matrix else None,
        tree.counts,
        axes.transforms,
        groups,
        _identity(node),
    )


def _derived(sample: Node, tree: Tree) -> list[str]:
    """A sentence for each gate on a parameter that FlowJo computes and no file has."""
    block = sample.first("DerivedParameters")
    names = {node.get("name") for node in block or ()}
    return [
        f"gate {gate.name!r} ({gate.place}) is on {name!r}, a parameter that FlowJo derived from "
        "others; it can be applied only to files that have a channel of that name."
        for gate in tree.gates
        if isinstance(gate, ShapeGate)
        for axis in gate.axes
        for name in channels_of(axis)
        if name in names
    ]


def _unknown_scales(axes: Axes) -> list[str]:
    """A sentence for each channel whose scale is not known: its rectangles are still read."""
    return [
        f"the scale {transform.unknown!r} of {channel!r} ({transform.place}) is not known: "
        "rectangles and ranges are read in data units, which need none; a gate drawn on it would "
        "be refused."
        for channel, transform in axes.transforms.items()
        if transform.unknown
    ]


def _identity(node: Node) -> dict[str, str]:
    block = node.first("Keywords")
    words = {k.get("name").upper(): k.get("value") for k in block.all("Keyword")} if block else {}
    return {name: words[name] for name in IDENTITY if words.get(name)}


def _references(group: Node) -> list[str]:
    inner = group.first("Group")
    listed = inner.first("SampleRefs") if inner else None
    return [node.get("sampleID") for node in listed or () if node.name == "SampleRef"]


def _members(root: Node) -> dict[str, tuple[str, ...]]:
    """Groups of each sample, by its number."""
    found: dict[str, tuple[str, ...]] = {}
    for node in (root.first("Groups") or root).all("GroupNode"):
        for key in _references(node):
            found[key] = (*found.get(key, ()), node.get("name"))
    return found


def _paths(node: Node, path: str = "root") -> tuple[str, ...]:
    inside = node.first("Subpopulations")
    found: list[str] = []
    for child in inside.all(*NODES) if inside else ():
        here = f"{path}/{child.get('name')}"
        found += [here, *_paths(child, here)]
    return tuple(found)


def _unused(name: str, taken: Mapping[str, object]) -> str:
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{name} ({number})"
    return found
