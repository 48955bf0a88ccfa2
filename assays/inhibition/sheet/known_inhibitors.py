"""Inhibitors of IL-6, JAK, STAT3 and NF-κB, by letters and digits of their names.

Names that carry no stem and no word of their kind: codes of the makers, natural compounds, trade
names, clones and the short names of the bench. Capitals, spaces and strokes do not count.
"""

from __future__ import annotations

# fmt: off
COMPOUNDS = frozenset(
    {
        # JAK and TYK2
        "ag490", "azd1480", "pyridone6", "p6", "cp690550", "incb018424", "incb28050", "tg101348",
        "tg101209", "sar302503", "cyt387", "cep701", "cep33779", "nvpbsk805", "bbt594",
        "nvpbbt594", "chz868", "wp1066", "wp1193", "xl019", "lestaurtinib", "at9283",
        "incb039110", "glpg0634", "abt494", "bms986165", "r348", "ruxo", "tofa", "bari", "fedra",
        "jakafi", "jakavi", "inrebic", "olumiant", "xeljanz", "rinvoq",
        # STAT3
        "stattic", "c1889", "tti101", "s3i201", "s3i1757", "nsc74859", "sta21", "sh454", "bbi608",
        "napabucasin", "cryptotanshinone", "opb31121", "opb51602", "niclosamide", "hjc0152",
        "bp1102", "galiellalactone", "cucurbitacini", "jsi124",
        # gp130 and the IL-6 receptor
        "lmt28", "sc144", "bazedoxifene", "madindolinea", "erbf", "raloxifene",
        # NF-kB
        "bay117082", "bay117085", "bms345541", "ikk16", "sc514", "tpca1", "ps1145", "imd0354",
        "ml120b", "mln120b", "qnz", "evp4593", "jsh23", "parthenolide", "dmapt", "withaferina",
        "wedelolactone", "mg132", "pdtc", "cape", "bot64", "achp", "curcumin", "celastrol",
        "dhmeq", "ro1069920", "sulfasalazine",
        # further tools in CLL
        "ly294002", "u0126", "pd98059", "pd0325901", "pd184352", "sb203580", "sp600125",
        "wortmannin", "rapamycin", "cal101", "abt199", "abt263", "abt737", "r406", "pci32765",
        "dexamethasone", "fludarabine", "pp2", "gdc0941", "mk2206", "bkm120",
    }
)
"""Small molecules."""
ANTIBODIES = frozenset(
    {
        # trade names, codes and clones of antibodies to IL-6, its receptor and gp130
        "toci", "tcz", "siltu", "actemra", "roactemra", "kevzara", "sylvant", "enspryng", "mra",
        "cnto328", "cnto136", "regn88", "ald518", "bms945429", "mr161", "mab227", "mab206", "be8",
        "br6", "am64", "alx0061",
    }
)
# fmt: on
"""Antibodies and what is made of them."""
