"""One whole gating file of every program, with every kind of gate, scale and matrix."""

from __future__ import annotations

DATA = "http://www.isac-net.org/std/Gating-ML/{}/"
SPACES = " ".join(
    f'xmlns:{prefix}="{DATA}{name}"'
    for prefix, name in (("g", "gating"), ("t", "transformations"), ("d", "datatypes"))
)


def point(*numbers: float) -> str:
    return "".join(f'<g:coordinate d:value="{x}"/>' for x in numbers)


def corners(*places: tuple[float, float]) -> str:
    return "".join(f"<g:vertex>{point(*place)}</g:vertex>" for place in places)


def axis(name: str, more: str = "", kind: str = "fcs-dimension", tag: str = "dimension") -> str:
    return f'<g:{tag} {more}><d:{kind} d:name="{name}"/></g:{tag}>\n'


def rows(*table: tuple[float, ...], row: str = "g:row", cell: str = "g:entry d:value") -> str:
    return "".join(
        f"<{row}>" + "".join(f'<{cell}="{x}"/>' for x in line) + f"</{row}>" for line in table
    )


RAW, OWN, MINE = (f'g:compensation-ref="{name}"' for name in ("uncompensated", "FCS", "M"))
NAMES = "".join(f'<d:fcs-dimension d:name="{name}"/>' for name in "AB")
SCALES = "".join(
    f'<t:transformation t:id="{name}">{function}</t:transformation>\n'
    for name, function in {
        "lin": '<t:flin t:T="1000" t:A="10"/>',
        "log": '<t:flog t:T="1000" t:M="4"/>',
        "asinh": '<t:fasinh t:T="1000" t:M="4" t:A="1"/>',
        "logicle": '<t:logicle t:T="1000" t:W="0.5" t:M="4.5" t:A="0"/>',
        "hyper": '<t:hyperlog t:T="1000" t:W="0.5" t:M="4.5" t:A="0"/>',
        "ratio": f'<t:fratio t:A="1" t:B="0" t:C="-1">{NAMES}</t:fratio>',
    }.items()
)
COEFFICIENTS = rows((1, 0.2), (0.1, 1), row="t:spectrum", cell="t:coefficient t:value")
MATRIX = (
    f'<t:spectrumMatrix t:id="M"><t:fluorochromes>{NAMES}</t:fluorochromes>'
    f"<t:detectors>{NAMES}</t:detectors>{COEFFICIENTS}</t:spectrumMatrix>\n"
)
ELLIPSE = (
    f"<g:mean>{point(3, 3)}</g:mean><g:covarianceMatrix>{rows((4, 1), (1, 9))}"
    '</g:covarianceMatrix><g:distanceSquare d:value="2"/>'
)
VERSION_20 = (
    f"<g:Gating-ML {SPACES.format(*3 * ['v2.0'])}>\n{SCALES}{MATRIX}"
    f'<g:RectangleGate g:id="R">{axis("A", f"""{OWN} g:min="1" g:max="900" """)}'
    + "".join(
        axis("B", f'{MINE} g:transformation-ref="{name}" g:max="0.99"')
        for name in ("lin", "log", "asinh", "logicle", "hyper")
    )
    + f'</g:RectangleGate><g:RectangleGate g:id="Q"><g:dimension {RAW} g:min="0.2">'
    '<d:new-dimension d:transformation-ref="ratio"/></g:dimension></g:RectangleGate>'
    f'<g:PolygonGate g:id="P" g:parent_id="R">{axis("A", RAW)}{axis("B", RAW)}'
    f"{corners((0, 0), (900, 0), (900, 900), (0, 700))}</g:PolygonGate>\n"
    f'<g:EllipsoidGate g:id="E">{axis("A", OWN)}{axis("B", OWN)}{ELLIPSE}</g:EllipsoidGate>\n'
    f'<g:QuadrantGate g:id="D" g:parent_id="P"><g:divider g:id="x" {RAW}>'
    '<d:fcs-dimension d:name="A"/><g:value>3</g:value><g:value>50</g:value></g:divider>'
    '<g:Quadrant g:id="low"><g:position g:divider_ref="x" g:location="1"/></g:Quadrant>'
    '<g:Quadrant g:id="mid"><g:position g:divider_ref="x" g:location="10"/></g:Quadrant>'
    '</g:QuadrantGate>\n<g:BooleanGate g:id="N" g:parent_id="low"><g:and>'
    '<g:gateReference g:ref="E" g:use-as-complement="true"/><g:gateReference g:ref="Q"/></g:and>'
    "</g:BooleanGate></g:Gating-ML>"
)


