"""A data set while it is being understood: keywords to go by, and what was mended."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from assays.errors import FcsError
from assays.flow.fcs.dataset import DataSet
from assays.flow.fcs.header import Span
from assays.flow.fcs.number import number, whole


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known of a data set so far; each repair makes the next draft."""

    dataset: DataSet
    keywords: dict[str, str]
    """Working copy: repairs change it, the file's own words stay in `dataset`."""
    event_bytes: int = 0
    """Bytes of one event, once the layout is known; 0 before, or where it varies."""
    data: Span | None = None
    """Where DATA lies, once that is settled; None without a byte of it."""
    events: int = 0
    """Events that DATA holds, once that is settled."""
    missing: int = 0
    """Events that the file promises and does not hold."""
    notes: tuple[str, ...] = ()

    def place(self, keyword: str) -> str:
        """Say where a keyword stands, for a message."""
        return self.dataset.place(keyword)

    def word(self, keyword: str) -> str:
        """Return the value of a keyword that reading depends on, without padding.

        Raises
        ------
        FcsError
            When the keyword is absent.
        """
        try:
            return self.keywords[keyword].strip(" \0")
        except KeyError:
            raise FcsError(f"the keyword {keyword} is missing", self.place(keyword)) from None

    def saying(self, note: str, **changes: object) -> Draft:
        """Make the next draft, with one more sentence to tell."""
        return replace(self, notes=(*self.notes, note), **changes)  # type: ignore[arg-type]

    @property
    def channels(self) -> int:
        """$PAR, held against the $PnB that are there.

        Raises
        ------
        FcsError
            When it is no number, or more channels are promised than described.
        """
        count = whole(self.word("$PAR"))
        if count is None or count < 1:
            raise FcsError(
                f"$PAR is {self.word('$PAR')[:20]!r}, expected a number of channels from 1",
                self.place("$PAR"),
            )
        if count > len(self.keywords) or f"$P{count}B" not in self.keywords:
            raise FcsError(
                f"$PAR promises {count} channels, but there is no $P{count}B",
                self.place("$PAR"),
            )
        return count

    def bits(self, n: int) -> int:
        """$PnB of channel `n`, from 1.

        Raises
        ------
        FcsError
            When it is absent or no number.
        """
        key = f"$P{n}B"
        bits = whole(self.word(key))
        if bits is None:
            raise FcsError(
                f"{key} is {self.word(key)[:20]!r}, expected a number of bits", self.place(key)
            )
        return bits

    def range(self, n: int) -> float:
        """$PnR of channel `n`, from 1; NaN when absent or no number."""
        return number(self.keywords.get(f"$P{n}R", ""))

    def kind(self, n: int) -> str:
        """Type of the numbers of channel `n`: I, F, D or A."""
        word = self.keywords.get(f"$P{n}DATATYPE") or self.keywords.get("$DATATYPE", "")
        return word.strip().upper()

    def decades(self, n: int) -> tuple[float, float]:
        """$PnE of channel `n`: decades and offset; (0, 0) when absent or no numbers."""
        text = self.keywords.get(f"$P{n}E", "0,0")
        if text == "0,0":
            return 0.0, 0.0
        first, _, second = text.partition(",")
        found = (number(first), number(second))
        return (0.0, 0.0) if any(math.isnan(value) for value in found) else found

    def gain(self, n: int) -> float:
        """$PnG of channel `n`; 1 when absent or no positive number."""
        text = self.keywords.get(f"$P{n}G", "1")
        gain = 1.0 if text in ("1", "1.0") else number(text)
        return gain if gain > 0 else 1.0

    def is_time(self, n: int) -> bool:
        """Whether channel `n` counts time: named so, or of that $PnTYPE (FCS 3.2)."""
        if self.keywords.get(f"$P{n}N", "").strip().lower() == "time":
            return True
        return self.keywords.get(f"$P{n}TYPE", "").strip().lower() == "time"

    @property
    def total(self) -> int | None:
        """$TOT; None when absent or no number of events."""
        count = whole(self.keywords.get("$TOT", ""))
        return None if count is None or count < 0 else count

    @property
    def data_in_text(self) -> Span | None:
        """DATA as $BEGINDATA and $ENDDATA give it; None when absent or 0."""
        begin, end = (whole(self.keywords.get(key, "")) for key in ("$BEGINDATA", "$ENDDATA"))
        if not begin or begin < 0 or end is None:
            return None
        return Span(begin, end)

    @property
    def room(self) -> int:
        """Bytes of the data set, counted from its start."""
        return self.dataset.limit
