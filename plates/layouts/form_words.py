"""What the layout form says: titles of its blocks, prompts, steps and the meaning of words."""

from __future__ import annotations

BLOCKS = {
    "role": ("Role", "Choose what the well is for. Leave unused wells blank.", False),
    "sample": (
        "Sample",
        "Name of the sample, standard or control. Wells with one name are replicates.",
        False,
    ),
    "nominal": (
        "Concentration",
        "Known concentration of standards and QC samples as put on the plate; "
        "0 for a zero standard.",
        True,
    ),
    "dilution_factor": (
        "Dilution",
        "How many times the sample was diluted: 10 or 1:10 is one part in ten. Blank is undiluted.",
        False,
    ),
    "treatment": ("Treatment", "What the cells were given: IL-6, tocilizumab, DMSO, …", False),
    "donor": ("Donor", "Who the cells came from, as a code.", False),
    "cell_density": (
        "Cell density",
        "Cells in culture, such as 2e6, in the unit given at the top.",
        False,
    ),
}
"""Title, prompt and whether it holds numbers, by property, in the order of the sheet."""

SERIES = "Serial dilutions"
"""Name of the sheet that declares them."""
SERIES_COLUMNS = (
    ("Wells", "All wells of the series, replicates included: A1-H2.", (), 16),
    ("Top", "Highest concentration, as put on the plate.", (), 12),
    ("Factor", "How many times lower each step is: 2 for one half.", (), 10),
    (
        "Direction",
        "Which way the concentration falls.",
        ("down", "right", "up", "left"),
        12,
    ),
    ("Zero", "Yes: the last level is the zero standard.", ("no", "yes"), 10),
    ("Unit", "Blank takes the unit at the top of the first plate's sheet.", (), 12),
    ("Plate", "Label of the plate; blank stands for every plate.", (), 16),
)
"""Title, prompt, choices and width of each column."""

STEPS = (
    "Each block of the sheet Layout is the plate as you look at it: well A1 at the top left.",
    "Start with the block Role: choose from the list, or type one role and copy it over its wells. "
    "All blocks take the colours of the roles.",
    "Name samples, standards and controls in the block Sample. Wells with the same name, "
    "concentration and dilution are replicates.",
    "Write the concentration of every standard and QC sample as it was put on the plate, in the "
    "unit that you choose at the top. A zero standard is a standard with the concentration 0.",
    "A serial dilution need not be typed: declare it in one line of the sheet Serial dilutions, "
    "and leave its wells blank in the block Concentration.",
    "Leave blank what does not apply. Dilution, treatment, donor and cell density are optional.",
    "Several plates: copy the sheet Layout, rename the copies for the plates, and write each "
    "plate's label into the cell Plate. One sheet marked 'every plate' serves all plates alike.",
    "More to say about wells? Copy a block below the last one and write its name into the corner.",
    "Save, then run `assays check` on the folder: it names each cell that needs attention.",
)

WORDS = (
    ("Roles", ""),
    ("standard", "Known concentration for the curve; the zero standard too."),
    ("sample", "What is to be measured."),
    ("qc", "Control sample with a target concentration: tells whether the plate can be accepted."),
    ("blank", "No sample at all: plate, buffer and reagents only."),
    ("medium", "Cell-free culture medium: the background of supernatants."),
    ("control", "Assay control without a target: positive, negative, vehicle."),
    ("empty", "Nothing in the well; the same as leaving it blank."),
    ("Also understood", ""),
    ("other words for roles", "std, calibrator, unknown, unk, blk, ctrl, media and the like."),
    ("1:10, 1/10, 10x, 1+9", "One part in ten: a dilution factor of 10. The report repeats it."),
    ("0.1 as a dilution", "Refused until confirm_fraction_dilutions = true stands in assay.toml."),
    ("500 ng/mL in a well", "A unit in the cell wins over the unit at the top."),
    ("Beware", ""),
    (
        "names and dates",
        "The cells are formatted as text, so that Excel makes no date of SEPT2 and no number of "
        "007. Paste values only (Paste special, Values), or the format is lost.",
    ),
)
