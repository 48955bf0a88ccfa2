"""How a long piece of work tells where it is, whoever listens."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told at every step; the command line draws it on stderr, a notebook may ignore it."""

    def __call__(self, done: int, total: int, what: str) -> None:
        """``done`` of ``total`` steps; ``what`` is the step's name in words."""


def silent(done: int, total: int, what: str) -> None:
    """Tell nobody."""
