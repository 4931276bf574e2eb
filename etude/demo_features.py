"""The stop of the demo at which a network shows what it answers to."""

from typing import Final

from etude.benchmarks.page import Block, Picture
from etude.benchmarks.picture_rows import picture_rows
from etude.features_deconv import CELL, SCALES, figure
from etude.features_sheet import Chosen, Looking, bar, open_photos
from etude.generative.features.top_activations import Sending, views_of
from etude.generative.images import save_image
from etude.generative.style.encoders import EncoderChoice, open_encoder
from etude.tour import Tour

ENCODER: Final = "efficientnet-lite0"
LAYERS: Final = ("b5e", "b10e")
CHOSEN: Final = Chosen(num_units=2)
SENDING: Final = Sending(shifts=2)


def show_features(tour: Tour) -> list[Block]:
    """The patches that units of a network answer to most, and what they saw in them."""
    words = tour.say(
        f"What has {ENCODER} learned, which looked at the painting? Zeiler and Fergus show the "
        "nine patches of photos that a unit answers to most, and send each answer back through the "
        "network to the pixels that it came from; where a network has no pooling, Springenberg's "
        "rule makes that depend on the photo."
    )
    encoder = open_encoder(EncoderChoice(encoder=ENCODER), LAYERS).encoder
    views = views_of(open_photos(None), SCALES, SENDING.window)
    with bar(len(LAYERS) * CHOSEN.num_units) as follow:
        rows = figure(Looking(encoder, LAYERS), views, CHOSEN, SENDING, follow)
    path = tour.out / "features.png"
    save_image(path, picture_rows(rows, CELL), {"encoder": ENCODER, "layers": list(LAYERS)})
    tour.note(f"What units answer to: {path}")
    return [
        words,
        Picture(
            source=path,
            alt="Patches of photos beside what units of two layers have seen in them.",
            caption="A row for each layer, the deeper one below: what a unit has seen, then the "
            "patches that it answers to most.",
        ),
    ]
