"""Which spillover is taken out of which tube, as the protocol chose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import nan

from assays.errors import ControlError
from assays.flow.brightness import Brightness
from assays.flow.compensate import (
    check_spillover,
    compensate,
    is_identity,
    looks_compensated,
    same_matrix,
)
from assays.flow.events import Events, Spillover
from assays.flow.gates.shapes import Floats
from assays.flow.matrix_remarks import about_matrix, beside_the_files, several_matrices
from assays.flow.panel_cover import (
    declared_without,
    left_as_recorded,
    refuse_uncovered,
    uncovered,
)
from assays.flow.single_stains.control import voltages_of
from assays.flow.single_stains.matrix import ControlMatrix, matrix_from_controls
from assays.flow.single_stains.remarks import dimmer_than_tubes
from assays.flow.single_stains.voltages import refuse_other_voltages
from assays.flow.spectral.recognise import raw_spectral
from assays.flow.spectral.spectra import Unmixing, spectra_from_controls
from assays.flow.spectral.unmix import unmix
from assays.protocol import Flow
from assays.results.compensation import ControlRecord
from assays.samples import Tube
from plates.findings import Finding, Severity

FROM_CONTROLS = ("controls", "unmix")
CHOICES = ("file", "none", *FROM_CONTROLS)


class Correction:
    """The run's choice of compensation, and what was met while it was carried out.

    Parameters
    ----------
    choice : str
        ``file``, ``none``, ``controls``, ``unmix``, or the name of a csv.
    given : Spillover, optional
        The csv's matrix, when a csv was chosen.
    controls : ControlMatrix or Unmixing, optional
        What the single stains gave, when they were chosen.
    used : sequence of str
        Channels that gates and readouts use: controls must cover them.
    without : sequence of str
        Channels that are declared to have no control.

    Raises
    ------
    ControlError
        When a csv or controls were chosen and none are given, or the reverse.
    """

    def __init__(
        self,
        choice: str,
        given: Spillover | None,
        controls: ControlMatrix | Unmixing | None = None,
        used: Sequence[str] = (),
        without: Sequence[str] = (),
    ) -> None:
        if not choice.strip():
            raise ControlError(
                "compensation is not chosen", hint="Write 'file', 'none' or the name of a csv."
            )
        if choice in CHOICES:
            if given is not None:
                raise ControlError(f"compensation is {choice!r}, but a matrix was given too")
        elif given is None:
            raise ControlError(
                f"compensation names {choice!r}, but its matrix was not given",
                hint="Write 'file', 'none', 'controls', 'unmix' or the name of a csv in the run "
                "folder.",
            )
        else:
            check_spillover(given)
        if (choice in FROM_CONTROLS) != (controls is not None):
            raise ControlError(f"compensation is {choice!r}, and controls do not go with it")
        self.choice = choice
        self.given = controls.spillover if isinstance(controls, ControlMatrix) else given
        self.controls = controls
        self._used = tuple(used)
        self._without = tuple(without)
        self._met: list[tuple[Spillover, str]] = []
        self._bright = Brightness()
        self._carried: list[tuple[Spillover, str]] = []
        self._uncovered: list[Finding] = []

    def apply(self, events: Events) -> Events:
        """Undo spillover in one tube, or unmix it, when the protocol wants it.

        Raises
        ------
        ControlError
            When the file should carry a matrix and does not, is a raw spectral file that no
            matrix can compensate, or was recorded at other voltages than the controls.
        """
        if self.choice == "none":
            return events
        if isinstance(self.controls, Unmixing):
            return self._unmixed(events, self.controls)
        if why := raw_spectral(events):
            raise ControlError(
                f"this is a raw spectral file, which a spillover matrix cannot compensate: {why}",
                events.name,
                "Export the unmixed events from the cytometer's software and write compensation = "
                '"none", or unmix here: compensation = "unmix", with single stains in the sheet.',
            )
        spillover = self.given or events.spillover
        if spillover is None:
            why = looks_compensated(events)
            raise ControlError(
                "compensation = 'file', but the file carries no spillover matrix",
                events.name,
                f"It looks compensated already ({why}): choose 'none'."
                if why
                else "Choose 'none', or name a csv with the matrix.",
            )
        _remember(self._met, spillover, events.name)
        if self.given is not None and events.spillover is not None:
            _remember(self._carried, events.spillover, events.name)
        if self.controls is not None:
            self._hold_against_controls(events, self.controls)
        elif not self._uncovered and not is_identity(spillover):
            self._uncovered = left_as_recorded(events, spillover.channels, self._used)
        done = compensate(events, spillover)
        if self.controls is not None:
            self._bright.take(events.name, done, spillover.channels)
        return done

    def _unmixed(self, events: Events, controls: Unmixing) -> Events:
        if not raw_spectral(events):
            raise ControlError(
                "compensation = 'unmix', but this is no raw spectral file: its channels are not "
                "numbered detectors",
                events.name,
                "It may be unmixed already: choose 'none'. All tubes must be of one kind.",
            )
        made = controls.signatures
        refuse_other_voltages(controls.voltages, voltages_of(events, made.detectors), events.name)
        done = unmix(events, made)
        self._bright.take(events.name, done, made.components)
        return done

    def _hold_against_controls(self, events: Events, controls: ControlMatrix) -> None:
        """Voltages and panel of a tube must be those of the controls."""
        names = controls.spillover.channels
        refuse_other_voltages(controls.voltages, voltages_of(events, names), events.name)
        refuse_uncovered(events, names, self._used, self._without)
        if not self._uncovered:
            self._uncovered = uncovered(events, names, (*self._used, *self._without))

    @property
    def files(self) -> tuple[str, ...]:
        """Tubes that were read as controls."""
        return () if self.controls is None else self.controls.files

    def recorded_as(self, name: str) -> str:
        """What a channel is called in the events as recorded: an unmixed one by its detector."""
        if isinstance(self.controls, Unmixing):
            made = self.controls.signatures
            return made.peak(name) if name in made.components else name
        return name

    @property
    def record(self) -> ControlRecord | None:
        """What the controls gave, with the brightness that the tubes asked of them."""
        if self.controls is None:
            return None
        record = self.controls.record
        unmixed, tops = isinstance(self.controls, Unmixing), self._bright.tops
        stains = tuple(
            replace(row, needed=tops.get(row.stain.strip() if unmixed else row.channel, nan))
            for row in record.stains
        )
        return replace(record, stains=stains)

    @property
    def shared(self) -> Spillover | None:
        """The matrix that served every tube, if one did."""
        return self._met[0][0] if len(self._met) == 1 else None

    @property
    def channels(self) -> tuple[str, ...]:
        """Channels of the shared matrix."""
        return self.shared.channels if self.shared else ()

    @property
    def matrix(self) -> Floats | None:
        """Numbers of the shared matrix."""
        return self.shared.matrix if self.shared else None

    @property
    def words(self) -> str:
        """What was done."""
        if self.choice == "none":
            return "none: events are used as recorded"
        if self.controls is not None and not isinstance(self.controls, ControlMatrix):
            return f"unmixed with the single stains: {self.controls.record.method}"
        if self.shared is None:
            return f"each file's own matrix ({len(self._met)} different ones)"
        size = len(self.shared.channels)
        origins = {"file": "the matrix in each file"}
        if self.controls is not None:
            origins["controls"] = f"from the single stains ({self.controls.record.method})"
        origin = origins.get(self.choice, self.choice)
        kind = "identity, nothing taken out" if is_identity(self.shared) else "inverse applied"
        return f"{origin}, {size} × {size} channels, {kind}"

    def _about_controls(self) -> list[Finding]:
        if self.controls is None or self.record is None:
            return []
        return [
            *self.controls.findings,
            *dimmer_than_tubes(self.record),
            *self._uncovered,
            *declared_without(self._without),
        ]

    def findings(self) -> list[Finding]:
        """What was met: differing matrices, large coefficients, a poor condition."""
        found = self._uncovered if self.controls is None else self._about_controls()
        found = list(found)
        if len(self._met) > 1:
            found.append(several_matrices([name for _, name in self._met]))
        for spillover, name in self._met:
            found += about_matrix(spillover, spillover.origin if self.given else name)
        if self.given is not None:
            worked_out = self.controls is not None
            severity = Severity.LOOK if worked_out else Severity.NOTE
            found += beside_the_files(self.given, self._carried, severity)
        return found


def _remember(met: list[tuple[Spillover, str]], spillover: Spillover, name: str) -> None:
    """Keep a matrix with the first file that has it."""
    if not any(same_matrix(spillover, other) for other, _ in met):
        met.append((spillover, name))


def choose_correction(
    protocol: Flow,
    spillover: Spillover | None,
    tubes: Sequence[Tube],
    open_events: Callable[[Tube], Events],
    used: Sequence[str],
) -> Correction:
    """The run's compensation, worked out from the controls where those were chosen.

    Parameters
    ----------
    protocol : Flow
    spillover : Spillover, optional
        The matrix of the csv that the protocol names.
    tubes : sequence of Tube
        The sample sheet.
    open_events : callable
        Reads one tube as recorded.
    used : sequence of str
        Channels of gates and readouts.

    Raises
    ------
    ControlError
        When it is not possible as chosen.
    """
    choice, how = protocol.compensation, protocol.single_stains
    controls: ControlMatrix | Unmixing | None = None
    if choice == "controls":
        controls = matrix_from_controls(tubes, open_events, how)
    elif choice == "unmix":
        controls = spectra_from_controls(tubes, open_events, how)
    return Correction(choice, spillover, controls, used, how.without)
