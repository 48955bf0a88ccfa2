"""Ask every check about a plate."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from plates.findings import Finding, by_severity
from plates.layout import WellContent
from plates.plateread import PlateRead
from plates.plugins import collect
from plates.qc.contract import Check, Floats, Plate
from plates.well import Well


def checks() -> tuple[Check, ...]:
    """Every check there is, in order of name."""
    return collect("plates.qc", "CHECK")


def run(
    read: PlateRead,
    contents: Mapping[Well, WellContent],
    *,
    signal: Floats | None = None,
    excluded: Collection[Well] = (),
    cv_limit_percent: float = 20.0,
    skip: Collection[str] = (),
) -> tuple[Finding, ...]:
    """What deserves a remark on one plate, the gravest first.

    Parameters
    ----------
    read : PlateRead
        As the instrument recorded it.
    contents : mapping of Well to WellContent
        From the layout.
    signal : ndarray, shape (rows, columns), optional
        What the curve is fitted to, when a reference or a blank was subtracted;
        the recorded values otherwise.
    excluded : wells that a person took out
    cv_limit_percent : float
        Limit of the coefficient of variation of replicates.
    skip : names of checks that are not to be asked
    """
    values = read.values if signal is None else signal
    known = {well: content for well, content in contents.items() if well in read.format}
    plate = Plate(
        read,
        known,
        np.asarray(values, dtype=np.float64),
        frozenset(excluded),
        cv_limit_percent,
    )
    asked = [check for check in checks() if check.name not in skip]
    return by_severity([finding for check in asked for finding in check.inspect(plate)])
