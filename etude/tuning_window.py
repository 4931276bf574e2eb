"""The window in which a person tunes a style transfer beside an agent, by mouse or keyboard."""

from collections.abc import Callable
from typing import Any, Final

from etude.envs.pygame_window import import_pygame, open_window
from etude.envs.style_weights.panels import quality_text
from etude.job import Job
from etude.tuning_panel import BUTTONS, PanelText, TuningPainter, capitalised
from etude.tuning_session import Round, Sliders, TuningSession

TITLE: Final = "Etude"
OUTCOMES: Final = {
    1: "You painted better!",
    0: "As good as each other",
    -1: "The other painting is better",
}
IDLE_MILLISECONDS: Final = 30
KEY_STEP: Final = 0.5  # of a log weight
WHEEL_STEP: Final = 0.25
ONLY_RATIOS: Final = "Only ratios count: raising one weight lowers the others."


class TuningWindow:
    """Turns clicks and keys into a session's steps, and shows the session.

    Args:
        session: the rounds.
        size: width and height in pixels at first; the user may resize it.

    Attributes:
        round: how things stand; None until the first pictures are there.
        sliders: where the person wants the weights.
        is_running: whether nobody has quit.

    Raises:
        NoDisplayError: there is no screen.
    """

    def __init__(self, session: TuningSession, size: tuple[int, int] = (960, 600)) -> None:
        self.session = session
        self.sliders = Sliders(session.settings)
        self.round: Round | None = None
        self.is_running = True
        self._pygame = import_pygame()
        open_window(size, TITLE, resizable=True)
        self._keys = self._bind_keys()
        self._fitted: tuple[int, int] | None = None
        self._pointer = (-1, -1)
        self._dragged: int | None = None
        self._job: Job[Round] | None = None
        self._fit()
        self.press("new")

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
            self._look_after_job()
            self.draw()

    def close(self) -> None:
        """Close the window; again is no error."""
        self.is_running = False
        if self._job is not None:
            self._job.give_up()
        self._job = None
        self._pygame.display.quit()

    @property
    def is_busy(self) -> bool:
        """Whether pictures are being painted or fetched."""
        return self._job is not None

    def handle(self, event: Any) -> None:
        """React to one event of pygame."""
        pygame = self._pygame
        if event.type == pygame.QUIT:
            self.is_running = False
        elif event.type == pygame.MOUSEMOTION:
            self._pointer = event.pos
            self._drag()
        elif event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            self._pointer = event.pos
            self._click()
        elif event.type == pygame.MOUSEBUTTONUP and event.button == 1:
            self._dragged = None
        elif event.type == pygame.MOUSEWHEEL:
            self._turn_wheel(event.y)
        elif event.type == pygame.KEYDOWN and event.key in self._keys:
            self._keys[event.key]()

    def press(self, button: str) -> None:
        """Do what a button of ``BUTTONS`` says, unless it does nothing now."""
        if button in self._disabled():
            return
        actions: dict[str, Callable[[], None]] = {
            "paint": self._paint,
            "new": self._begin,
            "default": self.sliders.reset,
            "quit": lambda: setattr(self, "is_running", False),
        }
        actions[button]()

    def draw(self) -> None:
        """Draw the window."""
        self._fit()
        text = PanelText(
            rival=self.session.title,
            status=self._status(),
            notice=self._notice(),
            score=self.session.score,
            hovered=self.painter.button_at(self._pointer),
            disabled=self._disabled(),
        )
        self.painter.draw(self.round, self.sliders, text)
        self._pygame.display.flip()

    def _fit(self) -> None:
        """Follow the size of the window."""
        surface = self._pygame.display.get_surface()
        if self._fitted != surface.get_size():
            self._fitted = surface.get_size()
            self.painter = TuningPainter(surface, len(self.sliders.names))

    def _bind_keys(self) -> dict[int, Callable[[], None]]:
        pygame, sliders = self._pygame, self.sliders
        keys: dict[int, Callable[[], None]] = {
            pygame.K_UP: lambda: sliders.select(-1),
            pygame.K_DOWN: lambda: sliders.select(1),
            pygame.K_LEFT: lambda: sliders.move_by(sliders.selected, -KEY_STEP),
            pygame.K_RIGHT: lambda: sliders.move_by(sliders.selected, KEY_STEP),
            pygame.K_RETURN: lambda: self.press("paint"),
        }
        codes = {"Esc": pygame.K_ESCAPE, "Space": pygame.K_SPACE}
        for button, (_, key) in BUTTONS.items():
            code = codes.get(key) or pygame.key.key_code(key)
            keys[code] = lambda button=button: self.press(button)  # type: ignore[misc]
        return keys

    def _click(self) -> None:
        button = self.painter.button_at(self._pointer)
        if button is not None:
            self.press(button)
            return
        self._dragged = self.painter.slider_at(self._pointer)
        if self._dragged is not None:
            self.sliders.selected = self._dragged
            self._drag()

    def _drag(self) -> None:
        if self._dragged is not None:
            self.sliders.move_to(self._dragged, self.painter.target_at(self._pointer))

    def _turn_wheel(self, notches: int) -> None:
        slider = self.painter.slider_at(self._pointer)
        if slider is not None:
            self.sliders.selected = slider
            self.sliders.move_by(slider, WHEEL_STEP * notches)

    def _begin(self) -> None:
        self.sliders.reset()
        self._job = Job(lambda given_up: self.session.new_round())

    def _paint(self) -> None:
        assert self.round is not None, "nothing is painted before the first round"
        action = self.sliders.action(self.round.log_weights)
        self._job = Job(lambda given_up: self.session.paint(action))

    def _look_after_job(self) -> None:
        if self._job is not None and self._job.is_done:
            job, self._job = self._job, None
            self.round = job.answer()
            self._pygame.display.set_caption(f"{TITLE}: {self.round.motif}")

    def _disabled(self) -> frozenset[str]:
        if self.is_busy:
            return frozenset({"paint", "new"})
        is_over = self.round is None or self.round.is_over
        return frozenset({"paint"} if is_over else ())

    def _status(self) -> str:
        if self.round is None:
            return "Fetching pictures\u2026"
        if self.round.outcome is not None:
            return OUTCOMES[self.round.outcome]
        return f"Step {self.round.num_done} of {self.round.person.num_steps}"

    def _notice(self) -> str:
        if self.round is None:
            return ""
        if self.round.is_over:
            yours, rivals = (
                quality_text(scene.qualities[-1]) for scene in (self.round.person, self.round.rival)
            )
            return f"Your quality: {yours}. {capitalised(self.session.title)}: {rivals}."
        return f"Set the weights, then paint. {ONLY_RATIOS}"
