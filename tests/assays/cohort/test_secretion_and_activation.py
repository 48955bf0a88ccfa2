"""Does secreted IL-6 go with activation: coefficients with limits of quantitation, and the join."""

from __future__ import annotations

import csv
import doctest
import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from scipy import stats

from assays.cohort import autocrine, censored_pearson, spearman
from assays.cohort.autocrine import Secreted, correlations, one_per_donor
from assays.errors import ProtocolError
from assays.inhibition.over_tubes import donor_comparisons
from assays.protocol import Donors, Flow, Gate, Readout
from assays.reports.tables_correlation import correlation_on_page, donors_correlated_on_page
from assays.results.correlation import Correlated
from assays.results.flow import FlowRun, Reading
from assays.results.run import Run
from assays.samples import Agent, Tube, TubeRole
from assays.workflow.folder import RunFolder
from assays.workflow.secretion import correlate, read_donor_table
from plates.source import Source

rank, linear = spearman.spearman, censored_pearson.censored_pearson

# R 4.2.2, survival 3.5-3: survreg(Surv(log(x), seen, type = "left") ~ y, dist = "gaussian") has
# slope 2.472989584, scale 0.444009349 and gains 17.4309508 in twice the log-likelihood; with the
# SD of y the correlation is 0.922798402. cor.test(method = "spearman") of x tied lowest below
# 5.0, the highest limit: rho 0.856668397, p 0.00154747 (Student's approximation).
X = (3.1, 5.0, 4.0, 9.0, 20.0, 55.0, 31.0, 7.5, 2.0, 12.0)
MARKS = ("<", "<", "", "", "", "", "", "", "<", "")
Y = (0.61, 0.92, 0.85, 1.31, 1.10, 1.92, 1.55, 0.78, 0.40, 1.22)


def seeded(name: str) -> np.random.Generator:
    return np.random.default_rng(np.frombuffer(name.encode(), dtype=np.uint8))


def test_the_examples_in_the_docstrings_hold() -> None:
    for module in (spearman, censored_pearson, autocrine):
        assert doctest.testmod(module).failed == 0


def test_values_under_the_highest_limit_are_tied_lowest_as_in_r() -> None:
    found = rank(X, Y, qualifiers=MARKS)
    assert found.coefficient == pytest.approx(0.856668397289, rel=1e-9)
    assert found.p == pytest.approx(0.0015474724555, rel=1e-6)
    assert (found.n, found.below) == (10, 3)
    # 4.0 was detected, yet lies below another plate's limit of 5.0.
    lower = list(X)
    lower[2] = 4.9
    assert rank(lower, Y, qualifiers=MARKS).coefficient == found.coefficient


def test_the_censored_likelihood_is_that_of_rs_tobit_regression() -> None:
    found = linear(X, Y, qualifiers=MARKS)
    assert found.coefficient == pytest.approx(0.922798401693, rel=1e-5)
    n = len(X)
    drop = stats.chi2.isf(found.p, 1) * n / (n - 3)
    assert drop == pytest.approx(17.4309508299, rel=1e-5)
    assert found.interval[0] < found.coefficient < found.interval[1]


def test_without_limits_it_is_pearsons_coefficient_and_about_fishers_interval() -> None:
    rng = seeded("no limits")
    x = np.exp(rng.normal(size=12))
    y = np.log(x) + rng.normal(size=12)
    found, theirs = linear(x, y), stats.pearsonr(np.log(x), y)
    assert found.coefficient == pytest.approx(theirs.statistic, rel=1e-6)
    fisher = theirs.confidence_interval()
    assert found.interval == pytest.approx((fisher.low, fisher.high), abs=0.03)


def test_spearman_is_exact_for_few_donors() -> None:
    x, y = [1.0, 2.0, 3.0, 4.0, 5.0], [2.0, 1.0, 3.0, 4.0, 5.0]
    found = rank(x, y)
    assert found.coefficient == pytest.approx(0.9)
    # 10 of 120 orders are as far or farther: rho of 0.9 four times, 1 once, either sign.
    assert found.p == pytest.approx(10 / 120)


