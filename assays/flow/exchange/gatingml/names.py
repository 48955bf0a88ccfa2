"""Identifiers that XML allows, from any names."""

from __future__ import annotations

import re

_ALLOWED = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_OTHER = re.compile(r"[^A-Za-z0-9_.-]+")


class Names:
    """One identifier per name, the name itself where XML allows it."""

    def __init__(self) -> None:
        self._given: dict[str, str] = {}
        self._taken: set[str] = set()

    def of(self, name: str) -> str:
        """Identifier of a name; always the same one."""
        if name not in self._given:
            self._given[name] = self.fresh(name)
        return self._given[name]

    def fresh(self, name: str) -> str:
        """Identifier that nothing else has."""
        wanted = name if _ALLOWED.fullmatch(name) else _OTHER.sub("_", name.replace("/", "."))
        if not _ALLOWED.fullmatch(wanted):
            wanted = f"_{wanted}"
        found, number = wanted, 1
        while found in self._taken:
            number += 1
            found = f"{wanted}_{number}"
        self._taken.add(found)
        return found
