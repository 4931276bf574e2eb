import marimo

app = marimo.App()

with app.setup:
    import math
    from dataclasses import replace

    import marimo as mo
    import torch
    from matplotlib.figure import Figure

    from etude.generative.gan.objectives import OBJECTIVES
    from etude.generative.gan.recipes import recipe
    from etude.generative.gan.task import make_lesson, open_task
    from etude.generative.gan.toy import TOY
    from etude.generative.gan.toy_grade import grade, truth


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    # 2. Noise in, data out

    A generator is a function. Random numbers go in, a sample comes out, and the samples should be
    distributed like the data. Nobody can write that function down for faces; here the data are so
    simple that we know everything about them, and can see what a generator gets wrong.

    $$z \sim \mathrm{uniform} \quad\longrightarrow\quad G(z) \quad\longrightarrow\quad
    \text{looks like } x \sim p$$

    The data are eight small clouds on a circle (from the VEEGAN paper). Each is a Gaussian with a
    deviation of 0.01. A generator that leaves one out, or puts points between them, is found out.
    """)
    return


@app.cell
def _():
    ring = TOY["ring8"]
    rng = torch.Generator().manual_seed(0)
    data = ring.sample(1_000, rng)
    noise = 2.0 * torch.rand(1_000, 2, generator=rng) - 1.0

    def show(clouds):
        figure = Figure(figsize=(2.7 * len(clouds), 2.9))
        for axes, (title, points) in zip(
            figure.subplots(1, len(clouds), squeeze=False)[0], clouds.items(), strict=True
        ):
            axes.plot(*ring.sample(500, torch.Generator().manual_seed(1)).T, ".", color="#ddbb88")
            axes.plot(*points.T, ".", color="#224466", markersize=2)
            axes.set(xlim=(-1.6, 1.6), ylim=(-1.6, 1.6), xticks=[], yticks=[], aspect="equal")
            axes.set_title(title, fontsize=9)
        return figure

    show({"noise": noise, "data": data})
    return ring, show


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## A game of two

    A discriminator looks at a sample and answers with a number, its logit: high if it takes the
    sample for data. It is taught to tell the two apart; the generator is taught to be mistaken
    for data (Goodfellow et al. 2014):

    $$\min_G \max_D \; \mathbb{E} \log D(x) + \mathbb{E} \log (1 - D(G(z)))$$

    If samples and data are alike, nobody can do better than a guess. Then the loss has a value
    that is known beforehand, twice the logarithm of two:
    """)
    return


@app.cell
def _():
    unsure = torch.zeros(8)  # logits of a discriminator that cannot tell: D = 1/2
    by_hand = -torch.log(torch.sigmoid(unsure)).mean() - torch.log(1 - torch.sigmoid(unsure)).mean()
    game = OBJECTIVES["non-saturating"]
    assert math.isclose(by_hand, 2 * math.log(2), rel_tol=1e-6)
    assert math.isclose(by_hand, game.discriminator(unsure, unsure), rel_tol=1e-6)
    rows = "\n".join(
        f"| {name} | {objective.discriminator_optimum:.3f} |"
        for name, objective in OBJECTIVES.items()
    )
    mo.md("| objective | the discriminator's loss at the end |\n| --- | --- |\n" + rows)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Playing it

    The relativistic game compares each generated sample with a real one, so that a cloud cannot
    be left out for free. One `update` is a step of both players. The run here is short, so that
    this page is made in seconds; the recipe takes 5,000 steps.
    """)
    return


@app.cell
def _(show):
    settings = replace(recipe("ring8", "relativistic", "fast"), steps=600)
    task = open_task("ring8")
    lesson = make_lesson(task, settings, torch.device("cpu"))
    z = 2.0 * torch.rand(1_000, settings.latent_dim, generator=torch.Generator().manual_seed(2)) - 1

    def samples(latents):
        with torch.no_grad():
            return torch.tensor(task.mean) + task.scale * lesson.average(latents)

    stages = {}
    for step in range(settings.steps + 1):
        if step in (0, 100, 300, settings.steps):
            stages[f"after {step:,} steps"] = samples(z)
        if step < settings.steps:
            losses = lesson.update()
    show(stages)
    return losses, samples, settings


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Looking is not enough

    The density of the data is known, so each sample has a grade. A *mode* is a cloud, and it is
    found if some sample lies within three deviations of its centre; *high quality* is the share
    of samples that lie that close to one. Copies of the centres would get full marks in both, so
    the *width* of the clouds is measured as well.
    """)
    return


@app.cell
def _(losses, ring, samples, settings):
    latents = (
        2.0 * torch.rand(20_000, settings.latent_dim, generator=torch.Generator().manual_seed(3))
        - 1
    )
    found, best = grade(ring, samples(latents)), truth(ring)
    assert best.modes == 8, "real samples have all clouds"
    table = f"""
    | | this generator | real samples |
    | --- | --- | --- |
    | modes | {found.modes} | {best.modes} |
    | high quality | {found.high_quality:.1%} | {best.high_quality:.1%} |
    | uneven (reverse KL) | {found.reverse_kl:.3f} | {best.reverse_kl:.0f} |
    | width | {found.width_ratio:.2f} | {best.width_ratio:.0f} |
    | the discriminator's loss | {losses["discriminator"]:.3f} | {math.log(2):.3f} |
    """
    mo.md(table)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Where to go from here

    - The whole recipe, live in a window: `etude train gan --data ring8 --preset fast --window`.
    - What each objective reaches on this ring, and on a grid of 25:
      [objectives](../algorithms/gan-objectives.md).
    - The same game with pictures: [DCGAN](../algorithms/dcgan.md),
      [StyleGAN2](../algorithms/stylegan2.md), [BigGAN](../algorithms/biggan.md).
    - Next: an agent that learns by playing, in [part 3](3_values.md).
    """)
    return


if __name__ == "__main__":
    app.run()