@pytest.mark.parametrize(
    ("x", "y", "marks", "reasons"),
    [
        ([1, 2, 3, 4], [1, 2, 3, 4], (), ("too few donors", "too few donors")),
        ([5] * 7, range(7), ("<",) * 7, ("no spread", "too few above the limit")),
        ([5, 5, 5, 7, 8, 9, 10], range(7), ("<",) * 3, ("ok", "too few above the limit")),
        (range(1, 8), [3] * 7, (), ("no spread", "no spread")),
        (np.exp(np.arange(7)), range(7), (), ("ok", "perfect line")),
        ([math.nan] * 7, range(7), (), ("too few donors", "too few donors")),
    ],
)
def test_what_cannot_be_known_has_a_reason(
    x: list[float], y: list[float], marks: tuple[str, ...], reasons: tuple[str, str]
) -> None:
    for found, reason in zip(
        (rank(x, y, qualifiers=marks), linear(x, y, qualifiers=marks)), reasons, strict=True
    ):
        assert found.status == reason
        assert math.isnan(found.coefficient) == (reason != "ok")
        assert math.isnan(found.interval[0]) == (reason != "ok")


@pytest.mark.parametrize("below", [0.0, 0.3])
def test_intervals_hold_what_they_say(below: float) -> None:
    rng = seeded(f"coverage {below}")
    rho = 0.6
    held = []
    for _ in range(150):
        u, v = rng.normal(size=(2, 14))
        y = rho * u + math.sqrt(1 - rho**2) * v
        cut = stats.norm.ppf(below) if below else -20.0
        marks = ["<" if one < cut else "" for one in u]
        x = np.exp(np.maximum(u, cut))
        true = 6 / math.pi * math.asin(rho / 2)
        one, two = rank(x, y, qualifiers=marks), linear(x, y, qualifiers=marks)
        held.append(
            (
                one.interval[0] <= true <= one.interval[1],
                two.interval[0] <= rho <= two.interval[1],
            )
        )
    assert np.all(np.mean(held, axis=0) >= 0.9)


def test_spearman_and_pearson_of_the_cll_cohort(corpus: Path) -> None:
    folder = corpus / "cohort"
    cases = json.loads((folder / "expected" / "groups.json").read_text())["cases"]
    judged = 0
    for case in cases:
        if case["kind"] != "correlation":
            continue
        expected, names = case["spearman"], (case["x"], case["y"])
        with (folder / "data" / case["data"]).open(encoding="utf-8", newline="") as stream:
            rows = [[row[name] for name in names] for row in csv.DictReader(stream)]
        x, y = zip(
            *((float(a), float(b)) for a, b in rows if a not in ("", "NA") and b not in ("", "NA")),
            strict=True,
        )
        found = rank(x, y)
        assert found.coefficient == pytest.approx(expected["rho"], rel=1e-8)
        assert found.p == pytest.approx(expected["p_t_approx"], rel=1e-6)
        # Nothing is below a limit there: the likelihood is that of all values as they are.
        plain = linear(np.exp(np.array(x) / np.std(x)), y)
        assert plain.coefficient == pytest.approx(case["pearson"]["r"], rel=1e-5)
        assert plain.interval == pytest.approx(case["pearson"]["ci95"], abs=0.002)
        judged += 1
    assert judged == 2


@pytest.mark.parametrize("n", [5, 7, 8])
def test_the_smallest_p_is_that_of_the_best_order(n: int) -> None:
    x = np.arange(1.0, n + 1)
    rng = np.random.default_rng(n)
    found = spearman.spearman(x, rng.permutation(x))
    assert found.smallest_p == pytest.approx(2 / math.factorial(n))
    assert found.smallest_p == pytest.approx(spearman.spearman(x, x).p)
    assert found.p >= found.smallest_p
    limits = spearman.spearman([3.0, 3.0, *x[2:]], x, qualifiers=["<", "<"])
    assert limits.smallest_p > found.smallest_p, "ties leave fewer orders"


