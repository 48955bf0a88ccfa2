"""One row of the sample sheet becomes a tube."""

from __future__ import annotations

import re
from collections.abc import Mapping

from assays.errors import ProtocolError
from assays.sample_agents import BLANK, VEHICLES, number_of, read_agent, text_in
from assays.samples import STAINING, Agent, Tube, TubeRole
from plates.layouts.cells import Cell
from plates.layouts.words import nearest

COLUMNS = {
    "file": ("file_name", "filename", "fcs", "fcs_file", "fcs_name", "tube", "tube_name"),
    "donor": ("patient", "subject", "donor_id", "patient_id", "subject_id"),
    "stimulus": ("stim", "stimulation", "cytokine", "ligand", "agonist", "activator"),
    "stimulus_dose": ("stim_dose", "stimulus_concentration", "stimulus_conc", "stim_conc"),
    "stimulus_unit": ("stim_unit", "stimulus_dose_unit", "stim_dose_unit"),
    "inhibitor": ("drug", "compound", "blocker", "inhibitor_1"),
    "dose": (
        "inhibitor_dose",
        "drug_dose",
        "concentration",
        "conc",
        "dose_1",
        "inhibitor_concentration",
    ),
    "dose_unit": ("inhibitor_unit", "inhibitor_dose_unit", "dose_1_unit", "unit"),
    "inhibitor_2": ("drug_2", "compound_2", "second_inhibitor", "inhibitor2"),
    "dose_2": ("inhibitor_2_dose", "drug_2_dose", "dose2", "second_dose"),
    "dose_2_unit": ("inhibitor_2_unit", "dose2_unit", "second_dose_unit", "dose_unit_2"),
    "role": ("type", "tube_role", "tube_type"),
    "vehicle": ("carrier", "solvent", "diluent", "vehicle_control"),
    "replicate": ("rep", "repl", "replicate_number"),
    "plate": ("plate_id", "rack", "staining_plate", "plate_name"),
    "time": ("time_point", "timepoint", "stimulation_time"),
    "time_min": ("minutes", "time_minutes", "stimulation_min"),
    "time_unit": ("time_point_unit", "stimulation_time_unit"),
    "stain": ("dye", "stained", "fluorochrome", "stained_with", "lacks"),
    "material": ("particles", "particle", "beads_or_cells", "control_material"),
    "note": ("notes", "comment", "comments", "remark", "remarks"),
}
"""Columns of the sheet, with other names by which they are known."""
AMBIGUOUS = ("treatment", "condition", "antibody", "agent", "group")
"""Columns that could hold a stimulus or an inhibitor: leaving them out would change results."""

_ROLES = {
    TubeRole.UNSTIMULATED: ("unstim", "us", "basal", "baseline", "no stimulus", "resting"),
    TubeRole.STIMULATED: ("stim", "stimulated control", "max", "maximum"),
    TubeRole.TREATED: ("treatment", "inhibited", "stimulated + inhibitor", "test", "sample"),
    TubeRole.INHIBITOR_ALONE: ("inhibitor only", "drug alone", "drug only", "alone"),
    TubeRole.POSITIVE: ("positive", "pos control", "pos ctrl", "assay control"),
    TubeRole.UNSTAINED: ("no stain", "blank"),
    TubeRole.SINGLE_STAIN: (
        "single stained",
        "compensation",
        "comp",
        "single colour",
        "single color",
    ),
    TubeRole.FMO: ("fluorescence minus one",),
    TubeRole.ISOTYPE: ("isotype control", "staining isotype"),
    TubeRole.BEADS: ("bead", "calibration beads", "mesf beads", "abc beads"),
}
ROLE_WORDS = {word: role for role, words in _ROLES.items() for word in (str(role), *words)}

_MINUTES = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1 / 60),
    **dict.fromkeys(("min", "mins", "minute", "minutes", "m", "'"), 1.0),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 60.0),
    **dict.fromkeys(("d", "day", "days"), 1440.0),
}
_MATERIALS = {
    "beads": ("bead", "compensation beads", "comp beads", "capture beads", "ultracomp"),
    "cells": ("cell", "pbmc", "blood", "whole blood", "lymphocytes"),
}
_DRIVE = re.compile(r"^[A-Za-z]:")


