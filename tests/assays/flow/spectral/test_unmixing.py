"""Raw spectral events are told from others, and unmixed into what was put in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from assays.errors import ControlError
from assays.flow.correction import Correction, choose_correction
from assays.flow.events import Channel, Events
from assays.flow.spectral.recognise import detectors, raw_spectral
from assays.flow.spectral.spectra import AUTOFLUORESCENCE, spectra_from_controls
from assays.flow.spectral.unmix import amounts, residual_percent, signatures, unmix
from assays.protocol import Flow, SingleStains

DETECTORS = tuple(f"V{n}-A" for n in range(1, 17)) + tuple(f"B{n}-A" for n in range(1, 15))
DYES = ("BV421", "BV510", "FITC", "PE")
PEAKS = (0, 6, 17, 21)


def hump(peak: float, width: float) -> np.ndarray:
    """A spectrum over the detectors, its peak at 1."""
    shape = np.exp(-0.5 * ((np.arange(len(DETECTORS)) - peak) / width) ** 2)
    shape[shape < 1e-4] = 0.0
    return shape / shape.max()


SPECTRA = np.array([hump(peak, width) for peak, width in zip(PEAKS, (1.5, 2.5, 1.8, 2.2),
                                                             strict=True)])  # fmt: skip
GLOW = 300.0 * hump(9.0, 6.0) + 20.0


def named(*names: str, **more: Any) -> Events:
    channels = tuple(Channel(name, None, 4194304.0) for name in names)
    return Events(np.zeros((1, len(names))), channels, name="a.fcs", **more)


@pytest.fixture
def aurora(cytometer: Any) -> Any:
    cytometer.detectors, cytometer.spillover = DETECTORS, SPECTRA
    cytometer.glow = {"cells": GLOW, "beads": 0.1 * GLOW}
    cytometer.top = 4194303.0
    return cytometer


@pytest.fixture
def stained(rack: Any, aurora: Any) -> Any:
    """Single stains of four dyes and the unstained cells."""
    for row, name in enumerate(DYES):
        file = f"{name}.fcs"
        rack.add(file, "single stain", aurora.events(file, {row: 20_000.0}), stain=name)
    rack.add("unstained.fcs", "unstained", aurora.events("unstained", {}))
    return rack


@pytest.mark.parametrize(
    "names",
    [
        ("FSC-A", "SSC-A", *DETECTORS, "Time"),
        tuple(f"{laser}CH{n}-A" for laser in (405, 488) for n in range(1, 20)),
        tuple(f"UV{n} ({350 + 20 * n})-A" for n in range(1, 17)),
        tuple(f"R{n}-{kind}" for n in range(1, 9) for kind in "AH"),
    ],
    ids=["Aurora", "ID7000", "FACSDiscover", "areas and heights"],
)
def test_numbered_detectors_along_a_laser_are_raw_spectral(names: tuple[str, ...]) -> None:
    assert "and no channel names a fluorochrome" in raw_spectral(named(*names))


@pytest.mark.parametrize(
    "names",
    [
        ("FSC-A", "BV421-A", "BV510-A", "FITC-A", "PE-A"),
        ("FSC-A", "V1-A", "V2-A", "B1-A", "B2-A", "B3-A", "B4-A", "R1-A", "R2-A"),
        tuple(f"FL{n}-A" for n in range(1, 13)),
        tuple(f"VL{n}-A" for n in range(1, 9)),
        ("V450-A", "V510-A", "V605-A", "V655-A", "V705-A", "V800-A", "B515-A", "B710-A"),
        (*DETECTORS[:8], "BV421-A", "BV510-A", "FITC-A", "PE-A"),
        ("V2-A", "V3-A", "V4-A", "V5-A", "V6-A", "V7-A", "V8-A", "V9-A"),
        ("FSC-A", "SSC-A", "Time"),
    ],
    ids=["dyes", "MACSQuant", "FL", "Attune", "filters", "mostly dyes", "no first", "scatter"],
)
def test_conventional_and_unmixed_files_are_not(names: tuple[str, ...]) -> None:
    assert raw_spectral(named(*names, keywords={"$CYT": "Aurora"})) == ""


def test_spectra_and_amounts_come_back(stained: Any, aurora: Any) -> None:
    made = spectra_from_controls(stained.tubes, stained.open, SingleStains())
    assert made.signatures.components == (*DYES, AUTOFLUORESCENCE)
    np.testing.assert_allclose(made.signatures.matrix[:4], SPECTRA, atol=0.01)
    np.testing.assert_allclose(made.signatures.matrix[4], GLOW / GLOW.max(), atol=0.02)
    assert [row.channel for row in made.record.stains] == [DETECTORS[n] for n in PEAKS]
    spectra = made.record.spectra
    assert spectra is not None and 1 < spectra.complexity < 20
    assert all(percent < 5 for _, percent in spectra.residual_percent)
    assert not made.findings
    tube = aurora.events("all", {0: 2_000.0, 1: 8_000.0, 3: 30_000.0}, stained=1.0, debris=0.0)
    unmixed = unmix(tube, made.signatures)
    assert [channel.name for channel in unmixed.channels] == ["FSC-A", "SSC-A", *DYES,
                                                              AUTOFLUORESCENCE]  # fmt: skip
    medians = np.median(unmixed.values, axis=0)[2:]
    # A signature is known to about 0.2 % of its peak: so much of the brightest dye may be given
    # to its neighbours.
    truth = [2_000, 8_000, 0, 30_000, GLOW.max()]
    np.testing.assert_allclose(medians, truth, rtol=0.03, atol=0.002 * 30_000)
    assert unmixed.compensated and len(unmixed) == len(tube)


def test_without_noise_least_squares_is_exact() -> None:
    made = signatures(DYES, DETECTORS, 7.0 * SPECTRA)
    true = np.array([[100.0, 0.0, 5.0, -3.0], [0.0, 2000.0, 0.0, 1.0]])
    seen = true @ SPECTRA
    np.testing.assert_allclose(amounts(seen, made), true, atol=1e-9)
    assert residual_percent(seen, made) < 1e-9
    assert residual_percent(np.zeros((0, 30)), made) != residual_percent(seen, made)
    foreign = seen + 50 * hump(27.0, 1.0)
    assert residual_percent(foreign, made) > 2


def test_the_complexity_index_is_one_without_overlap_and_grows_with_it() -> None:
    apart = signatures(("a", "b"), ("V1", "V2"), np.eye(2))
    assert apart.complexity == pytest.approx(1.0)
    cosine = 0.8
    near = signatures(("a", "b"), ("V1", "V2"), np.array([[1.0, 0.0], [cosine, 0.6]]))
    # Two unit vectors: (1 + cosine) / (1 - cosine).
    assert near.complexity == pytest.approx((1 + cosine) / (1 - cosine))
    assert near.similarity[0, 1] == pytest.approx(cosine)


@pytest.mark.parametrize(
    ("names", "spectra", "words"),
    [
        (("a", "b", "sum"), np.array([[1.0, 0, 0, 1], [0, 1, 1, 0], [1, 1, 1, 1]]), "told apart"),
        (("a", "b"), np.array([[1.0, 2, 3, 0], [2, 4, 6, 0]]), "a and b are the most alike"),
        (tuple("abcde"), np.ones((5, 4)), "5 components cannot be unmixed from 4"),
        (("a", "b"), np.array([[0.0, 0, 0, 0], [1, 0, 0, 0]]), "spectrum of a has no signal"),
        (("a", "a"), np.eye(4)[:2], "same name"),
    ],
)
def test_what_cannot_be_unmixed_is_refused(
    names: tuple[str, ...], spectra: np.ndarray, words: str
) -> None:
    with pytest.raises(ControlError, match=words):
        signatures(names, ("V1", "V2", "V3", "V4"), spectra)


def test_two_dyes_that_are_nearly_one_are_told(stained: Any, aurora: Any) -> None:
    aurora.spillover = np.vstack([SPECTRA, hump(0.35, 1.55)])
    twin = aurora.events("twin", {4: 20_000.0})
    stained.add("twin.fcs", "single stain", twin, stain="Super Bright 436")
    made = spectra_from_controls(stained.tubes, stained.open, SingleStains())
    assert [finding.rule for finding in made.findings] == ["spectra-alike"]
    assert made.findings[0].where == "BV421, Super Bright 436"


def test_autofluorescence_needs_unstained_cells(stained: Any) -> None:
    tubes = [t if t.role != "unstained" else replace(t, material="beads") for t in stained.tubes]
    with pytest.raises(ControlError, match="no unstained cells"):
        spectra_from_controls(tubes, stained.open, SingleStains())
    made = spectra_from_controls(tubes, stained.open, SingleStains(autofluorescence=False))
    assert made.signatures.components == DYES


def test_a_run_is_corrected_as_its_files_allow(stained: Any, aurora: Any) -> None:
    def flow(choice: str) -> Flow:
        return Flow.model_validate({"compensation": choice, "gates": (), "readouts": ()})

    tube = aurora.events("tube", {0: 500.0})
    correction = choose_correction(flow("unmix"), None, stained.tubes, stained.open, ("BV421",))
    assert correction.apply(tube).index("BV421") == 2
    assert correction.recorded_as("BV421") == "V1-A" and correction.recorded_as("SSC-A") == "SSC-A"
    assert "least squares" in correction.words
    assert set(correction.files) == {f"{name}.fcs" for name in (*DYES, "unstained")}
    assert correction.record is not None and correction.record.stains[0].needed > 0
    conventional = named("FSC-A", "FITC-A", "PE-A")
    with pytest.raises(ControlError, match="no raw spectral file") as caught:
        correction.apply(conventional)
    assert "unmixed already" in caught.value.hint
    with pytest.raises(ControlError, match="is not unmixed") as caught:
        choose_correction(flow("controls"), None, stained.tubes, stained.open, ())
    assert '"unmix"' in caught.value.hint
    with pytest.raises(ControlError, match="raw spectral"):
        Correction("file", None).apply(tube)
    other = aurora.events("other volts", {0: 500.0}, volts={"B3-A": 600.0})
    with pytest.raises(ControlError, match="B3-A was recorded at 600 V in this tube"):
        correction.apply(other)


def test_only_areas_are_detectors_where_a_file_has_heights_too() -> None:
    names = [f"R{n}-{kind}" for n in range(1, 9) for kind in "HA"]
    assert detectors(named("FSC-A", *names)) == [f"R{n}-A" for n in range(1, 9)]