def test_each_donors_values_give_the_coefficient_of_the_page() -> None:
    x, marks = (3.13, 12.0, 4.51, 20.25, 80.0, 400.0), ("<", "", "", "", "", "")
    y = (0.5, 0.4, 0.7, 1.0, 0.9, 1.6)
    both = spearman.spearman(x, y, qualifiers=marks), censored_pearson.censored_pearson(x, y)
    one = Correlated(
        "IL-6", "pg/mL", "pSTAT3", "constitutive", "", "arcsinh",
        ("D10", "D2", "D1", "D4", "D5", "D6"), x, marks, y, *both,
    )  # fmt: skip
    run = cast("Run", SimpleNamespace(correlations=(one,)))
    page = donors_correlated_on_page(run)
    assert [row[2].text for row in page.rows] == ["D1", "D2", "D4", "D5", "D6", "D10"]
    assert page.rows[-1][3].text == "< 3.13"
    shown = [float(row[3].text.removeprefix("< ")) for row in page.rows]
    levels = [float(row[4].text) for row in page.rows]
    assert stats.spearmanr(shown, levels).statistic == pytest.approx(both[0].coefficient)
    (row,) = correlation_on_page(run).rows
    assert row[6].text == "0.003"


def test_several_samples_of_a_donor_become_one() -> None:
    found = one_per_donor(
        [
            Secreted("P1", 4.0), Secreted("p1 ", 9.0),
            Secreted("P2", 4.0), Secreted("P2", 3.1, "<"),
            Secreted("P3", 1000.0, ">"), Secreted("P4", math.nan),
        ]
    )  # fmt: skip
    assert found["p1"].value == pytest.approx(6.0)
    # Neither number is the donor's: what is known is that the mean lies below the larger one.
    assert (found["p2"].value, found["p2"].qualifier) == (4.0, "<")
    assert found["p3"].qualifier == ">"
    assert "p4" not in found


IL6 = Agent("IL-6", 10.0, "ng/mL")


def run_of(donors: int) -> tuple[FlowRun, list[Secreted]]:
    """IL-6 drives the constitutive level and spends the induced one."""
    rng = seeded("autocrine")
    readings, secreted = [], []
    for at in range(donors):
        il6 = float(np.exp(rng.normal(2.0, 1.0)))
        low = 150.0 * math.sinh(0.5 + 0.4 * math.log(il6) + 0.1 * float(rng.normal()))
        for role, level in ((TubeRole.UNSTIMULATED, low), (TubeRole.STIMULATED, 4000.0)):
            stimulus = IL6 if role is TubeRole.STIMULATED else None
            tube = Tube(f"{at}{role}.fcs", f"P{at}", role, stimulus, (), "DMSO")
            readings.append(
                Reading(
                    tube.file, f"P{at}", tube, "pSTAT3", "CLL", "pSTAT3", 2000, level, 4.0, 150.0,
                    math.nan, math.nan, math.nan, "", "ok",
                )
            )  # fmt: skip
        secreted.append(Secreted(f"p{at}", il6) if il6 > 4 else Secreted(f"p{at}", 4.0, "<"))
    flow = Flow(
        compensation="none",
        gates=(Gate(population="CLL", method="interval", channels=("CD5",)),),
        readouts=(Readout(name="pSTAT3", channel="pSTAT3", population="CLL"),),
    )
    compared = donor_comparisons(readings, (), protocol=flow)
    run = FlowRun(
        (), "", (), None, (), (), tuple(readings), (), (), (), (), (), (), {}, donors=compared
    )
    return run, secreted


