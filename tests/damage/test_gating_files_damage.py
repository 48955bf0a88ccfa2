"""Gating files of every program, damaged in ways that a hand or a cable would: read, or a sentence.

Each file is mutated some hundred times from a seed of its name: bytes, tags, attributes,
numbers, references. What is still read must be applied without a warning, its children
inside their parents, and be written and read again.
"""

from __future__ import annotations

import importlib.util
import random
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assays.errors import GatingError
from assays.flow.events import Channel, Events, Spillover
from assays.flow.exchange import gatingml, identify, opencyto
from assays.flow.exchange.book import open_book
from assays.flow.exchange.drawn import steps_of
from plates.errors import LabError
from plates.source import Source

MUTATIONS = 250


def whole_files() -> dict[str, str]:
    place = importlib.util.spec_from_file_location(
        "whole_gating_files", Path(__file__).with_name("whole_gating_files.py")
    )
    assert place is not None and place.loader is not None
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    found: dict[str, str] = module.FILES
    return found


FILES = whole_files()
NUMBERS = [
    "nan",
    "inf",
    "-inf",
    "1e400",
    "-1e308",
    "1e-320",
    "0",
    "-1",
    "",
    "1_0",
    "0x10",
    "9" * 400,
]
WORDS = ["", " ", "root", "FCS", "=1+1", "A" * 3000, "&#x1F600;", "../x", "true"]
ATTRIBUTE = re.compile(r'([\w:-]+)="([^"]*)"')
ELEMENT = re.compile(r"<([\w:-]+)\b[^<>]*/>|<([\w:-]+)\b[^<>]*>.{0,900}?</\2>", re.DOTALL)
NUMBER = re.compile(r'(?<=["=,(>])-?\d[\d.]*(?=[",)<])')


def replaced(text: str, found: re.Match[str], by: str, group: int = 0) -> str:
    return text[: found.start(group)] + by + text[found.end(group) :]


def bytes_changed(text: str, dice: random.Random) -> str | bytes:
    data = bytearray(text.encode())
    for _ in range(dice.choice((1, 3, 30))):
        data[dice.randrange(len(data))] = dice.randrange(256)
    return bytes(data)


def cut(text: str, dice: random.Random) -> str:
    start = dice.randrange(len(text))
    return text[:start] + (text[start + dice.choice((1, 20, 200)) :] if dice.random() < 0.7 else "")


def number_changed(text: str, dice: random.Random) -> str:
    return replaced(text, dice.choice([*NUMBER.finditer(text)]), dice.choice(NUMBERS))


def attribute_changed(text: str, dice: random.Random) -> str:
    known = [*ATTRIBUTE.finditer(text)]
    if not known:
        return number_changed(text, dice)
    others = [found[2] for found in known]
    by = dice.choice(others) if dice.random() < 0.6 else dice.choice(WORDS)
    return replaced(text, dice.choice(known), by, 2)


def attribute_dropped(text: str, dice: random.Random) -> str:
    known = [*ATTRIBUTE.finditer(text)]
    return replaced(text, dice.choice(known), "") if known else cut(text, dice)


def element_moved(text: str, dice: random.Random) -> str:
    known = [*ELEMENT.finditer(text)]
    if not known:
        return cut(text, dice)
    one, other = dice.choice(known), dice.choice(known)
    match dice.randrange(3):
        case 0:
            return replaced(text, one, "")
        case 1:
            return replaced(text, one, one[0] * dice.choice((2, 100)))
        case _:
            return replaced(text, one, other[0])


def wrapped(text: str, dice: random.Random) -> str | bytes:
    match dice.randrange(5):
        case 0:
            return text.encode(dice.choice(("utf-16", "utf-16-le", "utf-32", "utf-8-sig")))
        case 1:
            return f'<!DOCTYPE x [<!ENTITY c SYSTEM "file:///etc/passwd">]>{text}'
        case 2:
            return text.replace('="', '="&c;', 1)
        case 3:
            at = text.find("<", dice.randrange(len(text)))
            return text[:at] + "<x>" * dice.choice((3, 5000)) + text[at:]
        case _:
            return f'<?xml version="1.0" encoding="{dice.choice(("klingon", "utf-7"))}"?>{text}'


WAYS: tuple[Callable[[str, random.Random], str | bytes], ...] = (
    bytes_changed, cut, number_changed, number_changed, attribute_changed, attribute_changed,
    attribute_dropped, element_moved, element_moved, wrapped,
)  # fmt: skip
TUBE = Events(
    np.random.default_rng(7).uniform(-50, 1000, (40, 2)),
    (Channel("A", None, 1024.0), Channel("B", None, 1024.0)),
    Spillover(("A", "B"), np.array([[1.0, 0.1], [0.2, 1.0]]), "file"),
    name="tube.fcs",
)


def attempt(name: str, data: bytes) -> bool:
    """Whether the file is read; every step that a run would take is taken."""
    identify(Source.from_bytes(name, data))
    if name.endswith(".csv"):
        opencyto.read(Source.from_bytes(name, data))
        return True
    for entry in open_book(Source.from_bytes(name, data)).entries.values():
        found = entry.strategy.apply(TUBE)
        for population in found.values():
            if population.parent:
                assert not (population.mask & ~found[population.parent].mask).any()
        assert len(steps_of(entry.strategy, lambda channel: channel, True)) == len(found) - 1
        try:
            text = gatingml.to_xml(entry.strategy)
        except GatingError:
            continue
        gatingml.read(Source.from_bytes("again.xml", text.encode())).apply(TUBE)
    return True


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_gating_file_is_read_or_refused_with_its_place(name: str) -> None:
    assert attempt(name, FILES[name].encode())
    dice = random.Random(f"damage to {name}")
    read = refused = 0
    for _ in range(MUTATIONS):
        damaged = dice.choice(WAYS)(FILES[name], dice)
        data = damaged.encode() if isinstance(damaged, str) else damaged
        try:
            read += attempt(name, data)
        except LabError as error:
            refused += 1
            assert 10 < len(error.message) < 2500, str(error)
            assert name in error.where or TUBE.name in error.where, str(error)
    assert read > 20
    assert refused > 60
