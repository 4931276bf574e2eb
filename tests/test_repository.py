"""The house itself: packages, the direction of imports, the wheel, doctests, the README."""

import ast
import doctest
import importlib
import json
import os
import pkgutil
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import gymnasium as gym
import imageio.v2 as imageio
import pytest
import torch
from jaxtyping import TypeCheckError

import etude
from etude.commands import COMMANDS
from etude.envs.registration import BOARDS, STYLE_WEIGHTS
from etude.generative import images
from etude.generative.data import style_image
from etude.generative.images import save_image, to_uint8

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
FOLDERS = ("generative", "envs", "agents", "benchmarks", "etude")
FOUNDATIONS = "foundations"  # of them all, in etude/: imports nothing of ours
MAY_IMPORT = {
    "etude/foundations": {FOUNDATIONS},
    "generative": {FOUNDATIONS, "generative"},
    "envs": {FOUNDATIONS, "envs"},
    "agents": {FOUNDATIONS, "agents", "envs"},
    "benchmarks": {FOUNDATIONS, "benchmarks", "agents", "envs", "generative"},
    "etude": {FOUNDATIONS, "etude", "benchmarks", "agents", "envs", "generative"},
}
MAY_IMPORT_GENERATIVE = ("envs/style_weights", "agents/sb3_run.py")
SB3_IMPORTERS = {
    "agents/baselines.py",
    "agents/masked_policies.py",
    "agents/sb3_run.py",
    "agents/tuner_training.py",
    "envs/sb3_vec_env.py",
}