def test_constitutive_and_induced_activation_are_told_apart() -> None:
    run, secreted = run_of(14)
    resting, induced = correlations(secreted, run, analyte="IL-6", unit="pg/mL")
    assert (resting.question, resting.stimulus) == ("constitutive", "")
    assert (induced.question, induced.stimulus) == ("induced", "IL-6 10 ng/mL")
    for each in (resting.spearman, resting.pearson):
        assert each.status == "ok" and each.coefficient > 0.7 and each.p < 0.01
        assert each.below > 0
    assert induced.pearson.coefficient < -0.7
    assert resting.donors[0] == "P0"


def test_donors_that_one_side_lacks_are_named() -> None:
    run, secreted = run_of(8)
    rows = correlations([*secreted[1:], Secreted("Q", 5.0)], run, analyte="IL-6", unit="pg/mL")
    assert len(rows[0].donors) == 7
    assert "no IL-6 of P0" in rows[0].note
    assert "no constitutive pSTAT3 of Q" in rows[0].note


def test_strangers_make_no_row() -> None:
    run, _ = run_of(6)
    assert correlations([Secreted("Q", 5.0)], run, analyte="IL-6", unit="pg/mL") == ()


def table(text: str) -> tuple[list[Secreted], str]:
    return read_donor_table(Source("il6.csv", data=text.encode()))


def test_a_table_of_strangers_is_refused_with_both_sides_names(tmp_path: Path) -> None:
    (tmp_path / "il6.csv").write_text("donor,concentration,unit\nQ7,12.4,pg/mL\n")
    run, _ = run_of(6)
    folder = SimpleNamespace(
        donors=tmp_path / "il6.csv", protocol=SimpleNamespace(donors=Donors(analyte="IL-6"))
    )
    with pytest.raises(ProtocolError, match="no donor of the table") as told:
        correlate(cast(RunFolder, folder), None, run)
    assert "Q7" in told.value.hint and "P0" in told.value.hint
    (tmp_path / "il6.csv").write_text("donor,concentration,unit\np3,12.4,pg/mL\n")
    rows = correlate(cast(RunFolder, folder), None, run)
    assert rows[0].donors == ("P3",) and rows[0].spearman.status == "too few donors"


def test_a_table_may_have_semicolons_and_decimal_commas() -> None:
    rows, unit = table("donor;concentration;unit\nP1;12,4;pg/mL\nP2;<3,1;pg/mL\n")
    assert rows == [Secreted("P1", 12.4), Secreted("P2", 3.1, "<")]
    assert unit == "pg/mL"


def test_a_table_of_donors_is_read() -> None:
    rows, unit = table("Donor,Concentration,Unit\nP1,12.4,pg/mL\nP2,<3.1,pg/mL\nP3,,pg/mL\n\n")
    assert rows == [Secreted("P1", 12.4), Secreted("P2", 3.1, "<")]
    assert unit == "pg/mL"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n", "no column 'donor'"),
        ("donor,unit\n", "no column 'concentration'"),
        ("donor,concentration,unit\nP1,many,pg/mL\n", "no concentration"),
        ("donor,concentration,unit\nP1,-3,pg/mL\n", "no concentration"),
        ("donor,concentration,unit\nP1,0,pg/mL\n", "no concentration"),
        ("donor,concentration,unit\nP1,1e999,pg/mL\n", "no concentration"),
        ("donor,concentration,unit\n,3,pg/mL\n", "no donor"),
        ("donor,concentration,unit\nP1,3,pg/mL\nP2,3,ng/mL\n", "pg/mL and in ng/mL"),
        ("donor,concentration,unit\nP1,3,\n", "no unit"),
        ("donor,concentration,unit\n" + "P1,3,pg/mL\n" * 10_001, "more than"),
        ("donor,concentration,unit\nP1," + "3" * 200_000 + ",pg/mL\n", "no table"),
    ],
)
def test_a_table_that_cannot_be_understood_is_refused(text: str, message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        table(text)
