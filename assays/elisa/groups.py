"""Replicates: wells that hold the same sample at the same dilution."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assays.elisa.per_cells import DENSITY, DENSITY_UNIT, density_per_ml
from assays.results.elisa import WellReading
from plates.layout import Role, WellContent
from plates.well import Well

QUANTIFIED = (Role.SAMPLE, Role.QC, Role.MEDIUM, Role.CONTROL)
PER_WELL_LABELS = ("note", "notes", "comment", "remark", "replicate", "well")
"""Labels that speak of one well and do not make another sample of it."""
MEASURED_LABELS = (DENSITY, DENSITY_UNIT)
"""Labels that were counted, not chosen: where replicates differ in them, one is a slip."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """The replicates of one sample at one dilution."""

    role: Role
    sample: str
    dilution_factor: float
    labels: Mapping[str, str]
    """What all wells share; without the cell density when they differ in it."""
    wells: tuple[WellReading, ...]


def group_wells(
    wells: Sequence[WellReading], contents: Mapping[Well, WellContent]
) -> tuple[Group, ...]:
    """Replicates: wells that share role, sample, dilution and labels, in order of the plate.

    A differing cell density makes no other sample: its wells stay together, without a density.
    """
    groups: dict[tuple[object, ...], list[WellReading]] = {}
    for well in wells:
        if well.role in QUANTIFIED:
            own = _chosen(contents[well.well])
            key = (well.role, well.sample, well.dilution_factor, tuple(sorted(own.items())))
            groups.setdefault(key, []).append(well)
    return tuple(_group(found, contents) for found in groups.values())


def usual_wells(groups: Sequence[Group]) -> int:
    """How many wells most samples of a plate have; 2 without any."""
    counts = Counter(len(group.wells) for group in groups if group.role != Role.QC)
    return counts.most_common(1)[0][0] if counts else 2


def _group(found: list[WellReading], contents: Mapping[Well, WellContent]) -> Group:
    first = found[0]
    labels = _chosen(contents[first.well])
    if same_density([contents[well.well] for well in found]):
        measured = contents[first.well].labels
        labels |= {name: measured[name] for name in MEASURED_LABELS if name in measured}
    return Group(first.role, first.sample, first.dilution_factor, labels, tuple(found))


def _chosen(content: WellContent) -> dict[str, str]:
    """The labels that make one sample differ from another."""
    left_out = (*PER_WELL_LABELS, *MEASURED_LABELS)
    return {name: text for name, text in content.labels.items() if name.lower() not in left_out}


def density_of(content: WellContent) -> str:
    """The cell density as the layout gives it, its unit behind it; empty without one."""
    text = content.labels.get(DENSITY, "").strip()
    unit = content.labels.get(DENSITY_UNIT, "").strip()
    return f"{text} {unit}".strip() if text else ""


def same_density(contents: Sequence[WellContent]) -> bool:
    """Whether wells agree in their cell density, however it is written."""
    texts = {density_of(content) for content in contents}
    # The volume cancels out: only whether two spellings mean the same is asked.
    values = {density_per_ml(text, "", 1.0) if text else None for text in texts}
    return len(texts) == 1 or (len(values) == 1 and None not in values)
