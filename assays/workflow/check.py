"""Everything that would stop or flag a run, before any analysis.

Unlike a run, a check does not end at the first error: each input is tried by
itself, so that one sitting mends them all. Where all are sound, the journey is
walked with nothing written, and its findings are told.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assays.errors import ControlError, GatingError
from assays.workflow.folder import RunFolder, open_folder
from assays.workflow.messages import Progress, silent
from plates.errors import LabError
from plates.findings import Finding, Severity, by_severity
from plates.layout import Layout
from plates.plateread import Export

if TYPE_CHECKING:
    from assays.flow.correction import Correction
    from assays.samples import Tube


@dataclass(slots=True)
class CheckReport:
    """What a check saw."""

    facts: list[str] = field(default_factory=list)
    """What was found and understood, a line each."""
    findings: list[Finding] = field(default_factory=list)
    problems: list[LabError] = field(default_factory=list)
    """What would stop the run."""

    @property
    def stops(self) -> tuple[Finding, ...]:
        """Findings after which the results must not be used as they are."""
        return tuple(each for each in self.findings if each.severity == Severity.STOP)

    def attempt(self, step: Callable[[], Any]) -> Any:
        """Do one step; keep its error instead of ending."""
        try:
            return step()
        except LabError as error:
            # A hundred tubes may lack the same channel: said once, with the first tube.
            if all((one.message, one.hint) != (error.message, error.hint) for one in self.problems):
                self.problems.append(error)
            return None

    def as_record(self) -> dict[str, object]:
        """The report for machines."""
        return {
            "facts": self.facts,
            "findings": [
                {
                    "rule": f.rule,
                    "severity": str(f.severity),
                    "where": f.where,
                    "message": f.message,
                }
                for f in self.findings
            ],
            "problems": [
                {"message": p.message, "where": p.where, "hint": p.hint} for p in self.problems
            ],
        }


def check(place: str | Path, progress: Progress = silent) -> CheckReport:
    """Try every input of a run folder by itself."""
    report = CheckReport()
    folder: RunFolder | None = report.attempt(lambda: open_folder(place))
    if folder is None:
        return report
    report.facts.append(f"kind: {', '.join(folder.protocol.kind)}")
    for role, path in folder.files:
        if role != "fcs":
            report.facts.append(f"{role}: {folder.name_of(path)}")
    if folder.protocol.elisa is not None:
        _check_elisa(folder, report, progress)
    if folder.protocol.flow is not None:
        _check_flow(folder, report, progress)
    return report


def _check_elisa(folder: RunFolder, report: CheckReport, progress: Progress) -> None:
    from assays.workflow.process import read_export
    from plates.layouts.identify import read_layout

    assert folder.protocol.elisa is not None
    confirmed = folder.protocol.elisa.confirm_fraction_dilutions
    layout: Layout | None = None
    if folder.layout is not None:
        place = folder.layout
        layout = report.attempt(lambda: read_layout(place, confirm_fraction_dilutions=confirmed))
    exports: list[tuple[str, Export]] = []
    for number, path in enumerate(folder.exports, 1):
        progress(number, len(folder.exports), f"reading {path.name}")
        export = report.attempt(partial(read_export, folder, path))
        if export is not None:
            plates = len({one.plate_number for one in export.reads})
            report.facts.append(
                f"{path.name}: {export.software}, {plates} plate{'s' * (plates != 1)}"
            )
            exports.append((folder.name_of(path), export))
    if len(exports) == len(folder.exports) and (layout is not None or folder.layout is None):
        _check_plates(folder, exports, layout, report)


def _check_plates(
    folder: RunFolder,
    exports: list[tuple[str, Export]],
    layout: Layout | None,
    report: CheckReport,
) -> None:
    """The journey itself, with nothing written: whatever it would stop at or remark."""
    from assays.elisa.run import process_elisa

    assert folder.protocol.elisa is not None
    elisa = folder.protocol.elisa
    rehearsed = report.attempt(lambda: process_elisa(exports, layout, elisa))
    if rehearsed is not None:
        report.findings.extend(rehearsed.findings)
        report.facts.extend(rehearsed.notes)


def _check_flow(folder: RunFolder, report: CheckReport, progress: Progress) -> None:
    from assays.flow.correction import FROM_CONTROLS, Correction
    from assays.flow.strategy import check_strategy
    from assays.inhibition.sheet.namesakes import refuse_control_twice
    from assays.inhibition.sheet.slips import sheet_findings
    from assays.workflow.gating import read_gating, with_template
    from assays.workflow.process import process_tubes, read_matrices, read_spillover, read_tubes

    assert folder.protocol.flow is not None
    flow = folder.protocol.flow
    read = [name for one in flow.readouts for name in one.channels]
    spillover = report.attempt(lambda: read_spillover(folder))
    found = report.attempt(lambda: read_tubes(folder))
    # A file with gates that cannot be read leaves the folder's own gates unchecked, no more.
    brought = report.attempt(lambda: read_gating(folder, found[0])) if found else None
    steps = brought.steps()[0] if brought is not None else ()
    strategy = None
    template = report.attempt(lambda: with_template(folder)) if brought is None else None
    if template is not None:
        flow = template[0]
        report.facts.extend(template[1])
    if brought is not None or flow is not folder.protocol.flow or folder.gating is None:
        strategy = report.attempt(
            lambda: check_strategy(flow.gates, flow.overrides, (), read, steps)
        )
    if brought is not None:
        report.facts.append(f"gates: {brought.words}")
    if found is not None:
        tubes, _ = found
        donors = {tube.donor for tube in tubes} - {""}
        report.facts.append(f"{_counted(tubes, 'tube')} of {_counted(donors, 'donor')}")
    correction = None
    if flow.compensation not in ("gating", *FROM_CONTROLS):
        correction = report.attempt(lambda: Correction(flow.compensation, spillover))
    asked_by_gates = [name for gate in flow.gates for name in gate.channels]
    own = [name for name in strategy.channels if name not in strategy.views] if strategy else []
    channels = dict.fromkeys([*own, *(asked_by_gates if strategy else ()), *read], "")
    channels |= {n: f"readout {one.name!r}" for one in flow.readouts for n in one.channels}
    channels |= {
        name: gate.place
        for gate in reversed(flow.gates)
        for name in gate.channels
        if name in channels
    }
    report.attempt(lambda: read_matrices(folder))
    if found is not None:
        report.attempt(lambda: refuse_control_twice(found[0], flow.molar_mass_g_per_mol))
    if flow.compensation == "unmix":
        # Fluorochromes are no channels of a raw file; the rehearsal asks for them.
        channels = {}
    spare = _spare(folder, found[0]) if found is not None else set()
    for number, path in enumerate(folder.fcs, 1):
        progress(number, len(folder.fcs), f"reading {path.name}")
        control = folder.name_of(path) in spare
        asked = {} if control else channels
        report.attempt(partial(_check_tube, path, asked, None if control else correction))
    # Every part is sound by itself: the journey, with nothing written, tells the rest. What the
    # sample sheet lacks is told by the same rules there; alone only where the journey is closed.
    rehearsed = None
    if not report.problems:
        rehearsed = report.attempt(lambda: process_tubes(folder, progress))
    if rehearsed is not None:
        report.facts.append(f"compensation: {rehearsed.compensation}")
        report.findings.extend(rehearsed.findings)
    elif found is not None:
        report.findings.extend(by_severity((*found[1], *sheet_findings(found[0], flow))))


def _counted(things: Collection[object], name: str) -> str:
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"


def _spare(folder: RunFolder, tubes: Sequence[Tube]) -> set[str]:
    """Files that are no samples: a control of one dye names no marker, and none is asked of it."""
    from assays.sample_sheet import match_files
    from assays.samples import SAMPLE_ROLES

    names = match_files(tubes, [folder.name_of(path) for path in folder.fcs])
    return {names[tube.file] for tube in tubes if tube.role not in SAMPLE_ROLES}


def _check_tube(path: Path, channels: Mapping[str, str], correction: Correction | None) -> None:
    """Read one event, which proves the file whole, and try on it what the run will do.

    `channels` say who asks for them.
    """
    from assays.flow import fcs

    events = fcs.read(path, events=slice(0, 1))
    # First what the file is: a raw spectral one lacks the channels for a reason worth telling.
    if correction is not None and len(events):
        correction.apply(events)
    for name, asker in channels.items():
        try:
            events.index(name)
        except GatingError as error:
            if not asker:
                raise
            if asker.startswith("readout "):
                # As the run says it.
                told = f"no channel carries {asker}: {error.message}"
                raise ControlError(told, error.where, error.hint) from None
            raise GatingError(f"{asker}: {error.message}", error.where, error.hint) from None
