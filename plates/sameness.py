"""Records that hold NaN where a number is not known: two such records can still be the same."""

from __future__ import annotations

from dataclasses import fields, is_dataclass


class SameWhenUnknown:
    """Equality and hash of a frozen dataclass in which NaN equals NaN.

    To be inherited by a dataclass with ``eq=False``. NaN is unequal to itself, so that two
    wells without a known concentration would differ, or differ by the version of Python: the
    equality that dataclasses are given compares NaN by identity up to 3.12, by value from 3.13.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SameWhenUnknown) or type(other) is not type(self):
            return NotImplemented
        return self._known() == other._known()

    def __hash__(self) -> int:
        return hash((type(self), self._known()))

    def _known(self) -> tuple[object, ...]:
        """The fields that count, with one and the same word for every NaN."""
        values = [getattr(self, name) for name in _compared(type(self))]
        return tuple("not known" if value != value else value for value in values)


_names: dict[type, tuple[str, ...]] = {}


def _compared(kind: type) -> tuple[str, ...]:
    if kind not in _names:
        assert is_dataclass(kind)
        _names[kind] = tuple(field.name for field in fields(kind) if field.compare)
    return _names[kind]
