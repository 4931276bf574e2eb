"""The play window: a board, a panel, and a person with a mouse or a keyboard."""

from collections.abc import Callable
from typing import Any, Final

from etude.envs.mnk.render import BoardPainter
from etude.envs.mnk.rules import FIRST, SECOND, MNKRules
from etude.envs.palette import PAPER
from etude.envs.pygame_window import import_pygame, open_window
from etude.job import Job
from etude.panel import BUTTONS, PanelPainter, PanelText, lay_out
from etude.session import Session
from etude.turn import Answer, Hint, Turn, is_solvable

TITLES: Final = {
    "tictactoe": "Tic-tac-toe",
    "connect_four": "Connect Four",
    "gomoku": "Gomoku",
    "3,3,3,misere": "Mis\u00e8re tic-tac-toe",
}
IDLE_MILLISECONDS: Final = 30
MARK_SIZE: Final = 64
LONG_SECONDS: Final = 2.0
RULE_OF_THUMB: Final = "Too early to solve in time: the opponent went by rule of thumb."
TOO_LARGE: Final = "Too large a board for the solver: only a random opponent, and no values."


class PlayWindow:
    """The window: turns clicks and keys into a session's moves, and shows the session.

    Args:
        session: the games; from Python, with any opponent that ``make_opponent`` takes.
        size: width and height in pixels at first; the user may resize it.
        show_values: show the value of every move from the start.
        pause_seconds: the least time the opponent takes, so that its move can be seen.

    Raises:
        NoDisplayError: there is no screen.
    """

    def __init__(
        self,
        session: Session,
        size: tuple[int, int] = (800, 560),
        *,
        show_values: bool = False,
        pause_seconds: float = 0.35,
    ) -> None:
        self.session = session
        self.show_values = show_values
        self.is_running = True
        self._pause_seconds = pause_seconds
        self._pygame = import_pygame()
        open_window(size, "Etude", resizable=True)
        self._keys = self._bind_keys()
        self._pointed_cell: int | None = None
        self._hovered: str | None = None
        self._notice = ""
        self._job: Job[Answer | Hint] | None = None
        self._turn: Turn | None = None
        self._question: Any = None
        self._hint: tuple[Any, Hint] | None = None
        self._fitted: tuple[tuple[int, int], MNKRules] | None = None
        self._fit()

    def run(self) -> None:
        """Play until the person quits."""
        try:
            while self.is_running:
                self.step(IDLE_MILLISECONDS)
        finally:
            self.close()

    def step(self, milliseconds: int = 1) -> None:
        """Wait that long for an event, handle what happened, and draw."""
        for event in (self._pygame.event.wait(milliseconds), *self._pygame.event.get()):
            self._fit()
            self.handle(event)
        if self.is_running:
            self._think()
            self.draw()

    def close(self) -> None:
        """Close the window and stop thinking; again is no error."""
        self.is_running = False
        self._drop_job()
        self._pygame.display.quit()

    def handle(self, event: Any) -> None:
        """React to one event of pygame."""
        pygame = self._pygame
        if event.type == pygame.QUIT:
            self.is_running = False
        elif event.type == pygame.MOUSEMOTION:
            self._hovered = self._layout.button_at(event.pos)
            self._pointed_cell = self._cell_at(event.pos)
        elif event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            button = self._layout.button_at(event.pos)
            if button:
                self.press(button)
            else:
                self._place(self._cell_at(event.pos))
        elif event.type == pygame.KEYDOWN and event.key in self._keys:
            self._keys[event.key]()

    def press(self, button: str) -> None:
        """Do what a button of ``BUTTONS`` says."""
        actions: dict[str, Callable[[], object]] = {
            "new": self.session.new_game,
            "undo": self.session.undo,
            "hint": self._toggle_values,
            "side": self.session.switch_side,
            "board": self.session.next_board,
            "opponent": self.session.next_opponent,
            "quit": lambda: setattr(self, "is_running", False),
        }
        actions[button]()
        self._notice = ""
        self._fit()

    def draw(self) -> None:
        """Draw the window."""
        self._fit()
        window = self._pygame.display.get_surface()
        window.fill(PAPER)
        if self._painter is not None:
            hint = self._current_hint()
            picture = self._painter.draw(
                self.session.position,
                last_cell=self.session.last_cell,
                values=hint.values if hint else None,
                preview_cell=self._preview_cell(),
            )
            window.blit(picture, self._layout.board[:2])
            marks = (self._painter.mark(FIRST, MARK_SIZE), self._painter.mark(SECOND, MARK_SIZE))
            self._panel.draw(window, self._panel_text(), marks, self._hovered)
        self._pygame.display.flip()

    def _fit(self) -> None:
        """Follow the size of the window and the board of the session."""
        size = self._pygame.display.get_surface().get_size()
        if self._fitted == (size, self.session.rules):
            return
        self._fitted = (size, self.session.rules)
        self._pointed_cell = None
        self._layout = lay_out(*size)
        self._panel = PanelPainter(self._layout)
        self._painter: BoardPainter | None = None
        try:
            self._painter = BoardPainter(self.session.rules, self._layout.board[2:])
        except ValueError:  # too small for the board: blank until the user enlarges it
            self._hovered = None

    def _bind_keys(self) -> dict[int, Callable[[], None]]:
        pygame = self._pygame
        keys: dict[int, Callable[[], None]] = {
            pygame.K_LEFT: lambda: self._move_cursor(0, -1),
            pygame.K_RIGHT: lambda: self._move_cursor(0, 1),
            pygame.K_UP: lambda: self._move_cursor(-1, 0),
            pygame.K_DOWN: lambda: self._move_cursor(1, 0),
        }
        for key in (pygame.K_RETURN, pygame.K_KP_ENTER, pygame.K_SPACE):
            keys[key] = lambda: self._place(self._pointed_cell)
        for digit in range(9):
            keys[pygame.K_1 + digit] = lambda digit=digit: self._press_digit(digit)  # type: ignore[misc]
        for button, (_, key) in BUTTONS.items():
            code = pygame.K_ESCAPE if key == "Esc" else pygame.key.key_code(key)
            keys[code] = lambda button=button: self.press(button)  # type: ignore[misc]
        return keys

    def _cell_at(self, pixel: tuple[int, int]) -> int | None:
        left, top, width, height = self._layout.board
        x, y = pixel[0] - left, pixel[1] - top
        if self._painter is None or not (0 <= x < width and 0 <= y < height):
            return None
        return self._painter.cell_at((x, y))

    def _action_at(self, cell: int) -> int:
        return cell % self.session.rules.n if self.session.rules.gravity else cell

    def _place(self, cell: int | None) -> None:
        """Play the action that a cell stands for, if the person may."""
        session = self.session
        if cell is None or not session.is_persons_turn:
            return
        action = self._action_at(cell)
        if action in session.rules.legal_actions(session.position):
            session.play(action)
            self._notice = ""

    def _press_digit(self, digit: int) -> None:
        """1 to 9 stand for columns under gravity, and for cells where there are no more than 9."""
        rules = self.session.rules
        if digit < rules.num_actions and (rules.gravity or rules.num_cells <= 9):
            self._place(digit)

    def _move_cursor(self, down: int, right: int) -> None:
        m, n = self.session.rules.m, self.session.rules.n
        if self._pointed_cell is None:
            self._pointed_cell = m // 2 * n + n // 2
            return
        row, column = divmod(self._pointed_cell, n)
        row, column = (row + down) % m, (column + right) % n
        self._pointed_cell = row * n + column

    def _preview_cell(self) -> int | None:
        """Where the stone would lie that the person points at."""
        session, cell = self.session, self._pointed_cell
        if cell is None or not session.is_persons_turn:
            return None
        action = self._action_at(cell)
        if session.position.occupied >> action & 1:
            return cell  # a taken cell, or a full column
        return session.rules.cell_of(session.position.occupied, action)

    def _toggle_values(self) -> None:
        self.show_values = not self.show_values

    def _wanted_question(self) -> Any:
        """What is to be found out now: a value that changes when the answer would be of no use."""
        session = self.session
        if session.is_opponents_turn:
            return "move", session.rules, session.position, session.opponent
        if session.is_persons_turn and self.show_values and self._current_hint() is None:
            return "hint", session.rules, session.position
        return None

    def _think(self) -> None:
        """Have the open question answered in the background, and use the answer."""
        question = self._wanted_question()
        if self._job is not None and question != self._question:
            self._drop_job()
        if question is None:
            return
        if self._job is None:
            self._question, is_move = question, question[0] == "move"
            session = self.session
            self._turn = session.opponents_turn() if is_move else session.persons_turn()
            self._job = Job(self._turn.answer if is_move else self._turn.hint)
        elif self._job.is_done:
            self._use(self._job)

    def _use(self, job: Job[Answer | Hint]) -> None:
        answer = job.answer()
        if isinstance(answer, Hint):
            self._hint = (self._question, answer)
        elif job.seconds < self._pause_seconds or self._turn is None:
            return
        else:
            self.session.accept(self._turn, answer)
            self._notice = "" if answer.exact else RULE_OF_THUMB
        self._drop_job()

    def _drop_job(self) -> None:
        if self._job is not None:
            self._job.give_up()
        self._job = None

    def _current_hint(self) -> Hint | None:
        session = self.session
        key = ("hint", session.rules, session.position)
        if self.show_values and session.is_persons_turn and self._hint and self._hint[0] == key:
            return self._hint[1]
        return None

    def _panel_text(self) -> PanelText:
        session, rules = self.session, self.session.rules
        names = ("You", session.opponent_title)
        wins = (session.score.wins, session.score.losses)
        rows = tuple(
            (side, names[side != session.side], wins[side != session.side])
            for side in (FIRST, SECOND)
        )
        ending = "loses" if rules.misere else "wins"
        return PanelText(
            title=TITLES.get(rules.name, rules.name),
            goal=f"{rules.k} in a row {ending}" + ", stones fall" * rules.gravity,
            rows=rows,
            draws=session.score.draws,
            status=self._status(),
            notice=self._notice_now(),
            pressed=frozenset({"hint"} if self.show_values else ()),
        )

    def _status(self) -> str:
        outcome = self.session.outcome
        if outcome is not None:
            return {1: "You win!", 0: "A draw", -1: "You lose"}[outcome]
        if self.session.is_persons_turn:
            return "Your move"
        seconds = self._job.seconds if self._job else 0.0
        return "Thinking\u2026" + (f" {seconds:.0f} s" if seconds > LONG_SECONDS else "")

    def _notice_now(self) -> str:
        hint = self._current_hint()
        if self._notice:
            return self._notice
        if self.session.forfeit:
            return f"{self.session.forfeit}."
        if hint:
            return hint.text
        if self._job and self._question[0] == "hint":
            return "Solving\u2026"
        wants_solver = self.session.is_limited or self.show_values
        return TOO_LARGE if wants_solver and not is_solvable(self.session.rules) else ""
