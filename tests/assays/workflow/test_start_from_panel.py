"""A run that starts from FCS files begins with the channels that they have."""

from __future__ import annotations

import pytest

from assays.errors import ProtocolError
from assays.flow.strategy import check_strategy
from assays.protocol import Flow
from assays.protocol_text import parse
from assays.workflow.panel import Panel, fit_to_panel
from assays.workflow.start import _template, _with_found_gates

METALS = (
    ("Time", ""), ("Event_length", ""), ("Nd144Di", "144Nd_CD20"), ("Er170Di", "170Er_CD3"),
    ("Sm147Di", "147Sm_CD5"), ("Rh103Di", "103Rh_Live_Dead"), ("Gd158Di", "pStat3"),
    ("Nd142Di", "p-p65"), ("Ir191Di", "191Ir_DNA1"),
)  # fmt: skip
LIGHT = (
    ("FSC-A", ""), ("FSC-H", ""), ("SSC-A", ""), ("APC-Cy7-A", "Zombie NIR"),
    ("BV421-A", "CD19 BV421"), ("PE-A", "pSTAT3 PE"), ("PerCP-A", "CD3 PerCP"),
    ("APC-A", "CD5 APC"), ("Time", ""),
)  # fmt: skip


def flow_of(text: str) -> Flow:
    flow = parse(text).flow
    assert flow is not None
    check_strategy(flow.gates, readouts=[one.channel for one in flow.readouts])
    return flow


def without(channels: tuple[tuple[str, str], ...], *words: str) -> Panel:
    return Panel(tuple(one for one in channels if not any(w in "".join(one) for w in words)))


@pytest.mark.parametrize("gates", ["fixed", "auto"])
def test_mass_cytometry_starts_with_arcsinh_5_and_without_scatter(gates: str) -> None:
    text = _template("phospho.toml")
    text = _with_found_gates(text) if gates == "auto" else text
    fitted = fit_to_panel(text, Panel(METALS))
    flow = flow_of(fitted)
    assert flow.compensation == "none"
    assert (flow.scales["default"].method, flow.scales["default"].cofactor) == ("arcsinh", 5)
    assert list(flow.scales) == ["default"]
    assert [(one.channel, one.cofactor) for one in flow.readouts] == [("pStat3", 5), ("p-p65", 5)]
    used = {channel for gate in flow.gates for channel in gate.channels}
    assert used <= {word for pair in METALS for word in pair}
    assert {"144Nd_CD20", "170Er_CD3", "147Sm_CD5", "103Rh_Live_Dead"} <= used
    assert "There is no gate 'cells': mass cytometry sees no scatter." in fitted
    if gates == "fixed":
        assert flow.gates[0].parent == "root"
        assert flow.gates[1].params == {"x": 10, "y": 10, "quadrant": "+-"}


def test_fluorescence_takes_the_names_of_the_files() -> None:
    flow = flow_of(fit_to_panel(_template("phospho.toml"), Panel(LIGHT)))
    gates = {gate.population: gate.channels for gate in flow.gates}
    assert gates["live"] == ("Zombie NIR",)
    assert gates["B cells"] == ("CD19 BV421", "CD3 PerCP")
    assert gates["CLL"] == ("CD5 APC",)
    assert [(one.channel, one.cofactor) for one in flow.readouts] == [("pSTAT3 PE", 150)]
    assert flow.compensation == "file"


def test_a_missing_viability_dye_is_told_and_the_gates_below_move_up() -> None:
    fitted = fit_to_panel(_template("phospho.toml"), without(LIGHT, "Zombie"))
    parents = {gate.population: gate.parent for gate in flow_of(fitted).gates}
    assert parents["B cells"] == "singlets"
    assert "# Left out: Viability was not found among the channels of your files." in fitted


def test_without_cd19_nobody_is_called_a_cll_cell() -> None:
    fitted = fit_to_panel(_template("phospho.toml"), without(LIGHT, "CD19"))
    flow = flow_of(fitted)
    assert [gate.population for gate in flow.gates] == ["cells", "singlets", "live"]
    assert {one.population for one in flow.readouts} == {"live"}
    assert "# Left out: its parent 'B cells' is left out." in fitted


