"""Unmix raw spectral events: how much of each fluorochrome explains what the detectors saw.

With M the signatures (row: component, column: detector) an event's detectors saw
``seen = amounts M + noise``; ordinary least squares takes ``amounts = seen M⁺`` with the
pseudo-inverse ``M⁺ = Mᵀ (M Mᵀ)⁻¹``. Each signature has its peak at 1, so an amount is in
the unit of the component's brightest detector. What is left over, ``seen - amounts M``, is
noise where the signatures are right.

The complexity index is the condition number of the matrix of cosines between the
signatures: 1 when no two overlap, larger the more alike they are. That it is this number
for Cytek's "Complexity Index" is taken from the field's usage, not from a published formula.

References
----------
Novo, Grégori & Rajwa (2013), Cytometry A 83A:508 (least squares for spectral cytometry).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assays.errors import ControlError
from assays.flow.events import Channel, Events

Floats = NDArray[np.float64]

WORST_COMPLEXITY = 1e4
"""Condition number of the similarity matrix above which two components cannot be told apart."""
BLOCK = 32768


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Signatures:
    """What each component looks like to the detectors."""

    components: tuple[str, ...]
    detectors: tuple[str, ...]
    matrix: Floats
    """shape (components, detectors), each row with its peak at 1."""

    @property
    def similarity(self) -> Floats:
        """shape (components, components), cosine between signatures."""
        unit = self.matrix / np.linalg.norm(self.matrix, axis=1)[:, None]
        cosines: Floats = unit @ unit.T
        return cosines

    @property
    def complexity(self) -> float:
        """Condition number of the similarity matrix: 1 when no two signatures overlap."""
        return float(np.linalg.cond(self.similarity))

    def peak(self, component: str) -> str:
        """Detector in which a component is brightest."""
        return self.detectors[int(np.argmax(self.matrix[self.components.index(component)]))]


def signatures(components: Sequence[str], detectors: Sequence[str], spectra: Floats) -> Signatures:
    """Spectra brought to a peak of 1 and checked.

    Parameters
    ----------
    components : sequence of str
        Names, each once.
    detectors : sequence of str
    spectra : ndarray, shape (components, detectors)
        Signal of each component without background, any unit.

    Raises
    ------
    ControlError
        When a spectrum has no signal, there are more components than detectors, or two
        cannot be told apart; names them.
    """
    if len(set(components)) < len(components):
        raise ControlError("two single stains have the same name", ", ".join(components))
    if len(components) > len(detectors):
        raise ControlError(
            f"{len(components)} components cannot be unmixed from {len(detectors)} detectors",
            ", ".join(components),
        )
    peaks = spectra.max(axis=1)
    for name, peak, row in zip(components, peaks, spectra, strict=True):
        if not peak > 0 or not np.isfinite(row).all():
            raise ControlError(f"the spectrum of {name} has no signal", name)
    made = Signatures(tuple(components), tuple(detectors), spectra / peaks[:, None])
    if not made.complexity < WORST_COMPLEXITY:
        one, other, cosine = most_alike(made)
        raise ControlError(
            f"the spectra cannot be told apart: {one} and {other} are the most alike "
            f"(cosine {cosine:.4f}, complexity index {made.complexity:.3g})",
            "the single stains",
            "Are two of them the same fluorochrome, or is one sum of others? Leave one out.",
        )
    return made


def most_alike(made: Signatures) -> tuple[str, str, float]:
    """The two components whose signatures have the largest cosine."""
    if len(made.components) < 2:
        return made.components[0], made.components[0], 1.0
    cosines = made.similarity.copy()
    np.fill_diagonal(cosines, -math.inf)
    row, column = np.unravel_index(int(cosines.argmax()), cosines.shape)
    return made.components[row], made.components[column], float(cosines[row, column])


def amounts(seen: NDArray[np.floating], made: Signatures) -> Floats:
    """Abundances by ordinary least squares.

    Parameters
    ----------
    seen : ndarray, shape (n, detectors)
        Linear values as recorded.

    Returns
    -------
    ndarray, shape (n, components)
        In units of each component's brightest detector; below zero by noise.
    """
    undo = np.linalg.pinv(made.matrix)
    out = np.empty((len(seen), len(made.components)))
    for start in range(0, len(seen), BLOCK):
        part = slice(start, start + BLOCK)
        out[part] = seen[part].astype(np.float64) @ undo
    return out


def residual_percent(seen: NDArray[np.floating], made: Signatures) -> float:
    """What the signatures do not explain: root of the summed squares over that of the signal.

    Bright events weigh most, which is where a wrong signature shows. NaN without signal.
    """
    left, whole = 0.0, 0.0
    undo = np.linalg.pinv(made.matrix)
    for start in range(0, len(seen), BLOCK):
        part = seen[start : start + BLOCK].astype(np.float64)
        rest = part - (part @ undo) @ made.matrix
        left += float(np.square(rest).sum())
        whole += float(np.square(part).sum())
    return 100 * math.sqrt(left / whole) if whole > 0 else math.nan


def unmix(events: Events, made: Signatures) -> Events:
    """Events with one channel per component in place of the detectors.

    Scatter and time stay as they were. A component's channel bears its name and the
    range of its brightest detector.

    Raises
    ------
    GatingError
        When a detector is absent.
    """
    columns = [events.index(name) for name in made.detectors]
    kept = [n for n in range(len(events.channels)) if n not in set(columns)]
    found = amounts(events.values[:, columns], made).astype(_width(events))
    channels = [events.channels[n] for n in kept]
    for name in made.components:
        peak = events.channels[events.index(made.peak(name))]
        channels.append(Channel(name, None, peak.range, peak.gain, bits=peak.bits, kind=peak.kind))
    values = np.concatenate([events.values[:, kept], found], axis=1)
    return dataclasses.replace(
        events,
        values=np.ascontiguousarray(values),
        channels=tuple(channels),
        spillover=None,
        compensated=True,
    )


def _width(events: Events) -> np.dtype[np.floating]:
    return events.values.dtype if events.values.dtype.kind == "f" else np.dtype(np.float64)
