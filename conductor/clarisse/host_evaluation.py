"""Texts that our evaluator understands only in part: Clarisse itself says what they give.

Clarisse tells nobody that it could not evaluate a text: it answers with the text as typed, or with
its variables replaced and nothing else. Either counts as no answer, so that what went wrong for us
is reported rather than sent to the farm.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Mapping

from conductor.clarisse import expressions
from conductor.clarisse.command_paths import map_command
from conductor.lib.errors import ExpressionError
from conductor.lib.paths import PathMap

Evaluator = Callable[[str, Mapping[str, str]], str]
"""Given the name of one of the item's attributes and values of CT_ variables: what the attribute's
text is in Clarisse while the variables have these values."""


@dataclass(frozen=True)
class HostText:
    """One text of the item, and who may be asked for its value.

    Attributes:
        evaluate: None where there is no Clarisse to ask.
        source: the text as typed.
        path_map: for a command, whose value names paths of the workstation.
    """

    evaluate: Evaluator | None
    attribute: str
    source: str
    path_map: PathMap | None = None

    def value(
        self, problem: ExpressionError, values: Mapping[str, str], lookup: expressions.Lookup,
    ) -> str:
        """What Clarisse makes of the text.

        Args:
            problem: why we cannot tell; raised where Clarisse cannot either.
            values: of the CT_ variables.
            lookup: gives the value of every variable.
        """
        if self.evaluate is None:
            raise problem
        value = self.evaluate(self.attribute, values)
        if value in (self.source, expressions.substitute(self.source, lookup)):
            raise problem
        return map_command(value, self.path_map) if self.path_map else value
