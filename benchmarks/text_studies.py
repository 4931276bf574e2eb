"""How the runs of networks that restyle requests are shown; see ``study``."""

from typing import Final

from etude.benchmarks.study import RUNS, Study, column
from etude.benchmarks.tables import duration, number, percent

EXERCISES: Final = Study(
    columns=(
        column("match_share", "admissible", percent),
        column("kept_and_right_share", "all content kept, register right", percent),
        column("content_share", "content kept", percent),
        column("register_share", "register right", percent),
        column("perplexity", "perplexity", number),
        column("copies_share", "as the source", percent),
        column("left_alone_share", "left alone", percent),
        RUNS,
    ),
    note="Admissible: among all sentences that the grammar has for a meaning of the source. "
    "Content: verbs, things, people, times and reasons. The register is judged by a classifier "
    "that no way has seen, fluency by the perplexity, for a word, of a trigram model of the wanted "
    "register. Trusted: without the sentences that `etude restyle` leaves alone, whose share "
    "stands beside.",
)
COST: Final = Study(
    columns=(
        column("cpu_seconds", "CPU time of training", duration),
        column("sentences_per_cpu_second", "sentences a CPU second", number),
        RUNS,
    ),
    less_is_better=True,
    note="On one thread, the making of the corpus counted; sentences in batches, greedy.",
)