def old(name: str, more: str = "") -> str:
    return f'<g:dimension {more}><d:parameter d:name="{name}"/></g:dimension>\n'


def formula(name: str, inside: str) -> str:
    return f'<t:transformation t:id="{name}">{inside}</t:transformation>\n'


A, B = (f'<d:parameter d:name="{name}"/>' for name in "AB")
VERSION_15 = (
    f"<g:Gating-ML {SPACES.format(*3 * ['v1.5'])}>\n"
    + formula("ln", f'<t:ln t:a="1" t:b="2">{A}</t:ln>')
    + formula("sum", f"<t:dg1polynomial>{A}{B}"
              + 3 * '<t:coefficient t:value="0.5"/>' + "</t:dg1polynomial>")
    + formula("asinh", '<t:asinh t:a="0.1" t:b="3"><t:transformationReference t:ref="sum"/>'
              "</t:asinh>")
    + formula("split", f'<t:split-scale t:r="192" t:maxValue="1000" t:transitionChannel="64">{A}'
              "</t:split-scale>")
    + formula("hyper", f'<t:hyperlog t:a="100" t:b="30">{B}</t:hyperlog>')
    + f'<t:spilloverMatrix t:id="S"><t:parameters>{A}{B}</t:parameters>'
    + rows((1, 0.2), (0.1, 1), row="t:spillover", cell="t:coefficient t:value")
    + "</t:spilloverMatrix>"
    + formula("own", f'<t:compensation t:spilloverMatrixRef="S">{A}</t:compensation>')
    + '<g:RectangleGate g:id="R">'
    + "".join(
        f'<g:dimension g:min="-999" g:max="5000"><t:transformationReference t:ref="{name}"/>'
        "</g:dimension>"
        for name in ("ln", "asinh", "split", "hyper", "own")
    )
    + f'</g:RectangleGate>\n<g:PolytopeGate g:id="T">{old("A")}{old("B")}'
    + rows((1, 1, -1500), (-1, 0, 0), row="g:halfspace")
    + f'</g:PolytopeGate>\n<g:DecisionTreeGate g:id="D"><g:rootNode g:threshold="5">{A}'
    f'<g:leafLT g:inside="false"/><g:nodeGTE g:threshold="700">{B}<g:leafLT g:inside="true"/>'
    '<g:leafGTE g:inside="false"/></g:nodeGTE></g:rootNode></g:DecisionTreeGate>\n'
    f'<g:PolygonGate g:id="P" g:parent_id="T">{old("A")}{old("B")}'
    f"{corners((0, 0), (900, 0), (900, 900))}</g:PolygonGate>\n"
    f'<g:BooleanGate g:id="N"><g:or><g:gateReference g:ref="D"/><g:EllipsoidGate g:id="E">'
    f'{old("A")}{old("B")}{ELLIPSE}</g:EllipsoidGate></g:or></g:BooleanGate></g:Gating-ML>'
)  # fmt: skip


def population(name: str, shape: str, below: str = "") -> str:
    return (
        f'<Population name="{name}" count="7"><Gate>{shape}</Gate><Subpopulations>{below}'
        "</Subpopulations></Population>\n"
    )


def on(name: str, kind: str, parameters: str) -> str:
    return f'<t:{kind} {parameters}><d:parameter d:name="{name}"/></t:{kind}>\n'


