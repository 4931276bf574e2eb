import marimo

app = marimo.App()

with app.setup:
    import marimo as mo
    import torch
    from matplotlib.figure import Figure

    from etude.generative.data import available_photos, style_image
    from etude.generative.images import load_image
    from etude.generative.style.encoders import (
        LAYER_WEIGHTS,
        EncoderChoice,
        held_out_encoder,
        open_encoder,
    )
    from etude.generative.style.gatys import GatysSettings, stylize
    from etude.generative.style.grade import TransferGrader
    from etude.generative.style.losses import Style
    from etude.generative.style.statistics import gram_matrix


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    # 1. Style transfer

    A photograph shows *something*, a painting shows *how*. In 2016 Leon Gatys, Alexander Ecker and
    Matthias Bethge found both inside one network that had only ever learned to name what is on
    photographs: what is shown is in its features, how it is painted is in which features answer
    together. So a picture can be asked for that has the content of the one and the style of the
    other.

    Three things happen here: both are written as losses, first by hand; a picture is made by
    descending on them; and it is graded by a network that had no part in it.
    """)
    return


@app.cell
def _():
    photo = load_image(available_photos()["hopper"], 112)
    painting = style_image("waves", 112)

    def show(pictures):
        figure = Figure(figsize=(2.5 * len(pictures), 2.8))
        for axes, (title, picture) in zip(
            figure.subplots(1, len(pictures), squeeze=False)[0], pictures.items(), strict=True
        ):
            axes.imshow(picture[0].permute(1, 2, 0).clamp(0, 1))
            axes.set_title(title, fontsize=9)
            axes.axis("off")
        return figure

    show({"photo": photo, "painting": painting})
    return painting, photo, show


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## What a network sees

    The encoder is frozen: nothing in it will change. Early layers see edges and colours, later ones
    larger things. One picture becomes a stack of feature maps at each layer, $F^l$.
    """)
    return


@app.cell
def _(painting, photo):
    encoder = open_encoder(EncoderChoice(encoder="efficientnet-lite0")).encoder
    photo_features = encoder(photo)
    painting_features = encoder(painting)
    rows = "\n".join(
        f"| {layer} | {maps.shape[1]} | {maps.shape[2]} x {maps.shape[3]} |"
        for layer, maps in photo_features.items()
    )
    mo.md("| layer | maps | size |\n| --- | --- | --- |\n" + rows)
    return encoder, painting_features, photo_features


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Content: the features themselves

    Two pictures show the same if their features agree in a late layer, place by place:

    $$L_\text{content} = \frac{1}{2} \sum_{ij} (F_{ij} - P_{ij})^2$$

    ## Style: which features answer together

    Where things are does not matter for style. So forget the places: multiply every pair of maps
    and sum over all of them. That is the Gram matrix (equation 3 of the paper), one number for
    each pair of maps:

    $$G_{kl} = \sum_i F_{ik} F_{il}$$
    """)
    return


@app.cell
def _(painting_features):
    maps = painting_features["b1e"][0]  # (c, h, w)
    by_hand = torch.zeros(len(maps), len(maps))
    for k in range(len(maps)):
        for other in range(len(maps)):
            by_hand[k, other] = (maps[k] * maps[other]).sum()

    ours = gram_matrix(painting_features["b1e"])[0]
    assert torch.allclose(by_hand, ours, rtol=1e-4, atol=1e-2)

    # The places are forgotten: shuffle them, and nothing changes.
    places = torch.randperm(maps[0].numel(), generator=torch.Generator().manual_seed(0))
    shuffled = maps.flatten(1)[:, places]
    assert torch.allclose(shuffled @ shuffled.T, ours, rtol=1e-4, atol=1e-2)
    mo.md(f"{ours.shape[0]} maps, so {ours.numel():,} numbers: by hand and ours agree.")
    return


@app.cell
def _(painting_features, photo_features, show):
    def gram_picture(features):
        gram = gram_matrix(features)[0]
        return (gram / gram.max()).sqrt().expand(1, 3, -1, -1)

    show(
        {
            "Gram matrix of the photo": gram_picture(photo_features["b1e"]),
            "... of the painting": gram_picture(painting_features["b1e"]),
        }
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Painting is descending

    Both losses are functions of the *picture*. Their gradient says how each pixel should change, so
    we begin with the photograph and change it a little, again and again. Here is all of it, with
    steps of a fixed length along the gradient:
    """)
    return


@app.cell
def _(encoder, painting_features, photo, photo_features):
    layers = LAYER_WEIGHTS[encoder.name]

    def loss(picture, style_weight=50.0):
        features = encoder(picture)
        (content_layer,) = layers.content
        wanted = photo_features[content_layer]
        content = (features[content_layer] - wanted).square().mean() / wanted.var()
        style = 0.0
        for layer in layers.style:
            gram, target = gram_matrix(features[layer]), gram_matrix(painting_features[layer])
            style += (gram - target).square().mean() / target.square().mean() / len(layers.style)
        return content + style_weight * style

    picture = photo.clone().requires_grad_()
    losses = []
    for _step in range(60):
        value = loss(picture)
        (gradient,) = torch.autograd.grad(value, picture)
        with torch.no_grad():
            picture -= 1.5 * gradient / gradient.norm()
            picture.clamp_(0, 1)
        losses.append(value.item())

    assert losses[-1] < losses[0] / 2
    mo.md(f"The loss falls from {losses[0]:.1f} to {losses[-1]:.1f} in {len(losses)} steps.")
    return (picture,)


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    `stylize` does the same with three differences: L-BFGS instead of plain steps, total variation
    against grain, and small sizes first where the picture is large.
    """)
    return


@app.cell
def _(encoder, painting, photo, picture, show):
    result = stylize(
        photo,
        [Style(painting)],
        encoder,
        LAYER_WEIGHTS[encoder.name],
        GatysSettings(size=112, evaluations=60),
    )
    show({"photo": photo, "plain steps": picture.detach(), "stylize": result.image})
    return (result,)


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## How good is it?

    A picture that was made to please one network may please it by any means. So another network
    judges, which nobody descends on. It reads both distances on a scale between the photograph
    (all content, no style) and the painting (all style, no content); 0 is a perfect transfer, and 1
    is no better than one of the two.
    """)
    return


@app.cell
def _(painting, photo, picture, result):
    grader = TransferGrader(photo, painting, held_out_encoder())
    pictures = {"photo": photo, "plain steps": picture.detach(), "stylize": result.image}
    grades = {name: grader(image) for name, image in pictures.items()}
    assert grades["photo"].style_reached < grades["stylize"].style_reached
    table = "\n".join(
        f"| {name} | {grade.content_kept:.0%} | {grade.style_reached:.0%} | {grade.transfer:.2f} |"
        for name, grade in grades.items()
    )
    mo.md("| | content kept | style reached | transfer |\n| --- | --- | --- | --- |\n" + table)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Where to go from here

    - A descent takes seconds for each picture. A network can learn to do it in one pass:
      [transfer networks](../algorithms/transfer-networks.md).
    - What happens to this loss, layer by layer: [Gatys et al.](../algorithms/gatys.md).
    - Next: pictures out of nothing but noise, in [part 2](2_noise_to_data.md).
    """)
    return


if __name__ == "__main__":
    app.run()
