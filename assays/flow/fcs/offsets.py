"""Where DATA lies and how many events it holds.

HEADER and TEXT each give a first and a last byte, $TOT a number of events; any
of the three may be absent or wrong. The pair whose length is $TOT times the
bytes of one event is right, HEADER on a tie; an end one byte too far (written
as if it did not belong to the segment) still fits. Where no pair fits, nothing
is guessed: two witnesses must agree, of HEADER, TEXT, $TOT and the end of the
file, and what they agree on is told.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from assays.errors import FcsError
from assays.flow.fcs.draft import Draft
from assays.flow.fcs.header import LARGEST, LENGTH, Span

# FCS 3.0: eight characters of checksum may follow the last segment.
_CRC_BYTES = 8


@dataclass(frozen=True, slots=True)
class Pairs:
    """The two pairs of offsets, as far as they are there."""

    header: Span | None
    text: Span | None

    @property
    def there(self) -> list[Span]:
        """HEADER first."""
        return [span for span in (self.header, self.text) if span is not None]

    def __str__(self) -> str:
        return " or ".join(sorted({str(span) for span in self.there}))


def settle(draft: Draft, *, salvage: bool = False) -> Draft:
    """Settle DATA and the number of events.

    Parameters
    ----------
    draft : Draft
        With `event_bytes` known.
    salvage : bool
        Take the whole events that are there when the file was cut short.

    Raises
    ------
    FcsError
        When HEADER, TEXT and $TOT contradict one another or the file is cut short.
    """
    pairs = _pairs(draft)
    total = draft.total
    if not draft.event_bytes:
        return _separated(draft, pairs, total)
    if total is None:
        return _without_total(draft, pairs)
    needed = total * draft.event_bytes
    for length in (needed, needed + 1):
        fitting = [span for span in pairs.there if span.length == length]
        if fitting:
            # A segment that the file or TEXT has no room for is no witness.
            span = next((span for span in fitting if _possible(draft, span)), fitting[0])
            return _take(_telling(draft, pairs, span, total), span.begin, total, salvage=salvage)
    if total == 0 and all(span.length <= 1 for span in pairs.there):
        return draft
    return _no_fit(draft, pairs, total, salvage=salvage)


def _pairs(draft: Draft) -> Pairs:
    header, text = draft.dataset.header.data, draft.data_in_text
    if header is not None and header.end == LARGEST and text is not None:
        # Written by exporters in place of an offset that has no room in HEADER.
        header = None
    return Pairs(*(None if s is None or s.begin < LENGTH else s for s in (header, text)))


def _possible(draft: Draft, span: Span) -> bool:
    primary = draft.dataset.header.text
    apart = span.begin > primary.end or span.end < primary.begin
    return apart and span.begin + span.length - 1 <= draft.room


def _telling(draft: Draft, pairs: Pairs, span: Span, total: int) -> Draft:
    """Say what was odd about a pair that fits."""
    header, text = pairs.header, pairs.text
    if header is not None and text is not None and header != text:
        name = "HEADER" if span == header else "TEXT"
        if header.length != text.length:
            why = f"{name} was taken, whose length fits $TOT"
        elif span == header:
            why = "both fit $TOT, HEADER was taken"
        else:
            why = "both fit $TOT, but only TEXT leaves room for it and was taken"
        draft = draft.saying(f"HEADER puts DATA at bytes {header}, TEXT at {text}: {why}.")
    if header is None and text is not None and draft.dataset.header.blank:
        draft = draft.saying("HEADER leaves the offsets of DATA blank; taken from TEXT.")
    if span.length == total * draft.event_bytes + 1:
        draft = draft.saying(
            f"DATA should end at byte {span.end - 1} for {total} events, "
            f"the file says {span.end}; one byte too far, left out."
        )
    return draft


def _take(draft: Draft, begin: int, total: int, *, salvage: bool = False) -> Draft:
    """`total` events from byte `begin`, held against the bytes that are there."""
    if not total:
        return draft
    needed = total * draft.event_bytes
    there = max(0, draft.room - begin)
    if there < needed:
        present = there // draft.event_bytes
        if not salvage:
            raise FcsError(
                f"$TOT promises {total} events of {draft.event_bytes} bytes, "
                f"the file holds {present} whole ones ({there} of {needed} bytes)",
                f"{draft.dataset.name}: DATA, $TOT, byte {draft.dataset.header.base + begin}",
                "The file was cut short: copy it again from the cytometer. A run takes whole files "
                "only; assays read FILE --salvage shows the events that are there.",
            )
        draft = draft.saying(
            f"The file was cut short: {present} of {total} events are there, "
            f"{total - present} are missing.",
            missing=total - present,
        )
        total = present
        if not total:
            return draft
    span = Span(begin, begin + total * draft.event_bytes - 1)
    return replace(draft, data=span, events=total)


def _without_total(draft: Draft, pairs: Pairs) -> Draft:
    """Count the events by the length of DATA."""
    size = draft.event_bytes
    if not pairs.there:
        raise FcsError(
            "neither $TOT nor the offsets of DATA say how many events there are",
            draft.place("$TOT"),
        )
    inside = [span for span in pairs.there if _possible(draft, span) and span.length >= 0]
    if not inside:
        raise FcsError(
            f"DATA should lie at bytes {pairs}, the data set ends at {draft.room - 1}",
            f"{draft.dataset.name}: DATA, byte {draft.dataset.header.base + pairs.there[0].begin}",
            "Was the file cut short?",
        )
    # A length of whole events is the better witness, HEADER on a tie.
    span = next((span for span in inside if span.length % size in (0, 1)), inside[0])
    count, left = divmod(span.length, size)
    written = draft.keywords.get("$TOT")
    says = "is missing" if written is None else f"is {written.strip()[:20]!r}"
    rest = f", {left} bytes left over" if left > 1 else ""
    draft = draft.saying(f"$TOT {says}; {count} events counted from bytes {span} of DATA{rest}.")
    return _take(draft, span.begin, count)


def _no_fit(draft: Draft, pairs: Pairs, total: int, *, salvage: bool) -> Draft:
    """No pair of offsets has the length that $TOT asks for: look for two that agree."""
    size = draft.event_bytes
    needed = total * size
    if not pairs.there:
        raise FcsError("neither HEADER nor TEXT says where DATA lies", draft.place("$TOT"))
    first = pairs.there[0]
    there = max(0, draft.room - first.begin)
    if there < needed:
        return _take(draft, first.begin, total, salvage=salvage)
    for span in pairs.there:
        count, left = divmod(span.length, size)
        if left > 1 or count <= total or not _possible(draft, span):
            continue
        both = all(other.length == span.length for other in pairs.there) and len(pairs.there) == 2
        if both or _ends_file(draft, span.begin + count * size):
            who = "HEADER and TEXT" if both else "the offsets of DATA and the end of the file"
            draft = draft.saying(
                f"$TOT says {total} events; {who} agree on {count}, which were read."
            )
            return _take(draft, span.begin, count)
    if needed and _ends_file(draft, first.begin + needed):
        draft = draft.saying(
            f"DATA should end at byte {first.end}, but $TOT and the end of the file agree on "
            f"{first.begin + needed - 1}, which was taken."
        )
        return _take(draft, first.begin, total)
    raise FcsError(
        f"$TOT promises {total} events of {size} bytes, but DATA at bytes {pairs} would hold "
        f"{' or '.join(f'{span.length / size:g}' for span in pairs.there)}",
        f"{draft.place('$TOT')}, DATA byte {draft.dataset.header.base + first.begin}",
        "HEADER, TEXT and $TOT contradict one another; export the file again.",
    )


def _ends_file(draft: Draft, end: int) -> bool:
    """Whether a byte is the first after everything, but for a checksum."""
    return draft.room - end in (0, 1, _CRC_BYTES)


def _separated(draft: Draft, pairs: Pairs, total: int | None) -> Draft:
    """Numbers between separators: the length says nothing, $TOT everything."""
    if total is None:
        raise FcsError("$TOT is missing or no number", draft.place("$TOT"))
    if not total:
        return draft
    inside = [span for span in pairs.there if _possible(draft, span)]
    # A number takes a digit and a separator.
    if not inside or total * draft.channels > inside[0].length // 2 + 1:
        raise FcsError(
            f"$TOT promises {total} events of {draft.channels} numbers, "
            f"DATA at bytes {str(pairs) or 'unknown'} cannot hold them",
            f"{draft.dataset.name}: DATA, $TOT",
            "Was the file cut short?",
        )
    return replace(draft, data=inside[0], events=total)
