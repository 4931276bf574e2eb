"""How a command ends, for the shell that asked for it."""

from typing import Final

USER_ERROR: Final = 2
INTERRUPTED: Final = 130
EXIT_CODES: Final = {
    0: "done",
    1: "an error of ours, with a traceback; or the reader of the output has gone",
    USER_ERROR: "a mistake, said in one line",
    INTERRUPTED: "Ctrl-C; what was done until then is kept",
}