def sources() -> Iterator[Path]:
    for folder in FOLDERS:
        yield from sorted((ROOT / folder).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """The full names of the modules that a file imports."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import in {path}"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def folder_of(module: str) -> str:
    """The key of a module of ours in MAY_IMPORT's values: "etude.envs.mnk" lives in envs."""
    part = module.split(".")[1] if "." in module else "etude"
    return part if part in (*FOLDERS, FOUNDATIONS) else "etude"


def test_imports_point_one_way() -> None:
    for path in sources():
        relative = path.relative_to(ROOT).as_posix()
        folder = next(folder for folder in MAY_IMPORT if relative.startswith(f"{folder}/"))
        for module in imported(path):
            assert module.split(".")[0] not in set(FOLDERS) - {"etude"}, f"{relative}: {module}"
            if module.split(".")[0] == "etude" and module not in ("etude", "etude.__version__"):
                target = folder_of(module)
                allowed = set(MAY_IMPORT[folder])
                if relative.startswith(MAY_IMPORT_GENERATIVE):
                    allowed.add("generative")
                assert target in allowed, f"{relative} imports {module}"


def test_sb3_is_imported_where_it_is_adapted_only() -> None:
    importers = {
        path.relative_to(ROOT).as_posix()
        for path in sources()
        if any(
            name.split(".")[0] in ("stable_baselines3", "sb3_contrib") for name in imported(path)
        )
    }
    assert importers <= SB3_IMPORTERS


def test_every_folder_of_modules_is_a_package() -> None:
    folders = {path.parent for path in sources()}
    names = {folder.relative_to(ROOT).as_posix().replace("/", ".") for folder in folders}
    expected = {"etude", *(f"etude.{name.removeprefix('etude.')}" for name in names - {"etude"})}
    assert set(PYPROJECT["tool"]["setuptools"]["packages"]) == expected
    for folder in folders:
        assert (folder / "py.typed").exists(), f"{folder} has no py.typed"


def test_files_are_short_enough_to_read() -> None:
    for path in sources():
        num_lines = len(path.read_text(encoding="utf-8").splitlines())
        assert num_lines <= 400, f"{path} has {num_lines} lines"


def modules() -> list[str]:
    found = [module.name for module in pkgutil.walk_packages(etude.__path__, "etude.")]
    for package in PYPROJECT["tool"]["setuptools"]["packages"]:
        folder = importlib.import_module(package).__path__
        found += [f"{package}.{module.name}" for module in pkgutil.iter_modules(folder)]
    return sorted({name for name in found if not name.endswith("__main__")})


@pytest.mark.parametrize("name", modules())
def test_examples_in_docstrings(name: str) -> None:
    module = importlib.import_module(name)
    flags = doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL
    assert doctest.testmod(module, optionflags=flags).failed == 0


def test_import_is_light() -> None:
    code = (
        "import sys, etude; "
        "print(sorted({'torch', 'pygame', 'numba', 'gymnasium', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_environments_need_neither_torch_nor_pygame_nor_numba() -> None:
    code = (
        "import sys, gymnasium as gym; env = gym.make('etude:etude/TicTacToe-v0'); env.reset(); "
        "env.step(0); print(sorted({'torch', 'pygame', 'numba'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture(scope="session")
def wheel_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an empty environment in which only the built wheel is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    uv = str(Path(sys.executable).parent / "uv")
    run = {"check": True, "capture_output": True, "text": True}
    ignored = shutil.ignore_patterns(".*", "build", "runs", "*.egg-info", "__pycache__")
    source = shutil.copytree(ROOT, folder / "source", ignore=ignored)  # nothing stale gets in
    subprocess.run([uv, "build", "--wheel", "--out-dir", str(folder), str(source)], **run)
    wheel = next(folder.glob("*.whl"))
    subprocess.run([uv, "venv", "--python", sys.executable, str(folder / "venv")], **run)
    python = folder / "venv" / "bin" / "python"
    subprocess.run(
        [uv, "pip", "install", "--python", str(python), str(wheel)]
        + ["--constraint", str(ROOT / "constraints.txt")],
        **run,
    )
    return python


def test_the_wheel_works_beside_a_folder_called_envs(wheel_python: Path, tmp_path: Path) -> None:
    for folder in ("envs", "agents"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").write_text("raise ImportError('the wrong folder')")
    code = (
        "import gymnasium as gym\n"
        "env = gym.make('etude:etude/ConnectFour-v0', opponent='minimax', agent_side='first')\n"
        "env.reset(seed=0); env.step(3)\n"
        "vec = gym.make_vec('etude/TicTacToe-v0', num_envs=2)\n"
        "print(env.unwrapped.position.num_stones, vec.reset(seed=0)[0].shape)\n"
    )
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [str(wheel_python), "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=environment,
    )
    assert done.stdout.strip() == "2 (2, 18)"
    solved = subprocess.run(
        [str(wheel_python.parent / "etude"), "solve", "--json"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=environment,
    )
    assert json.loads(solved.stdout)["value"] == 0
    sheet = tmp_path / "styles.png"  # painted by the network that comes along
    subprocess.run(
        [str(wheel_python.parent / "etude"), "styles", "-o", str(sheet)],
        capture_output=True,
        check=True,
        cwd=tmp_path,
        env=environment,
    )
    assert sheet.exists()


def test_constraints_hold_no_addresses_and_cover_the_dependencies() -> None:
    text = (ROOT / "constraints.txt").read_text()
    assert "://" not in text
    pinned = {re.split(r"[=;\[ ]", line)[0] for line in text.splitlines() if line}
    for requirement in PYPROJECT["project"]["dependencies"]:
        assert re.split(r"[\[<>=; ]", requirement)[0] in pinned


def test_every_environment_is_documented() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for env_id in (*BOARDS, STYLE_WEIGHTS):
        assert env_id in readme
    documentation = gym.spec("etude/TicTacToe-v0").entry_point
    assert documentation == "etude.envs.mnk.env:MNKEnv"


def readme_commands() -> list[str]:
    """The `etude` lines of the README's shell blocks."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", readme, flags=re.DOTALL)
    lines = [line.partition("  #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("etude ")]


NEEDS_A_SCREEN = ("etude play",)
TAKES_LONG = ("etude bench", "etude report")


@pytest.fixture
def folder_of_a_reader(tmp_path: Path) -> Path:
    """What somebody who tries the README has: a photo, two paintings and a clip."""
    for file, style in (
        ("photo.jpg", "watercolour"),
        ("painting.jpg", "waves"),
        ("out.png", "mosaic"),
    ):
        save_image(tmp_path / file, style_image(style, 96), {})
    frames = [to_uint8(style_image("marbling", 64, seed)) for seed in range(3)]
    imageio.mimwrite(tmp_path / "clip.mp4", frames, fps=8)
    return tmp_path


@pytest.mark.parametrize("command", readme_commands())
def test_commands_of_the_readme_run(command: str, folder_of_a_reader: Path) -> None:
    if command.startswith(TAKES_LONG):
        assert shlex.split(command)[1] in COMMANDS
        return
    executable = Path(sys.executable).parent / "etude"
    done = subprocess.run(
        [str(executable), *shlex.split(command)[1:]],
        capture_output=True,
        text=True,
        cwd=folder_of_a_reader,
    )
    if command.startswith(NEEDS_A_SCREEN):
        assert done.returncode == 2
        assert "a window needs a screen" in done.stderr
    else:
        assert done.returncode == 0, done.stderr


def readme_examples() -> list[str]:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", readme, flags=re.DOTALL)


@pytest.mark.parametrize("code", readme_examples())
def test_python_examples_of_the_readme_run(code: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr


def test_types_and_shapes_are_checked_at_calls() -> None:
    with pytest.raises(TypeCheckError, match="resize"):
        images.resize(torch.zeros(3, 8, 8), 16)
    with pytest.raises(TypeCheckError, match="check_savable"):
        images.check_savable("picture.png")  # type: ignore[arg-type]
