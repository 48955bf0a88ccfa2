"""What looks unintended in what was laid out and handed in, before anything is computed."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from assays.elisa.groups import Group, density_of, same_density
from assays.elisa.numbers import place
from assays.elisa.per_cells import DENSITY, DENSITY_UNIT, density_per_ml
from assays.protocol import Elisa
from plates.findings import Finding, Severity
from plates.layout import Layout, Role, WellContent
from plates.plateread import PlateRead
from plates.well import Well

FEWEST_READINGS = 8
"""Fewer equal readings may be chance."""
MOST_WELLS = 12
"""Wells that a message lists."""

Contents = Mapping[Well, WellContent]


def slips_of_layout(
    label: str, layout: Layout, read: PlateRead, groups: Sequence[Group], protocol: Elisa
) -> list[Finding]:
    """Doubts about the layout of one plate.

    Parameters
    ----------
    layout : Layout
        Of this plate alone, under the label ``""``.
    """
    contents = layout.of_plate("")
    return [
        *_outside(label, layout, read),
        *_names_of_standards(label, contents),
        *_densities(label, layout, contents, protocol),
        *_differing(label, groups, contents),
        *_parted(label, groups),
    ]


def copies(plates: Iterable[tuple[str, str, PlateRead]]) -> list[Finding]:
    """Plates of a run with the same readings in every well.

    Parameters
    ----------
    plates : iterable of (label, file, read)
    """
    first: dict[bytes, tuple[str, str]] = {}
    findings = []
    for label, file, read in plates:
        values = np.ascontiguousarray(read.values, dtype=np.float64)
        finite = values[np.isfinite(values)]
        if len(np.unique(finite)) < FEWEST_READINGS:
            continue
        key = np.nan_to_num(values, nan=-1e300).tobytes()
        if key not in first:
            first[key] = (label, file)
            continue
        other, of_file = first[key]
        said = (
            f"{label} ({file}) and {other} ({of_file}) have the same readings in every well. "
            "They count as two plates: remove one if it is a copy."
        )
        findings.append(Finding("same-readings", Severity.LOOK, label, said))
    return findings


def _outside(label: str, layout: Layout, read: PlateRead) -> Iterator[Finding]:
    """Readings on a plate that is larger than the one of the layout."""
    # A small layout may be a part of a plate; from 96 wells on it has the shape of a plate.
    if layout.format.size < 96 or read.format.size <= layout.format.size:
        return
    rows, columns = np.nonzero(np.isfinite(read.values))
    wells = [Well(int(r), int(c)) for r, c in zip(rows, columns, strict=True)]
    beyond = [well for well in wells if well not in layout.format]
    if beyond:
        yield Finding(
            "plate-formats-differ",
            Severity.LOOK,
            label,
            f"The export was read as a {read.format.size}-well plate, and the layout is for "
            f"{layout.format.size} wells: {len(beyond)} readings ({_named(beyond)}) lie outside "
            "it. Is there a row or column too many in the export, or is the layout another "
            "plate's?",
            float(len(beyond)),
        )


def _names_of_standards(label: str, contents: Contents) -> Iterator[Finding]:
    """One name with several concentrations, where the other names have one each."""
    named: dict[str, dict[float, list[Well]]] = defaultdict(lambda: defaultdict(list))
    for well, content in contents.items():
        if content.role is Role.STANDARD and content.sample and not math.isnan(content.nominal):
            named[content.sample][content.nominal].append(well)
    several = {name: levels for name, levels in named.items() if len(levels) > 1}
    # A name for the whole series is a habit, not a slip.
    if len(several) * 2 >= len(named):
        return
    for name, levels in several.items():
        listed = "; ".join(f"{value:g} in {_named(wells)}" for value, wells in levels.items())
        yield Finding(
            "standard-name-twice",
            Severity.LOOK,
            place(label, name),
            f"Standard {name} has {len(levels)} concentrations: {listed}. Each counts as written; "
            "correct the layout if one is a slip.",
            float(len(levels)),
            1.0,
        )


def _densities(
    label: str, layout: Layout, contents: Contents, protocol: Elisa
) -> Iterator[Finding]:
    """Cell densities that nobody can read."""
    unread: dict[tuple[str, str], list[Well]] = defaultdict(list)
    for well, content in contents.items():
        text, unit = content.labels.get(DENSITY, "").strip(), content.labels.get(DENSITY_UNIT, "")
        if text and density_per_ml(text, unit, protocol.cells.volume_ml) is None:
            unread[density_of(content), unit].append(well)
    for (text, unit), wells in unread.items():
        cell = layout.cells.get(("", wells[0], DENSITY), "")
        at = f" ({cell})" if cell else ""
        volume = density_per_ml(text, unit, 1.0) is not None
        hint = (
            "It is per well: give the culture volume, volume_ml under [elisa.cells]."
            if volume
            else "Write it as 2e6 cells/mL."
        )
        yield Finding(
            "cell-density-unreadable",
            Severity.LOOK,
            place(label, contents[wells[0]].sample),
            f"The cell density {text!r} of {_named(wells)}{at} gives no number of cells per mL, so "
            f"nothing is reported per cells there. {hint}",
        )


def _differing(label: str, groups: Sequence[Group], contents: Contents) -> Iterator[Finding]:
    """Replicates with several cell densities."""
    for group in groups:
        own = [contents[well.well] for well in group.wells]
        if same_density(own):
            continue
        by_text: dict[str, list[Well]] = defaultdict(list)
        for well, content in zip(group.wells, own, strict=True):
            by_text[density_of(content) or "none"].append(well.well)
        listed = "; ".join(f"{text} in {_named(wells)}" for text, wells in by_text.items())
        yield Finding(
            "cell-density-differs",
            Severity.LOOK,
            place(label, group.sample),
            f"The replicates of {group.sample} differ in cell density: {listed}. They are averaged "
            "all the same, and nothing is reported per cells. Correct the layout, or give the "
            "samples names of their own.",
        )


def _parted(label: str, groups: Sequence[Group]) -> Iterator[Finding]:
    """Single wells of one name that only a label keeps apart, on a plate of replicates."""
    bundles: dict[tuple[object, ...], list[Group]] = defaultdict(list)
    for group in groups:
        bundles[group.role, group.sample, group.dilution_factor].append(group)
    parted = [
        bundle
        for bundle in bundles.values()
        if len(bundle) > 1 and all(len(group.wells) == 1 for group in bundle)
    ]
    # Where single wells are the rule, labels tell samples apart on purpose.
    if len(parted) > sum(len(group.wells) > 1 for group in groups):
        return
    for bundle in parted:
        names = sorted({name for group in bundle for name in group.labels})
        differ = [n for n in names if len({group.labels.get(n, "") for group in bundle}) > 1]
        listed = "; ".join(
            f"{group.wells[0].well} has "
            + ", ".join(f"{name} {group.labels.get(name) or '(blank)'}" for name in differ)
            for group in bundle[:MOST_WELLS]
        )
        yield Finding(
            "replicates-parted",
            Severity.LOOK,
            place(label, bundle[0].sample),
            f"The wells of {bundle[0].sample} count as {len(bundle)} samples of one well each: "
            f"{listed}. Write the labels alike if they are replicates.",
            float(len(bundle)),
        )


def _named(wells: Sequence[Well]) -> str:
    shown = ", ".join(str(well) for well in wells[:MOST_WELLS])
    more = len(wells) - MOST_WELLS
    return f"{shown} and {more} more" if more > 0 else shown