def test_an_old_cytometer_with_heights_only_has_no_singlets() -> None:
    panel = Panel((("FSC-H", ""), ("SSC-H", ""), ("FL1-H", "p-ERK FITC"), ("FL2-H", "PE")))
    flow = flow_of(fit_to_panel(_template("phospho.toml"), panel))
    assert [(gate.population, gate.channels) for gate in flow.gates] == [
        ("cells", ("FSC-H", "SSC-H"))
    ]
    assert [one.channel for one in flow.readouts] == ["p-ERK FITC"]


def test_without_a_phospho_marker_the_readout_is_a_comment() -> None:
    fitted = fit_to_panel(_template("phospho.toml"), without(LIGHT, "pSTAT3"))
    assert "# Left out: no channel of your files is named for a phospho-protein." in fitted
    assert '\n# channel = "pSTAT3"' in fitted


def test_a_marker_of_two_channels_is_not_used_as_a_name() -> None:
    panel = Panel((("A-A", "CD5"), ("B-A", "CD5"), ('x"y\\', "CD3")))
    assert panel.find("CD5") == "A-A"
    assert Panel((('x"y\\', ""),)).find('x"y\\') == 'x"y\\'


@pytest.mark.parametrize(
    "marker", ["pSTAT3", "p-p65 (S529)", "pp38", "pS6 PE", "Phospho-Akt", "pNFkB", "153Eu_pSTAT1"]
)
def test_phospho_markers_are_known_by_their_names(marker: str) -> None:
    assert Panel((("X-A", marker),)).phospho == (marker,)


@pytest.mark.parametrize("name", ["PE-A", "PerCP-Cy5-5-A", "pHrodo", "CD3", "Pacific Blue-A", "p"])
def test_dyes_are_no_phospho_markers(name: str) -> None:
    assert Panel(((name, ""),)).phospho == ()


def test_a_viability_run_finds_its_dyes() -> None:
    panel = Panel((*LIGHT[:3], ("Time", ""), ("FITC-A", "AnnexinV FITC"), ("PE-A", "PI")))
    flow = flow_of(fit_to_panel(_template("viability.toml"), panel))
    assert flow.gates[-1].channels == ("AnnexinV FITC", "PI")
    assert flow.readouts[0].populations == ("early apoptotic", "late apoptotic", "necrotic")
    assert len(flow.readouts) == 1


def test_a_share_of_dead_cells_needs_every_quadrant() -> None:
    text = _template("viability.toml")
    both = fit_to_panel(text, Panel((("FL1-A", "Annexin V"), ("FL3-A", "PI"))))
    assert '\nkind = "fraction"' in both
    one = fit_to_panel(text, Panel((("FL1-A", "Annexin V"),)))
    assert "\n# kind = " in one and "necrotic are left out" in one
    assert '\nname = "Annexin V"' in one


def test_a_range_that_150_is_not_meant_for_has_its_cofactor_estimated() -> None:
    keywords = {"$PAR": "2", "$P1N": "FL1-H", "$P1S": "pSTAT3", "$P1R": "1024", "$P2N": "FL2-H"}
    assert 'cofactor = "estimate"' in fit_to_panel(_template("phospho.toml"), Panel.of(keywords))
    wide = fit_to_panel(_template("phospho.toml"), Panel.of(keywords | {"$P1R": "262144"}))
    assert "\ncofactor = 150" in wide


@pytest.mark.parametrize("name", ["phospho.toml", "viability.toml"])
def test_files_without_a_matrix_leave_the_compensation_to_be_chosen(name: str) -> None:
    keywords = {"$PAR": str(len(LIGHT))}
    for n, (channel, marker) in enumerate(LIGHT, 1):
        keywords |= {f"$P{n}N": channel, f"$P{n}S": marker}
    with pytest.raises(ProtocolError, match=r"'flow\.compensation' is missing") as caught:
        parse(fit_to_panel(_template(name), Panel.of(keywords)))
    for choice in ("controls", "unmix", "gating", "none", "csv"):
        assert choice in caught.value.hint
    for word in ("$SPILLOVER", "SPILL", "$COMP", "$DFC1TO2"):
        text = fit_to_panel(_template(name), Panel.of(keywords | {word: "2"}))
        assert flow_of(text).compensation == "file"
