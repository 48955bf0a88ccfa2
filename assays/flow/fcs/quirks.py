"""Known deviations of keywords: how each shows, how it is mended, what is told.

The records are gone through in order before the bytes of an event are worked
out. Each is asked once; what it finds fills the blanks of its sentence, and
every sentence becomes a note on the events. Deviations of the offsets of DATA
are settled, and told, in `offsets.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from assays.flow.fcs.draft import Draft
from assays.flow.fcs.number import whole
from assays.flow.fcs.provenance import MISSING

Found = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Quirk:
    """One deviation."""

    name: str
    detect: Callable[[Draft], Found | None]
    """What was found, by the names that `told` uses; None when all is as it should be."""
    repair: Callable[[Draft, Found], Draft]
    told: str
    """Sentence for the user, with blanks in braces."""


def mend(draft: Draft, quirks: tuple[Quirk, ...]) -> Draft:
    """Go through the records in order and mend what they find."""
    for quirk in quirks:
        found = quirk.detect(draft)
        if found is not None:
            draft = quirk.repair(draft, found).saying(quirk.told.format(**found))
    return draft


def _as_read(draft: Draft, found: Found) -> Draft:
    """Nothing to do: TEXT was read this way already."""
    return draft


def _put(keyword: str, value: str) -> Callable[[Draft, Found], Draft]:
    def repair(draft: Draft, found: Found) -> Draft:
        return replace(draft, keywords=draft.keywords | {keyword: value})

    return repair


def _texts(draft: Draft, fact: str) -> list[object]:
    parts = (draft.dataset.text, draft.dataset.extra)
    return [getattr(part, fact) for part in parts if part is not None]


def _empty_values(draft: Draft) -> Found | None:
    count = sum(int(str(n)) for n in _texts(draft, "empty_values"))
    return {"count": count} if count else None


def _padded_names(draft: Draft) -> Found | None:
    count = sum(int(str(n)) for n in _texts(draft, "padded"))
    return {"count": count} if count else None


def _repeated(draft: Draft) -> Found | None:
    keys = sorted(draft.dataset.text.repeated)
    return {"keys": _few(keys)} if keys else None


def _unpaired(draft: Draft) -> Found | None:
    name = draft.dataset.text.unpaired
    return {"name": name[:40]} if name else None


def _open_end(draft: Draft) -> Found | None:
    return None if draft.dataset.text.final_delimiter else {}


def _latin(draft: Draft) -> Found | None:
    return {} if any(_texts(draft, "latin")) else None


def _from_zero(draft: Draft) -> Found | None:
    count = whole(draft.keywords.get("$PAR", ""))
    if count is None or "$P0B" not in draft.keywords or f"$P{count}B" in draft.keywords:
        return None
    return {"last": count - 1}


def _count_from_one(draft: Draft, found: Found) -> Draft:
    shifted = {}
    for key, value in draft.keywords.items():
        digits = key[2:-1]
        if key.startswith("$P") and digits.isdigit() and len(digits) < 7:
            key = f"$P{int(digits) + 1}{key[-1]}"
        shifted[key] = value
    return replace(draft, keywords=shifted)


def _no_mode(draft: Draft) -> Found | None:
    return None if draft.keywords.get("$MODE", "").strip() else {}


def _bare_order(draft: Draft) -> Found | None:
    order = draft.keywords.get("$BYTEORD", "").strip()
    return {"order": order} if order.isdigit() and 1 < len(order) <= 8 else None


def _with_commas(draft: Draft, found: Found) -> Draft:
    return _put("$BYTEORD", ",".join(str(found["order"])))(draft, found)


def _log_on_float(draft: Draft) -> Found | None:
    keys = [
        f"$P{n}E"
        for n in range(1, draft.channels + 1)
        if draft.decades(n)[0] > 0 and draft.kind(n) in ("F", "D")
    ]
    return {"keys": _few(keys)} if keys else None


def _zero_offset(draft: Draft) -> Found | None:
    keys = [
        f"$P{n}E"
        for n in range(1, draft.channels + 1)
        if draft.decades(n)[0] > 0 and draft.decades(n)[1] == 0 and draft.kind(n) in ("I", "A")
    ]
    return {"keys": _few(keys)} if keys else None


def _range_beyond(draft: Draft) -> Found | None:
    keys = [
        f"$P{n}R"
        for n in range(1, draft.channels + 1)
        if draft.kind(n) == "I"
        and 1 <= draft.bits(n) <= 64
        and not 1 < draft.range(n) <= 2.0 ** draft.bits(n)
    ]
    return {"keys": _few(keys)} if keys else None


def _odd_widths(draft: Draft) -> Found | None:
    """Widths that are no whole bytes, where the length of DATA proves the padding."""
    if any(draft.kind(n) != "I" for n in range(1, draft.channels + 1)):
        return None
    bits = [draft.bits(n) for n in range(1, draft.channels + 1)]
    if all(width % 8 == 0 for width in bits) or not all(1 <= width <= 64 for width in bits):
        return None
    total = draft.total
    spans = [span for span in (draft.dataset.header.data, draft.data_in_text) if span]
    for sizes in ([-(-b // 8) for b in bits], [1 << (-(-b // 8) - 1).bit_length() for b in bits]):
        needed = sum(sizes) * (total or 0)
        if needed and any(span.length - needed in (0, 1) for span in spans):
            odd = next(width for width in bits if width % 8)
            stored = sizes[bits.index(odd)] * 8
            return {"bits": odd, "stored": stored, "sizes": sizes}
    return None


def _padded_widths(draft: Draft, found: Found) -> Draft:
    sizes = found["sizes"]
    assert isinstance(sizes, list)
    changed = {f"$P{n}B": str(8 * size) for n, size in enumerate(sizes, start=1)}
    return replace(draft, keywords=draft.keywords | changed)


def _few(keys: list[str]) -> str:
    """The first three names and how many more there are."""
    more = f" and {len(keys) - 3} more" if len(keys) > 3 else ""
    return ", ".join(key[:40] for key in keys[:3]) + more


def _salvaged_before(draft: Draft) -> Found | None:
    count = draft.keywords.get(MISSING)
    return None if count is None else {"count": count[:20]}


OF_TEXT = (
    Quirk("latin-text", _latin, _as_read, "TEXT is not UTF-8; read as Latin-1."),
    Quirk(
        "empty-values",
        _empty_values,
        _as_read,
        "TEXT holds {count} empty values, which FCS does not allow; doubled delimiters after a "
        "keyword were read as such, not as escapes.",
    ),
    Quirk(
        "padded-names",
        _padded_names,
        _as_read,
        "Spaces around the names of keywords were stripped: {count}.",
    ),
    Quirk(
        "repeated-keyword",
        _repeated,
        _as_read,
        "Given twice with different values, the last was taken: {keys}.",
    ),
    Quirk(
        "unpaired-name",
        _unpaired,
        _as_read,
        "TEXT ends with {name!r}, which has no value; left out.",
    ),
    Quirk("open-end", _open_end, _as_read, "TEXT does not end with its delimiter."),
    Quirk(
        "from-zero", _from_zero, _count_from_one, "Channels are numbered 0 to {last}, not from 1."
    ),
    Quirk("no-mode", _no_mode, _put("$MODE", "L"), "$MODE is missing; read as list mode."),
    Quirk("bare-order", _bare_order, _with_commas, "$BYTEORD {order} has no commas; put in."),
    Quirk(
        "odd-widths",
        _odd_widths,
        _padded_widths,
        "Numbers of {bits} bits are stored as {stored}, as the length of DATA proves.",
    ),
    Quirk(
        "range-beyond",
        _range_beyond,
        _as_read,
        "Says nothing that a bit mask could be made of, all bits were kept: {keys}.",
    ),
    Quirk(
        "log-on-float",
        _log_on_float,
        _as_read,
        "A logarithm on floating-point data is left over from another file; ignored: {keys}.",
    ),
    Quirk(
        "zero-offset",
        _zero_offset,
        _as_read,
        "A logarithm with offset 0 was read with offset 1, as the standard says: {keys}.",
    ),
    Quirk(
        "salvaged-before",
        _salvaged_before,
        _as_read,
        "This file was made from one that was cut short: {count} of its events are missing.",
    ),
)
