"""How one event is laid out in bytes: type, width, mask and byte order of each channel."""

from __future__ import annotations

from dataclasses import dataclass

from assays.errors import FcsError
from assays.flow.fcs.draft import Draft
from assays.flow.fcs.number import whole

LARGEST_BITS = 64


@dataclass(frozen=True, slots=True)
class Field:
    """One channel's place in an event."""

    kind: str
    """I integer, F single, D double, A digits."""
    width: int
    """Bytes; of digits, characters, and 0 where separators part them."""
    bits: int
    """Bits that count: those of the $PnR mask for integers, all for others."""

    @property
    def mask(self) -> int | None:
        """What to keep of an integer; None when every stored bit counts."""
        return (1 << self.bits) - 1 if self.kind == "I" and self.bits < 8 * self.width else None


@dataclass(frozen=True, slots=True)
class EventLayout:
    """The bytes of one event."""

    fields: tuple[Field, ...]
    order: tuple[int, ...]
    """$BYTEORD: significance of each stored byte, 1 the least."""

    @property
    def event_bytes(self) -> int:
        """Bytes of one event; 0 where separators part the numbers."""
        if any(field.width == 0 for field in self.fields):
            return 0
        return sum(field.width for field in self.fields)

    @property
    def wide(self) -> bool:
        """Whether the numbers need double precision."""
        return any(
            field.kind == "D" or (field.kind in "IA" and field.bits > 24) for field in self.fields
        )


def layout_of(draft: Draft) -> EventLayout:
    """Work out the bytes of one event from its keywords.

    Raises
    ------
    FcsError
        When a type, width, range or byte order is absent or not one of FCS.
    """
    fields = _fields(draft)
    widest = max((f.width for f in fields if f.kind != "A"), default=1)
    if len({f.width == 0 for f in fields}) > 1:
        raise FcsError(
            "numbers between separators ($PnB *) stand only by themselves", draft.place("$P1B")
        )
    return EventLayout(fields, _order(draft, widest))


def _fields(draft: Draft) -> tuple[Field, ...]:
    """Every channel's field; channels that are described alike share one."""
    words = draft.keywords
    alike: dict[tuple[str | None, str | None, str | None], Field] = {}
    fields = []
    for n in range(1, draft.channels + 1):
        key = (words.get(f"$P{n}B"), words.get(f"$P{n}R"), words.get(f"$P{n}DATATYPE"))
        found = alike.get(key)
        if found is None:
            found = alike[key] = _field(draft, n)
        fields.append(found)
    return tuple(fields)


def _field(draft: Draft, n: int) -> Field:
    key = f"$P{n}DATATYPE" if f"$P{n}DATATYPE" in draft.keywords else "$DATATYPE"
    kind = draft.word(key).upper()
    if kind not in ("I", "F", "D", "A"):
        raise FcsError(f"{key} is {kind[:20]!r}, expected I, F, D or A", draft.place(key))
    if kind == "A":
        return _digits(draft, n)
    bits = draft.bits(n)
    wanted = {"F": 32, "D": 64}.get(kind)
    if wanted is not None and bits != wanted:
        raise FcsError(
            f"$P{n}B is {bits}, but numbers of type {kind} have {wanted} bits",
            draft.place(f"$P{n}B"),
        )
    if bits % 8 or not 8 <= bits <= LARGEST_BITS:
        raise FcsError(
            f"$P{n}B is {bits}, expected 8 to {LARGEST_BITS} bits in steps of 8",
            draft.place(f"$P{n}B"),
        )
    return Field(kind, bits // 8, _counting_bits(draft, n, bits) if kind == "I" else bits)


def _digits(draft: Draft, n: int) -> Field:
    """Type A: $PnB counts characters; ``*`` means that separators part the numbers."""
    key = f"$P{n}B"
    text = draft.word(key)
    width = 0 if text == "*" else whole(text)
    if width is None or not 0 <= width <= 32 or (width == 0 and text != "*"):
        raise FcsError(
            f"{key} is {text[:20]!r}, expected 1 to 32 characters or *", draft.place(key)
        )
    top = draft.range(n)
    # Without a sensible range assume the widest numbers.
    return Field("A", width, int(top).bit_length() if 0 < top < 2**64 else 64)


def _counting_bits(draft: Draft, n: int, bits: int) -> int:
    """Bits below the next power of two at or above $PnR; all when the range says nothing."""
    top = draft.range(n)
    if top < 0:
        raise FcsError(f"$P{n}R is {top:g}, expected a range above 0", draft.place(f"$P{n}R"))
    if not 1 < top < 2.0**bits:
        return bits
    return (int(-(-top // 1)) - 1).bit_length()


def _order(draft: Draft, widest: int) -> tuple[int, ...]:
    text = draft.word("$BYTEORD")
    parts = [whole(part) for part in text.split(",")]
    order = tuple(part for part in parts if part is not None)
    if len(parts) > 8 or sorted(order) != list(range(1, len(parts) + 1)):
        raise FcsError(
            f"$BYTEORD is {text[:20]!r}, expected an order such as 1,2,3,4 or 4,3,2,1",
            draft.place("$BYTEORD"),
        )
    if not is_simple(order) and widest > len(order):
        raise FcsError(
            f"$BYTEORD {text} does not say how {widest} bytes are ordered",
            draft.place("$BYTEORD"),
        )
    if len(order) == 1 and widest > 1:
        raise FcsError(
            f"$BYTEORD {text} orders one byte, but $PnB asks for {widest}",
            draft.place("$BYTEORD"),
        )
    return order


def is_simple(order: tuple[int, ...]) -> bool:
    """Whether bytes simply rise or fall in significance."""
    return list(order) in (sorted(order), sorted(order, reverse=True))
