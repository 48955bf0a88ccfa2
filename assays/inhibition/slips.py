"""Slips of the sample sheet that show in a run: told with the tube, never mended by guess."""

from __future__ import annotations

from collections.abc import Sequence

from assays.inhibition.forgotten import controls_left_over, stimulus_forgotten, time_forgotten
from assays.inhibition.namesakes import named_alike, named_two_ways
from assays.inhibition.off_curve import off_curve
from assays.protocol import Flow
from assays.results.flow import Reading
from assays.samples import Tube
from plates.findings import Finding


def slips(
    tubes: Sequence[Tube], readings: Sequence[Reading], protocol: Flow
) -> tuple[Finding, ...]:
    """What the sheet's author should look at again.

    Parameters
    ----------
    tubes : sequence of Tube
        Rows of the sample sheet.
    readings : sequence of Reading
        Of every tube and readout.
    protocol : Flow
        Readouts and molar masses.
    """
    masses = protocol.molar_mass_g_per_mol
    return (
        *named_two_ways(tubes),
        *named_alike(tubes),
        *stimulus_forgotten(readings, protocol),
        *time_forgotten(tubes),
        *controls_left_over(tubes, masses),
        *off_curve(tubes, masses),
    )
