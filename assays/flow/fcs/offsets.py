"""Where DATA lies and how many events it holds.

HEADER and TEXT each give a first and a last byte, $TOT a number of events; any
of the three may be absent or wrong. The pair whose length is $TOT times the
bytes of one event is right, HEADER on a tie; an end one byte too far (written
as if it did not belong to the segment) still fits. Where no pair fits, nothing
is guessed unless two of the three agree with the end of the file.
"""

from __future__ import annotations

from dataclasses import replace

from assays.errors import FcsError
from assays.flow.fcs.draft import Draft
from assays.flow.fcs.header import LENGTH, Span

# FCS 3.0: eight characters of checksum may follow the last segment.
_CRC_BYTES = 8


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
    header, text = draft.dataset.header.data, draft.data_in_text
    if header is not None and header.end == 99_999_999 and text is not None:
        # Written by exporters in place of an offset that has no room in HEADER.
        header = None
    pairs = [span for span in (header, text) if span is not None and span.begin >= LENGTH]
    total = draft.total
    if not draft.event_bytes:
        return _separated(draft, pairs, total)
    if total is None:
        return _without_total(draft, pairs)
    needed = total * draft.event_bytes
    fitting = [span for span in pairs if span.length == needed] or [
        span for span in pairs if span.length == needed + 1
    ]
    if fitting:
        return _chosen(draft, fitting[0], total, header, text, salvage=salvage)
    if total == 0 and all(span.length <= 1 for span in pairs):
        return draft
    return _no_fit(draft, pairs, total, salvage=salvage)


def _chosen(
    draft: Draft,
    span: Span,
    total: int,
    header: Span | None,
    text: Span | None,
    *,
    salvage: bool,
) -> Draft:
    needed = total * draft.event_bytes
    if (
        header is not None
        and text is not None
        and (header.begin, header.end)
        != (
            text.begin,
            text.end,
        )
    ):
        name = "HEADER" if span == header else "TEXT"
        why = (
            f"{name} was taken, whose length fits $TOT"
            if header.length != text.length
            else "both fit $TOT, HEADER was taken"
        )
        draft = draft.saying(f"HEADER puts DATA at bytes {header}, TEXT at {text}: {why}.")
    if header is None and text is not None and draft.dataset.header.blank:
        draft = draft.saying("HEADER leaves the offsets of DATA blank; taken from TEXT.")
    if span.length == needed + 1:
        draft = draft.saying(
            f"DATA should end at byte {span.end - 1} for {total} events, "
            f"the file says {span.end}; one byte too far, left out."
        )
    return _take(draft, span.begin, total, salvage=salvage)


def _take(draft: Draft, begin: int, total: int, *, salvage: bool) -> Draft:
    """`total` events from byte `begin`, held against the bytes that are there."""
    if not total:
        return replace(draft, data=None, events=0)
    needed = total * draft.event_bytes
    there = max(0, draft.room - begin)
    if there < needed:
        present = there // draft.event_bytes
        if not salvage:
            raise FcsError(
                f"$TOT promises {total} events of {draft.event_bytes} bytes, "
                f"the file holds {present} whole ones ({there} of {needed} bytes)",
                f"{draft.dataset.name}: DATA, $TOT, byte {draft.dataset.header.base + begin}",
                "The file was cut short: copy it again, or read what is there with salvage.",
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


def _separated(draft: Draft, pairs: list[Span], total: int | None) -> Draft:
    """Numbers between separators: the length says nothing, $TOT everything."""
    if total is None:
        raise FcsError("$TOT is missing or no number", draft.place("$TOT"))
    if not total:
        return draft
    inside = [span for span in pairs if span.end < draft.room]
    # A number takes a digit and a separator.
    if not inside or total * draft.channels > inside[0].length // 2 + 1:
        raise FcsError(
            f"$TOT promises {total} events of {draft.channels} numbers, "
            f"DATA at bytes {' or '.join(map(str, pairs)) or 'unknown'} cannot hold them",
            f"{draft.dataset.name}: DATA, $TOT",
            "Was the file cut short?",
        )
    return replace(draft, data=inside[0], events=total)


def _without_total(draft: Draft, pairs: list[Span]) -> Draft:
    if not pairs:
        raise FcsError(
            "neither $TOT nor the offsets of DATA say how many events there are",
            draft.place("$TOT"),
        )
    span = pairs[0]
    count = span.length // draft.event_bytes
    if draft.room < span.begin + count * draft.event_bytes:
        raise FcsError(
            f"DATA should end at byte {span.end}, the data set at {draft.room - 1}",
            f"{draft.dataset.name}: DATA, byte {draft.dataset.header.base + span.begin}",
            "Was the file cut short?",
        )
    written = draft.keywords.get("$TOT")
    says = "is missing" if written is None else f"is {written.strip()[:20]!r}"
    draft = draft.saying(f"$TOT {says}; {count} events counted from the length of DATA.")
    return _take(draft, span.begin, count, salvage=False)


def _no_fit(draft: Draft, pairs: list[Span], total: int, *, salvage: bool) -> Draft:
    """No pair of offsets has the length that $TOT asks for."""
    size = draft.event_bytes
    needed = total * size
    place = f"{draft.dataset.name}: TEXT, $TOT"
    if not pairs:
        raise FcsError("neither HEADER nor TEXT says where DATA lies", place)
    begin = pairs[0].begin
    there = max(0, draft.room - begin)
    if there < needed:
        return _take(draft, begin, total, salvage=salvage)
    lengths = {span.length for span in pairs}
    whole = {length // size for length in lengths if length % size in (0, 1)}
    agreed = next(iter(whole)) if len(pairs) == 2 and len(whole) == len(lengths) == 1 else None
    inside = agreed is not None and begin + agreed * size <= draft.room
    if agreed is not None and inside and agreed > total:
        draft = draft.saying(
            f"$TOT says {total} events; HEADER and TEXT agree on {agreed}, which were read."
        )
        return _take(draft, begin, agreed, salvage=False)
    if needed and there - needed in (0, 1, _CRC_BYTES):
        draft = draft.saying(
            f"DATA should end at byte {pairs[0].end}, but $TOT and the end of the file agree on "
            f"{begin + needed - 1}, which was taken."
        )
        return _take(draft, begin, total, salvage=False)
    raise FcsError(
        f"$TOT promises {total} events of {size} bytes, but DATA at bytes "
        f"{' or '.join(str(span) for span in pairs)} would hold "
        f"{' or '.join(f'{span.length / size:g}' for span in pairs)}",
        f"{place}, DATA byte {draft.dataset.header.base + begin}",
        "HEADER, TEXT and $TOT contradict one another; export the file again.",
    )
