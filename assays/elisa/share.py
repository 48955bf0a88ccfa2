"""Curves of all plates with some parameters in common, where the protocol asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from assays import curves
from assays.curves import StandardCurve
from assays.curves.fitting import choose
from assays.elisa.prepare import PreparedPlate
from assays.elisa.standards import Fitted, fit_standards, points_of
from assays.errors import CurveFitError, ProtocolError
from assays.protocol import Elisa
from assays.results.plates_together import SharedFit
from plates.findings import Finding, Severity

PLACE = "assay.toml: elisa.curve.shared"


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """The curve of every plate, and what was shared."""

    fitted: tuple[Fitted, ...]
    """Of each plate, in order."""
    shared: SharedFit | None
    whole: Mapping[str, StandardCurve]
    """By plate, shared alike: curves had nothing been excluded. Empty where nothing is shared."""
    findings: tuple[Finding, ...] = ()


def require_shared(protocol: Elisa) -> None:
    """Refuse names that the model does not have.

    Raises
    ------
    ProtocolError
    """
    known = choose(protocol.curve.model).names
    strange = [name for name in protocol.curve.shared if name not in known]
    if strange:
        raise ProtocolError(
            f"{protocol.curve.model} has no parameter {strange[0]!r}",
            PLACE,
            f"It has {', '.join(known)}.",
        )


def fit_plates(plates: Sequence[PreparedPlate], protocol: Elisa) -> Curves:
    """Fit each plate by itself, then together where parameters are to be shared.

    A plate whose standards were refused takes no part. With fewer than two others nothing can be
    shared, which is told.
    """
    own = tuple(fit_standards(plate.plate, plate.wells, protocol) for plate in plates)
    if not protocol.curve.shared:
        return Curves(own, None, {})
    taken = [i for i, fitted in enumerate(own) if fitted.curve is not None]
    told = "Fewer than two plates have a curve: nothing was shared."
    found = None
    if len(taken) > 1:
        try:
            found = _together([plates[i] for i in taken], protocol, with_excluded=False)
        except CurveFitError as error:
            told = f"The plates could not be fitted together, each has its own curve: {error}"
    if found is None:
        remark = Finding("nothing-shared", Severity.LOOK, "", told)
        return Curves(own, None, {}, (remark,))
    joint = dict(zip(taken, found.curves, strict=True))
    fitted = tuple(replace(one, curve=joint[i]) if i in joint else one for i, one in enumerate(own))
    record = SharedFit(
        found.names,
        dict(found.shared),
        found.f_ratio,
        (float(found.df_shared - found.df_own), float(found.df_own)),
        found.p_value,
        found.apart,
    )
    return Curves(fitted, record, _whole([plates[i] for i in taken], protocol))


def _together(
    plates: Sequence[PreparedPlate], protocol: Elisa, *, with_excluded: bool
) -> curves.SharedFit:
    choice = protocol.curve
    points = [points_of(plate.wells, protocol, with_excluded) for plate in plates]
    return curves.fit_shared(
        [x for x, _ in points],
        [y for _, y in points],
        choice.shared,
        choice.model,
        choice.weighting,
        [plate.plate for plate in plates],
        choice.on,
        choice.floor,
    )


def _whole(plates: Sequence[PreparedPlate], protocol: Elisa) -> dict[str, StandardCurve]:
    if not any(well.excluded_why for plate in plates for well in plate.wells):
        return {}
    try:
        found = _together(plates, protocol, with_excluded=True)
    except CurveFitError:
        # What a person took out may be what no curve can carry.
        return {}
    return dict(zip(found.names, found.curves, strict=True))
