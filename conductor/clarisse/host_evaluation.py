"""Texts that our evaluator understands only in part: Clarisse itself says what they give.

Clarisse tells nobody that it could not evaluate a text. It answers with the text as typed, with its
variables replaced and nothing else, or with what it gave the last time. None of these counts as an
answer, so that what went wrong for us is reported rather than sent to the farm.
"""

from __future__ import annotations

import re
from typing import Callable, Mapping

from conductor.clarisse import expressions
from conductor.clarisse.command_paths import map_command
from conductor.lib.errors import ExpressionError
from conductor.lib.paths import PathMap

Evaluator = Callable[[str, Mapping[str, str]], str]
"""Given the name of one of the item's attributes and values of CT_ variables: what the attribute's
text is in Clarisse while the variables have these values."""

_NAMES_OURS = re.compile(r"\bCT_\w")


class HostText:
    """One text of the item, and who may be asked for its value.

    Args:
        evaluate: None where there is no Clarisse to ask.
        attribute: of the item, which holds the text.
        source: the text as typed.
        path_map: for a command, whose value names paths of the workstation.
    """

    def __init__(
        self, evaluate: Evaluator | None, attribute: str, source: str,
        path_map: PathMap | None = None,
    ) -> None:
        self._evaluate = evaluate
        self._attribute = attribute
        self._source = source
        self._path_map = path_map
        self._probed: str | None = None

    def value(
        self, problem: ExpressionError, values: Mapping[str, str], lookup: expressions.Lookup,
    ) -> str:
        """What Clarisse makes of the text.

        Args:
            problem: why we cannot tell; raised where Clarisse cannot either.
            values: of the CT_ variables.
            lookup: gives the value of every variable.
        """
        if self._evaluate is None:
            raise problem
        if self._probed is None and _NAMES_OURS.search(self._source):
            # A text that follows its variables says something else for other values.
            others = {name: value + "0" for name, value in values.items()}
            self._probed = self._evaluate(self._attribute, others)
        value = self._evaluate(self._attribute, values)
        if value in (self._source, self._probed, expressions.substitute(self._source, lookup)):
            raise problem
        return map_command(value, self._path_map) if self._path_map else value
