"""A plate goes in, concentrations that may be used come out."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from assays.elisa.run import process_elisa
from assays.errors import ProtocolError
from assays.protocol import Cells, Curve, Elisa, Exclusion, Limits
from assays.results.elisa import ElisaRun, RangeStatus, SampleConcentration, Verdict
from plates.errors import LayoutError, UnitError
from plates.findings import Finding
from plates.layout import Layout, Role, WellContent
from plates.plateread import Export, PlateRead
from plates.well import Well

PROTOCOL = Elisa(limits=Limits(lloq=3.125, uloq=200.0))
LIST = Exclusion(wells="C5", who="A. Example", when="2025-03-11", why="bubble")


def run_of(bench, protocol: Elisa = PROTOCOL) -> ElisaRun:
    return process_elisa([("plate.txt", bench.export())], bench.layout, protocol)


def sample_of(run: ElisaRun, name: str, dilution: float | None = None) -> SampleConcentration:
    found = [
        sample
        for plate in run.plates
        for sample in plate.samples
        if sample.sample == name and dilution in (None, sample.dilution_factor)
    ]
    assert len(found) == 1
    return found[0]


def findings_of(run: ElisaRun, rule: str) -> list[Finding]:
    return [finding for finding in run.findings if finding.rule == rule]


def test_known_concentrations_come_back_with_intervals_that_hold_them(bench) -> None:
    made = bench("recovery").standards()
    truths = dict(zip("abcdefgh", np.geomspace(5, 150, 8), strict=True))
    for name, truth in truths.items():
        made.add(name, truth)
    run = run_of(made)
    inside = 0
    for name, truth in truths.items():
        sample = sample_of(run, name)
        assert sample.status == RangeStatus.OK
        assert sample.concentration == pytest.approx(truth, rel=0.1)
        assert sample.interval[0] < sample.concentration < sample.interval[1]
        inside += sample.interval[0] <= truth <= sample.interval[1]
    assert inside >= 7


def test_a_sample_above_the_top_standard_is_flagged_and_not_extrapolated(bench) -> None:
    made = bench("above").standards()
    made.add("high", 600.0)
    made.add("off the curve", 1.0, signals=(3.9, 3.904))
    run = run_of(made)
    high, off = sample_of(run, "high"), sample_of(run, "off the curve")
    for sample in (high, off):
        assert sample.status == RangeStatus.ABOVE_ULOQ
        assert math.isnan(sample.concentration)
        assert math.isnan(sample.interval[0])
        assert (sample.qualifier, sample.limit) == (">", 200.0)
    assert high.estimate == pytest.approx(600, rel=0.3)
    assert math.isnan(off.estimate)
    said = [finding.message for finding in findings_of(run, "above-uloq")]
    assert "Wells B3, B4 (off the curve) read 3.9 OD, above the top standard" in said[1]
    assert "Dilute at least 1:10 and repeat." in said[1]


def test_limits_are_reported_in_the_unit_of_the_undiluted_sample(bench) -> None:
    made = bench("dilution").standards()
    made.add("low", 20.0, dilution=10)
    made.add("high", 9000.0, dilution=10)
    made.add("fine", 400.0, dilution=10)
    run = run_of(made)
    assert (sample_of(run, "low").qualifier, sample_of(run, "low").limit) == ("<", 31.25)
    assert (sample_of(run, "high").qualifier, sample_of(run, "high").limit) == (">", 2000.0)
    assert sample_of(run, "fine").concentration == pytest.approx(400, rel=0.1)


def test_below_the_lower_asymptote_is_below_the_lloq(bench) -> None:
    made = bench("below").standards()
    made.add("nothing", 0.0, signals=(0.03, 0.031))
    sample = sample_of(run_of(made), "nothing")
    assert sample.status == RangeStatus.BELOW_LLOQ
    assert (sample.qualifier, sample.limit) == ("<", 3.125)


def test_only_a_declared_limit_of_detection_decides(bench) -> None:
    made = bench("lod").standards()
    made.add("nothing", 0.0, signals=(0.03, 0.031))
    found = sample_of(run_of(made, Elisa(limits=Limits(lod=0.7, lloq=3.125, uloq=200))), "nothing")
    assert found.status == RangeStatus.BELOW_LOD
    assert found.limit == 0.7
    limits = run_of(made).plates[0].limits
    assert limits.lod_source.startswith("from the curve")
    assert 0 < limits.lod < 3.125


def test_a_poor_replicate_is_flagged_and_keeps_its_number(bench) -> None:
    made = bench("replicates").standards()
    made.add("poor", 1.0, signals=(1.4, 0.8))
    run = run_of(made)
    sample = sample_of(run, "poor")
    assert sample.status == RangeStatus.HIGH_CV
    assert math.isfinite(sample.concentration)
    assert sample.cv_signal_percent == pytest.approx(100 * math.sqrt(2) * 0.3 / 1.1)
    assert sample.cv_concentration_percent > sample.cv_signal_percent
    assert findings_of(run, "replicate-cv")
    assert findings_of(run, "concentration-cv")


def test_a_well_above_the_reader_makes_the_sample_above_the_uloq(bench) -> None:
    made = bench("overflow").standards()
    wells = made.add("bright", 1.0, signals=(math.nan, 2.1))
    made.flags[wells[0]] = "OVRFLW"
    assert sample_of(run_of(made), "bright").status == RangeStatus.ABOVE_ULOQ


def test_a_sample_without_a_reading_says_so(bench) -> None:
    made = bench("unread").standards()
    made.add("unread", 1.0, signals=(math.nan, math.nan))
    assert sample_of(run_of(made), "unread").status == RangeStatus.NO_SIGNAL


def test_limits_are_narrowed_by_the_plate_and_never_widened(bench) -> None:
    made = bench("narrow").standards()
    made.values[6, :2] *= 1.45  # the lowest standard above zero reads far too high
    run = run_of(made)
    limits = run.plates[0].limits
    assert limits.lloq == 6.25
    assert limits.lloq_source == "declared, narrowed by this plate"
    assert limits.uloq_source == "declared"
    assert findings_of(run, "range-narrowed")
    inner = run_of(bench("wide").standards(), Elisa(limits=Limits(lloq=10.0, uloq=90.0)))
    assert (inner.plates[0].limits.lloq, inner.plates[0].limits.uloq) == (10.0, 90.0)


def test_limits_that_nobody_declared_are_provisional(bench) -> None:
    run = run_of(bench("provisional").standards(), Elisa())
    limits = run.plates[0].limits
    assert limits.provisional
    assert (limits.lloq, limits.uloq) == (3.125, 200.0)
    assert findings_of(run, "provisional-limits")


def test_a_saturated_top_standard_lowers_the_uloq(bench) -> None:
    made = bench("saturated").standards()
    made.values[:1, :2] = made.values[made.values < 9].max() * 1.05
    wells = made.add("as bright", 1.0, signals=(made.values[0, 0],) * 2)
    run = run_of(made, Elisa())
    assert run.plates[0].limits.uloq == 100.0
    assert sample_of(run, "as bright").status == RangeStatus.ABOVE_ULOQ
    assert wells


def test_excluded_wells_stay_visible_and_both_results_stand_side_by_side(bench) -> None:
    made = bench("exclusion").standards()
    made.add("a", 20.0)
    made.add("b", 40.0)
    made.values[3, 1] *= 0.5
    made.add("c", 60.0, signals=(2.5, 1.0))
    why = {"who": "A. Example", "when": "2025-03-11", "why": "bubble"}
    protocol = PROTOCOL.model_copy(
        update={"exclude": (Exclusion(wells="D2", **why), Exclusion(wells="C3", **why))}
    )
    run = run_of(made, protocol)
    plate = run.plates[0]
    level = next(level for level in plate.standards if level.nominal == 25.0)
    assert level.wells == (Well(3, 0),)
    assert level.excluded == (Well(3, 1),)
    reading = next(well for well in plate.wells if well.well == Well(3, 1))
    assert "A. Example, 2025-03-11: bubble" in reading.excluded_why
    assert math.isfinite(reading.signal)
    assert plate.curve is not None
    assert plate.curve_with_excluded is not None
    assert plate.curve_with_excluded.n == plate.curve.n + 1
    sample = sample_of(run, "a")
    assert sample.concentration == pytest.approx(20, rel=0.1)
    assert sample.concentration_with_excluded != sample.concentration
    assert sample_of(run, "c").wells == (Well(2, 3),)
    assert "bubble" in findings_of(run, "excluded-wells")[0].message


def test_nothing_excluded_means_no_second_result(bench) -> None:
    made = bench("untouched").standards()
    made.add("a", 20.0)
    run = run_of(made)
    assert run.plates[0].curve_with_excluded is None
    assert math.isnan(sample_of(run, "a").concentration_with_excluded)


def test_a_sample_whose_wells_are_all_out_is_excluded(bench) -> None:
    made = bench("all out").standards()
    made.add("a", 20.0)
    out = Exclusion(wells="A3-A4", who="A", when="2025-01-01", why="dropped")
    run = run_of(made, PROTOCOL.model_copy(update={"exclude": (out,)}))
    assert sample_of(run, "a").status == RangeStatus.EXCLUDED


def test_an_exclusion_of_a_well_off_the_plate_or_an_unknown_plate_is_an_error(bench) -> None:
    made = bench("bad exclusion").standards()
    for changed, said in (({"wells": "A13"}, "leaves a 96-well"), ({"plate": "9"}, "Plate 1")):
        wrong = LIST.model_copy(update=changed)
        with pytest.raises(ProtocolError, match=said):
            run_of(made, PROTOCOL.model_copy(update={"exclude": (wrong,)}))


def test_wells_masked_by_the_reader_count_as_excluded(bench) -> None:
    made = bench("masked").standards()
    made.flags[Well(0, 0)] = "Masked"
    run = run_of(made)
    assert run.plates[0].curve is not None
    assert run.plates[0].curve.n == 15
    assert "masked in the export" in findings_of(run, "excluded-wells")[0].message


def test_reference_and_blank_are_subtracted_only_when_declared(bench) -> None:
    made = bench("reference").standards()
    made.add("a", 20.0)
    made.add("", 0.0, role=Role.BLANK, signals=(0.02, 0.03))
    second = PlateRead(
        "Plate 1", 1, "2", made.read().format, "absorbance", "570", np.full((8, 12), 0.01)
    )
    export = made.export(second)

    def first_well(protocol: Elisa):
        run = process_elisa([("p.txt", export)], made.layout, protocol)
        return run.plates[0].wells[0], run.plates[0]

    plain, plate = first_well(Elisa(signal_nm="450"))
    assert plain.signal == plain.raw
    assert math.isnan(plain.reference)
    assert math.isnan(plain.blank)
    assert plate.reference_nm == ""
    both, plate = first_well(Elisa(signal_nm="450", reference_nm="570", blank="subtract"))
    assert both.signal == pytest.approx(both.raw - 0.01 - 0.015)
    assert plate.reference_nm == "570"
    with pytest.raises(ProtocolError, match=r"could be the signal: 450 nm.*570 nm"):
        first_well(Elisa())
    with pytest.raises(ProtocolError, match=r"signal_nm names 405 nm.*450 nm"):
        first_well(Elisa(signal_nm="405"))


def test_a_blank_is_not_a_zero_standard(bench) -> None:
    made = bench("no blank").standards()
    with pytest.raises(LayoutError, match="no blank well"):
        run_of(made, Elisa(blank="subtract"))


def test_values_reduced_already_are_told(bench) -> None:
    made = bench("reduced").standards()
    export = made.export()
    reduced = replace(export, reads=(replace(export.reads[0], read="reduced"),))
    run = process_elisa([("p.txt", reduced)], made.layout, PROTOCOL)
    assert findings_of(run, "already-reduced")


def test_concentration_per_million_cells(bench) -> None:
    made = bench("cells").standards()
    made.add("a", 40.0, labels={"cell_density": "2e6", "cell_density_unit": "cells/mL"})
    made.add("b", 40.0, labels={"cell_density": "1e6", "cell_density_unit": "cells/well"})
    made.add("c", 40.0)
    protocol = PROTOCOL.model_copy(update={"cells": Cells(volume_ml=0.5)})
    run = run_of(made, protocol)
    for name, cells_per_ml in (("a", 2e6), ("b", 2e6)):
        sample = sample_of(run, name)
        assert sample.per_cells == pytest.approx(sample.concentration / cells_per_ml * 1e6)
        assert sample.per_cells_unit == "pg/10⁶ cells"
        assert sample.per_cells_interval[0] < sample.per_cells < sample.per_cells_interval[1]
    assert math.isnan(sample_of(run, "c").per_cells)


def test_dilutions_of_one_sample_stand_apart_and_are_compared(bench) -> None:
    made = bench("linearity").standards()
    made.add("a", 300.0, dilution=2)
    made.add("a", 300.0, dilution=8)
    made.add("b", 300.0, dilution=2)
    made.add("b", 500.0, dilution=8)
    made.add("hook", 20.0, dilution=1)
    made.add("hook", 600.0, dilution=10)
    run = run_of(made)
    assert sample_of(run, "a", 2).concentration == pytest.approx(300, rel=0.15)
    assert sample_of(run, "a", 8).concentration == pytest.approx(300, rel=0.15)
    said = " ".join(finding.message for finding in findings_of(run, "dilution-linearity"))
    assert "Dilutions of a agree" in said
    assert "Dilutions of b disagree" in said
    assert "hook" in findings_of(run, "high-dose-hook")[0].where


def test_same_name_with_another_treatment_is_another_sample(bench) -> None:
    made = bench("treatment").standards()
    made.add("CLL-01", 20.0, labels={"treatment": "none"})
    made.add("CLL-01", 80.0, labels={"treatment": "ruxolitinib"})
    found = run_of(made).plates[0].samples
    assert len(found) == 2
    assert [sample.labels["treatment"] for sample in found] == ["none", "ruxolitinib"]


def test_medium_is_reported_and_not_subtracted(bench) -> None:
    made = bench("medium").standards()
    made.add("RPMI", 6.0, role=Role.MEDIUM)
    run = run_of(made)
    assert sample_of(run, "RPMI").role == Role.MEDIUM
    assert "reported, not subtracted" in findings_of(run, "medium-background")[0].message


def test_a_flat_plate_has_no_concentrations_and_fails(bench) -> None:
    made = bench("flat", params=np.array([0.06, 1.0, 100.0, 0.0601])).standards()
    made.add("a", 20.0)
    run = run_of(made)
    assert run.verdict == Verdict.FAILED
    assert run.plates[0].curve is None
    assert sample_of(run, "a").status == RangeStatus.REJECTED
    assert math.isnan(sample_of(run, "a").concentration)
    assert "no response" in findings_of(run, "curve-refused")[0].message


def test_a_falling_curve_is_fitted_and_told(bench) -> None:
    made = bench("competitive", params=np.array([2.4, 1.1, 30.0, 0.1])).standards()
    made.add("a", 20.0)
    made.add("none", 0.0, signals=(2.9, 2.9))
    run = run_of(made)
    assert sample_of(run, "a").concentration == pytest.approx(20, rel=0.15)
    assert sample_of(run, "none").status == RangeStatus.BELOW_LLOQ
    assert findings_of(run, "falling-curve")


def test_the_softmax_compatible_choice_averages_the_concentrations_of_the_wells(bench) -> None:
    made = bench("softmax").standards()
    made.add("a", 1.0, signals=(0.5, 0.7))
    curve = Curve(weighting="none", on="means", inverse="mean of inverses")
    run = run_of(made, PROTOCOL.model_copy(update={"curve": curve}))
    wells = [well.concentration for well in run.plates[0].wells if well.sample == "a"]
    assert sample_of(run, "a").concentration == pytest.approx(np.mean(wells))
    assert sample_of(run_of(made), "a").concentration != pytest.approx(np.mean(wells), rel=1e-6)


def test_blank_corrected_standards_do_not_let_the_zero_standard_rule(bench) -> None:
    made = bench("blanked", params=np.array([0.0, 1.15, 180.0, 3.2])).standards()
    made.values[7, :2] = [-0.003, 0.004]
    made.add("a", 20.0)
    floored = run_of(made, PROTOCOL.model_copy(update={"curve": Curve(weighting="1/yhat^2")}))
    for run in (run_of(made), floored):
        sample = sample_of(run, "a")
        assert sample.concentration == pytest.approx(20, rel=0.1)
        assert sample.interval[1] / sample.interval[0] < 1.5
    assert findings_of(floored, "weights-floored")


def test_standards_in_another_unit_are_converted(bench) -> None:
    made = bench("units").standards(tuple(level / 1000 for level in (200.0, 50.0, 12.5, 3.125, 0)))
    for key, content in made.contents.items():
        made.contents[key] = replace(content, unit="ng/mL")
    run = run_of(made)
    assert [level.nominal for level in run.plates[0].standards][-1] == pytest.approx(200.0)
    molar = bench("molar").standards(unit="nM")
    with pytest.raises(UnitError):
        run_of(molar)


def test_limits_and_standards_in_different_units_are_told(bench) -> None:
    made = bench("mixed units", params=np.array([0.05, 1.15, 0.18, 3.2]))
    made.standards(tuple(level / 1000 for level in (200.0, 100, 50, 25, 12.5, 6.25, 3.125, 0)))
    assert "do not overlap" in findings_of(run_of(made), "range-mismatch")[0].message


def test_layouts_that_say_nothing_of_standards_are_errors(bench) -> None:
    made = bench("layouts").standards()
    for spoilt, said in (
        ({"role": Role.SAMPLE}, "names no standards"),
        ({"unit": ""}, "has no unit"),
        ({"nominal": math.nan}, "has no nominal concentration"),
    ):
        contents = {key: replace(content, **spoilt) for key, content in made.contents.items()}
        layout = replace(made.layout, contents=contents)
        with pytest.raises(LayoutError, match=said):
            process_elisa([("p.txt", made.export())], layout, PROTOCOL)
    with pytest.raises(LayoutError, match="nothing says what is in the wells"):
        process_elisa([("p.txt", made.export())], None, PROTOCOL)


def test_a_layout_that_contradicts_the_export_is_an_error_that_shows_both(bench) -> None:
    made = bench("contradiction").standards()
    inside = dict(made.contents)
    inside["", Well(0, 0)] = WellContent(Role.STANDARD, "", 400.0, "pg/mL")
    export = replace(made.export(), layout=Layout(made.read().format, inside, "export"))
    with pytest.raises((ProtocolError, LayoutError), match=r"200.*400"):
        process_elisa([("p.txt", export)], made.layout, PROTOCOL)
    run = process_elisa([("p.txt", replace(export, layout=made.layout))], made.layout, PROTOCOL)
    assert run.plates[0].curve is not None


def test_several_plates_have_a_curve_each(bench) -> None:
    first, second = bench("first").standards(), bench("second", params=np.array([0.1, 1, 90.0, 2]))
    second.standards()
    first.add("a", 20.0)
    second.add("b", 20.0)
    export = Export("Gen5", "gen5", (first.read("P1"), second.read("P2", number=2)))
    contents = {("P1", well): c for (_, well), c in first.contents.items()}
    contents |= {("P2", well): c for (_, well), c in second.contents.items()}
    layout = replace(first.layout, contents=contents)
    run = process_elisa([("p.txt", export)], layout, PROTOCOL)
    assert [plate.plate for plate in run.plates] == ["P1", "P2"]
    one, two = (plate.curve for plate in run.plates)
    assert one is not None
    assert two is not None
    assert one.params["D"] > 1.2 * two.params["D"]
    for name in "ab":
        assert sample_of(run, name).concentration == pytest.approx(20, rel=0.15)


def test_plates_of_one_name_in_two_files_are_told_apart(bench) -> None:
    made = bench("twins").standards()
    exports = [("monday.txt", made.export()), ("tuesday.txt", made.export())]
    run = process_elisa(exports, made.layout, PROTOCOL)
    assert [plate.plate for plate in run.plates] == ["monday Plate 1", "tuesday Plate 1"]


def test_shuffling_the_wells_changes_nothing(bench) -> None:
    made = bench("shuffle").standards()
    made.add("a", 20.0)
    wells = [well for _, well in made.contents]
    moved = list(np.random.default_rng(2).permutation(len(wells)))
    other = bench("shuffle")
    for i, j in enumerate(moved):
        source, target = wells[i], wells[j]
        other.contents["", target] = made.contents["", source]
        other.values[target.row, target.column] = made.values[source.row, source.column]
    a, b = sample_of(run_of(made), "a"), sample_of(run_of(other), "a")
    assert a.concentration == pytest.approx(b.concentration, rel=1e-9)
    assert a.interval == pytest.approx(b.interval, rel=1e-9)
