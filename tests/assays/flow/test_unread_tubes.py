"""FMO and isotype tubes: what would use them, and stains that name nothing."""

from __future__ import annotations

from assays.flow.unread import stain_findings, unread_tubes
from assays.protocol import Flow, Gate, Readout
from assays.samples import Tube, TubeRole
from plates.findings import Severity

NAMES = ("FSC-A", "R660-A", "pSTAT3", "CD19")


def flow(threshold: str = "unstimulated") -> Flow:
    return Flow(
        compensation="none",
        gates=(Gate(population="CLL", method="interval", channels=("CD5",)),),
        readouts=(
            Readout(
                name="pSTAT3 (Y705)", channel="pSTAT3", population="CLL", threshold=threshold  # type: ignore[arg-type]
            ),
        ),
    )  # fmt: skip


def fmo(stain: str, role: TubeRole = TubeRole.FMO) -> Tube:
    return Tube("fmo.fcs", "D1", role, stain=stain)


def test_an_fmo_tube_that_no_readout_asks_for_is_told_with_what_would_use_it() -> None:
    (finding,) = unread_tubes([fmo("pSTAT3")], [], [], flow())
    assert finding.message.startswith("1 tube is not read: fmo.")
    assert 'threshold = "fmo"' in finding.message and "unstimulated" in finding.message
    (single,) = unread_tubes([fmo("PE-A", TubeRole.SINGLE_STAIN)], [], [], flow())
    assert 'compensation = "controls"' in single.message
    assert list(unread_tubes([fmo("x")], [], ["fmo.fcs"], flow())) == []


def test_a_stain_that_is_no_channel_marker_or_readout_is_told() -> None:
    (finding,) = stain_findings([fmo("pSTATT3")], flow(), NAMES)
    assert (finding.severity, finding.where) == (Severity.LOOK, "fmo.fcs")
    assert "Did you mean 'pSTAT3'?" in finding.message
    (far,) = stain_findings([fmo("Qdot 9000")], flow(), NAMES)
    assert "Known are FSC-A, R660-A, pSTAT3, CD19" in far.message
    for stain in ("pstat3", "R660-A", "pSTAT3 (Y705)"):
        assert list(stain_findings([fmo(stain)], flow(), NAMES)) == []


def test_an_fmo_tube_that_names_no_dye_matters_where_a_threshold_comes_from_it() -> None:
    assert [f.severity for f in stain_findings([fmo("")], flow(), NAMES)] == [Severity.NOTE]
    assert [f.severity for f in stain_findings([fmo("")], flow("fmo"), NAMES)] == [Severity.LOOK]
    assert list(stain_findings([fmo("", TubeRole.ISOTYPE)], flow(), NAMES)) == []
