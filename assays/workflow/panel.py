"""The channels of a run's files, and a protocol that starts from them.

A template names channels as a textbook would: FSC-A, Viability, CD19, pSTAT3. Here
each is looked for among the channels that the files have. What is found is written
under the files' own name; what is not stays as a comment with a sentence. In files of
a mass cytometer there is no scatter: its gates are left out, and scales are arcsinh 5.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assays.flow.metals import is_mass

_FORWARD, _SIDE = r"fsc?\d*", r"ssc?\d*"
_PHOSPHO = re.compile(
    # pSTAT3, p-p65, pp38, pS6, pNFkB; never PE or PerCP, which begin with a capital.
    r"(?:^|[\s_(/])(?:p[-_ ]?(?=[A-Z]|p\d\d|c-)|[Pp]hospho[-_ ]?)(?!H\b|Hrodo)[A-Za-z][\w-]*"
)
_SIGNS: Mapping[str, re.Pattern[str]] = {
    "Time": re.compile(r"(?i)^(hdr-)?t(ime)?( \(.*\))?$"),
    "Viability": re.compile(
        r"(?i)viab|live[-_ /]*dead|dead|\bl[-/]d\b|zombie|ghost|\bfvd|efluor ?(506|780) fix|7-?aad|"
        r"sytox|\bdapi\b|propidium|^pi\b|cisplatin|\baqua\b"
    ),
    "Annexin V": re.compile(r"(?i)annexin"),
    "PI": re.compile(r"(?i)^pi\b|propidium|7-?aad|sytox|\bdapi\b|viab|live[-_ /]*dead|zombie"),
}
_MATRIX = re.compile(r"(?i)\$?SPILL(OVER)?$|\$COMP$|\$DFC\d+TO\d+$")
_INSTEAD = {"CD19": ("CD20",)}
"""Markers that tell the same cells."""
_OF_ANY_CELL = ("stable", "in range", "cells", "singlets", "live")
"""Populations that clean up: what lies below them keeps its meaning without them."""
PHOSPHO = ("pSTAT3", "p-p65")
"""Readouts that the template shows; the files' own take their place."""
MASS_COFACTOR = 5
"""Of arcsinh in mass cytometry (Bendall et al. 2011, Science 332:687)."""
MASS_CUT = 10
"""Where a cut begins its life in a mass cytometer's counts, to be moved by eye."""


@dataclass(frozen=True, slots=True)
class Panel:
    """The channels of a file."""

    channels: tuple[tuple[str, str], ...]
    """$PnN and marker ($PnS, may be empty) of each."""
    odd: frozenset[str] = frozenset()
    """$PnN of channels whose range is another than the 262,144 that a cofactor of 150 is for."""
    matrix: bool = True
    """Whether the file holds a spillover matrix."""

    @classmethod
    def of(cls, keywords: Mapping[str, str]) -> Panel:
        """The channels that the keywords of an FCS file name."""
        count = keywords.get("$PAR", "0")
        numbers = range(1, 1 + (int(count) if count.strip().isdecimal() else 0))
        pairs = [(keywords.get(f"$P{n}N", ""), keywords.get(f"$P{n}S", "") or "") for n in numbers]
        odd = {
            name.strip()
            for n, (name, _) in zip(numbers, pairs, strict=True)
            if keywords.get(f"$P{n}R", "262144").strip() not in ("262143", "262144")
        }
        stripped = tuple((name.strip(), marker.strip()) for name, marker in pairs)
        return cls(stripped, frozenset(odd), any(_MATRIX.match(word) for word in keywords))

    @property
    def mass(self) -> bool:
        """Whether a mass cytometer wrote it: channels are metals, and there is no scatter."""
        return is_mass([name for name, _ in self.channels])

    def name(self, channel: tuple[str, str]) -> str:
        """What a protocol may call a channel: its marker where only one has it, else $PnN."""
        name, marker = channel
        words = [word for pair in self.channels for word in set(pair)]
        return marker if marker and marker.isprintable() and words.count(marker) == 1 else name

    def find(self, wanted: str) -> str | None:
        """The channel that a template calls ``wanted``, under the file's own name; None without."""
        found = re.fullmatch(r"(FSC|SSC)-([AH])", wanted)
        if found:
            return self._scatter(_FORWARD if found[1] == "FSC" else _SIDE, found[2])
        for word in (wanted, *_INSTEAD.get(wanted, ())):
            sign = _SIGNS.get(word) or re.compile(
                rf"(?i)(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])"
            )
            for pair in self._sound():
                if any(sign.search(own.replace("_", " ")) for own in reversed(pair)):
                    return self.name(pair)
        return None

    @property
    def phospho(self) -> tuple[str, ...]:
        """Markers that name a phosphorylated protein, in order of the file."""
        found = [pair for pair in self._sound() if _PHOSPHO.search(pair[1] or pair[0])]
        return tuple(dict.fromkeys(self.name(pair) for pair in found))

    def _sound(self) -> list[tuple[str, str]]:
        # A name that is not printable cannot stand in a protocol.
        return [pair for pair in self.channels if pair[0] and pair[0].isprintable()]

    def _scatter(self, side: str, kind: str) -> str | None:
        names = [n for n, _ in self._sound() if re.match(rf"(?i)\s*{side}([-_ .]|[AHW]?$)", n)]
        ending = {"A": r"(?i)(a|area|int.*)$", "H": r"(?i)(h|height|peak.*)$"}[kind]
        kinds = [n for n in names if re.search(ending, n)]
        if kind == "A" and not kinds:
            # An old cytometer records one of them only, and "FSC" says no more.
            kinds = [n for n in names if not re.search(r"(?i)(w|width)$", n)]
        return min(kinds, key=lambda n: ("log" in n.lower(), names.index(n)), default=None)


