"""Effects over patients: pSTAT3 of 24 donors (`pbmc_il6_cohort`), viability of CLL under IL-6 and
JAK, NF-kB inhibitors (`cll_il6_jak` and `cll_cytokine_inhibition.json`, Bruch 2022)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from assays.inhibition import percent_inhibition
from assays.inhibition.donors.signed_rank import hodges_lehmann, paired_t, signed_rank_p
from assays.inhibition.pairs.combination import bliss
from benchmarks.inhibition.check import Check, answer, near, printed, rows

Floats = NDArray[np.float64]
NORMAL = (
    "theirs is the normal approximation (R from 50 differences on), ours is exact; the "
    "approximation on the same ranks gives theirs"
)


def responses(corpus: Path, treatment: str, cell: str, time: str = "15min") -> dict[str, float]:
    """pSTAT3 of a population by donor, scaled by its source."""
    return {
        row["Patient"]: float(row["response"])
        for row in rows(corpus / "phospho" / "pbmc_il6_cohort" / "pstat_response.csv")
        if (row["treatment"], row["cell"], row["marker"], row["time"])
        == (treatment, cell, "pSTAT3", time)
    }


def beside_scipy(case: str, values: Floats) -> Iterator[Check]:
    """Paired t with its interval, and the exact signed ranks."""
    location, p = paired_t(values)
    theirs = stats.ttest_1samp(values, 0.0)
    ends = theirs.confidence_interval(0.95)
    yield near("p of paired t", case, p, float(theirs.pvalue))
    for ours, told in zip(location.interval, (ends.low, ends.high), strict=True):
        yield near("interval of the mean", case, ours, float(told))
    yield near("p of signed ranks", case, signed_rank_p(values), counted_p(values))


def counted_p(values: Floats) -> float:
    """Of the signed ranks, counted over all signs in whole numbers, which lose no digit.

    SciPy's exact p is one less a sum and ends at 1e-16.
    """
    ranks = np.rint(2 * stats.rankdata(np.abs(values))).astype(int)
    ways = np.zeros(ranks.sum() + 1, dtype=object)
    ways[0] = 1
    for rank in ranks:
        more = ways.copy()
        more[rank:] += ways[:-rank]
        ways = more
    seen = int(ranks[values > 0].sum())
    tail = min(sum(ways[: seen + 1]), sum(ways[seen:]))
    return min(1.0, float(Fraction(2 * tail, 2 ** len(values))))


def donors(corpus: Path) -> Iterator[Check]:
    """B cells hardly answer IL-6 where T cells do, and B cells answer IL-10."""
    for treatment, cell, mean, sd in (
        ("IL6-50ng", "CD20 B", "0.013", "0.026"),
        ("IL6-50ng", "CD4+", "0.129", ""),
        ("IL10-50ng", "CD20 B", "0.270", ""),
    ):
        values = np.array(list(responses(corpus, treatment, cell).values()))
        case = f"{treatment}, {cell}"
        yield Check("24 donors", case, len(values) == 24, f"{len(values)}")
        yield printed("mean", case, paired_t(values)[0].estimate, mean)
        if sd:
            yield printed("SD", case, float(values.std(ddof=1)), sd)
        yield from beside_scipy(case, values)
    b, t = (responses(corpus, "IL6-50ng", cell) for cell in ("CD20 B", "CD4+"))
    apart = np.array([t[patient] - b[patient] for patient in b])
    low, high = hodges_lehmann(apart).interval
    yield Check("T above B", "IL6-50ng", low > 0, f"{low:.3g} to {high:.3g}")
    yield from beside_scipy("IL6-50ng, CD4+ less CD20 B", apart)


def log_viability(corpus: Path) -> tuple[Floats, Floats]:
    """Of 128 patients: gain by IL-6, and how much more of it there is under pyridone-6."""
    known = {
        (r["PatientID"], r["Drug"], r["Drug_Concentration"], r["Cytokine"]): float(r["Log"])
        for r in rows(corpus / "phospho" / "cll_il6_jak" / "viability.csv")
    }
    patients = sorted({key[0] for key in known})

    def gain(drug: str, dose: str) -> Floats:
        with_il6 = np.array([known[one, drug, dose, "IL-6"] for one in patients])
        without = np.array([known[one, drug, dose, "No Cytokine"] for one in patients])
        return np.asarray(with_il6 - without)

    alone = gain("DMSO", "")
    return alone, gain("Pyridone-6", "High") - alone


def effects(corpus: Path) -> Iterator[Check]:
    """Means and p as told; ours beside the exact p."""
    told = (("IL-6 alone", "-0.034", "9e-16"), ("pyridone-6 x IL-6", "0.068", "1e-19"))
    for values, (case, mean, p) in zip(log_viability(corpus), told, strict=True):
        yield printed("mean", case, paired_t(values)[0].estimate, mean)
        ours, approximate = (
            signed_rank_p(values),
            float(stats.wilcoxon(values, method="approx").pvalue),
        )
        cause = NORMAL if f"{approximate:.0e}" == p else ""
        yield Check("p as told", case, f"{ours:.0e}" == p, f"{ours:.2g} for {p}", cause)
        yield from beside_scipy(case, values)


def pairs(corpus: Path) -> Iterator[Check]:
    """STAT6 inhibitor and ibrutinib in 16 patients: Bliss is a sum on log viability."""
    known = {
        (r["PatientID"], r["Drug_1"], r["Drug_2"]): float(r["Log"])
        for r in _spaced(corpus / "phospho" / "cll_il6_jak" / "stat6i_ibrutinib_combination.txt")
    }
    for patient in sorted({key[0] for key in known}):
        none, a, b = (
            known[patient, *drugs]
            for drugs in (("DMSO", "DMSO"), ("STAT6i", "DMSO"), ("DMSO", "Ibrutinib"))
        )
        ours = bliss(1 - math.exp(a - none), 1 - math.exp(b - none))
        yield near("Bliss", patient, float(ours), 1 - math.exp(a + b - 2 * none))


def _spaced(path: Path) -> list[dict[str, str]]:
    head, *lines = (
        [word.strip('"') for word in line.split()]
        for line in path.read_text(encoding="utf-8").splitlines()
    )
    return [dict(zip(head, line, strict=True)) for line in lines]


def block(corpus: Path) -> Iterator[Check]:
    """192 patients, IL-6 or IL-4 with pyridone-6 or BAY 11-7085 at two levels, beside R."""
    folder = corpus / "inhibition"
    known = {
        (r["patient_id"], r["drug"], r["drug_level"], r["stimulus"]): float(
            r["viability_vs_control"]
        )
        for r in rows(folder / "data" / "cll_cytokine_jak_nfkb_long.csv")
    }
    patients = sorted({key[0] for key in known})

    def viability(drug: str, level: str, stimulus: str) -> Floats:
        return np.array([known[one, drug, level, stimulus] for one in patients])

    for told in answer(folder / "expected" / "cll_cytokine_inhibition.json")["cases"]:
        stimulus, drug, level = told["stimulus"], told["inhibitor"], told["level"]
        case = f"{stimulus}, {drug}, {level}"
        both, alone = (viability(drug, level, one) for one in (stimulus, "No Cytokine"))
        top = viability("DMSO", "None", stimulus)
        signal = percent_inhibition(both, top, np.zeros_like(top))
        gained = top > 1.1
        blocked = percent_inhibition((both - alone)[gained], (top - 1)[gained], 0.0)
        interaction = np.log(both) - np.log(top) - np.log(alone)
        location, p = paired_t(interaction)
        t = location.estimate / (interaction.std(ddof=1) / math.sqrt(len(interaction)))
        for key, ours in {
            "n": float(len(patients)),
            "median_percent_inhibition_of_signal": float(np.median(signal)),
            "q1": float(np.quantile(signal, 0.25)),
            "q3": float(np.quantile(signal, 0.75)),
            "n_stimulus_gain_over_10_percent": float(gained.sum()),
            "median_percent_block_of_stimulus_gain": float(np.median(blocked)),
            "mean_interaction_log": location.estimate,
            "interaction_t": float(t),
            "interaction_p": p,
        }.items():
            yield near(key, case, ours, told[key])
        differences = np.log(both / top)
        p = told["signed_rank_p"]
        approximate = float(stats.wilcoxon(differences, method="approx", correction=True).pvalue)
        cause = NORMAL if math.isclose(approximate, p, rel_tol=1e-6) else ""
        yield near("signed_rank_p", case, signed_rank_p(differences), p, rel=1e-6, cause=cause)
