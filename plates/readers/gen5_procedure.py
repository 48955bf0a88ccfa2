"""The reads that a Gen5 procedure announces, and which labels of results are raw.

Gen5 prints raw and calculated results in one grid, told apart by a label only.
A raw label is a wavelength (``450``, ``485/20,528/20``, ``Lum``, ``Alpha``),
perhaps behind the name of its read step (``od:600``, ``Read 2:450,490``) and
before a channel (``[Parallel]``, ``977 [Test]``). Anything else was calculated:
``Blank od:600``, ``[Concentration]``, ``260:Pathlength``, a ratio.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from plates.table import Row, cell

_KIND = re.compile(
    r"(?P<mode>.*?)\s*\b(?P<kind>Endpoint|Spectrum|Spectral Scan|Area Scan|Kinetic)\b.*", re.I
)
_WAVE = r"\d{3,4}(?:/\d+)?"
_LABEL = re.compile(
    rf"(?:(?P<step>.+):)?(?P<wave>{_WAVE}(?:\s*,\s*{_WAVE})?|Lum|Alpha|Spectrum|E[XM] Spectrum)"
    r"\s*(?:\[(?:Parallel|Perpendicular|Test|Ref|\d+)\])?"
)
_EXCITATION = re.compile(r"Excitation:\s*(\d{3,4})")
_EMISSION = re.compile(r"Emission:\s*(\d{3,4})?")
_SPAN = re.compile(r"Start:\s*(\d{3,4}).*Stop:\s*(\d{3,4}).*Step:\s*([1-9]\d{0,2})")
_FIXED = re.compile(r"Fixed (Excitation|Emission):\s*(\d{3,4})", re.I)


@dataclass(slots=True)
class Step:
    """One ``Read`` of the procedure."""

    name: str
    """What the user called it, or empty."""
    mode: str = ""
    """``absorbance``, ``fluorescence``, ``luminescence``, or empty when not said."""
    waves: list[str] = field(default_factory=list)
    """Wavelengths in the order of reading, as ``450`` or ``485:528``; empty for total light."""
    fixed: dict[str, str] = field(default_factory=dict)
    """Fixed ``excitation`` or ``emission`` of a spectrum."""
    full_plate: bool = False
    points: int = 1
    """Times of a kinetic, points of an area scan, wavelengths of a spectrum."""

    def add(self, detail: str) -> None:
        """Take in one line of the step's details."""
        found = _KIND.fullmatch(detail)
        if found and not self.mode:
            self.mode = mode_of(found["mode"])
        elif detail.startswith(("Wavelengths:", "Pathlength Correction:")):
            self.waves += re.findall(r"\d{3,4}", detail)
        elif detail == "Full Plate":
            self.full_plate = True
        elif area := re.match(r"Matrix Size:\s*(\d{1,3}) x (\d{1,3})", detail):
            self.points = int(area[1]) * int(area[2])
        elif span := _SPAN.search(detail):
            first, last, by = (int(number) for number in span.groups())
            self.points = (last - first) // by + 1
        elif fixed := _FIXED.match(detail):
            self.fixed[fixed[1].lower()] = fixed[2]
        elif emission := _EMISSION.search(detail):
            excitation = _EXCITATION.search(detail)
            wave = emission[1] or ""
            self.waves.append(f"{excitation[1]}:{wave}" if excitation else wave)


@dataclass(frozen=True, slots=True)
class Raw:
    """What a raw label says."""

    order: tuple[int, int]
    """Place in the procedure: step, wavelength."""
    mode: str
    wave: str
    step: Step | None


def read_steps(rows: Sequence[Row]) -> list[Step]:
    """Collect the read steps from the lines under ``Procedure Details``."""
    steps: list[Step] = []
    open_step = False
    times = 1
    for row in rows:
        key, value = cell(row, 0), cell(row, 1)
        if key == "Read":
            kind = _KIND.fullmatch(value)
            unnamed = kind is not None and mode_of(kind["mode"]) != ""
            steps.append(Step("" if unnamed else value, points=times))
            open_step = True
            if unnamed:
                steps[-1].add(value)
        elif key:
            open_step = False
            count = re.search(r"(\d{1,5}) Reads", value) if key == "Start Kinetic" else None
            times = int(count[1]) if count else 1 if key == "End Kinetic" else times
        elif open_step and value:
            steps[-1].add(value)
    return steps


def mode_of(text: str) -> str:
    """Detection mode that a word names; empty when it names none."""
    lower = text.lower()
    if "abs" in lower:
        return "absorbance"
    if "fluor" in lower or "trf" in lower or "time resolved" in lower or "time-resolved" in lower:
        return "fluorescence"
    return "luminescence" if "lum" in lower or "alpha" in lower else ""


def read_label(label: str, steps: Sequence[Step]) -> Raw | None:
    """Match a label with the procedure; None for a calculated result."""
    found = _LABEL.fullmatch(label.strip())
    if not found:
        return None
    wave = _wavelength(found["wave"])
    candidates = _candidates(found["step"], steps)
    if candidates is None:
        return None
    for index, step in candidates:
        if wave in step.waves:
            return Raw((index, step.waves.index(wave)), step.mode or _guess(wave), wave, step)
    named = {"Lum": "luminescence", "Alpha": "luminescence"}.get(found["wave"], "")
    for index, step in candidates:
        if not named or step.mode == named:
            return Raw((index, len(step.waves)), step.mode or named or _guess(wave), wave, step)
    return Raw((len(steps), 0), named or _guess(wave), wave, None)


def _candidates(prefix: str | None, steps: Sequence[Step]) -> list[tuple[int, Step]] | None:
    """Steps that a prefix may name; None when it names no step at all."""
    numbered = list(enumerate(steps))
    if prefix is None:
        return numbered
    named = [(index, step) for index, step in numbered if step.name == prefix]
    if named:
        return named
    if count := re.fullmatch(r"Read (\d+)", prefix):
        return [(index, step) for index, step in numbered if index + 1 == int(count[1])]
    # Without a procedure nobody can say what the steps were called.
    return None if steps or re.match(r"Blank|Corrected|Mean\b", prefix) else []


def _wavelength(text: str) -> str:
    return ":".join(re.findall(r"(?<![\d/])\d{3,4}", text))


def _guess(wave: str) -> str:
    if not wave:
        return "luminescence"
    return "fluorescence" if ":" in wave else "absorbance"
