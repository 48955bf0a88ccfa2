"""Write `docs/reference/` from the records in the code: python docs/generate.py

Each plug-in ends in one record; the tables of the reference are made from
these, so that they cannot lag behind. A test compares what stands there with
what this script would write.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from assays import protocol
from assays.flow.gates.contract import GateMethod
from plates.plugins import collect

# The pages' own modules lie beside this one, whoever runs it.
sys.path.insert(0, str(Path(__file__).parent))

from markdown_table import table
from page_assay_toml import assay_toml

REFERENCE = Path(__file__).parent / "reference"


def readers() -> str:
    """The page of plate readers."""
    rows = [
        (
            f"`{one.name}`",
            one.software,
            ", ".join(one.suffixes),
            "vendor" if one.vendor else "plain",
            one.tested_on,
        )
        for one in sorted(
            collect("plates.readers", "READER"), key=lambda one: (not one.vendor, one.name)
        )
    ]
    return (
        "# Plate-reader exports\n\n"
        "Every vendor's reader is asked whether it knows a file, by its content. The plain\n"
        "readers are asked only when no vendor's answers yes. None, or two, is an error that says\n"
        "what was looked for; `--reader NAME` decides.\n\n"
        "Each is held, value by value, to the real exports named here and to a made-up sample,\n"
        "whole and with lines, cells, columns and bytes lost.\n\n"
        + table(("name", "software", "usual endings", "kind", "tested on"), rows)
    )


def curves() -> str:
    """The page of curve models."""
    rows = [
        (f"`{one.name}`", one.title, f"`{one.formula}`", ", ".join(one.names), one.min_levels)
        for one in collect("assays.curves", "MODEL")
    ]
    return "# Curve models\n\n" + table(
        ("name", "model", "formula", "parameters", "fewest levels"), rows
    )


def gates() -> str:
    """The page of gate methods."""
    parts = ["# Gate methods\n"]
    for one in collect("assays.flow.gates", "GATE"):
        least, most = one.dimensions
        count = f"{least}" if least == most else f"{least} to {most}"
        plural = "" if count == "1" else "s"
        parts.append(
            f"## {one.name}\n\n{one.summary} Takes {count} channel{plural}.{_found(one)}\n\n"
            + table(("parameter", "meaning"), ((f"`{k}`", v) for k, v in one.params.items()))
        )
    return "\n".join(parts)


def _found(one: GateMethod) -> str:
    """How an automatic gate is found; nothing for a fixed one."""
    if one.search is None:
        return ""
    return (
        f"\n\nFound in the data: a {one.search.kind} gate, cut by {one.search.group_by} unless "
        f"`group_by` says otherwise; without a gate to find, {one.search.fallback} is taken."
    )


def checks() -> str:
    """The page of quality checks."""
    plates = [(f"`{one.name}`", one.question, one.needs) for one in collect("plates.qc", "CHECK")]
    tubes = [
        (f"`{one.name}`", one.summary, one.source) for one in collect("assays.flow.qc", "CHECK")
    ]
    return (
        "# Quality checks\n\nA check that cannot answer says nothing.\n\n"
        "## Plates\n\n"
        + table(("rule", "what it asks", "what it needs"), plates)
        + "\n## FCS files\n\n"
        + table(("rule", "what it tells", "source of the limit"), tubes)
    )


FCS_READ = """# FCS files

FCS 2.0, 3.0, 3.1 and 3.2 in list mode, plain or gzip, of any size. Histograms (`$MODE` C and U)
are refused with a sentence.

- **HEADER and TEXT** – any delimiter, doubled or not, missing at the end or not; values may be
  empty; names are stripped of padding and put in upper case; UTF-8, else Latin-1; supplemental
  TEXT; ANALYSIS. Every data set of a `$NEXTDATA` chain, each with its own keywords.
- **DATA** – integers of 8 to 64 bits in mixed widths, masked by `$PnR`; single and double
  precision; digits (type A); a type for each channel (`$PnDATATYPE`); every byte order.
- **Scaling** – `10^(f1·x/$PnR)·f2` where `$PnE` says so on integers, `x/$PnG` elsewhere, never on
  Time. `scaled=False` gives the stored numbers.
- **Time** – a tick is `$TIMESTEP` seconds; without it `TIMETICKS` milliseconds; without both it
  is estimated from `$BTIM` and `$ETIM`, where Time never runs backwards. Either is told.
