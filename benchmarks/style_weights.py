"""Who tunes a style transfer best: learned policies beside fixed weights, rules and an oracle.

A return is what the judge's quality gains from the photograph to the painting. Fixed weights and
schedules come from a search on ``train``; the oracle's constant weights from one on each painting
that it is judged on. Learned policies see ``train`` alone.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from jaxtyping import Float32

from etude.agents.tuner import SHIPPED, TunerAgent
from etude.agents.tuner_evaluation import BATCH, TuningPolicy, returns_of
from etude.agents.tuner_settings import TUNING_METHODS
from etude.benchmarks.one_thread import one_thread
from etude.benchmarks.report import report
from etude.benchmarks.results import Result
from etude.benchmarks.runner import Run, run_all
from etude.benchmarks.suites import record
from etude.envs.style_weights.baselines import BASELINES, make_baseline, oracle
from etude.envs.style_weights.instances import Instance
from etude.envs.style_weights.settings import StyleWeightsSettings
from etude.envs.style_weights.vector import StyleWeightsVectorEnv
from etude.foundations.names import check_name
from etude.generative.data import available_photos, contact_sheet, style_image
from etude.generative.images import load_image

Part = Literal["speed", "returns", "judges", "transfer", "search"]
SUITE: Final = "style_weights"
RETURNS: Final = "return of a painting"
JUDGES: Final = "return under the honest judge, learned under either"
TRANSFER: Final = "gain of quality at 256 px, 12 pairs"
SPEED: Final = "steps of paintings of 32 px, 4 iterations each"

SPLITS: Final = ("train", "test", "test_ood")
JUDGED: Final = ("test", "test_ood")  # where there is an oracle
METHODS: Final = ("ppo", "sac")
NAMES: Final = {
    "random": "random actions",
    "default": "default weights",
    "static": "best static weights",
    "schedule": "linear schedule",
    "preference": "rule: preference",
    "tilted": "rule: preference x best static",
    "greedy": "rule: preference / loss",
}
NUM_LOOKS: Final = 12
ROUNDS: Final = 5
JUDGE_SEEDS: Final = 3
BATCHES: Final = (32, 8, 1)
SPEED_STEPS: Final = 24

TRANSFER_SIZE: Final = 256
PHOTOS: Final = ("astronaut", "china", "flower")  # none of them in ``train``
STYLES: Final = ("brush-strokes", "waves", "stained-glass", "woodcut")  # the last two unseen
STYLE_SEED: Final = 300
ReportShare = Callable[[float], None]


def style_weights(
    *,
    parts: tuple[Part, ...] = ("speed", "returns", "judges", "transfer"),
    methods: tuple[str, ...] = METHODS,
    seeds: int = 5,
    timesteps: int = 60_000,
    save: Path | None = None,
    out: Path = Path("runs/bench"),
    workers: int | None = None,
    ray: str | None = None,
) -> None:
    """Compare learned policies that tune a style transfer with fixed weights, rules and an oracle.

    About an hour on two cores, and the search another half. Runs that are in the folder already,
    with the same settings, are not run again; Ctrl-C keeps those that are done.

    Args:
        parts: "speed": steps a second; "returns": all policies on all splits; "judges": what paying
            by the painter's own network leads to; "transfer": the agent that comes along at 256
            pixels; "search": look for the baselines' weights again, and write them to the folder.
        methods: those that learn: sac, ppo, td3.
        seeds: how many agents of each.
        timesteps: the budget of each, in steps of single paintings.
        save: a folder for the agents.
        out: folder of `results.jsonl`.
        workers: runs at a time; one a core if left out.
        ray: run on a cluster of Ray instead: local, auto, or ray://HOST:10001.

    Raises:
        ValueError: an unknown method, photographs that are not here, or a number below 1.
        RuntimeError: some runs failed; the others are in the folder.
        ImportError: Stable-Baselines3 or cmaes is not installed.
    """
    for name in methods:
        check_name("a method", name, TUNING_METHODS)
    for option, value in (("seeds", seeds), ("timesteps", timesteps)):
        if value < 1:
            raise ValueError(f"--{option} is at least 1, got {value}.")
    if save is not None:
        save.mkdir(parents=True, exist_ok=True)
    path = out / "results.jsonl"
    measured: dict[str, Callable[[], Iterator[Result | str]]] = {
        "search": lambda: _search(out / "tuned_weights.npz"),
        "speed": lambda: measure_speed(ROUNDS),
        "transfer": measure_transfer,
    }
    planned: dict[str, Callable[[], Iterator[Run]]] = {
        "returns": lambda: chain(plan_baselines(), plan_learners(methods, seeds, timesteps, save)),
        "judges": lambda: plan_judges(min(seeds, JUDGE_SEEDS), timesteps),
    }
    for part in parts:
        if part in measured:
            record(measured[part](), path)
        else:
            run_all(planned[part](), path, workers, ray)
    report(path)


def plan_baselines() -> Iterator[Run]:
    """Each baseline once, random actions five times, and the oracle."""
    for name in (*BASELINES, "oracle"):
        for seed in range(5 if name == "random" else 1):
            yield Run(
                suite=SUITE,
                task=RETURNS,
                method=NAMES.get(name, "oracle: best static of each"),
                seed=seed,
                config={"baseline": name},
                execute=evaluate_baseline,
                cost=10.0,
            )


def plan_learners(
    methods: tuple[str, ...], seeds: int, timesteps: int, save: Path | None
) -> Iterator[Run]:
    """Each method with each seed."""
    from etude.agents.tuner_training import METHODS as TRAINABLE

    for method in methods:
        for seed in range(seeds):
            yield Run(
                suite=SUITE,
                task=RETURNS,
                method=method,
                seed=seed,
                config={
                    "method": method,
                    "timesteps": timesteps,
                    "settings": asdict(TRAINABLE[method].config),
                },
                execute=partial(train, save=save),
                cost=timesteps / 300.0,
            )


def plan_judges(seeds: int, timesteps: int) -> Iterator[Run]:
    """PPO that is paid by its own network, beside the same that is paid by the judge.

    Both from scratch: the rule that PPO copies otherwise has weights that the judge was asked for.
    """
    from etude.agents.tuner_settings import PPOConfig

    scratch = PPOConfig(imitates=None, learning_rate=1e-3, log_std_init=-0.5)
    for judge in ("held_out", "inner"):
        for seed in range(seeds):
            yield Run(
                suite=SUITE,
                task=JUDGES,
                method=f"ppo from scratch, paid by the {judge.replace('_', '-')} judge",
                seed=seed,
                config={
                    "method": "ppo",
                    "timesteps": timesteps,
                    "judge": judge,
                    "settings": asdict(scratch),
                },
                execute=train,
                cost=timesteps / 300.0,
            )


def evaluate_baseline(run: Run, report_share: ReportShare) -> Result:
    """The returns of a baseline."""
    start, name = time.perf_counter(), run.config["baseline"]

    def policy(split: str) -> TuningPolicy:
        settings = StyleWeightsSettings(split)
        if name == "oracle":
            return oracle(split, np.arange(BATCH), settings)
        return make_baseline(name, settings, run.seed)

    splits = JUDGED if name == "oracle" else SPLITS
    metrics = metrics_of({split: split_returns(policy(split), split) for split in splits})
    return run.result(metrics=metrics, seconds=time.perf_counter() - start)


def train(run: Run, report_share: ReportShare, save: Path | None = None) -> Result:
    """Train an agent on ``train`` and judge it on all splits; the curve is its return there.

    Args:
        run: its config has the method, the budget and, if it is not held out, the judge.
        report_share: is told the share that is done.
        save: a folder for the agent.
    """
    from etude.agents.tuner_training import METHODS as TRAINABLE
    from etude.agents.tuner_training import train_tuner

    start, method, budget = time.perf_counter(), run.config["method"], run.config["timesteps"]
    config = type(TRAINABLE[method].config)(**run.config["settings"])
    environment = {"judge": run.config["judge"]} if "judge" in run.config else {}
    curve: list[tuple[float, float]] = []

    def look(agent: TunerAgent) -> None:
        report_share(min(agent.num_timesteps / budget, 1.0))
        if agent.num_timesteps >= (len(curve) + 1) * budget / NUM_LOOKS:
            curve.append((agent.num_timesteps, float(split_returns(agent, "train").mean())))

    agent = train_tuner(method, budget, seed=run.seed, progress=look, config=config, **environment)
    if save is not None:
        agent.save(save / f"{method}-{run.seed}.npz")
    return run.result(
        metrics=metrics_of({split: split_returns(agent, split) for split in SPLITS}),
        curve=curve,
        seconds=time.perf_counter() - start,
    )


def split_returns(policy: TuningPolicy, split: str) -> Float32[np.ndarray, " n"]:
    """The returns on the first instances of a split, which are all but of ``train``."""
    return returns_of(policy, split, np.arange(BATCH))


@cache
def references(split: str) -> dict[str, Float32[np.ndarray, " n"]]:
    """The returns of the best static weights and of the oracle."""
    settings = StyleWeightsSettings(split)
    policies = {
        "static": make_baseline("static", settings),
        "oracle": oracle(split, np.arange(BATCH), settings),
    }
    return {name: split_returns(policy, split) for name, policy in policies.items()}


def metrics_of(returns: dict[str, Float32[np.ndarray, " n"]]) -> dict[str, float]:
    """What tables show of a policy: means, and how they compare with static weights."""
    metrics = {split: float(values.mean()) for split, values in returns.items()}
    for split in JUDGED:
        static, best = (references(split)[name] for name in ("static", "oracle"))
        gain = returns[split] - static
        metrics |= {
            f"{split}_above_static": float(gain.mean()),
            f"{split}_way_to_oracle": float(gain.mean() / (best - static).mean()),
            f"{split}_above_oracle_share": float((returns[split] > best).mean()),
        }
    return metrics


def measure_speed(rounds: int) -> Iterator[Result]:
    """Steps of paintings for each CPU second, by how many are made at once."""
    rng = np.random.default_rng(0)
    envs = {n: StyleWeightsVectorEnv(n, "test") for n in BATCHES}
    for env in envs.values():
        env.reset(seed=0)
        env.step(env.action_space.sample())
    for number in range(rounds):
        for n, env in envs.items():
            num_steps = SPEED_STEPS if n > 1 else 4 * SPEED_STEPS
            size = (num_steps, n, env.settings.num_weights)
            actions = rng.uniform(-1.0, 1.0, size)
            with one_thread():
                start = time.process_time()
                for action in actions.astype(np.float32):
                    env.step(action)
                seconds = time.process_time() - start
            yield Result(
                suite=SUITE,
                task=SPEED,
                method=f"{n} in a batch" if n > 1 else "one by one",
                seed=number,
                metrics={"steps_per_cpu_second": n * num_steps / seconds},
                seconds=seconds,
            )


def measure_transfer(agent: Path = SHIPPED) -> Iterator[Result]:
    """The agent that comes along, at 256 px, on photographs that it has not seen."""
    photos = available_photos()
    policies: dict[str, Any] = {
        NAMES[name]: make_baseline(name, StyleWeightsSettings()) for name in ("default", "static")
    }
    policies["shipped agent"] = TunerAgent.load(agent)
    pairs = [(photo, style) for photo in PHOTOS for style in STYLES]
    evenly = (np.arange(len(pairs)) + 0.5) / len(pairs)
    preferences = np.random.default_rng(0).permutation(evenly).tolist()
    for number, (photo, style) in enumerate(pairs):
        instance = Instance(
            contact_sheet([load_image(photos[photo])], 1, TRANSFER_SIZE, gap=0),
            style_image(style, TRANSFER_SIZE, STYLE_SEED),
            preferences[number],
        )
        start = time.perf_counter()
        gains = {
            name: float(returns_of(policy, (instance,))[0]) for name, policy in policies.items()
        }
        for method, gain in gains.items():
            yield Result(
                suite=SUITE,
                task=TRANSFER,
                method=method,
                seed=number,
                metrics={
                    "return": gain,
                    "above_default": gain - gains[NAMES["default"]],
                    "above_static": gain - gains[NAMES["static"]],
                },
                seconds=time.perf_counter() - start,
                config={"photo": photo, "style": style, "preference": instance.preference},
            )


def _search(path: Path) -> Iterator[Result | str]:
    try:
        from etude.benchmarks.style_weights_search import search
    except ImportError as error:
        raise ImportError(
            "the search is cmaes', which is not installed; run `pip install 'etude[baselines]'`."
        ) from error
    yield from search(path)
