r"""Variables and expressions in titles, paths and commands.

Two languages share one text field. Plain text may name variables::

    /renders/$PNAME/beauty_$4F:_final        a name ends at the first separator; ":" is swallowed

An expression is the part of SeExpr that such texts use::

    "Clarisse: " + $CT_JOB + " " + $CT_SEQUENCE
    cmd = "render"; cmd += " -q"; cmd        the last statement, without ";", is the value
    get_double("ctrl.proxy") == 0 ? "./full" : "./proxy"

Names stand with or without ``$``. A local assignment hides a variable. Numbers know
``+ - * / % ^``, comparisons, ``&& || !``; texts know ``+``, ``==`` and ``!=``; ``+`` of a text and
a number makes text. ``#`` begins a comment. Functions are what the caller passes in. Vectors,
``if`` and the mathematics of SeExpr are outside and raise :class:`OutsideSubset`, an
:class:`~conductor.lib.errors.ExpressionError`, which points at the place.

Seen in texts written for Clarisse 4: ``$`` inside expressions, ``+=`` on texts, both kinds of
quotes. Documented by the vendor: statements, separators, ``:``. Unverified, decided here: variables
inside a quoted literal are replaced as in plain text; undefined names in plain text stay as they
are; ``\"``, ``\'`` and ``\\`` are the only escapes.
"""

from __future__ import annotations

import re

from conductor.clarisse.expression_parser import Statement, parse_program, words
from conductor.clarisse.expression_tree import (
    Functions,
    Literal,
    Name,
    Node,
    OutsideSubset,
    Scope,
    names_of,
)
from conductor.clarisse.substitution import Lookup, Value, as_text, substitute
from conductor.lib.errors import ExpressionError

__all__ = [
    "Expression", "Literal", "Lookup", "Name", "OutsideSubset", "Value",
    "as_text", "is_expression", "parse", "resolve", "substitute",
]

_NO_FUNCTIONS: Functions = {}
# Numbers in Clarisse: two of them joined by "+" are a sum.
_NUMERIC_VARIABLES = frozenset({"F", "T", "FPS"})
_FUNCTIONS = (
    "get_double", "get_vec3", "get_string", "get_context", "get_name", "find_item", "fcurve",
    "get_obj_var", "log_info",
)

# What only somebody who means an expression writes: a quote at the beginning or beside an operator,
# an assignment, a call of one of Clarisse's functions.
_MEANT = re.compile(
    r"""\A\s*["']|["']\s*[+?]|[+?]\s*["']|[=!]=\s*["']"""
    r"""|\A\s*\$?[A-Za-z_][A-Za-z0-9_]*\s*\+?=(?!=)[^;]*;|\b(?:%s)\s*\(""" % "|".join(_FUNCTIONS)
)
# Without any of that, operators that no path and no title holds by chance.
_JOINING = frozenset({"+", "==", "!=", "<", "<=", ">", ">=", "?"})
_HARMLESS = _JOINING | {"(", ")", ",", ":", "&&", "||", "!"}


class Expression:
    """An expression that was read; knows its source and evaluates as often as you like."""

    def __init__(self, source: str, statements: list[Statement]) -> None:
        self.source = source
        self._statements = statements

    def __repr__(self) -> str:
        return "Expression(%r)" % self.source

    def evaluate(self, lookup: Lookup, functions: Functions = _NO_FUNCTIONS) -> Value:
        """The value: a text or a number.

        Args:
            lookup: gives the value of a variable by its name without ``$``, None when unknown; the
                frame is ``F``.
            functions: by name; they get texts and numbers and return one.

        Raises:
            ExpressionError: at an unknown name, or where types or numbers do not fit.
        """
        scope = Scope(self.source, lookup, functions)
        value: Value = ""
        for statement in self._statements:
            value = statement.value.evaluate(scope)
            if statement.target:
                scope.locals[statement.target] = value
        return value

    @property
    def names(self) -> frozenset[str]:
        """Every variable the value may depend on, those inside literals too."""
        found: set[str] = set()
        assigned: set[str] = set()
        for statement in self._statements:
            found.update(name for name in names_of(statement.value) if name not in assigned)
            assigned.add(statement.target)
        return frozenset(found)

    @property
    def concatenation(self) -> tuple[Literal | Name, ...] | None:
        """The literals and names that the value is made of, None when it takes more than ``+``.

        The value then is their texts one after the other, so it can be made by substitution.
        None too for padded frames, for variables inside literals, and where two of Clarisse's
        own numbers meet. Custom variables count as texts.
        """
        parts = self._statements[0].value.parts() if len(self._statements) == 1 else None
        if parts is None or _adds_numbers(parts):
            return None
        return tuple(part for part in parts if isinstance(part, (Literal, Name)))


def _adds_numbers(parts: list[Node]) -> bool:
    """True when two parts that may be numbers meet; parentheses are not seen any more."""
    pairs = zip(parts, parts[1:])
    return any(_is_number(left) and _is_number(right) for left, right in pairs)


def _is_number(part: Node) -> bool:
    return isinstance(part, Name) and part.name in _NUMERIC_VARIABLES


def parse(source: str) -> Expression:
    """Read an expression.

    Raises:
        ExpressionError: quotes the source and points at the place.
    """
    return Expression(source, parse_program(source))


def is_expression(text: str) -> bool:
    """True when a text field holds an expression, well-formed or not, rather than plain text.

    Paths and titles with signs (``$PDIR/a-b``, ``Bob's (new) shot``) are plain text.
    """
    if _MEANT.search(text):
        return True
    if "$" not in text:
        return False
    try:
        parse_program(text)
    except ExpressionError:
        return False
    signs = {word.text for word in words(text) if word.kind == "sign"}
    return bool(signs & _JOINING) and signs <= _HARMLESS


def resolve(source: str, lookup: Lookup, functions: Functions = _NO_FUNCTIONS) -> str:
    """The value of a text field: of an expression if it is one that works, else of plain text."""
    if is_expression(source):
        try:
            return as_text(parse(source).evaluate(lookup, functions))
        except ExpressionError:
            pass
    return substitute(source, lookup)
