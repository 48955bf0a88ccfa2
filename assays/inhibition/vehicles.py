"""What carries an inhibitor, and whether one tube carries all that another does.

A vehicle may have several parts: ``DMSO + IgG1 isotype`` carries a small molecule and stands in
for an antibody. In what order a sheet names them does not matter.
"""

from __future__ import annotations

import re

# A stroke between words joins them; that of ug/mL does not.
_JOINS = re.compile(r"\s*(?:[+&;,]|\band\b|(?<=[a-z0-9]{3})\s*/\s*(?=[a-z0-9]{3}))\s*")


def parts(vehicle: str) -> tuple[str, ...]:
    """What a vehicle is made of, folded and in alphabetical order.

    Examples
    --------
    >>> parts("IgG1  isotype + DMSO")
    ('dmso', 'igg1 isotype')
    """
    folded = " ".join(vehicle.split()).casefold()
    return tuple(sorted({part for part in _JOINS.split(folded) if part}))


def vehicle_key(vehicle: str) -> str:
    """``DMSO`` and ``dmso `` are the same, ``IgG1 + DMSO`` and ``DMSO + IgG1`` as well."""
    return " + ".join(parts(vehicle))


def is_part(vehicle: str, whole: str) -> bool:
    """Whether a vehicle is some, not all, of what another one holds.

    A part may be named shortly or in full: ``IgG1`` stands in ``DMSO + IgG1 isotype``.

    Examples
    --------
    >>> is_part("DMSO", "DMSO + IgG1 isotype"), is_part("ethanol", "DMSO + IgG1 isotype")
    (True, False)
    """
    own, all_of_it = parts(vehicle), parts(whole)
    if not own or len(own) >= len(all_of_it):
        return False
    return all(any(_same(one, other) for other in all_of_it) for one in own)


def _same(one: str, other: str) -> bool:
    short, long = sorted((one.split(), other.split()), key=len)
    return long[: len(short)] == short