- **Spillover** – `$SPILLOVER`, `SPILL`, `$COMP` and `$DFCmTOn`, by name or number, with decimal
  commas too, held against the channels. What cannot be trusted is left out and told.
- **Precision** – single, or double where a file holds doubles or integers of more than 24 bits.
  Integers of 2^53 and more are rounded to the nearest double, which is told.

## Where DATA lies

HEADER and TEXT each give a first and a last byte, `$TOT` a number of events. The pair whose
length is `$TOT` times the bytes of one event is right, HEADER on a tie; an end one byte too far
still fits. Where none fits, two of HEADER, TEXT, `$TOT` and the end of the file must agree; else
the file is refused. A file that was cut short is refused unless it is to be salvaged.

## Deviations that are mended

Each is a note on the events and stands under the table of `assays read`.

"""

FCS_WRITTEN = """
## What is written

`fcs.write` writes FCS 3.1 or 3.2: list mode, little-endian floats, linear values. Keywords that do
not describe the bytes are kept, those of a channel follow it. `where=` writes the events of a
population alone. Where the events came from stands in `$ORIGINALITY`, `$LAST_MODIFIER` and, when
given, `$LAST_MODIFIED`, and in keywords of our own:

"""


def fcs_files() -> str:
    """The page on FCS files: what is read, what is mended, what is written."""
    from assays.flow.fcs import provenance, quirks

    mended = [(one.name, re.sub(r"\{[^}]*\}", "…", one.told)) for one in quirks.OF_TEXT]
    lines = (inspect.getdoc(provenance) or "").splitlines()
    told = [
        re.split(r" {2,}|(?<=``) ", line, maxsplit=1) for line in lines if line[:8] == "``ASSAYS"
    ]
    rows = [(name.replace("``", "`"), what.replace("``", "`")) for name, what in told]
    return (
        FCS_READ
        + table(("deviation", "what is told"), mended)
        + FCS_WRITTEN
        + table(("keyword", "meaning"), rows)
    )


def samples() -> str:
    """The page of the sample sheet, from the form."""
    from assays.sample_form import COLUMNS, STEPS, WORDS

    rows = [(f"`{name}`", meaning, ", ".join(choices)) for name, _, meaning, choices in COLUMNS]
    return (
        "# samples.xlsx\n\nOne row per FCS file; `assays init phospho DIR` writes the form, and\n"
        "`samples.csv` with the same columns will do.\n\n"
        + table(("column", "meaning", "choices offered"), rows)
        + _how_to(STEPS, WORDS)
    )


def layout() -> str:
    """The page of the plate layout, from the form and the words that are understood."""
    from plates.layouts.form_words import BLOCKS, SERIES_COLUMNS, STEPS, WORDS
    from plates.layouts.words import PROPERTIES, ROLE_WORDS

    blocks = [
        (title, meaning, ", ".join(PROPERTIES.get(name, ())))
        for name, (title, meaning, _) in BLOCKS.items()
    ]
    others = [
        (f"`{name}`", ", ".join(words)) for name, words in PROPERTIES.items() if name not in BLOCKS
    ]
    series = [(title, meaning, ", ".join(said)) for title, meaning, said, _ in SERIES_COLUMNS]
    roles: dict[str, list[str]] = {}
    for word, role in ROLE_WORDS.items():
        roles.setdefault(str(role), []).append(word)
    return (
        "# The layout\n\nWhat was put in each well: `layout.xlsx` with plate-shaped blocks, or a\n"
        "table with a row per well (`layout.csv`, or a sheet), or `layout.toml`.\n"
        "`assays init elisa DIR` writes the workbook to fill in.\n\n## Blocks and columns\n\n"
        "The names are those of blocks in the workbook and of columns in a table. Any other name\n"
        "is a label, kept and reported under its own name.\n\n"
        + table(("name", "meaning", "other names understood"), blocks)
        + "\nA table has these too:\n\n"
        + table(("column", "other names understood"), others)
        + "\n## Roles\n\n"
        + table(("role", "words understood"), ((f"`{k}`", ", ".join(v)) for k, v in roles.items()))
        + "\n## Serial dilutions\n\n"
        + table(("column", "meaning", "choices"), series)
        + _how_to(STEPS, WORDS)
    )


def _how_to(steps: Iterable[str], words: Iterable[tuple[str, str]]) -> str:
    """What the sheet How to fill says."""
    listed = "".join(f"{number}. {step}\n" for number, step in enumerate(steps, 1))
    said = "".join(
        f"- **{word}** – {meaning}\n" if meaning else f"\n### {word}\n\n" for word, meaning in words
    )
    return f"\n## How to fill it in\n\n{listed}{said}"


def results() -> str:
    """The page of the tables of a run, from the tables of a run without results."""
    from assays.reports import (
        page_scatter,
        tables_activation,
        tables_arms,
        tables_combination,
        tables_correlation,
        tables_donors,
        tables_elisa,
        tables_flow,
        tables_inhibition,
        tables_shift,
    )
    from assays.reports.tables import ORDER
    from assays.reports.tables_run import cohort, findings
    from assays.results.elisa import ElisaRun, Verdict
    from assays.results.flow import FlowRun
    from assays.results.run import Provenance, Run

    elisa = ElisaRun("IL-6", "pg/mL", (), "research", Verdict.NOT_ASSESSABLE, (), ())
    flow = FlowRun((), "", (), None, (), (), (), (), (), (), (), (), (), {})
    empty = protocol.Protocol(kind=())
    run = Run("", "", Provenance("", "", (), empty, "", ()), elisa, flow)
    tubes = (tables_flow.populations, tables_flow.readings, tables_inhibition.inhibition)
    found = [
        findings(run),
        *(write(elisa) for write in tables_elisa.WRITERS),
        *(write(flow) for write in (*tubes, tables_inhibition.dose_response, tables_shift.shifts)),
        *(write(flow) for write in (tables_combination.combinations, tables_arms.combination_arms)),
        tables_donors.donors(flow),
        page_scatter.scatters(flow),
        tables_correlation.correlation(run),
        *tables_activation.tables_of_activation(flow),
        cohort(run),
    ]
    order = {name: place for place, name in enumerate(ORDER)}
    parts = [
        "# Tables of the results\n\nEach is a csv file in `results/tables/` and a sheet of\n"
        "`results.xlsx`; a wide one stands there on several, by purpose, with the same rows. A\n"
        "number that is not known is blank. Labels of the layout follow as columns of their own.\n"
        "Units here are those of a run in pg/mL.\n"
    ]
    for one in sorted(found, key=lambda each: order.get(each.name, len(order))):
        rows = [(f"`{c.key}`", c.title, c.unit, c.kind) for c in one.columns]
        head = ("column", "on the page", "unit", "kind")
        parts.append(f"## {one.name}\n\n{one.title}\n\n" + table(head, rows))
    return "\n".join(parts)


EXITS = """Results go to stdout, messages and progress to stderr. Exit codes:

