"""The command line: the workflow's verbs, typed.

Results go to stdout, messages and progress to stderr. Nothing heavy is
imported before a command needs it, so that `--help` answers at once.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from assays import __version__
from plates.errors import LabError

app = typer.Typer(
    name="assays",
    help="From plate readers and flow cytometers to numbers that a lab can trust.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

DONE, INPUT_ERROR, USAGE, FAILED_ACCEPTANCE, INTERRUPTED = 0, 1, 2, 3, 130

RunFolderArgument = Annotated[Path, typer.Argument(metavar="RUN", help="The run folder.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print a record for machines.")]


def main() -> None:
    """Run the command line; every outcome has its exit code."""
    # click is vendored or not, depending on typer's version; its exceptions are
    # told apart by what they can do.
    try:
        code = app(standalone_mode=False)
    except LabError as error:
        if "--json" in sys.argv:
            typer.echo(json.dumps({"error": _error_record(error)}, indent=2, ensure_ascii=False))
        _say(f"assays: {error}")
        sys.exit(INPUT_ERROR)
    except (KeyboardInterrupt, typer.Abort):
        _say("assays: interrupted; nothing was written")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader of a pipe (`| head`) went away; that is its right.
        sys.stderr.close()
        sys.exit(DONE)
    except Exception as error:
        if not hasattr(error, "exit_code") or not hasattr(error, "show"):
            raise
        error.show()
        sys.exit(USAGE)
    sys.exit(code if isinstance(code, int) else DONE)


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


@app.command()
def demo(
    place: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="Where the example runs are copied to.")
    ] = Path("assays-demo"),
) -> None:
    """Copy the bundled example runs, process them and say where the reports are."""
    from assays.workflow.demo import run_examples
    from assays.workflow.terminal import progress_on_stderr

    with progress_on_stderr() as progress:
        finished = run_examples(place, jobs=_cores(), progress=progress)
    for outcome in finished:
        _tell_outcome(outcome, outcome.verdict)
    _next(["init", "elisa", "my-run"], "starts a run of your own")


@app.command()
def init(
    kind: Annotated[
        str, typer.Argument(metavar="elisa|phospho|viability", help="What was measured.")
    ],
    place: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the new run.")],
    wells: Annotated[int, typer.Option("--format", help="Wells of the plate.")] = 96,
    export: Annotated[
        Path | None,
        typer.Option("--from", metavar="EXPORT", help="Pre-fill from an export or FCS folder."),
    ] = None,
    gates: Annotated[
        str,
        typer.Option(metavar="fixed|auto", help="Phospho: gates in numbers, or found in the data."),
    ] = "fixed",
) -> None:
    """Start a run: assay.toml and a layout or sample workbook to fill in."""
    from assays.workflow.start import GATES, KINDS, start
    from plates.well import FORMATS

    if kind not in KINDS:
        _usage(f"{kind!r} is no kind of run; choose {', '.join(KINDS)}")
    if wells not in FORMATS:
        _usage(f"no plate has {wells} wells; choose {', '.join(map(str, FORMATS))}")
    if gates not in GATES:
        _usage(f"gates are {' or '.join(GATES)}, not {gates!r}")
    for path in start(kind, place, wells=wells, export=export, gates=gates):
        typer.echo(path)
    fill = "layout.xlsx" if kind == "elisa" else "samples.xlsx"
    _next(["check", str(place)], f"after you filled in {fill} and copied the instrument's files")


@app.command()
def check(place: RunFolderArgument, as_json: JsonOption = False) -> None:
    """Tell everything that would stop or flag the run, before any analysis."""
    from assays.reports.verdict_stops import stop_sentence
    from assays.workflow.check import check as check_run
    from assays.workflow.terminal import progress_on_stderr, show_findings

    with progress_on_stderr() as progress:
        report = check_run(place, progress)
    if as_json:
        typer.echo(json.dumps(report.as_record(), indent=2, ensure_ascii=False))
    else:
        for line in report.facts:
            typer.echo(line)
        show_findings(report.findings)
        for problem in report.problems:
            _say(f"assays: {problem}")
    if report.problems:
        raise typer.Exit(INPUT_ERROR)
    if report.stops:
        _say(f"Mend this before a run. {stop_sentence(report.stops)}")
        _next(["check", str(place)], "after you mended that")
    else:
        _next(["run", str(place)], "processes the run")


@app.command()
def run(
    place: RunFolderArgument,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where the results go.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Processes; all cores when absent.")
    ] = None,
    supersede: Annotated[
        str | None,
        typer.Option(metavar="REASON", help="Replace another run's results; they move to runs/."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Process a run: report.html, results.xlsx, tables, figures and run.json."""
    from assays.reports.verdict import verdict_line
    from assays.workflow.process import process
    from assays.workflow.terminal import progress_on_stderr

    if supersede is not None and not supersede.strip():
        _usage("--supersede needs a reason")
    with progress_on_stderr() as progress:
        outcome = process(
            place, out=out, supersede=supersede, jobs=jobs or _cores(), progress=progress
        )
    if as_json:
        typer.echo((outcome.saved.path / "run.json").read_text(encoding="utf-8"), nl=False)
    else:
        grave = [each for each in outcome.run.findings if each.severity == "stop"]
        _tell_outcome(outcome, verdict_line(outcome.run), grave)
    if outcome.run.failed:
        raise typer.Exit(FAILED_ACCEPTANCE)


