"""Process a run folder: read its files, call the journeys, draw, write, save."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assays.flow.events import Events, Spillover
from assays.results.elisa import ElisaRun
from assays.results.flow import FlowRun
from assays.results.run import Run
from assays.samples import Tube
from assays.workflow.execution import execution_record
from assays.workflow.folder import RunFolder, open_folder
from assays.workflow.identity import provenance_of
from assays.workflow.messages import Progress, silent
from assays.workflow.save import Saved, refuse_other_run, save
from assays.workflow.secretion import correlate
from plates.findings import Finding
from plates.plateread import Export
from plates.source import Source


@dataclass(frozen=True, slots=True)
class Outcome:
    """A processed run and what became of its results folder."""

    run: Run
    folder: str
    """Name of the run folder."""
    saved: Saved
    seconds: dict[str, float]
    """Where the time went, by stage."""


def run(
    place: str | Path,
    *,
    out: str | Path | None = None,
    supersede: str | None = None,
    jobs: int = 1,
    progress: Progress = silent,
) -> Run:
    """Process a run folder and write its results; what `assays run` does.

    Parameters
    ----------
    place : str or Path
        The run folder.
    out : str or Path, optional
        Where results go; ``results`` in the run folder when absent.
    supersede : str, optional
        Why another run's results that stand there are replaced; they move to ``runs/``.
    jobs : int
        Processes that draw pictures; results do not depend on it. More than one needs a
        script that is guarded by ``if __name__ == "__main__":``.
    progress : callable, optional
        Told at every step.

    Returns
    -------
    Run
        The run's records: concentrations, populations, readings, inhibition, findings.

    Raises
    ------
    plates.errors.LabError
        When an input cannot be understood; then nothing is written.
    """
    return process(place, out=out, supersede=supersede, jobs=jobs, progress=progress).run


def process(
    place: str | Path,
    *,
    out: str | Path | None = None,
    supersede: str | None = None,
    jobs: int = 1,
    progress: Progress = silent,
) -> Outcome:
    """Like `run`, telling also what became of the results folder."""
    clock = Stopwatch()
    folder = open_folder(place)
    results = Path(out) if out is not None else folder.path / "results"
    provenance = provenance_of(folder)
    refuse_other_run(results, provenance.run_id, supersede)
    clock.lap("reading the folder")

    elisa = process_exports(folder, progress) if folder.protocol.elisa and folder.exports else None
    clock.lap("ELISA: export to concentrations")
    events: dict[str, bytes] = {}
    flow = None
    if folder.protocol.flow and folder.samples:
        flow = process_tubes(folder, progress, events)
    clock.lap("flow: FCS files to inhibition")

    # Nothing in the results may depend on where the folder lies or what it is called.
    name = provenance.run_id[:12]
    title = folder.protocol.title or _title(elisa, flow)
    made = Run(name, title, provenance, elisa, flow, correlate(folder, elisa, flow))
    files = events | _pages(made, progress, clock, jobs)
    saved = save(
        results,
        files,
        execution_record(made, clock.seconds, supersede),
        provenance.run_id,
    )
    clock.lap("writing")
    return Outcome(made, folder.path.resolve().name, saved, clock.seconds)


def _title(elisa: ElisaRun | None, flow: FlowRun | None) -> str:
    """What a run without a title is called."""
    parts = [f"{elisa.analyte} ELISA"] if elisa is not None else []
    count = len(flow.tubes) if flow is not None else 0
    parts += [f"Phospho-flow of {count} tube{'s' * (count != 1)}"] if flow is not None else []
    return " and ".join(parts)


class Stopwatch:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        """Book the time since the last lap to a stage."""
        now = time.perf_counter()
        self.seconds[stage] = now - self._last
        self._last = now


def process_exports(folder: RunFolder, progress: Progress = silent) -> ElisaRun:
    """From the folder's plate-reader exports to concentrations."""
    from assays.elisa.run import process_elisa

    assert folder.protocol.elisa is not None
    exports = read_exports(folder, progress)
    layout = None
    if folder.layout is not None:
        from plates.layouts.identify import read_layout

        layout = read_layout(
            folder.layout,
            confirm_fraction_dilutions=folder.protocol.elisa.confirm_fraction_dilutions,
        )
    return process_elisa(exports, layout, folder.protocol.elisa)


def read_exports(folder: RunFolder, progress: Progress = silent) -> list[tuple[str, Export]]:
    """Every export of the folder, read, under its name."""
    read_so_far = []
    for number, path in enumerate(folder.exports, 1):
        progress(number, len(folder.exports), f"reading {path.name}")
        export = read_export(folder, path)
        read_so_far.append((folder.name_of(path), export))
    return read_so_far


def read_export(folder: RunFolder, path: Path) -> Export:
    """One export of the folder, by the reader that knows it or that the protocol forces."""
    from plates.errors import IdentifyError
    from plates.readers.identify import read

    try:
        return read(path, reader=folder.protocol.inputs.reader)
    except IdentifyError as error:
        if folder.protocol.inputs.exports is not None:
            raise
        raise IdentifyError(
            error.message,
            error.where,
            "If it is no export, name the exports in assay.toml: [inputs] exports = "
            f'["{_other(folder, path)}"]. If it is one, export it again as it leaves the '
            f"instrument's software; assays read {path.name} --why tells what readers look for.",
        ) from None


def _other(folder: RunFolder, path: Path) -> str:
    others = [folder.name_of(one) for one in folder.exports if one != path]
    return others[0] if others else "plate1.txt"


