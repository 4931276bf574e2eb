"""How much computing Gatys' method takes: an evaluation, and the way to an equal loss.

Everything is measured in CPU seconds on one thread, in one run, because only ratios are firm. The
evaluation is compared with the time that its direct convolutions would take at the highest speed
that this machine reached, and with a plain implementation. The way to an equal loss is compared
with that one's: its loss after some evaluations is the target for both. VGG-19's weights are random
(see ``random_vgg``) unless torchvision has cached the real ones.
"""

import math
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from etude.benchmarks.one_thread import one_thread
from etude.benchmarks.plain_gatys import PlainObjective, PlainVGG19, descend
from etude.benchmarks.random_vgg import random_vgg19
from etude.benchmarks.results import Result
from etude.generative.data import available_photos, style_image
from etude.generative.images import load_image
from etude.generative.style import onednn
from etude.generative.style.encoders import (
    LAYER_WEIGHTS,
    EncoderChoice,
    available_encoders,
    open_encoder,
)
from etude.generative.style.gatys import GatysSettings, stylize, weighted_sum
from etude.generative.style.losses import Objective, Style, style_targets
from etude.generative.style.painting import Step
from etude.generative.style.protocol import Encoder
from etude.generative.style.vgg import VGG19, ConvolutionReLU

SIZE: Final = 256
PAIRS: Final = (  # a photograph and a drawn style
    ("chelsea", "stained-glass"),
    ("hopper", "brush-strokes"),
    ("coffee", "waves"),
    ("flower", "marbling"),
    ("rocket", "starry-swirls"),
    ("astronaut", "mosaic"),
)
PLAIN_EVALUATIONS: Final = 60
LONG: Final = {SIZE // 2: 120, SIZE: 60}  # evaluations of the look's painting
LOOK_SECONDS: Final = (5, 10)
EVALUATION: Final = f"an evaluation of Gatys' loss, {SIZE} px"
EQUAL_LOSS: Final = f"VGG-19, {SIZE} px: the way to an equal loss"
LOOK: Final = f"EfficientNet-Lite0, {SIZE} px: the way to the look of a long painting"
StartImage = Callable[[Tensor, str], Tensor]  # of a photo and the name of a style


class Timed(NamedTuple):
    """Losses with the CPU seconds that had passed at each of them."""

    losses: list[float]
    seconds: list[float]

    def until(self, target: float) -> tuple[float, int] | None:
        """CPU seconds and evaluations to a loss at most as high; None if it is not reached."""
        for i, loss in enumerate(self.losses):
            if loss <= target:
                return self.seconds[i], i + 1
        return None

    def lowest(self, seconds: float) -> float:
        """The lowest loss within so many CPU seconds; infinite if there is none yet."""
        reached = zip(self.losses, self.seconds, strict=True)
        return min((loss for loss, spent in reached if spent <= seconds), default=math.inf)


def measure(rounds: int) -> Iterator[Result | str]:
    """Results as they come; a message where photographs are missing.

    Args:
        rounds: how often evaluations are timed; each pair is one repetition of the others.
    """
    photos = {name: load_image(file, SIZE) for name, file in available_photos().items()}
    if missing := sorted({photo for photo, _ in PAIRS} - photos.keys()):
        yield f"Gatys is not measured without the photos {', '.join(missing)}: etude[photos]"
        return
    with one_thread():
        encoder = vgg19(photos["chelsea"])
        lite0 = open_encoder(EncoderChoice(encoder="efficientnet-lite0")).encoder
        yield from evaluations(encoder, lite0, photos["chelsea"], rounds)
        for number, (photo, style) in enumerate(PAIRS):
            yield from equal_loss(encoder, photos[photo], style, number)
        for number, (photo, style) in enumerate(PAIRS):
            yield from look(lite0, photos[photo], style, number)


def vgg19(photo: Tensor) -> VGG19:
    """With torchvision's weights if they are in its cache, random ones if not."""
    offers = {offer.name: offer for offer in available_encoders()}
    layers = LAYER_WEIGHTS["vgg19"].layers
    if offers["vgg19"].is_here:
        opened = open_encoder(EncoderChoice(encoder="vgg19"), layers).encoder
        assert isinstance(opened, VGG19)
        return opened
    return random_vgg19(layers, photo)


def evaluations(vgg: VGG19, lite0: Encoder, photo: Tensor, rounds: int) -> Iterator[Result]:
    """Loss and gradient, once each round, after a warm-up."""
    style = style_image("waves", SIZE)
    contenders: dict[str, Callable[[], None]] = {
        "Etude, VGG-19": evaluation(objective_of(vgg, photo, style), photo),
        "plain, VGG-19": evaluation(plain_objective(vgg, photo, style), photo),
        "Etude, EfficientNet-Lite0": evaluation(objective_of(lite0, photo, style), photo),
    }
    work = 2.0 * convolution_operations(vgg, photo.shape[-2], photo.shape[-1])
    for run in contenders.values():
        run()
    for number in range(rounds):
        seconds = {name: cpu_seconds(run) for name, run in contenders.items()}
        bound = "VGG-19's direct convolutions at the highest speed of this machine"
        seconds[bound] = work / highest_speed()
        for name, elapsed in seconds.items():
            yield result(EVALUATION, name, number, {"cpu_milliseconds": 1e3 * elapsed}, elapsed)


def equal_loss(encoder: VGG19, photo: Tensor, style: str, number: int) -> Iterator[Result]:
    """One pair: the plain recipe for some evaluations, and Etude to the same loss."""
    plain = plainly(encoder, photo, style)
    target = min(plain.losses)
    ways = {"plain": plain, "Etude": painted(encoder, photo, style, GatysSettings(size=SIZE))}
    plain_seconds = plain.seconds[plain.losses.index(target)]
    for method, timed in ways.items():
        reached = timed.until(target)
        if reached is None:
            metrics = {"lowest_loss_in_targets": min(timed.losses) / target}
        else:
            seconds, count = reached
            metrics = {
                "times_less_cpu": plain_seconds / seconds,
                "cpu_seconds": seconds,
                "evaluations": float(count),
            }
        yield result(EQUAL_LOSS, method, number, metrics, timed.seconds[-1])


def look(lite0: Encoder, photo: Tensor, style: str, number: int) -> Iterator[Result]:
    """One pair: a long painting from coarse to fine, and the way to its loss from a network's."""
    begin = time.process_time()
    layers = LAYER_WEIGHTS[lite0.name]
    small = GatysSettings(size=SIZE // 2, evaluations=LONG[SIZE // 2])
    coarse = stylize(photo, [Style(style_image(style, SIZE))], lite0, layers, small).image
    spent = time.process_time() - begin
    full = GatysSettings(size=SIZE, evaluations=2 * LONG[SIZE])  # half of them, from a start
    ways = {"from coarse to fine": painted(lite0, photo, style, full, coarse, spent)}
    target = min(ways["from coarse to fine"].losses)
    if (start := network_start()) is not None:
        begin = time.process_time()
        image = start(photo, style)
        spent = time.process_time() - begin
        ways["from the trained network's painting"] = painted(
            lite0, photo, style, full, image, spent
        )
    for method, timed in ways.items():
        reached = timed.until(target)
        metrics = {"cpu_seconds_in_all": timed.seconds[-1]}
        if reached is not None:
            metrics |= {"cpu_seconds": reached[0], "evaluations": float(reached[1])}
        metrics |= {
            f"loss_in_targets_after_{seconds}_cpu_seconds": timed.lowest(seconds) / target
            for seconds in LOOK_SECONDS
            if timed.lowest(seconds) < math.inf
        }
        yield result(LOOK, method, number, metrics, timed.seconds[-1])


def network_start() -> StartImage | None:
    """Paintings of the network that comes along, if one does."""
    from etude.generative.style.pretrained import open_styles, paint_fast

    try:
        network = open_styles()
    except (OSError, ValueError):
        return None
    return lambda photo, style: paint_fast(network, photo, {style: 1.0})


def painted(
    encoder: Encoder,
    photo: Tensor,
    style: str,
    settings: GatysSettings,
    start_image: Tensor | None = None,
    spent: float = 0.0,
) -> Timed:
    """The losses at full size; what was spent before counts as well."""
    losses, seconds = [], []
    start = time.process_time() - spent

    def note(step: Step, image: Tensor) -> None:
        if step.size == SIZE:
            losses.append(step.total)
            seconds.append(time.process_time() - start)

    styles = [Style(style_image(style, SIZE))]
    layers = LAYER_WEIGHTS[encoder.name]
    stylize(photo, styles, encoder, layers, settings, note, start_image)
    return Timed(losses, seconds)


def plainly(encoder: VGG19, photo: Tensor, style: str) -> Timed:
    """The plain recipe."""
    start = time.process_time()
    objective = plain_objective(encoder, photo, style_image(style, SIZE))
    seconds: list[float] = []

    def timed(image: Tensor) -> Tensor:
        seconds.append(time.process_time() - start)
        return objective(image)

    losses = descend(timed, photo, PLAIN_EVALUATIONS + 1)[:-1]
    return Timed(losses, seconds[1:])  # an evaluation ends where the next begins


def objective_of(encoder: Encoder, photo: Tensor, style: Tensor) -> Callable[[Tensor], Tensor]:
    """Etude's loss."""
    layers, settings = LAYER_WEIGHTS[encoder.name], GatysSettings(size=SIZE)
    objective = Objective(
        encoder, layers, photo, style_targets(encoder, [Style(style)], layers.style)
    )
    return lambda image: weighted_sum(objective(image), settings)


def plain_objective(encoder: VGG19, photo: Tensor, style: Tensor) -> PlainObjective:
    """The plain implementation's."""
    settings, layers = GatysSettings(size=SIZE), LAYER_WEIGHTS["vgg19"]
    return PlainObjective(PlainVGG19(encoder), layers, photo, style, settings)


def evaluation(objective: Callable[[Tensor], Tensor], photo: Tensor) -> Callable[[], None]:
    """Loss and gradient at the content."""

    def run() -> None:
        image = photo.clone().requires_grad_()
        objective(image).backward()  # type: ignore[no-untyped-call]

    return run


def convolution_operations(encoder: VGG19, height: int, width: int) -> float:
    """Multiplications and additions of all convolutions, in one direction."""
    total = 0.0
    for layer, convolution in encoder.convolutions.items():
        assert isinstance(convolution, ConvolutionReLU)
        halvings = int(layer[4]) - 1
        positions = (height >> halvings) * (width >> halvings)
        total += 2.0 * convolution.weight.numel() * positions
    return total


def highest_speed() -> float:
    """Operations a CPU second: the best of a matrix product and direct convolutions."""
    speeds = []
    rows, matrix = torch.rand(1024, 1024), torch.rand(1024, 1024)
    packed = onednn.pack(matrix)
    for product in (partial(torch.mm, rows, matrix), partial(onednn.linear, rows, packed)):
        speeds.append(2.0 * 1024**3 / fastest(product))
    for channels, side in ((64, 256), (256, 64), (512, 32)):
        features = torch.rand(1, channels, side, side).contiguous(memory_format=torch.channels_last)
        weight = torch.rand(channels, channels, 3, 3).contiguous(memory_format=torch.channels_last)
        convolve = partial(F.conv2d, features, weight, padding=1)
        speeds.append(2.0 * weight.numel() * side**2 / fastest(convolve))
    return max(speeds)


def fastest(task: Callable[[], object], times: int = 5) -> float:
    """CPU seconds of the fastest of several repetitions."""
    return min(cpu_seconds(task) for _ in range(times))


def cpu_seconds(task: Callable[[], object]) -> float:
    """CPU seconds that a task takes."""
    start = time.process_time()
    task()
    return time.process_time() - start


def result(task: str, method: str, seed: int, metrics: dict[str, float], seconds: float) -> Result:
    """One line of results."""
    return Result(
        suite="style", task=task, method=method, seed=seed, metrics=metrics, seconds=seconds
    )
