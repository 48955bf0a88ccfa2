"""Remarks on many cells, told once each with the places they are about."""

from __future__ import annotations

SHOWN = 6
"""Places that a remark names before it counts the rest."""


class Remarks:
    """Collects remarks while a file is read."""

    def __init__(self) -> None:
        self._places: dict[str, list[str]] = {}

    def add(self, remark: str, where: str) -> None:
        """Say something about a place; the same words are told once for all their places."""
        self._places.setdefault(remark, []).append(where)

    def sentences(self) -> tuple[str, ...]:
        """A sentence each, in the order in which they were first said."""
        return tuple(
            f"{remark[:1].upper()}{remark[1:]} ({list_places(places)})."
            for remark, places in self._places.items()
        )


def list_places(places: list[str]) -> str:
    """``layout.xlsx: Plate!B4, B5 and 3 more``: the file and sheet are named once."""
    shown: list[str] = []
    last = ""
    for place in dict.fromkeys(places):
        head = place[: max(place.rfind("!"), place.rfind(":")) + 1]
        shown.append(place[len(head) :] if head == last else place)
        last = head
    rest = len(shown) - SHOWN
    return ", ".join(shown[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")
