import re
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from assays.protocol import Trace
from assays.reports import html
from assays.reports.cells import aligned, figure
from assays.reports.choices import choices_of
from assays.reports.page_findings import finding_lines
from assays.reports.tables import tables_of
from plates.findings import Finding, Severity

HOSTILE = "\"><script>alert(1)</script><img src=http://x onerror=alert(1)>\x1b[31m\u202e'{{ 7*7 }}"


@dataclass(frozen=True)
class Drawing:
    name: str
    section: str
    group: str
    caption: str = "What to see."
    alt: str = "A curve that rises."
    width_px: int = 500
    height_px: int = 300
    data: bytes = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    media_type: str = "image/svg+xml"


class Page(HTMLParser):
    """Elements with their attributes, the text, and whether every element is closed."""

    VOID = ("meta", "img", "br", "link")

    def __init__(self, data):
        super().__init__()
        self.elements, self.open, self.words = [], [], []
        self.feed(data.decode("utf-8"))
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join("".join(self.words).split())

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


def page_of(run, *pictures):
    return Page(html.render(run, pictures, tables_of(run)))


@pytest.fixture(scope="module")
def elisa_page(elisa_run):
    return page_of(elisa_run, Drawing("p", "plate", "P1"), Drawing("c", "curve", "P1"))


@pytest.fixture(scope="module")
def flow_page(flow_run):
    return page_of(flow_run, *(Drawing(d, "gates", d) for d in ("D1", "D2", "D3")))


def test_one_of_a_kind_is_counted_as_one_in_what_was_observed() -> None:
    (line,) = finding_lines((Finding("added", Severity.LOOK, "P", "Told.", 1.0, 0.0, "samples"),))
    assert (line.observed, line.limit) == ("1 sample", "0 samples")
    (line,) = finding_lines((Finding("late", Severity.LOOK, "P", "Told.", 1.0, 30.0, "s"),))
    assert (line.observed, line.limit) == ("1 s", "30 s")


def test_the_page_answers_in_the_order_of_a_reader(elisa_page):
    places = [
        elisa_page.text.index(words)
        for words in (
            "Plate accepted; 2 samples need a repeat.",
            "Findings",
            "Concentrations",
            "Control samples",
            "Standard curve",
            "Excluded wells",
            "Every choice",
            "assay.toml as written",
        )
    ]
    assert places == sorted(places)


