"""What the tokens mean that readers write instead of a number."""

from __future__ import annotations

import re

_BEYOND = re.compile(
    r"ov(er|r?flw)|^\*{3,}$|^\+{2,}$|#?sat|^\s*>|oor ?>|\bmax\b|too high", re.IGNORECASE
)


def is_beyond(token: str) -> bool:
    """Whether a token says that the signal was too high: ``OVRFLW``, ``*****``, ``#Sat``."""
    return bool(_BEYOND.search(token.strip()))
