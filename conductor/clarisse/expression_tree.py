"""An expression as a tree of nodes that evaluate themselves.

Chains of one precedence (``a + b + c``) are one node, so what recurses is only what nests, and the
parser limits nesting.
"""

from __future__ import annotations

import math
import operator
from typing import Any, Callable, Mapping

from conductor.clarisse.substitution import (
    VARIABLE,
    Lookup,
    Value,
    as_text,
    names_in,
    substitute,
    variable,
)
from conductor.lib.errors import ExpressionError

Functions = Mapping[str, Callable[..., Any]]


class OutsideSubset(ExpressionError):
    """For all we know the expression is right, but it takes more than is understood here."""


class Scope:
    """What an evaluation sees: variables, functions, and the names it has assigned itself."""

    def __init__(self, source: str, lookup: Lookup, functions: Functions) -> None:
        self.source = source
        self.functions = functions
        self.locals: dict[str, Value] = {}
        self._lookup = lookup

    def lookup(self, name: str) -> Value | None:
        """Value of a name: a local one first; None when unknown."""
        return self.locals[name] if name in self.locals else self._lookup(name)

    def error(self, message: str, node: Node) -> ExpressionError:
        """The error that points at a node."""
        return ExpressionError(message, self.source, node.position)

    def number(self, node: Node, why: str) -> float:
        """Value of a node that must be a number."""
        value = node.evaluate(self)
        if isinstance(value, str):
            raise self.error("%s needs a number, not the text '%s'" % (why, value), node)
        return value


class Node:
    """A part of an expression.

    Attributes:
        position: where it stands in the source, from 0.
    """

    def __init__(self, position: int) -> None:
        self.position = position

    def evaluate(self, scope: Scope) -> Value:
        """The value: a text or a number. Raises ExpressionError."""
        raise NotImplementedError

    def inner(self) -> list[Node]:
        """The nodes this one is made of."""
        return []

    def parts(self) -> list[Node] | None:
        """The literals and names this joins with ``+``, None when it does anything else."""
        return None


class Number(Node):
    """A number as written."""

    def __init__(self, position: int, value: float) -> None:
        super().__init__(position)
        self.value = value

    def evaluate(self, scope: Scope) -> Value:
        """The number."""
        return self.value


class Literal(Node):
    """A quoted text, without its quotes and escapes."""

    def __init__(self, position: int, text: str) -> None:
        super().__init__(position)
        self.text = text

    def __repr__(self) -> str:
        return "Literal(%r)" % self.text

    def evaluate(self, scope: Scope) -> Value:
        """The text, with its variables replaced."""
        return substitute(self.text, scope.lookup)

    def parts(self) -> list[Node] | None:
        """Itself, unless it holds variables."""
        return None if VARIABLE.search(self.text) else [self]


class Name(Node):
    """A variable, without its ``$``; ``padding`` is the digit of ``$4F``, else empty."""

    def __init__(self, position: int, name: str, padding: str = "") -> None:
        super().__init__(position)
        self.name = name
        self.padding = padding

    def __repr__(self) -> str:
        return "Name(%r)" % self.name

    def evaluate(self, scope: Scope) -> Value:
        """Its value."""
        value = variable(self.name, self.padding, scope.lookup)
        if value is None:
            raise scope.error("there is no variable %s" % self.name, self)
        return value

    def parts(self) -> list[Node] | None:
        """Itself, unless it is padded."""
        return None if self.padding else [self]


class Call(Node):
    """A function with its arguments."""

    def __init__(self, position: int, name: str, arguments: list[Node]) -> None:
        super().__init__(position)
        self.name = name
        self.arguments = arguments

    def inner(self) -> list[Node]:
        """The arguments."""
        return self.arguments

    def evaluate(self, scope: Scope) -> Value:
        """What the function returns."""
        function = scope.functions.get(self.name)
        if function is None:
            raise OutsideSubset(
                "there is no function %s here" % self.name, scope.source, self.position)
        values = [argument.evaluate(scope) for argument in self.arguments]
        try:
            value = function(*values)
        except (LookupError, TypeError, ValueError) as error:
            raise scope.error("%s: %s" % (self.name, error), self) from error
        if not isinstance(value, (str, int, float)):
            raise scope.error("%s gives no text and no number" % self.name, self)
        return value


class Sign(Node):
    """``-`` or ``!`` before a number."""

    def __init__(self, position: int, sign: str, operand: Node) -> None:
        super().__init__(position)
        self.sign = sign
        self.operand = operand

    def inner(self) -> list[Node]:
        """The number."""
        return [self.operand]

    def evaluate(self, scope: Scope) -> Value:
        """The number changed."""
        value = scope.number(self.operand, self.sign)
        return -value if self.sign == "-" else float(not value)


class Choice(Node):
    """``condition ? one : other``; only the chosen side is evaluated."""

    def __init__(self, condition: Node, one: Node, other: Node) -> None:
        super().__init__(condition.position)
        self.condition = condition
        self.one = one
        self.other = other

    def inner(self) -> list[Node]:
        """The condition and both values."""
        return [self.condition, self.one, self.other]

    def evaluate(self, scope: Scope) -> Value:
        """The value of the chosen side."""
        chosen = self.one if scope.number(self.condition, "?") else self.other
        return chosen.evaluate(scope)


class Chain(Node):
    """Operands joined from left to right by operators of one precedence."""

    def __init__(self, first: Node, rest: list[tuple[str, Node]]) -> None:
        super().__init__(first.position)
        self.first = first
        self.rest = rest

    def inner(self) -> list[Node]:
        """The operands."""
        return [self.first] + [operand for _, operand in self.rest]

    def evaluate(self, scope: Scope) -> Value:
        """The value of the whole chain."""
        value = self.first.evaluate(scope)
        for sign, operand in self.rest:
            is_logic = sign in ("&&", "||") and not isinstance(value, str)
            if is_logic and bool(value) == (sign == "||"):
                # Decided; in a chain of one operator it stays so.
                return float(bool(value))
            value = self._joined(value, sign, operand, scope)
        return value

    def _joined(self, left: Value, sign: str, operand: Node, scope: Scope) -> Value:
        right = operand.evaluate(scope)
        if isinstance(left, str) or isinstance(right, str):
            join = _ON_TEXTS.get(sign)
            if join is None:
                raise scope.error("%s does not work on texts" % sign, operand)
            return join(as_text(left), as_text(right))
        try:
            return float(_ON_NUMBERS[sign](left, right))
        except (ArithmeticError, ValueError) as error:
            raise scope.error("%s: %s" % (sign, error), operand) from error

    def parts(self) -> list[Node] | None:
        """The parts of all operands, when ``+`` is all there is."""
        found: list[Node] = []
        for sign, operand in [("+", self.first), *self.rest]:
            parts = operand.parts()
            if sign != "+" or parts is None:
                return None
            found += parts
        return found


def names_of(node: Node) -> set[str]:
    """Variables that a tree reads, those inside literals too."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        current = waiting.pop()
        waiting += current.inner()
        if isinstance(current, Name):
            found.add(current.name)
        elif isinstance(current, Literal):
            found.update(names_in(current.text))
    return found


_ON_TEXTS: dict[str, Callable[[str, str], Value]] = {
    "+": operator.add,
    "==": lambda left, right: float(left == right),
    "!=": lambda left, right: float(left != right),
}
_ON_NUMBERS: dict[str, Callable[[float, float], float]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    "%": operator.mod, "^": math.pow,
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
    ">": operator.gt, ">=": operator.ge,
    "&&": lambda left, right: bool(left and right),
    "||": lambda left, right: bool(left or right),
}