def test_the_page_asks_nothing_of_a_network_and_runs_nothing(elisa_page, flow_page):
    for page in (elisa_page, flow_page):
        names = {tag for tag, _ in page.elements}
        assert not names & {"script", "link", "iframe", "object", "form", "base"}
        for _, attrs in page.elements:
            assert not [name for name in attrs if name.startswith("on") or name == "style"]
            for key in ("src", "href"):
                assert attrs.get(key, "#").startswith(("#", "data:image/"))
        policy = page.all("meta")[1]["content"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "unsafe" not in policy


def test_the_page_can_be_read_without_seeing_it(elisa_page):
    assert elisa_page.all("html")[0]["lang"] == "en"
    assert all(attrs["alt"] for attrs in elisa_page.all("img"))
    assert all(attrs.get("scope") for attrs in elisa_page.all("th"))
    levels = [int(tag[1]) for tag, _ in elisa_page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    ids = [attrs["id"] for _, attrs in elisa_page.elements if "id" in attrs]
    assert len(set(ids)) == len(ids)
    assert not [name for name in ids if not re.fullmatch("[a-z0-9_-]+", name)]
    wanted = {attrs["href"][1:] for attrs in elisa_page.all("a")}
    assert wanted <= set(ids)


def test_value_and_interval_stand_together_and_a_limit_is_grey(elisa_run):
    data = html.render(elisa_run, (), tables_of(elisa_run)).decode()
    assert re.search(r'class="number">4\.13</td><td class="interval"><bdi>\(3\.71–4\.62\)', data)
    assert re.search(r'class="number muted">&lt; 3\.13<', data)
    assert "IL-6, pg/mL (95 % interval)" in data


def test_units_are_printed_and_names_stay_as_given(elisa_run):
    plate = elisa_run.elisa.plates[0]
    labels = {"density": "2e+06 cells/mL"}
    samples = (replace(plate.samples[0], sample="5e6 ug", labels=labels),)
    elisa = replace(elisa_run.elisa, unit="ug/mL", plates=(replace(plate, samples=samples),))
    page = page_of(replace(elisa_run, elisa=elisa))
    assert "IL-6, \u00b5g/mL (95 % interval)" in page.text
    assert "2 \u00d7 10\u2076 cells/mL" in page.text
    assert "5e6 ug" in page.text


def test_standards_have_the_unit_of_their_signal(elisa_page):
    assert "Signal, OD" in elisa_page.text


def test_an_excluded_well_stays_visible_struck_through(elisa_run, elisa_page):
    data = html.render(elisa_run, (), tables_of(elisa_run)).decode()
    assert "<s>C2</s>" in data
    assert "A. Tester" in elisa_page.text
    assert "pipetting error" in elisa_page.text


def test_wells_masked_in_the_export_are_listed_with_the_excluded(elisa_run):
    plate = elisa_run.elisa.plates[0]
    wells = (replace(plate.wells[4], excluded_why="masked in the export"), *plate.wells[5:])
    elisa = replace(elisa_run.elisa, plates=(replace(plate, wells=wells),))
    data = html.render(replace(elisa_run, elisa=elisa), (), {}).decode()
    assert f"<s>{plate.wells[4].well}</s>" in data
    assert "masked in the export" in data


def test_results_with_and_without_exclusions_stand_side_by_side(elisa_run):
    plate = elisa_run.elisa.plates[0]
    second = replace(plate.samples[1], concentration_with_excluded=5.5)
    samples = (plate.samples[0], second, *plate.samples[2:])
    elisa = replace(elisa_run.elisa, plates=(replace(plate, samples=samples),))
    text = page_of(replace(elisa_run, elisa=elisa)).text
    assert "With and without exclusions" in text
    assert "CLL-02, pg/mL" in text
    assert "5.50" in text


def test_forty_alike_findings_are_one_line_that_unfolds(elisa_run, elisa_page):
    lines = finding_lines(elisa_run.findings)
    assert [(line.severity, len(line.alike)) for line in lines] == [
        ("stop", 0),
        ("look", 42),
        ("note", 0),
    ]
    assert lines[1].observed == "30 to 71 %"
    assert lines[1].limit == "20 %"
    assert "Show all 42" in elisa_page.text


def test_a_finding_is_told_by_word_and_sign_not_by_colour_alone():
    line = finding_lines([Finding("r", Severity.STOP, "A1", "Repeat.")])[0]
    assert (line.sign, line.severity) == ("✖", "stop")


def test_every_choice_is_there_with_its_origin(elisa_run, elisa_page):
    choices = {each.key: each for each in choices_of(elisa_run.provenance.protocol)}
    assert choices["elisa.reference_nm"].chosen
    assert choices["elisa.reference_nm"].value == "570"
    assert not choices["elisa.curve.model"].chosen
    assert choices["elisa.curve.model"].value == "4pl"
    assert choices["elisa.limits.lod"].value == ""
    for key in choices:
        assert key in elisa_page.text


def test_every_finding_has_its_place_in_bold(flow_run):
    told = "The IC50 of ruxolitinib in donor D2 is a bound."
    findings = (
        Finding("ic50-not-bracketed", Severity.NOTE, "donor D2", told),
        Finding("few-events", Severity.LOOK, "D1_0.fcs", "Few events."),
    )
    run = replace(flow_run, flow=replace(flow_run.flow, findings=findings))
    data = html.render(run, (), tables_of(run)).decode()
    assert "in <b><bdi>donor D2</bdi></b> is a bound." in data
    assert "<b><bdi>D1_0.fcs</bdi></b> Few events." in data


def test_blanks_are_shown_as_blanks(elisa_run, elisa_page):
    assert "IL-6 kit, lot L1234, expiry left blank" in elisa_page.text
    bare = elisa_run.provenance.protocol.model_copy(update={"trace": Trace()})
    run = replace(elisa_run, provenance=replace(elisa_run.provenance, protocol=bare))
    data = html.render(run, (), tables_of(run)).decode()
    assert re.search(r"Operator</bdi></th><td[^>]*><bdi>left blank", data)


def test_inputs_and_versions_close_the_page(elisa_page):
    for words in ("bb" * 32, "il6.txt", "numpy", "2.4.6", "3f" * 32):
        assert words in elisa_page.text


def test_an_undefined_inhibition_is_a_word_in_its_place(flow_page):
    assert flow_page.text.count("undefined") >= 8
    assert "Every control's value" in flow_page.text


def test_a_bound_on_an_ic50_stands_with_the_interval_of_the_curve(flow_run):
    first = flow_run.flow.dose_responses[0]
    nan = float("nan")
    lost = replace(first, ic50=nan, ic50_interval=(872.0, float("inf")), status="> highest dose")
    text = page_of(replace(flow_run, flow=replace(flow_run.flow, dose_responses=(lost,)))).text
    assert re.search(r"> 1000[.0]* ?\(\u2265 872\)", text)
    assert "(absolute)" in text


def test_pictures_of_many_donors_unfold_and_the_first_is_open(flow_page):
    groups = [a for a in flow_page.all("details") if a.get("class") == "group"]
    assert ["open" in attrs for attrs in groups] == [True, False, False]


def hostile(run):
    plate = run.elisa.plates[0]
    samples = tuple(
        replace(each, sample=HOSTILE, labels={HOSTILE: HOSTILE}) for each in plate.samples[:2]
    )
    plate = replace(plate, plate=HOSTILE, samples=samples, software=HOSTILE, export=HOSTILE)
    finding = Finding(HOSTILE, Severity.LOOK, HOSTILE, HOSTILE, unit=HOSTILE)
    elisa = replace(run.elisa, plates=(plate,), findings=(finding,), notes=(HOSTILE,))
    return replace(run, elisa=elisa, title=HOSTILE, name=HOSTILE)


def test_a_row_for_every_tube_is_not_printed_but_its_file_is_named(flow_run, flow_page):
    data = html.render(flow_run, (), tables_of(flow_run)).decode()
    assert "details:not(.kept)::details-content" in data
    for name in ("readings", "populations"):
        assert f"in tables/{name}.csv; printed when unfolded" in flow_page.text
    assert data.count('<details class="kept">') == 4


def test_pictures_are_printed_at_the_size_that_they_were_drawn():
    (zoom,) = re.findall(r"zoom: (\.[0-9]+)", html.style_sheet())
    assert float(zoom) * html.SCREEN == pytest.approx(1, abs=1e-3)


def test_hostile_names_are_shown_and_do_nothing(elisa_run):
    picture = Drawing("x", "curve", HOSTILE, caption=HOSTILE, alt=HOSTILE)
    page = page_of(hostile(elisa_run), picture)
    assert {tag for tag, _ in page.elements}.isdisjoint({"script", "iframe"})
    assert len(page.all("img")) == 1
    assert all("onerror" not in attrs for _, attrs in page.elements)
    assert "<script>alert(1)</script>" in page.text
    assert "{{ 7*7 }}" in page.text
    data = html.render(hostile(elisa_run), (), tables_of(elisa_run))
    assert b"\x1b" not in data
    assert "\u202e" not in data.decode()


def test_plates_with_labels_alike_keep_anchors_apart(elisa_run):
    plate = elisa_run.elisa.plates[0]
    plates = (replace(plate, plate="P 1"), replace(plate, plate="P-1"))
    page = page_of(replace(elisa_run, elisa=replace(elisa_run.elisa, plates=plates)))
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert {"concentrations-1", "concentrations-2"} <= set(ids)
    assert len(set(ids)) == len(ids)


def test_the_same_run_gives_the_same_page(elisa_run):
    once, twice = (html.render(elisa_run, (), tables_of(elisa_run)) for _ in range(2))
    assert once == twice


def test_decimal_points_stand_under_one_another():
    column = aligned([figure("12.4"), figure("143"), figure("< 3.13"), figure("—")])
    assert [cell.pad for cell in column] == ["0", ".00", "", ".00"]
    assert len({len(c.text.partition(".")[2] + c.pad.replace(".", "")) for c in column}) == 1


def test_text_on_the_page_has_contrast():
    style = html.style_sheet()
    colors = dict(re.findall(r"--(ink|muted|stop|look|note|link): (#[0-9a-f]{6})", style))
    assert len(colors) == 6

    def light(color):
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        parts = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    for color in colors.values():
        # On white, and on the grey of the line under the pointer.
        for ground in ("#ffffff", "#f3f5f7"):
            assert (light(ground) + 0.05) / (light(color) + 0.05) >= 4.5
