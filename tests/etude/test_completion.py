"""Shell completion: the printed scripts, and what bash makes of its own."""

import shutil
import subprocess
from pathlib import Path

import pytest

from etude.commands import COMMANDS, is_group
from etude.completion import completion

ASK = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
function=$(complete -p etude | sed "s/.*-F \\([^ ]*\\).*/\\1/")
$function
printf "%s\\n" "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("completion") / "etude.bash"
    capture = pytest.MonkeyPatch()
    with capture.context(), path.open("w") as file:
        capture.setattr("sys.stdout", file)
        completion("bash")
    return path


def ask(script: Path, *words: str) -> list[str]:
    """What bash offers for the last of the words."""
    bash = shutil.which("bash")
    assert bash is not None
    done = subprocess.run(
        [bash, "-c", ASK, "bash", str(script), "etude", *words],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split("\n")


def test_bash_completes_every_command(script: Path) -> None:
    for name in COMMANDS:
        *before, last = name.split()
        assert last in ask(script, *before, last[:2]), name


def test_bash_completes_choices_of_a_command_beside_what_is_below_it(script: Path) -> None:
    assert {"td", "mc", "ppo_masked", "gan", "style"} <= set(ask(script, "train", ""))


def test_bash_completes_options_and_their_values(script: Path) -> None:
    assert ask(script, "solve", "--j")[0] == "--json"
    assert [word for word in ask(script, "train", "gan", "--obj") if word] == ["--objective"]
    assert {"hinge", "relativistic"} <= set(ask(script, "train", "gan", "--objective", ""))


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_all_commands_too(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    completion(shell)  # type: ignore[arg-type]
    printed = capsys.readouterr().out
    for name in COMMANDS:
        if not is_group(name):
            assert f"'{name.split()[-1]}'" in printed