def process_tubes(
    folder: RunFolder, progress: Progress = silent, written: dict[str, bytes] | None = None
) -> FlowRun:
    """From the folder's FCS files and sample sheet to readings and inhibition.

    Events that the protocol exports are put into ``written``, by name within the results.
    """
    from assays.flow.run import process_flow
    from assays.workflow.events_out import EventsOut
    from assays.workflow.gating import read_gating, with_template

    assert folder.protocol.flow is not None
    choices, told = with_template(folder)
    tubes, found = read_tubes(folder)
    opener = TubeOpener(folder, tubes, verify=folder.protocol.flow.verify)
    out = EventsOut(folder.protocol.flow.gating, opener)
    flow = process_flow(
        tubes,
        opener,
        choices,
        spillover=read_spillover(folder),
        matrices=read_matrices(folder),
        brought=read_gating(folder, tubes),
        keep=out if written is not None and folder.protocol.flow.gating.export else None,
        progress=progress,
    )
    if choices is not folder.protocol.flow:
        assert folder.gating is not None
        flow = replace(flow, gating=f"{folder.gating.name} (openCyto)", notes=(*flow.notes, *told))
    if written is not None:
        written |= out.files
        flow = replace(flow, event_files=tuple(out.records))
    return verified(with_findings(flow, (*found, *opener.findings)), opener)


def verified(flow: FlowRun, opener: TubeOpener) -> FlowRun:
    """The run with a note of how many files both engines agree on, when they were compared."""
    told = opener.verified()
    return replace(flow, notes=(*flow.notes, told)) if told else flow


def with_findings(flow: FlowRun, more: tuple[Finding, ...]) -> FlowRun:
    """The run with further findings, the gravest first."""
    from plates.findings import by_severity

    return replace(flow, findings=by_severity((*flow.findings, *more)))


def read_tubes(folder: RunFolder) -> tuple[tuple[Tube, ...], tuple[Finding, ...]]:
    """The sample sheet, held against the FCS files that are there, both ways."""
    from assays.sample_sheet import check_files, match_files, read_samples
    from assays.workflow.same_files import same_files

    assert folder.samples is not None
    tubes = read_samples(folder.samples)
    paths = {folder.name_of(path): path for path in folder.fcs}
    found = check_files(tubes, list(paths))
    named = match_files(tubes, list(paths))
    return tubes, (*found, *same_files(paths, {named[tube.file]: tube for tube in tubes}))


def read_spillover(folder: RunFolder) -> Spillover | None:
    """The spillover matrix of a csv that the protocol names; None otherwise."""
    if folder.spillover is None:
        return None
    from assays.flow.compensate import read_spillover_csv

    return read_spillover_csv(folder.spillover)


def read_matrices(folder: RunFolder) -> dict[str, Spillover]:
    """Matrices that single gates name as their compensation, by name of the csv."""
    from assays.flow.compensate import read_spillover_csv

    assert folder.protocol.flow is not None
    paths = {folder.path / gate.compensation: gate for gate in folder.protocol.flow.gates}
    return {paths[path].compensation: read_spillover_csv(path) for path in folder.matrices}


class TubeOpener:
    """Reads the FCS file of a tube; keeps what the second engine found."""

    def __init__(self, folder: RunFolder, tubes: Sequence[Tube], *, verify: bool) -> None:
        from assays.sample_sheet import match_files

        paths = {folder.name_of(path): path for path in folder.fcs}
        names = match_files(tubes, list(paths))
        self._paths = {file: paths[name] for file, name in names.items()}
        self._unverified = set(self._paths) if verify else set()
        self._agreed = 0
        self._compared = 0
        self.findings: tuple[Finding, ...] = ()

    def verified(self) -> str:
        """How many files both engines agree on, a sentence; empty when none was compared."""
        if not self._compared:
            return ""
        files = f"{self._compared} {'file' if self._compared == 1 else 'files'}"
        if self._agreed == self._compared:
            return f"Both engines agree on every value of {files} (verify = true)."
        return f"Both engines agree on {self._agreed} of {files} (verify = true): see the findings."

    def __call__(self, tube: Tube) -> Events:
        """Events of a tube, on their linear scale."""
        from assays.flow import fcs

        source = Source.of(self._paths[tube.file])
        if tube.file in self._unverified:
            from assays.flow.fcs.second_engine import NAMES_LOST, compare

            self._unverified.remove(tube.file)
            found = compare(source, fcs.read(source, scaled=False))
            self._compared += 1
            self._agreed += all(finding.rule == NAMES_LOST for finding in found)
            self.findings += found
        return fcs.read(source)


def _pages(made: Run, progress: Progress, clock: Stopwatch, jobs: int) -> dict[str, bytes]:
    """Every file of the results folder that is the same on a rerun."""
    from assays.reports import csv, html, run_json, workbook
    from assays.reports.figures import pictures_of
    from assays.reports.tables import tables_of

    tables = tables_of(made)
    clock.lap("tables")
    pictures = pictures_of(made, progress, jobs)
    clock.lap("figures")
    progress(1, 2, "writing the report")
    files = {f"tables/{name}.csv": csv.to_bytes(table) for name, table in tables.items()}
    files |= {f"figures/{picture.file_name}": picture.data for picture in pictures}
    if made.flow is not None:
        files |= {each.name: each.text.encode() for each in made.flow.gate_files}
    files["report.html"] = html.render(made, pictures, tables)
    clock.lap("report.html")
    progress(2, 2, "writing the workbook")
    files["results.xlsx"] = workbook.render(made, tables)
    clock.lap("results.xlsx")
    files["run.json"] = run_json.render(made, tables)
    return files
