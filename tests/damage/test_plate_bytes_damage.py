"""Exports cut, flipped, re-encoded or wrapped as something else: read as before, or a sentence."""

from __future__ import annotations

import hashlib
import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

import plates
from plates.source import Source

SAMPLES = Path(__file__).parents[1] / "samples" / "plates"
FILES = sorted(path for path in SAMPLES.glob("*/*") if not path.name.endswith(".expected.csv"))
CUTS, FLIPS = 200, 60
by_file = pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")


def numbers(export: plates.Export) -> list[tuple[object, ...]]:
    return [
        (read.plate_number, read.read, read.mode, read.wavelength_nm, str(read.time_s),
         read.values.tobytes())
        for read in export.reads
    ]  # fmt: skip


def attempt(name: str, data: bytes) -> plates.Export | None:
    """What was read; None where it was refused by an error of ours with file and sentence."""
    try:
        return plates.read(Source.from_bytes(name, data))
    except plates.LabError as error:
        assert len(error.message) > 10, str(error)
        assert name in error.where, str(error)
        return None


def seeded(path: Path) -> np.random.Generator:
    digest = hashlib.sha256(f"bytes of {path.name}".encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))


@by_file
def test_a_file_cut_at_any_of_many_bytes_never_crashes(path: Path) -> None:
    data = path.read_bytes()
    places = np.unique(np.linspace(1, len(data) - 1, CUTS).astype(int))
    whole = numbers(plates.read(path))
    shorter = [attempt(path.name, data[:place]) for place in places]
    assert any(export is None for export in shorter)
    for export in shorter:
        if export is not None and numbers(export) != whole:
            assert len(export.reads) <= len(whole)


@by_file
def test_flipped_bytes_never_crash(path: Path) -> None:
    data = path.read_bytes()
    random = seeded(path)
    for _ in range(FLIPS):
        changed = bytearray(data)
        for place in random.integers(0, len(data), size=int(random.integers(1, 8))):
            changed[place] ^= int(random.integers(1, 256))
        export = attempt(path.name, bytes(changed))
        assert export is None or export.reads


@by_file
def test_another_encoding_changes_no_number(path: Path) -> None:
    source = Source.of(path)
    if source.is_workbook:
        pytest.skip("a workbook has one encoding")
    whole = numbers(plates.read(path))
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"):
        export = attempt(path.name, source.text.encode(encoding))
        assert export is not None and numbers(export) == whole, encoding
    for encoding in ("cp1252", "mac_roman", "cp1251", "shift_jis"):
        # A degree sign or a Greek letter may be lost; the numbers may not.
        export = attempt(path.name, source.text.encode(encoding, errors="replace"))
        assert export is None or [n[-1] for n in numbers(export)] == [n[-1] for n in whole]


def zipped(parts: dict[str, str]) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return stream.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DISGUISED = {
    "a web page": b"<html><body><table><tr><td>1</td><td>2</td></tr></table></body></html>",
    "a csv of prose": b"dear colleague,please find the plate attached\n",
    "an old workbook that is none": OLE + b"\0" * 4096,
    "an encrypted workbook": OLE + b"\0" * 512 + "EncryptedPackage".encode("utf-16-le"),
    "a Word document": zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}),
    "an OpenDocument text": zipped({"mimetype": "x", "content.xml": "<office/>"}),
    "an empty zip": zipped({}),
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8,
    "noughts": bytes(4096),
    "an FCS file": b"FCS3.1    " + b" " * 500,
    "XML": b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
}  # fmt: skip


@pytest.mark.parametrize("name", ["plate.xlsx", "plate.csv", "plate.ods", "plate.xls"])
@pytest.mark.parametrize("what", sorted(DISGUISED))
def test_another_kind_of_file_under_the_name_of_an_export_is_refused(name: str, what: str) -> None:
    assert attempt(name, DISGUISED[what]) is None
