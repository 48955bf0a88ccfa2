"""Every picture of a run: the same bytes, small enough, and safe to put on a page."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from assays.reports.figures.draw import elisa_pictures, flow_pictures
from assays.reports.figures.picture import Picture, slug, with_own_names
from assays.samples import Agent

HOSTILE = '<script>alert(1)</script> & "x" $\\frac{1}{0}$ \x1b[31m\nnext 患者 -->' + "long " * 40


def expect_sound(pictures: tuple[Picture, ...]) -> tuple[Picture, ...]:
    """What holds for every picture there is."""
    assert len({picture.file_name for picture in pictures}) == len(pictures)
    for picture in pictures:
        assert re.fullmatch(r"[a-z0-9-]+\.(svg|png)", picture.file_name)
        assert len(picture.data) < (400_000 if picture.png else 300_000), picture.name
        assert picture.caption.endswith(".")
        assert picture.alt.endswith(".")
        assert 0 < picture.width_px <= 681
        assert 0 < picture.height_px <= 972, "taller than A4"
        if picture.svg:
            root = ElementTree.fromstring(picture.svg)
            assert root.tag == "{http://www.w3.org/2000/svg}svg"
            assert not [tag for tag in root.iter() if "script" in str(tag.tag)]
            assert b"<!--" not in picture.svg
            assert b"http" not in re.sub(rb' xmlns(:xlink)?="[^"]+"', b"", picture.svg)
            assert not re.search(rb"\b(href|src)=\"(?!#|data:image/png)", picture.svg)
        else:
            assert picture.png.startswith(b"\x89PNG")
    return pictures


def ids_of(picture: Picture) -> set[str]:
    return set(re.findall(r'\bid="([^"]+)"', picture.svg.decode()))


def test_an_elisa_run_has_a_heat_map_a_curve_and_its_samples(plate_of, run_of) -> None:
    pictures = expect_sound(elisa_pictures(run_of(plate_of())))
    assert [picture.name for picture in pictures] == [
        "plate-1-heatmap",
        "plate-1-curve",
        "plate-1-samples",
    ]
    assert [picture.section for picture in pictures] == ["plate", "curve", "samples"]
    assert {picture.group for picture in pictures} == {"Plate 1"}


def test_the_same_run_gives_the_same_bytes(plate_of, run_of, flow_run_of) -> None:
    assert elisa_pictures(run_of(plate_of())) == elisa_pictures(run_of(plate_of()))
    small = {"donors": 1, "doses": 1, "long_series": 0, "inactive": ()}
    assert flow_pictures(flow_run_of(**small)) == flow_pictures(flow_run_of(**small))


def test_the_users_own_matplotlib_settings_have_no_say(plate_of, run_of) -> None:
    import matplotlib

    plain = elisa_pictures(run_of(plate_of()))
    with matplotlib.rc_context(
        {"font.size": 20, "lines.linewidth": 5, "svg.fonttype": "none", "axes.grid": True}
    ):
        assert elisa_pictures(run_of(plate_of())) == plain


def test_pictures_on_one_page_share_no_ids(plate_of, run_of) -> None:
    pictures = elisa_pictures(run_of(plate_of(), plate_of(name="Plate 2", seed="two")))
    ids = [name for picture in pictures for name in ids_of(picture)]
    assert len(ids) == len(set(ids))


def test_every_id_that_is_used_is_there(plate_of, run_of) -> None:
    for picture in elisa_pictures(run_of(plate_of())):
        text = picture.svg.decode()
        assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', text)) == ids_of(picture)


def test_a_run_of_118_tubes_stays_small(flow_run_of) -> None:
    run = flow_run_of(donors=9, doses=2, long_series=4)
    assert len(run.tubes) == 120
    heard = []
    pictures = expect_sound(flow_pictures(run, lambda *step: heard.append(step)))
    assert sum(len(picture.data) for picture in pictures) < 15e6 * 3 / 4, "base64 adds a third"
    assert [done for done, _, _ in heard] == list(range(1, len(pictures) + 1)), "none left out"
    assert {total for _, total, _ in heard} == {len(pictures)}
    names = [picture.name for picture in pictures]
    assert {"contact-cll-1", "contact-cll-2", "gates-cll-01-00", "gates-cll-01-02"} < set(names)
    assert {"readout-pstat3-y705-cll-01", "inhibition-pstat3-y705"} < set(names)
    assert "dose-response-pstat3-y705-ruxolitinib" in names
    order = list(dict.fromkeys(picture.section for picture in pictures))
    assert order == ["gates", "contact", "readouts", "inhibition", "dose"]


@pytest.mark.parametrize("donors", [1, 12])
def test_one_donor_and_twelve_donors(flow_run_of, donors: int) -> None:
    run = flow_run_of(donors=donors, doses=3, long_series=1, inactive=())
    run = replace(
        run,
        gates=(),
        histograms=(),
        inhibition=tuple(row for row in run.inhibition if row.readout.startswith("pSTAT3")),
        dose_responses=tuple(d for d in run.dose_responses if d.inhibitor == "ruxolitinib"),
    )
    assert {picture.section for picture in expect_sound(flow_pictures(run))} == {
        "inhibition",
        "dose",
    }


def test_hostile_names_are_only_words(plate_of, run_of, flow_run_of) -> None:
    plate = plate_of(samples=4)
    plate = replace(
        plate,
        plate=HOSTILE,
        samples=tuple(replace(sample, sample=HOSTILE) for sample in plate.samples),
        wells=tuple(replace(r, flag=HOSTILE if r.flag else "") for r in plate.wells),
    )
    expect_sound(elisa_pictures(replace(run_of(plate), analyte=HOSTILE, unit=HOSTILE)))
    run = flow_run_of(donors=1, doses=1, long_series=0, inactive=())
    tubes = tuple(
        replace(
            tube,
            donor=HOSTILE,
            inhibitors=tuple(Agent(HOSTILE, 1, HOSTILE) for _ in tube.inhibitors),
        )
        for tube in run.tubes
    )
    by_file = {tube.file: tube for tube in tubes}
    run = replace(
        run,
        tubes=tubes,
        gates=tuple(
            replace(g, donor=HOSTILE, condition=HOSTILE, population=HOSTILE, parent=HOSTILE)
            for g in run.gates
        ),
        histograms=tuple(
            replace(h, donor=HOSTILE, condition=HOSTILE, readout=HOSTILE, tube=by_file[h.file])
            for h in run.histograms
        ),
        readings=tuple(
            replace(r, donor=HOSTILE, readout=HOSTILE, tube=by_file[r.file]) for r in run.readings
        ),
        inhibition=tuple(
            replace(i, donor=HOSTILE, readout=HOSTILE, inhibitors=(Agent(HOSTILE, 1, HOSTILE),))
            for i in run.inhibition
        ),
        dose_responses=tuple(
            replace(d, donor=HOSTILE, readout=HOSTILE, inhibitor=HOSTILE, unit=HOSTILE)
            for d in run.dose_responses
        ),
    )
    expect_sound(flow_pictures(run))


def test_alternative_text_names_the_wells_that_were_taken_out_or_flagged(plate_of, run_of) -> None:
    heat_map = elisa_pictures(run_of(plate_of()))[0]
    assert "Excluded: B2." in heat_map.alt
    assert re.search(r"Flagged: [A-H]\d+ OVRFLW, [A-H]\d+ OVRFLW\.", heat_map.alt)


def test_undefined_inhibition_is_told_not_left_out(flow_run_of) -> None:
    run = replace(flow_run_of(donors=3, inactive=(2,)), gates=(), histograms=(), dose_responses=())
    picture = flow_pictures(run)[0]
    assert "undefined in 1" in picture.alt
    assert "undefined" in picture.caption


def test_an_empty_run_has_no_pictures(run_of, flow_run_of) -> None:
    empty = replace(
        flow_run_of(donors=1),
        gates=(),
        histograms=(),
        readings=(),
        inhibition=(),
        dose_responses=(),
    )
    assert elisa_pictures(run_of()) == ()
    assert flow_pictures(empty) == ()


def test_file_names_are_plain_and_never_collide() -> None:
    assert slug("IκBα") == "ikba"
    assert slug("Ünïcode/..\\x") == "unicode-x"
    assert slug("患者") == "unnamed"
    one = Picture("a", "plate", "", ".", ".", 1, 1)
    names = [picture.name for picture in with_own_names([one, one, replace(one, name="a-2"), one])]
    assert len(set(names)) == 4


def test_widths_are_in_pixels_of_the_printed_size(plate_of, run_of) -> None:
    picture = elisa_pictures(run_of(plate_of()))[0]
    width = float(re.search(rb'width="([0-9.]+)pt"', picture.svg)[1])
    assert math.isclose(picture.width_px, width * 96 / 72, abs_tol=1)


def test_damaged_numbers_draw_an_empty_picture_not_an_error(flow_run_of) -> None:
    run = flow_run_of(donors=2, doses=1, long_series=1)
    gates = tuple(
        replace(
            g,
            counts=np.zeros_like(g.counts),
            outlines=(np.full_like(g.outlines[0], np.nan), np.full_like(g.outlines[0], np.inf)),
            percent_of_parent=math.nan,
        )
        for g in run.gates
    )
    histograms = tuple(
        replace(h, counts=np.zeros_like(h.counts), median=math.nan, threshold=math.nan)
        for h in run.histograms
    )
    inhibition = tuple(
        replace(i, percent=value, interval=(-math.inf, math.inf))
        for i, value in zip(run.inhibition, [-9e9, 9e9, math.nan, 50.0] * 99, strict=False)
    )
    series = tuple(
        replace(
            d,
            ic50=math.nan,
            ic50_interval=(math.nan, math.inf),
            status=status,
            x=np.empty(0),
            y=np.empty(0),
            stimulated_band=(math.nan, math.nan),
            unstimulated=math.nan,
        )
        for d, status in zip(
            run.dose_responses,
            [
                "no response",
                "too few doses",
                "no activation: inhibition undefined",
                "< lowest dose",
            ],
            strict=False,
        )
    )
    expect_sound(
        flow_pictures(
            replace(
                run,
                gates=gates,
                histograms=histograms,
                inhibition=inhibition,
                dose_responses=series,
            )
        )
    )
