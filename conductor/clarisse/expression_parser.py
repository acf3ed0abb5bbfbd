"""Reads an expression into the nodes of :mod:`conductor.clarisse.expression_tree`.

Hand-written precedence climbing over a list of words. Precedence is SeExpr's.
"""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from conductor.clarisse.expression_tree import (
    Call,
    Chain,
    Choice,
    Literal,
    Name,
    Node,
    Number,
    OutsideSubset,
    Sign,
)
from conductor.lib.errors import ExpressionError

MAX_DEPTH = 32
"""How deep parentheses, choices, calls and signs may nest."""

# Weakest first; all join from left to right.
_LEVELS = (("||",), ("&&",), ("==", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "/", "%"))
# Clarisse's expressions have them, ours do not.
_VECTORS_AND_BLOCKS = "[]{}"
_ASSIGNMENTS = ("=", "+=", "-=", "*=", "/=")

_SKIP = re.compile(r"[ \t\r\n]*(?:#[^\n]*(?:\n|\Z)[ \t\r\n]*)*")
_WORD = re.compile(
    r"""
    (?P<text>"[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*')
    |(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |\$(?P<padding>[0-9])(?P<frame>F)(?![A-Za-z0-9_])
    |\$?(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign>[-+*/=!<>]=|&&|\|\||[-+*/%^=<>!?:;(),])
    |(?P<end>\Z)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"""\\(["'\\])""")


class Word(NamedTuple):
    """One word: its kind (a group of the pattern), its text without ``$``, where it starts."""

    kind: str
    text: str
    start: int
    padding: str


class Statement(NamedTuple):
    """What is assigned to a name; an empty target for the final value."""

    target: str
    value: Node


def parse_program(source: str) -> list[Statement]:
    """The statements of an expression; the last one gives its value.

    Raises:
        ExpressionError: pointing at the place; at the stray quote when one too many is the fault.
    """
    try:
        return _Parser(source).program()
    except ExpressionError:
        stray = _stray_quote(source)
        if stray is None:
            raise
        message = "this quote has no partner; without it the expression can be read"
        raise ExpressionError(message, source, stray) from None


def _stray_quote(source: str) -> int | None:
    """The quote without which the text is an expression, when one kind has an odd number.

    Where that is true of several, the one that leaves the fewest variables inside quotes.
    """
    for kind in "\"'":
        places = [place for place, letter in enumerate(source) if letter == kind]
        # The limit keeps long nonsense cheap.
        if len(places) % 2 and len(places) < 30:
            found = [(quoted, place) for place in places for quoted in _quoted_without(
                source[:place] + " " + source[place + 1:])]
            if found:
                return min(found)[1]
    return None


def _quoted_without(source: str) -> Iterator[int]:
    """How many variables are quoted in an expression; nothing for what is none."""
    try:
        _Parser(source).program()
    except ExpressionError:
        return
    yield sum(word.text.count("$") for word in words(source) if word.kind == "text")


def words(source: str) -> Iterator[Word]:
    """The words of an expression, comments left out; the last one is of kind ``end``.

    Raises:
        ExpressionError: at a letter that begins no word.
    """
    position = 0
    while True:
        skipped = _SKIP.match(source, position)
        position = skipped.end() if skipped else position
        match = _WORD.match(source, position)
        if match is None:
            raise _not_a_word(source, position)
        kind = str(match.lastgroup)
        yield Word(kind, match.group(kind), position, match.group("padding") or "")
        if kind == "end":
            return
        position = match.end()


def _not_a_word(source: str, position: int) -> ExpressionError:
    if source[position] in "\"'":
        return ExpressionError("this quote has no partner", source, position)
    message = "'%s' is not part of an expression" % source[position]
    is_seexpr = source[position] in _VECTORS_AND_BLOCKS
    return (OutsideSubset if is_seexpr else ExpressionError)(message, source, position)


class _Parser:
    """One pass over the words; the depth counts what recurses."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._words = list(words(source))
        self._at = 0
        self._depth = 0

    @property
    def _word(self) -> Word:
        return self._words[self._at]

    def _take(self) -> Word:
        word = self._word
        self._at += word.kind != "end"
        return word

    def _takes(self, sign: str) -> bool:
        """Go past a sign if it is next."""
        found = self._word.kind == "sign" and self._word.text == sign
        self._at += found
        return found

    def _error(self, message: str) -> ExpressionError:
        return ExpressionError(message, self._source, self._word.start)

    def program(self) -> list[Statement]:
        """All statements."""
        statements: list[Statement] = []
        while self._word.kind != "end":
            statement = self._statement()
            statements.append(statement)
            if not statement.target:
                if self._word.kind != "end":
                    raise self._error("an operator or the end is missing here")
                return statements
            if not self._takes(";"):
                raise self._error("an assignment ends with ';'")
        raise self._error("there is no value: the last statement must be one, without ';'")

    def _statement(self) -> Statement:
        # Behind a name there is always a word: the end at the latest.
        if self._word.kind != "name" or self._words[self._at + 1].text not in _ASSIGNMENTS:
            return Statement("", self._choice())
        target, sign = self._take(), self._take().text
        value = self._choice()
        if sign != "=":
            value = Chain(Name(target.start, target.text), [(sign[0], value)])
        return Statement(target.text, value)

    def _deeper(self, levels: int) -> None:
        self._depth += levels
        if self._depth > MAX_DEPTH:
            raise self._error("this nests deeper than %d levels" % MAX_DEPTH)

    def _choice(self) -> Node:
        self._deeper(1)
        value = self._chain(0)
        if self._takes("?"):
            one = self._choice()
            if not self._takes(":"):
                raise self._error("':' and the other value are missing here")
            value = Choice(value, one, self._choice())
        self._depth -= 1
        return value

    def _chain(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self._signed()
        first = self._chain(level + 1)
        rest: list[tuple[str, Node]] = []
        while self._word.kind == "sign" and self._word.text in _LEVELS[level]:
            sign = self._take().text
            rest.append((sign, self._chain(level + 1)))
        return Chain(first, rest) if rest else first

    def _signed(self) -> Node:
        signs: list[Word] = []
        while self._word.kind == "sign" and self._word.text in ("-", "!"):
            signs.append(self._take())
        self._deeper(len(signs))
        value = self._power()
        self._depth -= len(signs)
        for sign in reversed(signs):
            value = Sign(sign.start, sign.text, value)
        return value

    def _power(self) -> Node:
        base = self._operand()
        if self._takes("^"):
            self._deeper(1)
            base = Chain(base, [("^", self._signed())])
            self._depth -= 1
        return base

    def _operand(self) -> Node:
        word = self._take()
        if word.kind == "text":
            return Literal(word.start, _ESCAPE.sub(r"\1", word.text[1:-1]))
        if word.kind == "number":
            return Number(word.start, float(word.text))
        if word.kind == "frame":
            return Name(word.start, "F", word.padding)
        if word.kind == "name":
            return self._call(word) if self._takes("(") else Name(word.start, word.text)
        if word.text == "(" and word.kind == "sign":
            return self._closed(self._choice())
        raise ExpressionError("a value is missing here", self._source, word.start)

    def _call(self, name: Word) -> Node:
        arguments: list[Node] = []
        if not self._takes(")"):
            arguments.append(self._choice())
            while self._takes(","):
                arguments.append(self._choice())
            self._closed(arguments[-1])
        return Call(name.start, name.text, arguments)

    def _closed(self, inner: Node) -> Node:
        if not self._takes(")"):
            raise self._error("')' is missing here")
        return inner
