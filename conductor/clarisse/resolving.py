"""What the texts of scene and item say once their variables are known.

A path keeps its frame (``$F``, ``$4F``) and its hashes: they stand for many files and are
resolved by :mod:`conductor.lib.dependencies`.
"""

from __future__ import annotations

import re
from typing import Mapping

from conductor.clarisse import expressions
from conductor.clarisse.snapshot import Scene
from conductor.lib.errors import ExpressionError
from conductor.lib.paths import folder_of

# Ended by a colon, so that what follows in the text cannot become part of the name.
_FRAME = "$F:"
_NEEDLESS = re.compile(r"(\$[0-9]?F):(?![A-Za-z0-9_])")
# They follow the time line while the artist looks around: a path cannot depend on their value now.
_MOVING = ("F", "T")
_PADDED = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|\$[0-9]F(?![A-Za-z0-9_])""")


def scene_lookup(scene: Scene) -> expressions.Lookup:
    """The scene's variables, but for the frame, which stays as it is written."""
    variables = {"PDIR": folder_of(scene.path), **scene.variables}

    def lookup(name: str) -> expressions.Value | None:
        return _FRAME if name == "F" else None if name in _MOVING else variables.get(name)

    return lookup


def resolve_path(source: str, lookup: expressions.Lookup) -> str:
    """The path that a text gives, the frame left in it.

    Raises:
        ExpressionError: the text is an expression that cannot be evaluated here, such as one that
            reckons with the frame (``$F * 2``).
    """
    return _NEEDLESS.sub(r"\1", _resolved(source, lookup))


def _resolved(source: str, lookup: expressions.Lookup) -> str:
    if not expressions.is_expression(source):
        return expressions.substitute(source, lookup)
    kept = _PADDED.sub(lambda match: match.group(1) or '"%s"' % match.group(), source)
    try:
        return expressions.as_text(expressions.parse(kept).evaluate(lookup))
    except ExpressionError as problem:
        if kept == source:
            raise
        # The place counts in another text than the one that was typed.
        raise ExpressionError(str(problem).split(': "')[0], source) from problem


def resolve_text(source: str, lookup: expressions.Lookup) -> str:
    """The value of a title.

    Raises:
        ExpressionError: the text is an expression and cannot be read or evaluated.
    """
    if not expressions.is_expression(source):
        return expressions.substitute(source, lookup)
    return expressions.as_text(expressions.parse(source).evaluate(lookup))


def lookup_of(*layers: Mapping[str, str]) -> expressions.Lookup:
    """Variables from several tables; the first that has a name gives its value."""

    def lookup(name: str) -> expressions.Value | None:
        return next((layer[name] for layer in layers if name in layer), None)

    return lookup
