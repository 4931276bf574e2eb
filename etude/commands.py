"""The commands: where each one lives, what it does, how it is used.

Nothing but names stands here, so that the table can be read without importing any command.
"""

from typing import Final, NamedTuple

EVERYTHING: Final = ""  # the group of all groups
SHELVES: Final[dict[str, tuple[str, ...]]] = {
    "start": ("demo",),
    "games": ("play", "watch", "solve"),
    "learning": ("train", "sweep", "grade"),
    "pictures": ("stylize", "styles", "encoders", "upscale", "sample", "project", "features"),
    "words": ("restyle",),
    "results": ("bench", "report", "ui"),
    "shell": ("completion",),
}
"""Where `etude --help` shows each command."""


class Command(NamedTuple):
    """Where a command lives, what it does in a line, and how it is used.

    A group has no address; its commands are those whose names begin with its own.
    """

    address: str | None
    summary: str
    examples: tuple[str, ...]


COMMANDS: Final[dict[str, Command]] = {
    "demo": Command(
        "etude.demo:demo",
        "A tour: exact facts, agents that learn, a painting, noise, a page.",
        ("etude demo",),
    ),
    "play": Command(
        "etude.play:play",
        "Play against an opponent or an agent in a window.",
        (
            "etude play",
            "etude play connect_four --side second",
            "etude play 4,4,4 --opponent epsilon_minimax:0.2",
            "etude play etude/StyleWeights-v0",
            "etude play --agent td.npz",
            "etude play --agent perfect",
        ),
    ),
    "watch": Command(
        "etude.watch:watch",
        "Watch two opponents play, or record them.",
        (
            "etude watch minimax uniform",
            "etude watch minimax minimax --board connect_four --record game.mp4",
            "etude watch uniform minimax --games 4 --show-values --record games.gif",
            "etude watch etude/StyleWeights-v0 --agent agent --record tuned.mp4",
            "etude watch perfect uniform --show-values --record game.gif",
        ),
    ),
    "solve": Command(
        "etude.solve:solve",
        "The exact outcome of every move of a position.",
        (
            "etude solve",
            'etude solve tictactoe --position "X.O/.X./..O"',
            "etude solve 4,4,4,misere --json",
        ),
    ),
    "train": Command(
        "etude.train:train",
        "Train an agent, and see its exact grade while it learns.",
        (
            "etude train td --save td.npz",
            "etude train td --preset book --games 20000",
            "etude train td --env 4,4,4",
            "etude train mc --opponent minimax --timesteps 50000",
            "etude train ppo_masked --timesteps 50000 --save ppo.npz",
            "etude train sac --env etude/StyleWeights-v0 --save tuner.npz",
            "etude train ntuple --env etude/ConnectFour-v0 --games 200000 --save c4.npz",
        ),
    ),
    "train style": Command(
        "etude.train_style:train_style",
        "Train a network that paints in one pass.",
        (
            "etude train style",
            "etude train style --styles paintings/ --content photos/ --out runs/paintings",
            "etude train style --add painting.jpg --steps 500",
        ),
    ),
    "train gan": Command(
        "etude.train_gan:train_gan",
        "Train a generator: uniform noise in, samples like the data out.",
        (
            "etude train gan --data grid25",
            "etude train gan --data ring8 --objective wasserstein --window",
            "etude train gan --data stacked-digits --seed 1 --out runs/digits",
            "etude train gan --data digits --architecture stylegan",
            "etude train gan --data pictures/ --crop --image-size 32 --architecture stylegan",
        ),
    ),
    "train scenes": Command(
        "etude.train_scenes:train_scenes",
        "Train a StackGAN, which draws what a caption says.",
        ("etude train scenes", "etude train scenes --seed 1 --out runs/scenes"),
    ),
    "train text-style": Command(
        "etude.train_text_style:train_text_style",
        "Train a network that says requests in another register.",
        (
            "etude train text-style",
            "etude train text-style --corpus non-parallel --out runs/no-pairs",
            "etude train text-style --pairs mine.tsv --out runs/mine",
        ),
    ),
    "train cdbn": Command(
        "etude.train_cdbn:train_cdbn",
        "Train belief networks: edges and contours of photos, parts of faces.",
        ("etude train cdbn", "etude train cdbn --photos photos/ --out runs/cdbn"),
    ),
    "train upscaler": Command(
        "etude.train_upscaler:train_upscaler",
        "Train a network that enlarges photos.",
        (
            "etude train upscaler --photos photos/ --scale 4",
            "etude train upscaler --photos photos/ --scale 4 --model srgan",
        ),
    ),
    "grade": Command(
        "etude.grade:grade",
        "Grade an agent (exactly on small boards), a painting, or a generator.",
        (
            "etude grade perfect",
            "etude grade generator.safetensors",
            "etude grade biggan-digits",
            "etude grade c4.npz --games 20 --positions 500",
            "etude grade photo.jpg painting.jpg out.png",
            "etude grade td.npz --json",
        ),
    ),
    "stylize": Command(
        "etude.stylize:stylize",
        "Paint a photo or a film in the style of other pictures.",
        (
            "etude stylize photo.jpg --style painting.jpg:0.7,waves:0.3 -o out.png --size 1024",
            "etude stylize photo.jpg --style painting.jpg -o out.png --colours luminance",
            "etude stylize photo.jpg --fast --style stained-glass:0.6,waves:0.4 -o out.png",
            "etude stylize clip.mp4 --fast --style waves -o out.mp4",
            "etude stylize photo.jpg --style painting.jpg -o out.png --tune agent",
            "etude stylize photo.jpg --style painting.jpg -o out.png",
        ),
    ),
    "restyle": Command(
        "etude.restyle:restyle",
        "Say a request as one says it to friends, or to strangers.",
        (
            'etude restyle "Come and sit" --to formal',
            'etude restyle "Would you be so kind as to pass me the salt?" --to informal',
            'etude restyle "Come and sit" --to formal --beam 5 -n 3',
            "etude restyle --from-file lines.txt --to formal -o out.txt",
        ),
    ),
    "upscale": Command(
        "etude.upscale:upscale",
        "Enlarge a photo, sharper than by interpolation.",
        (
            "etude upscale photo.jpg --model srgan -o large.png",
            "etude upscale photo.jpg --scale 4 -o large.png",
        ),
    ),
    "styles": Command(
        "etude.styles:styles",
        "A sheet of the styles that are here, drawn and painted.",
        ("etude styles --photo photo.jpg", "etude styles"),
    ),
    "encoders": Command(
        "etude.stylize:encoders",
        "The networks that can look at pictures here, and why.",
        ("etude encoders",),
    ),
    "sample": Command(
        "etude.sample:sample",
        "Samples of a generator as a picture, or a walk between them.",
        (
            "etude sample stylegan-faces --walk faces.mp4",
            "etude sample runs/gan/grid25-relativistic/generator.safetensors --walk out.mp4",
            "etude sample biggan-digits --label 7 --truncation 0.5 -o sevens.png",
            'etude sample stackgan-scenes --text "a red circle above a blue square"',
            "etude sample generator.safetensors -n 64 -o grid.png",
            "etude sample biggan-digits -o digits.png",
        ),
    ),
    "features": Command(
        None,
        "What a network has learned, as pictures.",
        ("etude features deconv",),
    ),
    "features deconv": Command(
        "etude.features_deconv:deconv",
        "The patches that units answer to, and what they saw in them.",
        (
            "etude features deconv photo.jpg -o seen.png",
            "etude features deconv --layers b3e b10e --num-units 6",
            "etude features deconv -o layers.png",
        ),
    ),
    "features occlusion": Command(
        "etude.features_occlusion:occlusion",
        "Where covering a photo silences the units that answer to it.",
        (
            "etude features occlusion photo.jpg -o covered.png",
            "etude features occlusion photo.jpg --layers b10e --side 32 --stride 4",
        ),
    ),
    "features maximise": Command(
        "etude.features_maximise:maximise_units",
        "Images made from noise that units answer to most.",
        (
            "etude features maximise -o wanted.png",
            "etude features maximise --layers b10e --units 45 85 --size 160",
        ),
    ),
    "features invert": Command(
        "etude.features_invert:invert",
        "What layers keep of a photo, and what their Gram matrices keep.",
        (
            "etude features invert photo.jpg -o kept.png",
            "etude features invert photo.jpg --layers stem b5e b10e --evaluations 200",
        ),
    ),
    "features cdbn": Command(
        "etude.features_cdbn:cdbn",
        "Edges, contours and parts of a belief network; hidden halves completed.",
        (
            "etude features cdbn photo.jpg -o seen.png",
            "etude features cdbn face.jpg --stack faces --hide left",
            "etude features cdbn --model runs/cdbn/cdbn.safetensors",
            "etude features cdbn -o cdbn.png",
        ),
    ),
    "project": Command(
        "etude.project:project",
        "The picture of a StyleGAN that is most like a given one.",
        ("etude project stylegan-faces photo.jpg -o out.png",),
    ),
    "bench": Command(
        None,
        "Measure how fast the suite is, and how well agents learn and play.",
        ("etude bench throughput",),
    ),
    "bench hardening": Command(
        "etude.benchmarks.hardening:hardening",
        "Kills at random moments, two writers of one file, very many plies.",
        (
            "etude bench hardening --parts kills --jobs td --kills 3",
            "etude bench hardening --parts plies writers",
            "etude bench hardening",
        ),
    ),
    "bench throughput": Command(
        "etude.benchmarks.suites:throughput",
        "Plies a second, beside the peers.",
        ("etude bench throughput", "etude bench throughput --rounds 2 --seconds 0.3"),
    ),
    "bench solver": Command(
        "etude.benchmarks.suites:solver",
        "How long exact answers take.",
        ("etude bench solver", "etude bench solver --out runs/solver"),
    ),
    "bench tictactoe": Command(
        "etude.benchmarks.tictactoe:tictactoe",
        "Learners of tic-tac-toe beside Stable-Baselines3, graded exactly.",
        ("etude bench tictactoe", "etude bench tictactoe --quick --out runs/quick"),
    ),
    "bench four_in_a_row": Command(
        "etude.benchmarks.suites:four_in_a_row",
        "Learning 4 x 4, four in a row, until play is perfect.",
        ("etude bench four_in_a_row", "etude bench four_in_a_row --seeds 1"),
    ),
    "bench connect_four": Command(
        "etude.benchmarks.connect_four:connect_four",
        "N-tuple agents that learn Connect Four, judged by the solver.",
        (
            "etude bench connect_four",
            "etude bench connect_four --games 300000 --seeds 2 --save runs/agents",
        ),
    ),
    "bench tuning": Command(
        "etude.benchmarks.tuning:tuning",
        "The search for good settings of Stable-Baselines3's methods.",
        ("etude bench tuning", "etude bench tuning --methods dqn_masked --seeds 1"),
    ),
    "bench style": Command(
        "etude.benchmarks.suites:style",
        "Style transfer: time to equal loss, networks beside a peer, video.",
        ("etude bench style", "etude bench style --parts networks --rounds 2"),
    ),
    "bench style-weights": Command(
        "etude.benchmarks.style_weights:style_weights",
        "Agents that tune a style transfer, beside fixed weights and rules.",
        (
            "etude bench style-weights",
            "etude bench style-weights --parts returns --methods sac --seeds 1 --timesteps 20000",
        ),
    ),
    "bench gan-toy": Command(
        "etude.benchmarks.gan_toy:gan_toy",
        "GANs and moment matching where every sample can be graded.",
        (
            "etude bench gan-toy",
            "etude bench gan-toy --parts fast --seeds 2 --out runs/quick",
        ),
    ),
    "bench super-resolution": Command(
        "etude.benchmarks.suites:super_resolution",
        "Enlarged photos beside bicubic interpolation, in decibels.",
        ("etude bench super-resolution", "etude bench super-resolution --rounds 1"),
    ),
    "bench gan-images": Command(
        "etude.benchmarks.suites:gan_images",
        "DCGAN, StyleGAN2, BigGAN and StackGAN, graded on digits and scenes.",
        ("etude bench gan-images", "etude bench gan-images --parts scenes --seeds 1"),
    ),
    "bench text-style": Command(
        "etude.benchmarks.suites:text_style",
        "Requests said in the other register, with pairs, without, and by older ways.",
        (
            "etude bench text-style",
            "etude bench text-style --parts parallel --seeds 1 --first-seed 4",
        ),
    ),
    "bench features": Command(
        "etude.benchmarks.suites:features",
        "Projections, inversions and maximised units, and a belief network.",
        ("etude bench features", "etude bench features --parts deconvnet inversion --seeds 1"),
    ),
    "bench sweep": Command(
        "etude.benchmarks.sweep_bench:sweep_bench",
        "What a search for settings of TD finds, and what Ray costs.",
        ("etude bench sweep", "etude bench sweep --trials 10 --seeds 3 --rounds 0"),
    ),
    "bench tournament": Command(
        "etude.tournament:tournament",
        "Players against each other, with Elo ratings; exact on small boards.",
        (
            "etude bench tournament uniform minimax epsilon_minimax:0.2",
            "etude bench tournament uniform minimax --board 3,4,3,misere --json",
            "etude bench tournament uniform minimax c4.npz --board connect_four --games 50",
        ),
    ),
    "sweep": Command(
        "etude.sweep:sweep",
        "Search good settings of what learns, by exact grades.",
        (
            "etude sweep td --trials 50 --seeds 3",
            "etude sweep td --set step_size=0.01:1:log exploration=0:0.5 --budget 3000",
            "etude sweep gan --data ring8 --objective high_quality --budget 1000",
            "etude sweep maskable_ppo --ray local",
            "etude sweep td",
        ),
    ),
    "ui": Command(
        "etude.ui:ui",
        "What runs sent to a tracker, in the browser.",
        ("etude ui --tracker mlflow", "etude ui"),
    ),
    "completion": Command(
        "etude.completion:completion",
        "What makes a shell complete commands and options: bash, zsh or fish.",
        (
            "etude completion zsh > ~/.zfunc/_etude",
            "etude completion fish > ~/.config/fish/completions/etude.fish",
            "etude completion bash > ~/.local/share/bash-completion/completions/etude",
        ),
    ),
    "report": Command(
        "etude.benchmarks.report:report",
        "Make tables, plots and a page from the results of `etude bench`.",
        (
            "etude report",
            "etude report runs/bench/results.jsonl --html report.html",
        ),
    ),
}


def is_group(name: str) -> bool:
    """Whether the name stands for several commands."""
    return name == EVERYTHING or COMMANDS[name].address is None


def members(group: str) -> dict[str, Command]:
    """The commands of a group."""
    return {name: command for name, command in COMMANDS.items() if name.rpartition(" ")[0] == group}
