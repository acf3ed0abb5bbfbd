"""The tasks of a job: its template, once for each chunk and tile.

A template that only joins texts and variables, as the usual one does, is cut into its parts once;
each task then fills in its own values. Anything else is evaluated for every task, by Clarisse
itself where it takes more than our evaluator understands.

Where frames are rendered in tiles, each command ends with ``-tile_rendering COUNT TILE``, unless
the template deals with tiles itself.
"""

from __future__ import annotations

import functools
import re
from typing import Callable, Iterable, Iterator, Mapping, Union

from conductor.clarisse import expressions
from conductor.clarisse.ct_values import TASK_VALUES
from conductor.clarisse.frames import Chunk
from conductor.clarisse.host_evaluation import HostText
from conductor.clarisse.resolving import lookup_of
from conductor.lib.checks import Finding, error
from conductor.lib.errors import ExpressionError
from conductor.lib.submission import Task
from conductor.lib.variables import BY_NAME, in_command

Command = Callable[[Chunk], str]

TILE_FLAG = "-tile_rendering"
_DEALS_WITH_TILES = re.compile(r"CT_TILES?(?![A-Za-z0-9_])|-tile_rendering\b")


def make_tasks(
    template: str, chunks: Iterable[Chunk], fixed: Mapping[str, str], tiles: int = 1,
    host_text: HostText | None = None,
) -> tuple[tuple[Task, ...], tuple[Finding, ...]]:
    """One task for each of what :meth:`JobFrames.chunks` gives.

    Args:
        fixed: values, written for commands, of every variable that is the same for all tasks.
        tiles: how many tiles there are.
        host_text: the template as Clarisse knows it; None where there is no Clarisse to ask.
    """
    try:
        command = _tiled(template, _command(template, fixed, host_text), tiles)
        tasks = tuple(Task(command(chunk), str(chunk.frames)) for chunk in chunks)
    except ExpressionError as problem:
        return (), (error("task-template", "task_template", str(problem)),)
    if tasks and not tasks[0].command.strip():
        return (), (error("task-template", "task_template", (
            "The task template gives an empty command. Write the command that a task runs.")),)
    if tiles > 1 and len(tasks) > 1 and tasks[0].command == tasks[1].command:
        return (), (error("task-template", "task_template", (
            "The tasks of all tiles would be the same. Use $CT_TILE in the template, or leave "
            "tiles to the %s that is added where the template names none." % TILE_FLAG)),)
    return tasks, ()


def _tiled(template: str, command: Command, tiles: int) -> Command:
    if tiles == 1 or _DEALS_WITH_TILES.search(template):
        return command
    # The field has many lines: one at its end must not cut the command in two.
    flags = " %s %d %%d" % (TILE_FLAG, tiles)

    def tiled(chunk: Chunk) -> str:
        text = command(chunk).rstrip()
        return text and text + flags % chunk.tile

    return tiled


def _command(template: str, fixed: Mapping[str, str], host_text: HostText | None) -> Command:
    """The command by our evaluator, and by Clarisse where that does not suffice."""
    if host_text is None:
        return _compile(template, fixed)
    ask = functools.partial(_asked, host_text, fixed)
    try:
        ours = _compile(template, fixed)
    except expressions.OutsideSubset as problem:
        return functools.partial(ask, problem)

    def command(chunk: Chunk) -> str:
        try:
            return ours(chunk)
        except expressions.OutsideSubset as problem:
            return ask(problem, chunk)

    return command


def _asked(
    host_text: HostText, fixed: Mapping[str, str], problem: ExpressionError, chunk: Chunk,
) -> str:
    values = {name: fixed[name] for name in BY_NAME if name in fixed}
    values.update(_task_values(chunk))
    return host_text.value(problem, values, _lookup(chunk, fixed))


def _compile(template: str, fixed: Mapping[str, str]) -> Command:
    if not expressions.is_expression(template):
        return lambda chunk: expressions.substitute(template, _lookup(chunk, fixed))
    expression = expressions.parse(template)
    parts = expression.concatenation
    if parts is None or not all(_is_known(part, fixed) for part in parts):
        # Evaluating also points at the unknown name.
        return lambda chunk: expressions.as_text(expression.evaluate(_lookup(chunk, fixed)))
    return _joined(list(_merged(parts, fixed)))


def _lookup(chunk: Chunk, fixed: Mapping[str, str]) -> expressions.Lookup:
    return lookup_of(_task_values(chunk), fixed)


def _task_values(chunk: Chunk) -> dict[str, str]:
    return {name: in_command(name, make(chunk)) for name, make in TASK_VALUES.items()}


_Part = Union[expressions.Literal, expressions.Name]


def _is_known(part: _Part, fixed: Mapping[str, str]) -> bool:
    return isinstance(part, expressions.Literal) or part.name in TASK_VALUES or part.name in fixed


def _merged(parts: Iterable[_Part], fixed: Mapping[str, str]) -> Iterator[str | Command]:
    """Texts that are the same for all tasks, joined, and between them what a task fills in."""
    text = ""
    for part in parts:
        if isinstance(part, expressions.Literal):
            text += part.text
        elif part.name in TASK_VALUES:
            yield text
            yield _value(part.name)
            text = ""
        else:
            text += fixed[part.name]
    yield text


def _value(name: str) -> Command:
    make = TASK_VALUES[name]
    return lambda chunk: in_command(name, make(chunk))


def _joined(parts: list[str | Command]) -> Command:
    return lambda chunk: "".join(
        [part if isinstance(part, str) else part(chunk) for part in parts])
