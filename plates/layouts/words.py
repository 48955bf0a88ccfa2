"""The words people write in layouts: names of columns and blocks, names of roles."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from plates.layout import Role

PROPERTIES = {
    "plate": ("plate_label", "plate_name", "plate_id", "barcode"),
    "well": ("wells", "well_name", "well_id", "position", "pos", "well_position", "location"),
    "row": (),
    "column": ("col",),
    "role": ("type", "well_type", "sample_type", "content", "well_role", "kind", "task"),
    "sample": (
        "sample_name",
        "sample_id",
        "name",
        "id",
        "sampleid",
        "specimen",
        "identifier",
        "descriptor",
    ),
    "nominal": (
        "nominal_concentration",
        "concentration",
        "conc",
        "nominal_conc",
        "standard_concentration",
        "standard_conc",
        "std_conc",
        "known_concentration",
        "expected",
        "expected_concentration",
        "target",
        "target_concentration",
        "nominal_value",
    ),
    "top": ("top_concentration", "top_standard", "highest_concentration", "highest_standard"),
    "unit": ("units", "concentration_unit", "conc_unit", "nominal_unit", "concentration_units"),
    "dilution_factor": ("dilution", "dil", "dilutionfactor", "dil_factor", "df", "fold_dilution"),
    "replicate": ("rep", "repl", "replicate_number", "replicate_no"),
    "cell_density": ("cells", "cell_number", "cell_count", "cell_concentration", "cell_conc"),
    "treatment": ("treatment_name", "condition"),
    "donor": ("patient", "donor_id", "patient_id", "subject", "subject_id"),
}
"""Columns and blocks by the name used here; any other becomes a label under its own name."""

_ROLES = {
    Role.STANDARD: ("std", "standards", "stnd", "stds", "cal", "calibrator", "calibrators", "ref"),
    Role.SAMPLE: (
        "unknown",
        "unk",
        "unkn",
        "spl",
        "smp",
        "samples",
        "unknowns",
        "test",
        "specimen",
    ),
    Role.QC: ("quality control", "qcs", "qc sample", "control sample"),
    Role.BLANK: ("blk", "blanks", "bl", "buffer", "reagent blank", "background", "bkg", "nsb"),
    Role.MEDIUM: (
        "media",
        "medium only",
        "medium control",
        "cell-free",
        "cell free",
        "culture medium",
    ),
    Role.CONTROL: (
        "controls",
        "ctl",
        "ctrl",
        "con",
        "positive",
        "negative",
        "pos",
        "neg",
        "positive control",
        "negative control",
        "pos control",
        "neg control",
        "vehicle",
        "vehicle control",
        "assay control",
    ),
    Role.EMPTY: ("none", "unused", "not used", "-", "–", "x", "n/a", "na"),
}
ROLE_WORDS = {word: role for role, words in _ROLES.items() for word in (str(role), *words)}
"""Role by each word that stands for it."""

_LONGEST_TITLE = 200
_NAMES = {word: name for name, words in PROPERTIES.items() for word in (name, *words)}
_TITLE = re.compile(r"^(.*?)\s*[(\[]\s*([^()\[\]]+?)\s*[)\]]\s*$")
_NUMBERED = re.compile(r"^(.*?[^\W\d_])[\s_.-]*(\d+)$")
_MASS = r"(p|n|u|µ|μ|m|f)?(g|mol|iu|u)_(p|n|u|µ|μ|m|d)?l"
_UNIT_TAIL = re.compile(rf"^(.+?)_({_MASS})$")


def key_of(name: str) -> str:
    """A name in lower case with underscores: ``Cell density`` is ``cell_density``."""
    return re.sub(r"[^\w]+", "_", name.strip().casefold(), flags=re.UNICODE).strip("_")


def title_of(text: str) -> tuple[str, str]:
    """Property and unit of a title: ``Conc. (pg/mL)`` is ``nominal`` in ``pg/mL``.

    A title that is none of `PROPERTIES` stands for a label of its own name.
    """
    # The patterns look back and forth: a hostile title must not be long.
    text = text[:_LONGEST_TITLE]
    found = _TITLE.match(text)
    name, unit = (found[1], found[2]) if found and found[1] else (text, "")
    key = key_of(name)
    tail = _UNIT_TAIL.match(key)
    if not unit and tail and _NAMES.get(tail[1]) == "nominal":
        mass, volume = tail[2].split("_")
        return "nominal", f"{mass}/{volume[:-1]}L"
    if not unit and _NAMES.get(key.partition("_in_")[0]) and "_in_" in key:
        name, unit = re.split(r"\s+in\s+", text, maxsplit=1, flags=re.IGNORECASE)
        key = key_of(name)
    property_ = _NAMES.get(key, key)
    # "sample (donor 3)" names no unit: only quantities have one.
    if unit and property_ not in ("nominal", "top", "cell_density", "dilution_factor"):
        key = key_of(text)
        property_ = property_ if property_ in PROPERTIES else key
        unit = ""
    return property_, unit


def role_of(text: str) -> tuple[Role | None, bool]:
    """Role that a word stands for, and whether a number came with it (``STD1``).

    None when the word is unknown.
    """
    word = " ".join(text.casefold().replace("_", " ").split())
    if word in ROLE_WORDS:
        return ROLE_WORDS[word], False
    found = _NUMBERED.match(word[:_LONGEST_TITLE])
    if found and found[1].strip() in ROLE_WORDS:
        return ROLE_WORDS[found[1].strip()], True
    return None, False


def nearest(word: str, known: Iterable[str]) -> str:
    """``Did you mean 'x'?`` for the most alike of the known words; empty when none is alike."""
    table = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), list(table), n=1, cutoff=0.6)
    return f"Did you mean {table[close[0]]!r}?" if close else ""
