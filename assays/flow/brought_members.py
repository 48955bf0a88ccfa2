"""Members of another program's populations, one bit per event and gate."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from assays.errors import GatingError
from assays.flow.gates.shapes import Mask

MOST_BYTES = 1 << 30
"""What the kept bits of all tubes may take together."""


class Members:
    """Populations of the tubes that were gated so far."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[int, dict[str, NDArray[np.uint8]]]] = {}
        self._bytes = 0

    def __contains__(self, file: str) -> bool:
        return file in self._kept

    def keep(self, file: str, size: int, masks: Mapping[str, Mask]) -> None:
        """Keep one tube's populations.

        Parameters
        ----------
        file : str
        size : int
            Events of the tube.
        masks : mapping
            By population, shape (size,).

        Raises
        ------
        GatingError
            When the populations of all tubes would take more memory than is allowed.
        """
        bits = {name: np.packbits(mask) for name, mask in masks.items()}
        self._bytes += sum(each.nbytes for each in bits.values())
        if self._bytes > MOST_BYTES:
            raise GatingError(
                "the populations of all tubes take more than a gigabyte; gate fewer tubes at once",
                file,
            )
        self._kept[file] = (size, bits)

    def masks(self, file: str) -> dict[str, Mask]:
        """By population, its members in a tube that was gated; shape (n_events,) each."""
        size, bits = self._kept.get(file, (0, {}))
        return {name: np.unpackbits(each, count=size).view(np.bool_) for name, each in bits.items()}

    def sizes(self) -> dict[str, int]:
        """By tube, its events."""
        return {file: size for file, (size, _) in self._kept.items()}