@app.command()
def read(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Export, FCS or gating file, or layout.")
    ],
    reader: Annotated[
        str | None, typer.Option(metavar="NAME", help="Force one plate reader.")
    ] = None,
    csv: Annotated[
        Path | None, typer.Option(metavar="OUT", help="Write the numbers to a csv.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="OUT", help="Write a page with pictures.")
    ] = None,
    dataset: Annotated[
        int, typer.Option(metavar="N", min=0, help="Which data set of an FCS file, from 0.")
    ] = 0,
    as_json: JsonOption = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read FCS with the second engine too.")
    ] = False,
    salvage: Annotated[
        bool, typer.Option("--salvage", help="Take the whole events of a truncated FCS file.")
    ] = False,
    why: Annotated[
        bool, typer.Option("--why", help="Tell what every plate reader says of the file.")
    ] = False,
) -> None:
    """Show what is inside an export, FCS file, gating file, layout or sample sheet."""
    if why:
        from plates.readers.identify import reasons

        for name, yes, reason in reasons(file):
            typer.echo(f"{'yes' if yes else 'no ':3}  {name}: {reason}")
        return
    from assays.workflow.look import look
    from assays.workflow.terminal import show_findings, show_look

    seen = look(file, reader=reader, dataset=dataset, verify=verify, salvage=salvage)
    if csv is not None:
        seen.write_csv(csv)
        _say(f"wrote {csv}")
    if html is not None:
        seen.write_html(html)
        _say(f"wrote {html}")
    if as_json:
        typer.echo(json.dumps(seen.as_record(), indent=2, ensure_ascii=False))
    else:
        show_look(seen)
        show_findings(seen.findings)


@app.command()
def doctor(as_json: JsonOption = False) -> None:
    """Check the installation: libraries, fonts, examples, and that known numbers come out."""
    from assays.workflow.doctor import examine

    checks = examine()
    if as_json:
        typer.echo(json.dumps([one.as_record() for one in checks], indent=2))
    else:
        for one in checks:
            typer.echo(f"{'ok  ' if one.passed else 'FAIL'}  {one.name}: {one.detail}")
    if not all(one.passed for one in checks):
        raise typer.Exit(INPUT_ERROR)


def _tell_outcome(outcome: Any, verdict: str, stops: Sequence[Any] = ()) -> None:
    from assays.workflow.terminal import show_findings

    states = {
        "new": "",
        "unchanged": " (unchanged since the last run)",
        "repaired": f" (written anew: {_some(outcome.saved.mended)}"
        + (
            f"; your version is kept as {_some(outcome.saved.kept)})" if outcome.saved.kept else ")"
        ),
        "superseding": f" (the older results are in {outcome.saved.moved_to})",
    }
    typer.echo(f"{outcome.folder}: {verdict}")
    show_findings(stops)
    typer.echo(f"  report: {outcome.saved.path / 'report.html'}{states[outcome.saved.state]}")
    seconds = sum(outcome.seconds.values())
    slow = sorted(outcome.seconds.items(), key=lambda item: -item[1])[:3]
    _say(f"  {seconds:.1f} s, of it {', '.join(f'{what} {s:.1f}' for what, s in slow)}")


def _error_record(error: LabError) -> dict[str, str]:
    """An input that cannot be understood, for machines."""
    return {
        "kind": type(error).__name__,
        "message": error.message,
        "where": error.where,
        "hint": error.hint,
    }


def _some(names: Sequence[str], most: int = 3) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _cores() -> int:
    # More processes than this wait for one another's memory.
    return min(os.cpu_count() or 1, 8)


def _say(text: str) -> None:
    # Names come from files: control characters in them must not steer the terminal.
    typer.echo("".join(c if c.isprintable() or c == "\n" else "�" for c in text), err=True)


def _next(arguments: Sequence[str], why: str) -> None:
    from assays.workflow.called import called, in_shell

    _say(f"next: {called()} {in_shell(arguments)}  ({why})")


def _usage(text: str) -> None:
    _say(f"assays: {text}")
    raise typer.Exit(USAGE)


if __name__ == "__main__":
    main()
