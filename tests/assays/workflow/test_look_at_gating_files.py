"""What `assays read` tells of gating files: a table, a csv and a page."""

from __future__ import annotations

from assays.workflow.look_gating import look_at_gating, look_at_template
from plates.source import Source

TEMPLATE = (
    "alias,pop,parent,dims,gating_method,gating_args,collapseDataForGating,groupBy,"
    "preprocessing_method,preprocessing_args\n"
    'cells,+,root,"FSC-A,SSC-A",flowClust.2d,"K = 2, target = c(1e5, 5e4)",TRUE,,,\n'
    "t,+,cells,CD3,mindensity,,TRUE,,<b>odd</b>,\n"
    "again,+,cells,CD3,refGate,t,,,,\n"
)
SPACES = " ".join(
    f'xmlns:{prefix}="http://www.isac-net.org/std/Gating-ML/v2.0/{name}"'
    for prefix, name in (("g", "gating"), ("t", "transformations"), ("d", "datatypes"))
)
CORNERS = "".join(
    f'<g:vertex><g:coordinate d:value="{x}"/><g:coordinate d:value="{y}"/></g:vertex>'
    for x, y in ((0, 0), (900, 0), (900, 700))
)
AXES = "".join(
    f'<g:dimension><d:fcs-dimension d:name="{name}"/></g:dimension>' for name in ("FSC-A", "FITC-A")
)
WORKSPACE = (
    f'<Workspace version="20.0" flowJoVersion="10.8.1" {SPACES}><SampleList><Sample>'
    '<Transformations><t:linear t:minRange="0" t:maxRange="1000" gain="1">'
    '<d:parameter d:name="FSC-A"/></t:linear><t:logicle t:T="1000" t:W="0.5" t:M="4" t:A="0">'
    '<d:parameter d:name="FITC-A"/></t:logicle></Transformations>'
    '<SampleNode name="tube" count="9" sampleID="1"><Subpopulations><Population name="p" '
    f'count="7"><Gate><g:PolygonGate>{AXES}{CORNERS}</g:PolygonGate></Gate></Population>'
    "</Subpopulations></SampleNode></Sample></SampleList></Workspace>"
)


def test_a_template_has_a_page_with_its_rows_and_remarks() -> None:
    look = look_at_template(Source.from_bytes("template.csv", TEMPLATE.encode()))
    assert look.to_html is not None
    page = look.to_html().decode()
    assert "cells → t" in page
    assert "target = 100000, 50000" in look.to_csv()
    assert "of = t" in page and "same cut" in page
    # A cell of the csv is text on the page, whatever it holds.
    assert "<b>odd" not in page and "&lt;b&gt;odd" in page


def test_a_workspace_tells_its_scales_and_corners_in_the_units_of_the_file() -> None:
    look = look_at_gating(Source.from_bytes("book.wsp", WORKSPACE.encode()))
    facts = dict(look.facts)
    assert facts["scales"] == "logicle (T 1000, W 0.5, M 4, A 0)"
    assert "(900; " in look.to_csv()
    linear = WORKSPACE.replace("t:logicle t:T", 't:linear t:maxRange="1000" t:T').replace(
        "</t:logicle>", "</t:linear>"
    )
    plain = look_at_gating(Source.from_bytes("book.wsp", linear.encode()))
    assert dict(plain.facts)["scales"] == "none: gates are in the channels' own units"
    assert "(900; 700)" in plain.to_csv() and "on the scale" not in plain.to_csv()
