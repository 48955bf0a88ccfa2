"""What the author of a sheet should look at again: told with the tube, never mended by guess.

What the sheet alone tells, a check tells before anything is measured; what shows in the readings
as well, the run adds.
"""

from __future__ import annotations

from collections.abc import Sequence

from assays.inhibition.dose.gaps import far_doses
from assays.inhibition.sheet.asked_controls import Names
from assays.inhibition.sheet.controls import REPLICATES_MISSING, missing_controls
from assays.inhibition.sheet.forgotten import controls_left_over, stimulus_forgotten, time_forgotten
from assays.inhibition.sheet.namesakes import named_alike, named_two_ways
from assays.inhibition.sheet.off_curve import off_curve
from assays.inhibition.sheet.units_apart import units_apart
from assays.protocol import Flow
from assays.results.flow import Reading
from assays.samples import Tube
from plates.findings import Finding


def sheet_findings(
    tubes: Sequence[Tube], protocol: Flow, names: Names | None = None
) -> tuple[Finding, ...]:
    """Controls that are missing, and slips that the sheet alone shows.

    Parameters
    ----------
    tubes : sequence of Tube
        Rows of the sample sheet.
    protocol : Flow
        Readouts, kinds of inhibitors and molar masses.
    names : mapping, optional
        $PnN and marker of each readout's channel, where the files were looked at.
    """
    masses = protocol.molar_mass_g_per_mol
    return (
        *missing_controls(tubes, protocol, names),
        *named_two_ways(tubes),
        *named_alike(tubes),
        *units_apart(tubes, masses),
        *time_forgotten(tubes),
        *controls_left_over(tubes, masses),
        *off_curve(tubes, masses),
        *far_doses(tubes, masses),
    )


def slips(
    tubes: Sequence[Tube],
    readings: Sequence[Reading],
    protocol: Flow,
    names: Names | None = None,
) -> tuple[Finding, ...]:
    """The same, with the slips that show in the readings.

    Parameters
    ----------
    tubes : sequence of Tube
        Rows of the sample sheet.
    readings : sequence of Reading
        Of every tube and readout.
    protocol : Flow
    names : mapping, optional
        As above.
    """
    # That no tube has a replicate is said with the intervals that it costs (`remarks`).
    sheet = (f for f in sheet_findings(tubes, protocol, names) if f.rule != REPLICATES_MISSING)
    return (*sheet, *stimulus_forgotten(readings, protocol))
