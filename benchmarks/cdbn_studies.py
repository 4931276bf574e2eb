"""What the tables of belief networks show; see ``study``."""

from typing import Final

from etude.benchmarks.study import CPU_TIME, RUNS, Study, column
from etude.benchmarks.tables import decimals, percent, precise

ENERGY: Final = Study(
    columns=(
        column("nats_per_pixel_after", "nats a pixel", decimals),
        column("nats_per_pixel_before", "before training", decimals),
        CPU_TIME,
        RUNS,
    ),
    step="steps",
    curve="nats a pixel",
    note="How much likelier 64 squares of two photographs never seen are than noise with their "
    "spectra: the difference of the exact free energies.",
)
FILTERS: Final = Study(
    columns=(
        column("fitting_070_share", "R^2 of .7 and oriented", percent),
        column("fitting_080_share", "R^2 of .8 and oriented", percent),
        column("median_explained", "median R^2", decimals),
        RUNS,
    ),
    note="R^2 of the best Gabor function; oriented: an orientation index of at least .5, which is "
    "0 of a round blob and 1 of a grating.",
)
DIGITS: Final = Study(
    columns=(
        column("test_accuracy", "right of 359 test digits", precise),
        column("half_interval", "+- of the mean over splits", precise),
        RUNS,
    ),
    note="Mean of 50 draws of 100 labelled digits, ten of each class, the same for all methods; "
    "ridge regression, its strength chosen for each by leaving one out. +-: half of the 95 % "
    "interval of the mean over the draws. Filters are learned from the 1,438 training digits "
    "without labels; a run has filters of its own.",
)
COMPLETION: Final = Study(
    columns=(
        column("correlation", "correlation with what was hidden", decimals),
        RUNS,
    ),
    note="Whitened pixels of the hidden half, the mean over twenty faces never seen; a run for the "
    "left half and one for the right.",
)
STUDIES: Final = {
    "free energy": ENERGY,
    "first-layer filters": FILTERS,
    "digits": DIGITS,
    "hidden halves": COMPLETION,
}
