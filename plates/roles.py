"""What a well is for, from the words that reader software writes: ``STD1``, ``Unknowns``."""

from __future__ import annotations

import re

from plates.layout import Role

_WORDS = (
    (Role.STANDARD, r"st\d|std|stnd|standard|cal\d|cal$|cal[^a-z]|calib"),
    (Role.BLANK, r"bl\d|blk|blank|background|bkg"),
    (Role.QC, r"qc|quality"),
    (Role.CONTROL, r"ct\d|ctl|ctrl|control|pos|neg|pc\d*$|nc\d*$|co\d+$|spike|matrix_spike|loq"),
    (Role.EMPTY, r"empty|unused|not used"),
    (Role.SAMPLE, r"sp\d|spl|smp|sample|unk|un\d|test|patient"),
)
_STARTS = tuple((role, re.compile(words)) for role, words in _WORDS)


def role_of(text: str) -> Role | None:
    """Role that a well type, group name or identifier begins with; None when it says nothing.

    Examples
    --------
    >>> role_of("STD3"), role_of("UnknownsNoDiln"), role_of("IL-6")
    (<Role.STANDARD: 'standard'>, <Role.SAMPLE: 'sample'>, None)
    """
    lower = text.strip().lower()
    return next((role for role, start in _STARTS if start.match(lower)), None)
