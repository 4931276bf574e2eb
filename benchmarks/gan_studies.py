"""What the suites of generators are about; see ``study``."""

from typing import Final

from etude.benchmarks.gan_literature import reported_lines
from etude.benchmarks.study import CPU_TIME, RUNS, Study, column
from etude.benchmarks.tables import decimals, number, percent, precise

TOY_NOTE: Final = (
    "50,000 samples, modes among the first 2,500: one counts if it is nearest to a high-quality "
    "one. High quality: within 3 sigma of a mean; of real samples 98.89 %, and more is no "
    "better: it means that tails are missing. Width: deviation within the modes over the true one. "
    "KL(samples, data) by nearest neighbours: 0.01 of real samples. CPU time is that of training."
)
CLOUDS: Final = Study(
    columns=(
        column("modes", "modes", "{:.4g}".format),
        column("high_quality", "high quality", precise),
        column("reverse_kl", "reverse KL", "{:.4f}".format),
        column("width_ratio", "width (truth 1)", decimals),
        column("kl", "KL(samples, data)", number),
        CPU_TIME,
        RUNS,
    ),
    step="steps",
    curve="high-quality share",
    note=TOY_NOTE,
    reported=reported_lines,
)
STACKS: Final = Study(
    columns=(
        column("modes", "modes of 1000", "{:.4g}".format),
        column("kl", "KL over modes", "{:.4f}".format),
        column("real_kl", "of real samples", "{:.4f}".format),
        column("confidence", "confidence of the judge", percent),
        column("frechet", "Frechet distance", number),
        CPU_TIME,
        RUNS,
    ),
    step="steps",
    curve="modes",
    limit=1000.0,
    note="26,000 samples, named by a small classifier of scikit-learn's digits; the papers' digits "
    "are MNIST's, 28 pixels wide. CPU time is that of training.",
    reported=reported_lines,
)
DIGITS: Final = Study(
    columns=(
        column("frechet", "Frechet distance", number),
        column("half_frechet", "of 898 to a half", number),
        column("precision", "precision", percent),
        column("recall", "recall", percent),
        column("density", "density", decimals),
        column("coverage", "coverage", percent),
        column("half_coverage", "of a half", percent),
        column("accuracy", "right class", precise),
        column("copies", "nearly copies", precise),
        CPU_TIME,
        RUNS,
    ),
    less_is_better=True,
    note="Features of a small classifier of digits, so distances compare only here. 1,797 samples "
    "beside all digits; and 898 beside a half, as the other half is, the mean of ten splits, where "
    "real digits show what is chance. Nearly a copy: nearer to a digit, pixel by pixel, than 99 % "
    "of the digits are to another.",
)
SCENES: Final = Study(
    columns=(
        column("caption_train", "captions right", precise),
        column("caption_held_out", "new combinations", precise),
        *(
            column(f"{kind}_held_out", f"new: {kind}", precise)
            for kind in ("shape", "colour", "size", "relation")
        ),
        column("frechet", "Frechet distance", number),
        CPU_TIME,
        RUNS,
    ),
    note="Read by a checker that has learned nothing. New combinations have one of six things (a "
    "size, a colour and a shape) of 36 that no training picture shows. Distances of "
    "EfficientNet-Lite1's features, all at Stage-II's size.",
)
SUPER_RESOLUTION: Final = Study(
    columns=(
        column("psnr_decibels", "PSNR, dB", "{:.2f}".format),
        column("ssim", "SSIM", "{:.4f}".format),
        column("distance", "distance", "{:.3f}".format),
        column("cpu_seconds_per_megapixel", "CPU seconds a megapixel", number),
    ),
    note="Distance: of features of EfficientNet-Lite1; 0 for the original.",
)
