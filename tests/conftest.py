"""What every test needs: no screen, one thread a process, and types and shapes checked at calls."""

import os
import sys
from collections.abc import Callable
from inspect import isfunction
from types import ModuleType
from typing import Any, Literal, Self, get_args, get_origin

import jaxtyping
from beartype import BeartypeConf, FrozenDict, beartype
from hypothesis import settings
from jaxtyping import AbstractArray, TypeCheckError, install_import_hook, jaxtyped

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # two workers with a pool of threads each slow down

# A first call may import or compile for seconds.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

CHECKED = (  # modules with arrays, but for those that numba compiles and checks by itself
    "etude.agents.baselines",
    "etude.agents.dyna",
    "etude.agents.masked_policies",
    "etude.agents.monte_carlo",
    "etude.agents.ntuple",
    "etude.agents.ntuple_network",
    "etude.agents.observed",
    "etude.agents.schedules",
    "etude.agents.tabular_agent",
    "etude.agents.td_value",
    "etude.envs.canvas",
    "etude.envs.mnk.batch_state",
    "etude.envs.mnk.env",
    "etude.envs.mnk.game_graph",
    "etude.envs.mnk.geometry",
    "etude.envs.mnk.observation",
    "etude.envs.mnk.opponents",
    "etude.envs.mnk.render",
    "etude.envs.mnk.sprites",
    "etude.envs.mnk.vector",
    "etude.envs.pygame_window",
    "etude.envs.shapes",
    "etude.envs.style_weights.gram",
    "etude.envs.style_weights.objective",
    "etude.envs.style_weights.observation",
    "etude.envs.style_weights.panels",
    "etude.envs.style_weights.render",
    "etude.benchmarks.moving_scene",
    "etude.benchmarks.picture_rows",
    "etude.benchmarks.plain_biggan",
    "etude.benchmarks.plain_srresnet",
    "etude.benchmarks.point_cloud",
    "etude.benchmarks.super_resolution_picture",
    "etude.generative.annealing",
    "etude.generative.augmentation",
    "etude.generative.clip_writing",
    "etude.generative.clips",
    "etude.generative.data",
    "etude.generative.feature_extractors",
    "etude.generative.features.cdbn",
    "etude.generative.features.cdbn_data",
    "etude.generative.features.cdbn_training",
    "etude.generative.features.crbm",
    "etude.generative.features.crbm_training",
    "etude.generative.features.deconvnet",
    "etude.generative.features.fourier_image",
    "etude.generative.features.gabor",
    "etude.generative.features.inversion",
    "etude.generative.features.maximisation",
    "etude.generative.features.occlusion",
    "etude.generative.features.top_activations",
    "etude.generative.features.whitening",
    "etude.generative.frame_folder",
    "etude.generative.gan.adversarial",
    "etude.generative.gan.architectures",
    "etude.generative.gan.biggan",
    "etude.generative.gan.biggan_sampling",
    "etude.generative.gan.captioned_scenes",
    "etude.generative.gan.cifar10",
    "etude.generative.gan.dcgan",
    "etude.generative.gan.diffaugment",
    "etude.generative.gan.digits_grade",
    "etude.generative.gan.digits_judge",
    "etude.generative.gan.faces",
    "etude.generative.gan.gan_training",
    "etude.generative.gan.generator_file",
    "etude.generative.gan.gmmn",
    "etude.generative.gan.image_folder",
    "etude.generative.gan.latents",
    "etude.generative.gan.lightning_module",
    "etude.generative.gan.mlp",
    "etude.generative.gan.objectives",
    "etude.generative.gan.published_srresnet",
    "etude.generative.gan.scene_checker",
    "etude.generative.gan.source",
    "etude.generative.gan.sr_grade",
    "etude.generative.gan.sr_patches",
    "etude.generative.gan.srgan",
    "etude.generative.gan.srgan_training",
    "etude.generative.gan.stacked_digits",
    "etude.generative.gan.stacked_grade",
    "etude.generative.gan.stackgan",
    "etude.generative.gan.stackgan_file",
    "etude.generative.gan.stackgan_layers",
    "etude.generative.gan.stackgan_stages",
    "etude.generative.gan.stackgan_training",
    "etude.generative.gan.stylegan",
    "etude.generative.gan.stylegan_layers",
    "etude.generative.gan.stylegan_projection",
    "etude.generative.gan.stylegan_training",
    "etude.generative.gan.super_resolution",
    "etude.generative.gan.toy",
    "etude.generative.gan.toy_grade",
    "etude.generative.images",
    "etude.generative.metrics",
    "etude.generative.perceptual_distance",
    "etude.generative.sample_metrics",
    "etude.generative.soundtrack",
    "etude.generative.style.adain",
    "etude.generative.style.adain_training",
    "etude.generative.style.adam",
    "etude.generative.style.clip_grade",
    "etude.generative.style.colours",
    "etude.generative.style.descent",
    "etude.generative.style.efficientnet_lite",
    "etude.generative.style.feedforward",
    "etude.generative.style.lbfgs",
    "etude.generative.style.losses",
    "etude.generative.style.onednn",
    "etude.generative.style.optical_flow",
    "etude.generative.style.painting",
    "etude.generative.style.pretrained",
    "etude.generative.style.statistics",
    "etude.generative.style.tiled_objective",
    "etude.generative.style.tiles",
    "etude.generative.style.tiny_encoder",
    "etude.generative.style.transfer_training",
    "etude.generative.style.video",
    "etude.generative.style.video_gatys",
    "etude.generative.style.video_network",
    "etude.generative.warping",
    "etude.recording",
    "etude.sampler",
    "etude.tuners",
    "etude.tuning_panel",
    "etude.tuning_session",
    "etude.watch_tuning",
)


def has_shapes(hint: Any) -> bool:
    """Whether there are arrays in a type."""
    if isinstance(hint, str):  # a class that comes later, as a rule
        return "[" in hint
    if isinstance(hint, type) and issubclass(hint, AbstractArray):
        return True
    parts = hint if isinstance(hint, list) else get_args(hint)
    return get_origin(hint) is not Literal and any(map(has_shapes, parts))


def checked(*, typechecker: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """What the hook decorates with: shapes take 20 times as long as types, so not without need."""

    def decorate(function: Any) -> Any:
        if isfunction(function) and not any(map(has_shapes, function.__annotations__.values())):
            return typechecker(function)
        return jaxtyped(function, typechecker=typechecker)

    return decorate


jaxtyping.jaxtyped = checked  # type: ignore[assignment]
checker = ModuleType("checker")
conf = BeartypeConf(
    is_pep484_tower=True,
    hint_overrides=FrozenDict({Self: object}),  # methods are decorated one by one
    violation_type=TypeCheckError,
)
checker.check = beartype(conf=conf)  # type: ignore[attr-defined]
sys.modules[checker.__name__] = checker
install_import_hook(CHECKED, f"{checker.__name__}.check")
