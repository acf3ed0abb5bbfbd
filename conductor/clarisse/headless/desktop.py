"""The screen that is not there: shown windows, event rounds, and the answers to dialogs."""

from __future__ import annotations

from typing import Any, Callable, NamedTuple, Optional

EventCallback = Callable[[], Optional[bool]]
Answer = Callable[["Message"], Optional[str]]

MOST_ROUNDS = 100000
"""Event rounds that one modal window may see before it counts as hanging."""


class Message(NamedTuple):
    """One message box as the artist would see it; ``answer`` is ok, yes, no or cancel."""

    text: str
    title: str
    style: int
    answer: str


class Desktop:
    """Windows of one session.

    Attributes:
        windows: shown windows, the newest last.
        failures: exceptions that callbacks of widgets raised; Clarisse swallows them.
        messages: message boxes that were shown.
        answer: decides the answer to a message box; None takes the default.
        chosen: what the next file dialogs return, in order; empty means cancelled.
        asked: titles of the file dialogs that were opened.
        menu: what scripts put into the main menu, by path.
        shelf: buttons that scripts put on the shelf.
    """

    def __init__(self) -> None:
        self.windows: list[Any] = []
        self.callbacks: list[EventCallback] = []
        self.failures: list[BaseException] = []
        self.messages: list[Message] = []
        self.answer: Answer | None = None
        self.chosen: list[list[str]] = []
        self.asked: list[str] = []
        self.menu: dict[str, Any] = {}
        self.shelf: list[Any] = []
        self.cursor = 0
        self._rounds = 0

    def show(self, window: Any) -> None:
        """A window appears, or comes to the front."""
        self.hide(window)
        self.windows.append(window)
        self._rounds = 0

    def hide(self, window: Any) -> None:
        """A window disappears."""
        self.windows = [other for other in self.windows if other is not window]

    def pump(self) -> None:
        """One event round.

        Modal windows close in it, unless a callback of the driver asks to keep them by answering
        True: a script that waits for a click would otherwise wait for ever.
        """
        self._rounds += 1
        modal = [window for window in self.windows if window._is_modal]
        answers = [callback() for callback in list(self.callbacks)]
        if not any(answers) or self._rounds > MOST_ROUNDS:
            for window in modal:
                self.hide(window)

    def choose(self, title: str) -> list[str]:
        """What a file dialog returns."""
        self.asked.append(title)
        return self.chosen.pop(0) if self.chosen else []

    def ask(self, text: str, title: str, style: int, default: str) -> str:
        """Answer of a message box: the driver's, else the default."""
        shown = Message(text, title, style, default)
        given = self.answer(shown) if self.answer is not None else None
        self.messages.append(shown._replace(answer=given or default))
        return given or default