| code | meaning |
| --- | --- |
| 0 | done |
| 1 | an input cannot be understood; one message names file and place |
| 2 | the command was not typed as it should be |
| 3 | processed and written, but the run failed its rules, or a flow run has a stop finding |
| 130 | interrupted; nothing half-written |

With `--json`, an input that cannot be understood (1) is told on stdout as a record too: `error`
with `kind`, `message`, `where` and `hint`.
"""


def command_line() -> str:
    """The page of the command line, from its commands."""
    from typer.main import get_command

    from assays.cli import app

    group = get_command(app)
    parts = ["# Command line\n\n" + inspect.cleandoc(group.help or "") + "\n\n" + EXITS]
    for name, command in sorted(getattr(group, "commands").items()):  # noqa: B009
        rows = []
        for one in command.params:
            if one.name == "help":
                continue
            option = one.param_type_name == "option"
            shown = ", ".join(one.opts) if option else (one.metavar or one.name.upper())
            takes = "" if not option or one.is_flag else (one.metavar or "VALUE")
            rows.append((f"`{f'{shown} {takes}'.strip()}`", one.help or ""))
        arguments = " ".join(
            one.metavar or one.name.upper()
            for one in command.params
            if one.param_type_name == "argument"
        )
        usage = f"assays {name} {arguments}".strip()
        parts.append(
            f"## {name}\n\n    {usage}\n\n{inspect.cleandoc(command.help or '')}\n\n"
            + (table(("argument or option", "meaning"), rows) if rows else "")
        )
    return "\n".join(parts)


PAGES = {
    "readers.md": readers,
    "curves.md": curves,
    "gates.md": gates,
    "checks.md": checks,
    "assay-toml.md": assay_toml,
    "samples.md": samples,
    "layout.md": layout,
    "results.md": results,
    "command-line.md": command_line,
    "fcs.md": fcs_files,
}


def main() -> None:
    """Write every page."""
    REFERENCE.mkdir(exist_ok=True)
    for name, write in PAGES.items():
        (REFERENCE / name).write_text(write(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
