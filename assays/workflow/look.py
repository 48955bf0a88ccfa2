"""Look into one file: what it is, what it holds, what was repaired.

By content: FCS files begin with ``FCS``, packed or not, and gating files name their
program in their first element; neither is ever taken for another. A workbook or text
that names its own shape (a layout, a sample sheet) goes by its file name; everything
else is asked of the plate readers.
"""

from __future__ import annotations

from pathlib import Path

from assays.workflow.look_export import look_at_export
from assays.workflow.look_fcs import look_at_fcs
from assays.workflow.look_layout import look_at_layout, look_at_samples
from assays.workflow.look_record import Look
from plates.errors import LabError
from plates.source import Source

__all__ = ["Look", "look"]


def look(
    place: str | Path,
    *,
    reader: str | None = None,
    dataset: int = 0,
    verify: bool = False,
    salvage: bool = False,
) -> Look:
    """Read one file and describe it.

    Parameters
    ----------
    place : path
        Export, FCS file, gating file, layout or sample sheet.
    reader : str, optional
        Force one plate reader.
    dataset : int
        Which data set of an FCS file, from 0.
    verify : bool
        Read FCS with the second engine too.
    salvage : bool
        Take the whole events of an FCS file that was cut short.

    Raises
    ------
    LabError
        When the file cannot be understood; a file that several kinds could
        claim is described by the one its content fits.
    """
    from assays.flow.exchange.identify import is_gating
    from assays.flow.exchange.opencyto import is_template
    from assays.flow.fcs.packed import is_fcs

    source = Source.of(place)
    if is_fcs(source) or Path(source.name).suffix.lower() in (".fcs", ".lmd"):
        return look_at_fcs(source, dataset, verify=verify, salvage=salvage)
    if reader is None and is_gating(source):
        from assays.workflow.look_gating import look_at_gating

        return look_at_gating(source)
    if reader is None and is_template(source):
        from assays.workflow.look_gating import look_at_template

        return look_at_template(source)
    stem = Path(source.name).stem.lower()
    if reader is None and stem.startswith("samples"):
        return look_at_samples(source)
    if reader is None and stem.startswith("layout"):
        return look_at_layout(source)
    try:
        return look_at_export(source, reader)
    except LabError as error:
        if reader is not None:
            raise
        try:
            return look_at_layout(source)
        except LabError:
            raise error from None