def fit_to_panel(text: str, panel: Panel) -> str:
    """A template with the files' own channels in it.

    Gates and readouts whose channels the files lack become comments with a sentence. What comes
    after a gate that only cleans up takes the next one above as its parent; what comes after one
    that names a kind of cell is left out with it.
    """
    parents = {"root": "root"}
    parts: list[str] = []
    measured = False
    for block in _blocks(text):
        if block.startswith("[flow.scales"):
            parts += _scale(block, panel)
        elif block.startswith("[[flow.gates]]"):
            parts += _gate(block, panel, parents)
        elif block.startswith("[[flow.readouts]]") and _value(block, "channel") in PHOSPHO:
            # The template's examples make room for what the panel measures, all at once.
            if not measured:
                parts += _phospho(block, panel, parents)
            measured = True
        elif block.startswith("[[flow.readouts]]"):
            parts += _readout(block, panel, parents)
        elif block.startswith("[flow]\n") and panel.mass:
            parts.append(_uncompensated(block))
        elif block.startswith("[flow]\n") and not panel.matrix:
            parts.append(_to_be_chosen(block))
        elif block.strip() or not parts or parts[-1].strip():
            parts.append(block)
    return "\n".join(parts)


def _blocks(text: str) -> list[str]:
    """Tables with the lines under them, and every other line by itself."""
    blocks: list[str] = []
    inside = False
    for line in text.split("\n"):
        if line.startswith("["):
            blocks.append(line)
            inside = True
        elif line and inside:
            blocks[-1] += f"\n{line}"
        else:
            blocks.append(line)
            inside = False
    return blocks


def _value(block: str, key: str) -> str:
    found = re.search(rf'(?m)^{key} = "([^"]*)"', block)
    return found[1] if found else ""


def _with(block: str, key: str, value: object) -> str:
    """The block with another value; a remark behind it stays."""
    # JSON's strings are TOML's, and a printable name needs nothing more.
    written = json.dumps(value, ensure_ascii=False)
    return re.sub(rf'(?m)^{key} = ("[^"]*"|\[[^\]]*\]|\d+)', lambda _: f"{key} = {written}", block)


def _scale(block: str, panel: Panel) -> list[str]:
    if block.startswith("[flow.scales.default]"):
        cofactor = f"cofactor = {MASS_COFACTOR}  # mass cytometry"
        arcsinh = block.replace('"logicle"', f'"arcsinh"\n{cofactor}')
        return [arcsinh if panel.mass else block]
    wanted = block.split('"')[1]
    found = panel.find(wanted)
    if found is None or (wanted.endswith("-H") and found == panel.find(f"{wanted[:-2]}-A")):
        return []
    return [block.replace(f'"{wanted}"', json.dumps(found, ensure_ascii=False), 1)]