POPULATIONS = population(
    "cells",
    f'<g:PolygonGate eventsInside="1">{axis("A")}{axis("Comp-B")}'
    f"{corners((0, 0), (900, 0), (900, 900))}</g:PolygonGate>",
    population(
        "cut", f"""<g:RectangleGate>{axis("B", 'g:min="3" g:max="500"')}</g:RectangleGate>"""
    )
    + '<AndNode name="both" count="1"><Dependents><Dependent name="cells/cut"/>'
    '<Dependent name="round"/></Dependents></AndNode>',
) + population(
    "round",
    f"<g:EllipsoidGate>{axis('A')}{axis('B')}<g:foci>{corners((100, 90), (140, 90))}</g:foci>"
    f"<g:edge>{corners((90, 90), (150, 90), (120, 112), (120, 68))}</g:edge></g:EllipsoidGate>",
)
SPILLOVER = "".join(
    f'<t:spillover d:parameter="{dye}">'
    + "".join(
        f'<t:coefficient d:parameter="{detector}" t:value="{1 if dye == detector else 0.1}"/>'
        for detector in "AB"
    )
    + "</t:spillover>"
    for dye in "AB"
)
WORKSPACE = (
    f'<Workspace version="20.0" flowJoVersion="10.8.1" {SPACES.format(*3 * ["v2.0"])}>\n'
    '<Groups><GroupNode name="All Samples"><Group><SampleRefs><SampleRef sampleID="1"/>'
    f"</SampleRefs></Group></GroupNode></Groups><SampleList><Sample>"
    '<DataSet uri="file:/C:/tube.fcs" sampleID="1"/>'
    f'<t:spilloverMatrix prefix="Comp-" name="mine" suffix="">{SPILLOVER}</t:spilloverMatrix>'
    "<Transformations>"
    + on("A", "biex", 't:maxRange="1000" t:neg="0" t:width="-100" t:pos="4.4"')
    + on("B", "linear", 't:minRange="0" t:maxRange="1000" gain="1"')
    + on("Comp-B", "log", 't:offset="1" t:decades="3"')
    + '</Transformations><Keywords><Keyword name="$P1G" value="1.0"/></Keywords>'
    f'<SampleNode name="tube" count="9" sampleID="1"><Subpopulations>\n{POPULATIONS}'
    "</Subpopulations></SampleNode></Sample></SampleList></Workspace>"
)


def diva_gate(name: str, kind: str, places: str, above: str) -> str:
    return (
        f'<gate fullname="{above}\\{name}" type="Region_Classifier"><name>{name}</name>'
        f'<num_events>3</num_events><parent>{above}</parent><region xparm="A" yparm="B" '
        f'type="{kind}"><points>{places}</points></region><is_y_parameter_scaled>true'
        "</is_y_parameter_scaled><is_y_parameter_log>true</is_y_parameter_log>"
        "<y_parameter_scale_value>100</y_parameter_scale_value></gate>\n"
    )


def places(*corners: tuple[float, float]) -> str:
    return "".join(f'<point x="{x}" y="{y}"/>' for x, y in corners)


DIVA = (
    '<bdfacs version="Version 8.0"><experiment name="E"><specimen name="S"><tube name="T">'
    "<data_filename>tube.fcs</data_filename><instrument_settings><compensation_enabled>true"
    "</compensation_enabled>"
    + "".join(
        f'<parameter name="{name}"><is_log>false</is_log><max>{top}</max><compensation>'
        f"<compensation_coefficient>{one}</compensation_coefficient><compensation_coefficient>"
        f"{other}</compensation_coefficient></compensation></parameter>\n"
        for name, top, one, other in (("A", 1023, 1, -0.1), ("B", 5.4, -0.1, 1))
    )
    + '</instrument_settings><gates><gate fullname="All Events" type="EventSource_Classifier">'
    "<num_events>9</num_events></gate>\n"
    + diva_gate("P1", "RECTANGLE_REGION", places((10, 10), (900, 3900)), "All Events")
    + diva_gate("P2", "POLYGON_REGION", places((0, 0), (900, 0), (900, 600)), "All Events\\P1")
    + diva_gate("P3", "INTERVAL_REGION", places((5, 1), (500, 1)), "All Events\\P1\\P2")
    + "</gates></tube></specimen></experiment></bdfacs>"
)
TEMPLATE = (
    "alias,pop,parent,dims,gating_method,gating_args,collapseDataForGating,groupBy,"
    "preprocessing_method,preprocessing_args\n"
    'cells,+,root,"FSC-A",mindensity,"min=1,max=5",TRUE,4,,\n'
    'single,+,cells,"FSC-A,FSC-H",singletGate,,,,,\n'
    '*,+/-+/-,single,"CD3,CD19",mindensity,adjust = 1.5,,,standardize_flowset,\n'
    'box,+,single,"FSC-A,SSC-A",boundary,"min=c(0,0),max=c(5e4,5e4)",,,,\n'
    "either,+,single,,boolGate,cells|box&!single,,,,\n"
)
FILES = {
    "gates20.xml": VERSION_20, "gates15.xml": VERSION_15, "book.wsp": WORKSPACE,
    "experiment.xml": DIVA, "template.csv": TEMPLATE,
}  # fmt: skip