def read_row(
    row: Mapping[str, Cell], *, points: bool = False, places: Mapping[str, str] | None = None
) -> Tube:
    """Read one row.

    Parameters
    ----------
    row : cells by column of `COLUMNS`; blank cells are not there
    points : whether the text's numbers surely have decimal points (see `number_of`)
    places : where the row's cell of each column is, blank or not

    Raises
    ------
    ProtocolError, LayoutError
        Names the cell, what was expected and what was found.
    """
    doubts: list[str] = []
    vehicle = text_in(row, "vehicle")
    stimulus = read_agent(row, "stimulus", doubts, points=points, places=places)
    if stimulus is None and "stimulus" in row and VEHICLES.match(row["stimulus"].text):
        vehicle = vehicle or row["stimulus"].text
    inhibitors: list[Agent] = []
    for name in ("inhibitor", "inhibitor_2"):
        if name in row and VEHICLES.match(row[name].text):
            # An isotype or solvent in the inhibitor's place is what controls are matched by.
            doubts.append(f"{row[name].text} is read as a vehicle, not as an inhibitor.")
            vehicle = vehicle or row[name].text
            continue
        agent = read_agent(row, name, doubts, points=points, places=places)
        if agent is not None:
            inhibitors.append(agent)
    if len({agent.name.strip().casefold() for agent in inhibitors}) < len(inhibitors):
        raise ProtocolError(
            f"{inhibitors[0].name} is given twice in one tube",
            row["inhibitor_2"].where,
            "Two doses of one inhibitor are one dose: write their sum, or correct the second name.",
        )
    role = _role(row, stimulus, tuple(inhibitors))
    donor = text_in(row, "donor")
    if not donor and role not in STAINING:
        raise ProtocolError(
            f"the row of {row['file'].text!r} names no donor",
            (places or {}).get("donor", row["file"].where),
            "Write who the cells came from; blockade is compared within a donor.",
        )
    return Tube(
        file_name(row["file"]),
        donor,
        role,
        stimulus,
        tuple(inhibitors),
        vehicle,
        _replicate(row),
        text_in(row, "note"),
        text_in(row, "plate"),
        _time(row, points),
        text_in(row, "stain"),
        _material(row, role),
        where=row["file"].where,
        doubts=tuple(doubts),
    )


def file_name(cell: Cell) -> str:
    """A file within the run folder.

    Raises
    ------
    ProtocolError
        When the name is a path from the root, leaves the folder, or holds control characters.
    """
    name = cell.text
    parts = name.replace("\\", "/").split("/")
    outside = name.startswith(("/", "\\", "~")) or _DRIVE.match(name) or ".." in parts
    if outside or not all(c.isprintable() for c in name):
        raise ProtocolError(
            f"{name!r} is no file of the run folder",
            cell.where,
            "Write the name of the file, or its path from the run folder.",
        )
    return name


def _role(
    row: Mapping[str, Cell], stimulus: Agent | None, inhibitors: tuple[Agent, ...]
) -> TubeRole:
    if inhibitors:
        follows = TubeRole.TREATED if stimulus else TubeRole.INHIBITOR_ALONE
    else:
        follows = TubeRole.STIMULATED if stimulus else TubeRole.UNSTIMULATED
    text = text_in(row, "role")
    if not text:
        return follows
    word = " ".join(text.casefold().replace("_", " ").replace("-", " ").split())
    role = ROLE_WORDS.get(word)
    if role is None:
        raise ProtocolError(
            f"{text!r} is no role of a tube",
            row["role"].where,
            nearest(text, ROLE_WORDS) or f"Known are {', '.join(TubeRole)}.",
        )
    if role is TubeRole.POSITIVE and follows is TubeRole.STIMULATED:
        return role
    if role not in STAINING and role is not follows:
        raise ProtocolError(
            f"the role is {role}, but the row's stimulus and inhibitor say {follows}",
            row["role"].where,
            "Correct the row, or clear the role: it follows from the other columns.",
        )
    return role


def _replicate(row: Mapping[str, Cell]) -> int | None:
    cell = row.get("replicate")
    if cell is None:
        return None
    value, unit = number_of(cell, "replicate")
    if unit or value != int(value) or value < 1:
        raise ProtocolError(
            f"expected a whole number from 1 for the replicate, found {cell.text!r}", cell.where
        )
    return int(value)


def _material(row: Mapping[str, Cell], role: TubeRole) -> str:
    """What a compensation control is made of; empty when not given, and for any other tube."""
    text = text_in(row, "material").casefold()
    if text in BLANK or role not in (TubeRole.SINGLE_STAIN, TubeRole.UNSTAINED):
        return ""
    for name, others in _MATERIALS.items():
        if text in (name, *others):
            return name
    raise ProtocolError(
        f"{row['material'].text!r} is no material of a control",
        row["material"].where,
        "Write beads or cells.",
    )


def _time(row: Mapping[str, Cell], points: bool) -> float | None:
    """How long the stimulus acted, in minutes; None when not given.

    The unit stands in the cell, in the column's title or in the column ``time_unit``.
    """
    cell = row.get("time") or row.get("time_min")
    if cell is None or cell.text.casefold() in BLANK:
        return None
    value, said = number_of(cell, "time", points=points)
    known = "" if "time" in row else "min"
    unit = (said or text_in(row, "time_unit") or cell.unit or known).strip().casefold()
    if unit not in _MINUTES:
        found = f", found {unit!r}" if unit else ", found none"
        raise ProtocolError(
            f"expected s, min, h or d as the unit of the time {cell.text}{found}",
            cell.where,
            "Write 15 min, or fill in the column time_unit.",
        )
    if value < 0:
        raise ProtocolError(
            f"the time {cell.text} is below zero",
            cell.where,
            "Write how long the stimulus acted; for tubes taken before it, write 0.",
        )
    return value * _MINUTES[unit]
