"""Which read of a plate is the signal, and which the reference: by what is declared, never a guess.

Nothing is subtracted unless the protocol says so, and what the reader's software subtracted
already is told.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from assays.errors import ProtocolError
from assays.protocol import Elisa
from plates.findings import Finding, Severity
from plates.plateread import PlateRead

MOST_NAMED = 40
"""Analytes that a message lists."""
NONE_MEANT = "none"
"""What `reference_nm` says when a second wavelength is no reference."""

UNIT_OF_MODE = {"absorbance": "OD", "fluorescence": "RFU", "luminescence": "RLU"}
"""What a reading is counted in."""


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """The reads of one plate that the run works with."""

    read: PlateRead
    reference: PlateRead | None
    findings: tuple[Finding, ...]


def choose_signal(reads: Sequence[PlateRead], protocol: Elisa, where: str) -> Signal:
    """Find the signal read of one plate, and the reference when one is declared.

    Parameters
    ----------
    reads : sequence of PlateRead
        All reads of one plate.
    where : str
        File and plate, for messages.

    Raises
    ------
    ProtocolError
        When no read, or more than one, fits what is declared; names what there is.
    """
    reads = _of_analyte(reads, protocol.analyte, where)
    wanted = _reference(protocol)
    named = protocol.signal_nm, wanted
    if named[0] is not None and named[1] is not None and _same(named[0], named[1]):
        raise ProtocolError(f"signal and reference are both {named[0]} nm", "assay.toml: [elisa]")
    reference = None
    rest = list(reads)
    if wanted is not None:
        reference = _only(rest, wanted, "reference_nm", where)
        rest = [read for read in rest if not _same(read.wavelength_nm, wanted)]
    if protocol.signal_nm is not None:
        signal = _only(rest, protocol.signal_nm, "signal_nm", where)
    elif len(rest) == 1:
        signal = rest[0]
    else:
        raise ProtocolError(
            f"the plate has {len(rest)} reads that could be the signal: {_named(rest)}",
            where,
            'Name one in [elisa], such as signal_nm = "450".'
            if len({read.wavelength_nm for read in rest}) > 1
            else "Export the endpoint read only.",
        )
    findings = [*_reduced(signal, protocol, where), *_unsubtracted(signal, rest, protocol, where)]
    return Signal(signal, reference, tuple(findings))


def _reference(protocol: Elisa) -> str | None:
    """The wavelength to subtract; None when none is named, and when it is said that none is."""
    text = protocol.reference_nm
    return None if text is None or text.strip().lower() == NONE_MEANT else text


def _of_analyte(reads: Sequence[PlateRead], wanted: str, where: str) -> list[PlateRead]:
    """The reads of one analyte; all of them where a well has one signal."""
    analytes = list(dict.fromkeys(read.analyte for read in reads if read.analyte))
    if not analytes:
        return list(reads)
    # Exports number their beads: "IL-6 (12)" is IL-6, and "IL6" is as well.
    exact = [name for name in analytes if name == wanted]
    found = exact or [name for name in analytes if _key(name) == _key(wanted)]
    if len(found) != 1:
        listed = ", ".join(analytes[:MOST_NAMED])
        more = f" and {len(analytes) - MOST_NAMED} more" if len(analytes) > MOST_NAMED else ""
        raise ProtocolError(
            f"the export measures {len(analytes)} analytes, and {len(found) or 'none'} of them "
            f"{'fit' if found else 'fits'} {wanted!r}: {listed}{more}",
            where,
            f'Name one as the export does, such as analyte = "{analytes[0]}" in [elisa].',
        )
    return [read for read in reads if read.analyte == found[0]]


def _key(analyte: str) -> str:
    """A name without the number of its bead, its case and its hyphens."""
    plain = re.sub(r"\s*\(\d+\)\s*$", "", analyte[:200])
    return re.sub(r"[\W_]+", "", plain).casefold()


def _only(reads: Sequence[PlateRead], wanted: str, key: str, where: str) -> PlateRead:
    found = [read for read in reads if _same(read.wavelength_nm, wanted)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise ProtocolError(
            f"{key} names {wanted} nm, but the plate was read at {_named(reads)}",
            where,
            f"Correct {key} in [elisa].",
        )
    raise ProtocolError(
        f"{key} names {wanted} nm, and {len(found)} reads have it: {_named(found)}",
        where,
        "Export the endpoint read only.",
    )


def _same(wavelength: str, wanted: str) -> bool:
    return _plain(wavelength) == _plain(wanted)


def _plain(wavelength: str) -> str:
    """``450 nm`` and ``450.0`` are both ``450``."""
    text = re.sub(r"\s|nm", "", wavelength.lower())
    parts = text.split(":")
    return ":".join(f"{float(part):g}" if _number(part) else part for part in parts)


def _number(text: str) -> bool:
    return re.fullmatch(r"\d+(\.\d*)?", text) is not None


def _named(reads: Sequence[PlateRead]) -> str:
    if not reads:
        return "nothing"
    shown = [_name(read) for read in reads[:6]]
    more = f" and {len(reads) - 6} more" if len(reads) > 6 else ""
    return ", ".join(shown) + more


def _name(read: PlateRead) -> str:
    wavelength = f"{read.wavelength_nm} nm" if read.wavelength_nm else "no wavelength given"
    time = "" if math.isnan(read.time_s) else f" at {read.time_s:g} s"
    return f"{wavelength} (read {read.read}{time})"


def _unsubtracted(
    signal: PlateRead, reads: Sequence[PlateRead], protocol: Elisa, where: str
) -> list[Finding]:
    """A second wavelength of absorbance that nobody declared a reference."""
    others = [r.wavelength_nm for r in reads if r.mode == signal.mode == "absorbance"]
    others = [nm for nm in dict.fromkeys(others) if nm and not _same(nm, signal.wavelength_nm)]
    if not others or protocol.reference_nm is not None:
        return []
    listed = ", ".join(others[:6]) + (f" and {len(others) - 6} more" if len(others) > 6 else "")
    return [
        Finding(
            "reference-undeclared",
            Severity.NOTE,
            where,
            f"The plate was read at {listed} nm as well, and no reference is declared: nothing was "
            f"subtracted from {signal.wavelength_nm} nm. What the reader's software printed may "
            f'have it subtracted. If it is a reference, set reference_nm = "{others[0]}" in '
            '[elisa]; if none is meant, reference_nm = "none".',
        )
    ]


def _reduced(signal: PlateRead, protocol: Elisa, where: str) -> list[Finding]:
    """Numbers that the software subtracted something from already."""
    difference = re.search(r"\d\s*[-−–]\s*\d", signal.wavelength_nm)
    if signal.read != "reduced" and not difference:
        return []
    again = protocol.blank == "subtract" or _reference(protocol) is not None
    named = f" ({signal.wavelength_nm} nm)" if difference else ""
    return [
        Finding(
            "already-reduced",
            Severity.LOOK if again else Severity.NOTE,
            where,
            f"The export holds values that the reader's software reduced already{named}. "
            + (
                "The protocol subtracts once more: check that this is meant."
                if again
                else "Nothing more is subtracted."
            ),
        )
    ]
