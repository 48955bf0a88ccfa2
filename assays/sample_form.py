"""The sample sheet to fill in: a row per FCS file, drop-downs, a sheet that explains."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING

from assays.samples import TubeRole
from plates.layouts.form import ACCENT, PALE, RULE, add_how_to, look, open_form

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

_MOLAR = ("nmol/L", "µmol/L", "pmol/L", "nM", "µM", "ng/mL", "µg/mL", "mg/L")
_MASS = ("ng/mL", "pg/mL", "µg/mL", "IU/mL", "nmol/L")
_TIMES = ("min", "s", "h")
_ROWS = 100
"""Rows prepared when no files are known."""

COLUMNS: tuple[tuple[str, float, str, tuple[str, ...]], ...] = (
    ("file", 44, "Name of the FCS file, as it stands in the folder.", ()),
    ("donor", 12, "Who the cells came from, as a code. Blockade is compared within a donor.", ()),
    ("stimulus", 12, "What activated the cells, such as IL-6. Blank for unstimulated tubes.", ()),
    ("stimulus_dose", 14, "A number; the unit stands in the next column.", ()),
    ("stimulus_unit", 14, "Unit of the stimulus dose.", _MASS),
    ("inhibitor", 16, "What blocks: tocilizumab, ruxolitinib … Blank for controls.", ()),
    ("dose", 10, "Dose of the inhibitor.", ()),
    ("dose_unit", 11, "Unit of the inhibitor's dose.", _MOLAR),
    ("inhibitor_2", 16, "A second inhibitor in the same tube.", ()),
    ("dose_2", 10, "Dose of the second inhibitor.", ()),
    ("dose_2_unit", 12, "Unit of the second dose.", _MOLAR),
    (
        "role",
        16,
        "May stay blank: it follows from stimulus and inhibitor. Needed for staining controls.",
        tuple(TubeRole),
    ),
    (
        "vehicle",
        16,
        "What carries the inhibitor: DMSO, IgG1 isotype. Controls are matched by it.",
        (),
    ),
    ("replicate", 10, "1, 2 … for tubes that hold the same, each number once; or blank.", ()),
    (
        "plate",
        12,
        "Plate or rack it was stained on, if there were several. Controls are of the same plate.",
        (),
    ),
    ("time", 8, "How long the stimulus acted, if that differs between tubes.", ()),
    ("time_unit", 10, "Unit of the time.", _TIMES),
    (
        "stain",
        14,
        "Staining controls only: the channel or marker of the one dye, or of the dye left out.",
        (),
    ),
    (
        "material",
        10,
        "Single stains and unstained tubes only: beads or cells. Like is held against like.",
        ("beads", "cells"),
    ),
    ("note", 30, "Anything worth keeping.", ()),
)
"""Title, width, prompt and choices of each column."""

STEPS = (
    "One row per FCS file on the sheet Samples. The file names are those of the run folder.",
    "Give every tube its donor. Percent inhibition is worked out within a donor.",
    "Stimulus with dose and unit; leave it blank in unstimulated tubes.",
    "Inhibitor with dose and unit; leave it blank in the controls. Two at once: use the columns "
    "inhibitor_2, dose_2 and dose_2_unit.",
    "Vehicle: write the same word in treated tubes and in their controls, such as DMSO for small "
    "molecules and IgG1 isotype for antibodies. Each treated tube is held against the controls "
    "of its own vehicle.",
    "Leave role blank unless the tube is a staining control: it follows from the other columns.",
    "Save, then run `assays check` on the folder: it names each cell that needs attention.",
)

WORDS = (
    ("Roles", ""),
    ("unstimulated", "No stimulus, vehicle only: the 100 % inhibition anchor."),
    ("stimulated", "Stimulus, vehicle only: the 0 % inhibition anchor."),
    ("treated", "Stimulus and inhibitor."),
    ("inhibitor alone", "Inhibitor without stimulus: what it does by itself."),
    ("unstained", "No dyes."),
    ("single stain", "One dye, for compensation; name it in the column stain."),
    (
        "positive control",
        "A stimulus that the cells must answer if the assay works, such as IL-10 for pSTAT3.",
    ),
    ("fmo", "All dyes but one; name that one in the column stain."),
    ("isotype", "Staining isotype. An isotype in place of a blocking antibody is a vehicle."),
    ("beads", "Beads of known brightness; their values stand in assay.toml."),
    ("Beware", ""),
    (
        "names and dates",
        "Name cells are formatted as text, so that Excel makes no date of SEPT2 and no number of "
        "007. Paste values only, or the format is lost.",
    ),
    (
        "numbers",
        "0,5 is one half, like 0.5. Thousands separators are refused, and so is a text that could "
        "hold one: 1,000 and 1.000 are a thousand or one. A cell that holds a number is fine.",
    ),
    (
        "hidden rows",
        "A row that is hidden, filtered out or struck out is used like every other, and that is "
        "told. To leave a tube out, delete its row.",
    ),
    (
        "units of doses",
        "nM, nmol/L, µM, mM, pM, M, pg/mL, ng/mL, µg/mL (ug/mL), mg/L, U/mL, IU/mL, % (a dilution "
        "of 1:100 is 1 %), x, and amounts such as µg/test. Any other is refused. Every inhibitor "
        "needs a dose and a unit; a stimulus has a dose in all its rows or in none.",
    ),
)


def sample_template(files: Sequence[str]) -> bytes:
    """The workbook as bytes; see `write_sample_template`."""
    stream = BytesIO()
    write_sample_template(stream, files)
    return stream.getvalue()


def write_sample_template(place: IO[bytes] | str | Path, files: Sequence[str]) -> None:
    """Write a sample sheet to fill in, with the names of the files filled in already."""
    stream = BytesIO()
    book = open_form(stream, "Sample sheet")
    _fill_sheet(book, book.add_worksheet("Samples"), files)
    add_how_to(book, "How to fill in this sample sheet", STEPS, WORDS)
    book.close()
    if isinstance(place, str | Path):
        Path(place).write_bytes(stream.getvalue())
    else:
        place.write(stream.getvalue())


def _fill_sheet(book: Workbook, sheet: Worksheet, files: Sequence[str]) -> None:
    last = max(len(files), 1 if files else _ROWS)
    header = look(
        book, bold=True, font_color="#FFFFFF", bg_color=ACCENT, border=1, border_color=RULE
    )
    border = {"border": 1, "border_color": RULE}
    text = look(book, num_format="@", **border)
    name = look(book, num_format="@", bg_color=PALE, **border)
    number = look(book, **border)
    numbers = ("stimulus_dose", "dose", "dose_2", "replicate", "time")
    for column, (title, width, prompt, choices) in enumerate(COLUMNS):
        style = name if title == "file" else number if title in numbers else text
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, header)
        for row in range(1, last + 1):
            if title == "file" and row <= len(files):
                sheet.write_string(row, column, files[row - 1], style)
            else:
                sheet.write_blank(row, column, None, style)
        rules: dict[str, object] = {"validate": "any"}
        if choices:
            rules = {"validate": "list", "source": list(choices)}
            # Other units are understood as well; other roles are not.
            rules |= {"error_type": "stop" if title == "role" else "information"}
        rules |= {"input_title": title, "input_message": prompt}
        sheet.data_validation(1, column, last, column, rules)
    sheet.autofilter(0, 0, last, len(COLUMNS) - 1)
    sheet.freeze_panes(1, 1)
    sheet.set_row(0, 20)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_margins(0.4, 0.4, 0.4, 0.5)
    sheet.set_footer("&L&8&F · &A&R&8&P of &N")
