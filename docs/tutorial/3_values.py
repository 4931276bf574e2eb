import marimo

app = marimo.App()

with app.setup:
    import random

    import marimo as mo
    from matplotlib.figure import Figure

    from etude.agents.evaluation import grade
    from etude.agents.td_value import TDSettings, TDValueAgent
    from etude.envs.mnk.render import board_text
    from etude.envs.mnk.rules import MNKRules, Position
    from etude.envs.mnk.solver import solver_for
    from etude.envs.mnk.state_space import state_space


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    # 3. Values

    Nobody tells this player what a good move is. It plays tic-tac-toe against itself and keeps a
    number for every position: how likely it thinks it is to win from there. All numbers begin at
    0.5. Then, after each move,

    $$V(S_t) \leftarrow V(S_t) + \alpha \, [V(S_{t+1}) - V(S_t)]$$

    The earlier value comes a bit closer to the later one, which knows more (Sutton and Barto,
    section 1.5). That is all. At the end we compare it with the truth, which for tic-tac-toe is
    known.
    """)
    return


@app.cell
def _():
    rules = MNKRules(3, 3, 3)
    position = rules.parse("X.O/.X./..O")
    mo.md(f"```\n{board_text(rules, position)}\n```")
    return (rules,)


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## One update by hand

    A value belongs to a player and to the board *after* their move. A game that is won is worth
    1, a draw 0.5, a lost one 0. Say the next position of the same player is a win:
    """)
    return


@app.cell
def _():
    value, next_value, step_size = 0.5, 1.0, 0.1
    value += step_size * (next_value - value)
    assert value == 0.55
    mo.md(f"0.5 + 0.1 · (1 - 0.5) = **{value}**")
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## The whole player

    It looks one move ahead and takes the move with the highest value, but for one move in ten,
    which is a random one: who never tries, never learns.
    """)
    return


@app.cell
def _(rules):
    def play_game(values, rng, exploration=0.1, step_size=0.1):
        """Play a game against oneself and learn from it."""
        position, before = Position(), [None, None]  # what each player left behind
        while rules.outcome(position) is None:
            side = position.to_move
            moves = rules.legal_actions(position)
            rng.shuffle(moves)
            greedy = rng.random() >= exploration
            if greedy:
                moves.sort(key=lambda move: values.get(rules.play(position, move), 0.5))
            position = rules.play(position, moves[-1])
            outcome = rules.outcome(position)
            if outcome is not None:  # seen by the first player: 1, 0 or -1
                mine = outcome if side == 0 else -outcome
                values[position] = (1 + mine) / 2
            if greedy and before[side] is not None:
                learn(values, before[side], values.get(position, 0.5), step_size)
            if outcome is not None and before[1 - side] is not None:
                learn(values, before[1 - side], 1 - values[position], step_size)
            before[side] = position

    def learn(values, position, target, step_size):
        old = values.get(position, 0.5)
        values[position] = old + step_size * (target - old)

    values, rng = {}, random.Random(0)
    for _game in range(3_000):
        play_game(values, rng)

    opening = {move: values[rules.play(Position(), move)] for move in range(9)}
    mo.md(
        f"{len(values):,} positions have a value. What it thinks of the nine first moves:\n\n"
        + "| | | |\n| --- | --- | --- |\n"
        + "\n".join(
            "| " + " | ".join(f"{opening[3 * row + column]:.2f}" for column in range(3)) + " |"
            for row in range(3)
        )
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The nine are close to each other, and near a half: against a perfect player all of them draw.
    What is left of a difference are the mistakes that it met, which were its own.

    ## Until nothing is left to learn

    `TDValueAgent` is the same player, compiled, with one table for boards that are turned or
    mirrored. Its grade is exact: NashConv is what best answers win from it in both seats, 2 for a
    player who is beaten in both, and 0 for one whom nobody can beat.
    """)
    return


@app.cell
def _(rules):
    space = state_space(rules)  # all 5,478 positions
    agent = TDValueAgent(rules, TDSettings(step_size=0.1, exploration=0.1), seed=1)
    curve = {0: grade(agent, space).nash_conv}
    while agent.num_games < 20_000:
        agent.learn(500)
        curve[agent.num_games] = grade(agent, space).nash_conv

    figure = Figure(figsize=(6, 2.6))
    axes = figure.subplots()
    axes.step(list(curve), list(curve.values()), where="post")
    axes.set(xlabel="games against itself", ylabel="NashConv", ylim=(-0.1, 2.1))
    figure
    return agent, curve, space


@app.cell
def _(agent, curve, rules, space):
    solver = solver_for(rules)
    rows = space.ongoing.nonzero()[0].tolist()
    positions = [space.position(row) for row in rows]
    right = sum(
        set(agent.best_actions(position)) <= set(solver.optimal_actions(position))
        for position in positions
    )
    assert curve[0] == 2.0, "who knows nothing is beaten in both seats"
    assert curve[agent.num_games] == 0.0, "now nobody can beat it"
    perfect_after = next((games for games, worst in curve.items() if worst == 0.0), None)
    mo.md(
        f"NashConv is first 0 after {perfect_after} games, and {curve[agent.num_games]:g} after "
        f"{agent.num_games:,}. In {right:,} of all {len(positions):,} positions it plays a best "
        "move. In the others it does not need to: it never gets there."
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Where to go from here

    - How often this fails, over 100 seeds, and why: [TD values](../algorithms/td-value.md).
    - Averages instead of guesses: [Monte Carlo](../algorithms/monte-carlo.md). A model of the
      opponent: [Dyna](../algorithms/dyna.md). Boards that are too large for a table: [n-tuple
      networks](../algorithms/n-tuple.md).
    - Play against it: `etude train td --save td.npz`, then `etude play --agent td.npz`.
    - The three parts meet where an agent tunes a style transfer:
      [tuning](../algorithms/tuning.md).
    """)
    return


if __name__ == "__main__":
    app.run()