def _gate(block: str, panel: Panel, parents: dict[str, str]) -> list[str]:
    population, parent = _value(block, "population"), _above(parents, _value(block, "parent"))
    line = re.search(r"(?m)^channels = \[(.*)\]", block)
    wanted = re.findall(r'"([^"]+)"', line[1]) if line else []
    found = [panel.find(name) for name in wanted]
    known = [name for name in found if name is not None]
    if not parent:
        # CD5 alone names T cells: a population is what it is only inside its parent.
        parents[population] = ""
        return [_comment(block, f"its parent {_value(block, 'parent')!r} is left out")]
    if len(set(known)) == len(wanted):
        parents[population] = population
        fitted = _with(_with(block, "parent", parent), "channels", known)
        return [_in_counts(fitted) if panel.mass else fitted]
    parents[population] = parent if population in _OF_ANY_CELL else ""
    if panel.mass and all(re.match("FSC|SSC", name) for name in wanted):
        return [f"# There is no gate {population!r}: mass cytometry sees no scatter."]
    lost = [name for name, one in zip(wanted, found, strict=True) if one is None] or wanted
    return [_comment(_with(block, "parent", parent), _lacking(lost))]


def _in_counts(block: str) -> str:
    if 'method = "interval"' not in block and 'method = "quadrant"' not in block:
        return block
    cuts = re.sub(r"= (1000|800)\b", f"= {MASS_CUT}", block)
    return cuts + ("  # counts: look at the figure, then move it" if cuts != block else "")


def _above(parents: Mapping[str, str], name: str) -> str:
    return parents.get(name, name)


def _measured(parents: Mapping[str, str], name: str) -> str:
    """The population itself, or the last one above it that is there."""
    there = [one for one, kept in parents.items() if kept == one]
    return name if parents.get(name, name) == name else there[-1]


def _phospho(block: str, panel: Panel, parents: Mapping[str, str]) -> list[str]:
    block = _with(block, "population", _measured(parents, _value(block, "population")))
    if not panel.phospho:
        return [_comment(block, "no channel of your files is named for a phospho-protein")]
    named = [_with(_with(block, "name", one), "channel", one) for one in panel.phospho]
    return [part for one in named for part in (_cofactor(one, panel), "")][:-1]


def _readout(block: str, panel: Panel, parents: Mapping[str, str]) -> list[str]:
    block = _with(block, "population", _measured(parents, _value(block, "population")))
    if _value(block, "kind") == "fraction":
        line = re.search(r"(?m)^populations = \[(.*)\]", block)
        parts = re.findall(r'"([^"]+)"', line[1]) if line else []
        absent = [name for name in parts if parents.get(name) != name]
        told = f"{' and '.join(absent)} {'is' if len(absent) == 1 else 'are'} left out"
        return [_comment(block, told), *_brightness(panel, parents)] if absent else [block]
    wanted = _value(block, "channel")
    found = panel.find(wanted)
    if found is None:
        return [_comment(block, _lacking([wanted]))]
    return [_cofactor(_with(block, "channel", found), panel)]


def _brightness(panel: Panel, parents: Mapping[str, str]) -> list[str]:
    """The brightness of the one dye of a viability run, where quadrants need two."""
    found = panel.find("Annexin V") or panel.find("PI")
    if found is None:
        return []
    name = json.dumps(found, ensure_ascii=False)
    where = json.dumps(_measured(parents, "singlets"))
    lines = ("[[flow.readouts]]", f"name = {name}", f"channel = {name}", f"population = {where}")
    return ["", _cofactor("\n".join((*lines, "cofactor = 150", 'activation = "down"')), panel)]


def _cofactor(block: str, panel: Panel) -> str:
    if panel.mass:
        return _with(block, "cofactor", MASS_COFACTOR)
    own = _value(block, "channel")
    odd = any(own in (name, marker) and name in panel.odd for name, marker in panel.channels)
    return _with(block, "cofactor", "estimate") if odd else block


def _uncompensated(block: str) -> str:
    return _with(block, "compensation", "none")


def _to_be_chosen(block: str) -> str:
    """Without a matrix in the files nobody but their owner knows what compensates them."""
    return block.replace(
        'compensation = "file"',
        "# Your files hold no matrix, and a check asks until one is chosen: remove one #.\n"
        '# compensation = "controls"\n# compensation = "none"',
    )


def _lacking(names: Sequence[str]) -> str:
    listed = " and ".join(names)
    verb = "was" if len(names) == 1 else "were"
    return f"{listed} {verb} not found among the channels of your files"


def _comment(block: str, why: str) -> str:
    lines = "\n".join(line if line.startswith("#") else f"# {line}" for line in block.split("\n"))
    return f"# Left out: {why}.\n# Name the channel and remove the # to take it.\n{lines}"
