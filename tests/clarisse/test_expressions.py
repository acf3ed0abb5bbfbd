"""Variables in plain text, and the SeExpr subset of titles, paths and commands."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conductor.clarisse import expressions
from conductor.clarisse.expression_parser import MAX_DEPTH
from conductor.clarisse.expressions import Literal, Name, Value, is_expression, parse, resolve
from conductor.lib.errors import ExpressionError

VARIABLES: dict[str, Value] = {
    "F": 7, "FPS": 24.0, "T": 0.25, "PDIR": "/path/to/project", "PNAME": "shot",
    "CT_PDIR": "/path/to/project", "CT_JOB": "job", "CT_SEQUENCE": "1-10", "CT_RETRIES": "3",
    "CT_SCRIPT_DIR": "/opt/scripts", "CT_RENDER_PACKAGE": "/path/to/shot.render.project",
    "CT_SOURCES": "project://scene/image", "CT_CHUNKS": "9:10", "CT_DIRECTORIES": "/out",
    "CT_CHUNKSTART": "9", "CT_CHUNKEND": "10", "EMPTY": "", "f": "lower",
}
TITLE = '"Clarisse: "+$CT_JOB+" "+$CT_SEQUENCE'
COMMAND = (
    '$CT_SCRIPT_DIR+"/ct_cnode "+$CT_RENDER_PACKAGE+" -image "+$CT_SOURCES+" -image_frames_list "'
    '+$CT_CHUNKS+" -directories "+$CT_DIRECTORIES'
)
# The title of the documentation, with the quote that does not belong there.
STRAY = '"$CT_PDIR +" "+ $CT_JOB +" "+ $CT_SEQUENCE'


def lookup(name: str) -> Value | None:
    return VARIABLES.get(name)


FUNCTIONS = {
    "get_double": lambda path, index=0: {"ctrl.proxy": 0.0, "ctrl.w": 58}[path],
    "get_string": lambda path: {"ctrl.name": "hero", "hero": "nested"}[path],
    "nothing": lambda: None,
    "plain": lambda: 1,
}


def value(source: str) -> Value:
    return parse(source).evaluate(lookup, FUNCTIONS)


# -- plain text


@pytest.mark.parametrize("text, expected", [
    pytest.param("no variables", "no variables", id="nothing to do"),
    pytest.param("$PDIR/tex/a.png", "/path/to/project/tex/a.png", id="name ends at a slash"),
    pytest.param("img_$F:_final.exr", "img_7_final.exr", id="colon ends a name and is swallowed"),
    pytest.param("img_$F_final", "img_$F_final", id="without the colon it is another name"),
    pytest.param("$PNAME::x", "shot:x", id="only one colon is swallowed"),
    pytest.param("$NOTHING:x", "$NOTHING:x", id="an unknown name stays, with its colon"),
    pytest.param("a$F.b$4F.exr", "a7.b0007.exr", id="padding"),
    pytest.param("$0F$1F$9F", "77000000007", id="padding of one digit"),
    pytest.param("$4F:x", "0007x", id="padded name ends at a colon"),
    pytest.param("$4Fx $4FPS $44F $4PNAME", "$4Fx $4FPS $44F $4PNAME", id="padding is for F alone"),
    pytest.param("$FPS fps, $T s", "24 fps, 0.25 s", id="numbers in their shortest form"),
    pytest.param("$FOO$F$$F", "$FOO7$7", id="dollars in a row"),
    pytest.param("100$ and $ and $-", "100$ and $ and $-", id="dollar without a name"),
    pytest.param("$5 $_ $\u00e9", "$5 $_ $\u00e9", id="no names"),
    pytest.param("$f$F", "lower7", id="case matters"),
    pytest.param("[$EMPTY]", "[]", id="an empty value is a value"),
    pytest.param("a.####.<UDIM>.tx", "a.####.<UDIM>.tx", id="placeholders are no variables"),
    pytest.param("$PNAME?$PNAME,$PNAME;$PNAME`$PNAME~", "shot?shot,shot;shot`shot~",
                 id="separators"),
])
def test_substitution(text: str, expected: str) -> None:
    assert expressions.substitute(text, lookup) == expected
    assert resolve(text, lookup) == expected


@pytest.mark.parametrize("frame, expected", [
    (7, "0007"), (7.9, "0007"), ("12", "0012"), (-5, "-005"), (123456, "123456"),
    ("later", "$4F"), (float("inf"), "$4F"), (float("nan"), "$4F"), (None, "$4F"),
])
def test_padded_frames(frame: Value | None, expected: str) -> None:
    assert expressions.substitute("$4F", lambda name: frame if name == "F" else None) == expected


# -- values of expressions


@pytest.mark.parametrize("source, expected", [
    pytest.param(TITLE, "Clarisse: job 1-10", id="default title"),
    pytest.param('$CT_PDIR +" "+ $CT_JOB +" "+ $CT_SEQUENCE', "/path/to/project job 1-10",
                 id="title of the documentation, corrected"),
    pytest.param(COMMAND, "/opt/scripts/ct_cnode /path/to/shot.render.project "
                 "-image project://scene/image -image_frames_list 9:10 -directories /out",
                 id="default task template"),
    pytest.param("'a' + \"b\"", "ab", id="both quotes"),
    pytest.param('"it\'s"', "it's", id="other quote inside"),
    pytest.param(r'"a\"b\\c\'d\ne"', r"""a"b\c'd\ne""", id="escapes"),
    pytest.param('"$PDIR/x"', "/path/to/project/x", id="variable inside a literal"),
    pytest.param('"$NOTHING:/x"', "$NOTHING:/x", id="unknown variable inside a literal"),
    pytest.param("PDIR + '/a'", "/path/to/project/a", id="name without a dollar"),
    pytest.param("'f' + $4F + '.' + $F", "f0007.7", id="frames"),
    pytest.param("'t' + 1.50 + 2", "t1.52", id="numbers in a text"),
    pytest.param("1 + 2 + 't'", "3t", id="a sum before a text"),
    pytest.param('cmd = "x"; cmd += $CT_JOB; cmd', "xjob", id="accumulation"),
    pytest.param("n = 3; n -= 1; n *= 4; n /= 2; n", 4, id="other assignments"),
    pytest.param("$F = 2; $F + F", 4, id="an assignment hides a variable"),
    pytest.param("F += 1; F", 8, id="an assignment starts from the variable"),
    pytest.param("a = 'x'; # why; not\n a", "x", id="comment"),
    pytest.param("# first\n# second\n1", 1, id="comments before"),
    pytest.param("'a#b'", "a#b", id="number sign in a text"),
    pytest.param("1 # last", 1, id="comment behind"),
    pytest.param("get_double('ctrl.proxy') == 0 ? './a' : './b'", "./a", id="choice by a function"),
    pytest.param("get_string(get_string('ctrl.name'))", "nested", id="nested calls"),
    pytest.param("get_double('ctrl.w', 0) * 2", 116, id="two arguments"),
    pytest.param("plain()", 1, id="no arguments"),
    pytest.param("1 ? 0 ? 'a' : 'b' : 'c'", "b", id="choice in a choice"),
    pytest.param("0 ? 'a' : 0 ? 'b' : 'c'", "c", id="choice behind a choice"),
    pytest.param("1 ? 'a' : $NOTHING", "a", id="the other side is not looked at"),
    pytest.param("1 || $NOTHING", 1, id="or is decided early"),
    pytest.param("0 && $NOTHING", 0, id="and is decided early"),
    pytest.param("0 || 2", 1, id="or"), pytest.param("0 || 0", 0, id="or of nothing"),
    pytest.param("1 && 2", 1, id="and"), pytest.param("1 && 0", 0, id="and with nothing"),
    pytest.param("1 + 2 * 3 - 4 / 2", 5, id="precedence"),
    pytest.param("(1 + 2) * 3", 9, id="parentheses"),
    pytest.param("10 - 4 - 3", 3, id="from left to right"),
    pytest.param("7 % 4", 3, id="remainder"),
    pytest.param("-2^2", -4, id="power before sign"),
    pytest.param("2^3^2", 512, id="powers from right to left"),
    pytest.param("2^-1", 0.5, id="negative power"),
    pytest.param("!0", 1, id="not"), pytest.param("!5", 0, id="not of a number"),
    pytest.param("- -3", 3, id="two signs"),
    pytest.param(".5 + 1. + 1e1 + 1.5E-1", 11.65, id="forms of numbers"),
    pytest.param("1 < 2 == 2 > 1", 1, id="comparisons"),
    pytest.param("3 <= 3", 1, id="at most"), pytest.param("3 >= 4", 0, id="at least"),
    pytest.param("3 != 3", 0, id="unequal"),
    pytest.param("$CT_JOB == 'job'", 1, id="equal texts"),
    pytest.param("$CT_JOB != 'job'", 0, id="unequal texts"),
    pytest.param("$CT_RETRIES == 3", 1, id="text against number"),
    pytest.param(" \t\n 1 \r\n ", 1, id="blanks"),
])
def test_values(source: str, expected: Value) -> None:
    assert value(source) == (expected if isinstance(expected, str) else pytest.approx(expected))


@pytest.mark.parametrize("source, position, words", [
    pytest.param(STRAY, 0, "quote has no partner", id="stray quote of the documentation"),
    pytest.param("$CT_JOB + 'a' + 'b + 'c'", 16, "quote has no partner", id="stray single quote"),
    pytest.param('$A + " -d" + $B + " -x', 18, "quote has no partner", id="stray quote at an end"),
    pytest.param('$A + " -d " + $B" + " x"', 16, "quote has no partner", id="stray quote within"),
    pytest.param("$CT_JOB + \"a", 10, "quote has no partner", id="open text"),
    pytest.param("Bob's cut", 3, "quote has no partner", id="apostrophe"),
    pytest.param('"a" "b"', 4, "operator or the end", id="no operator"),
    pytest.param('"a" + ', 6, "value is missing", id="no right side"),
    pytest.param('+ "a"', 0, "value is missing", id="no left side"),
    pytest.param("", 0, "no value", id="empty"),
    pytest.param("a = 1;", 6, "no value", id="no last value"),
    pytest.param("1;", 1, "operator or the end", id="semicolon behind the value"),
    pytest.param("a = 1", 5, "ends with ';'", id="assignment without semicolon"),
    pytest.param("(1", 2, "')'", id="open parenthesis"),
    pytest.param("plain(1 2)", 8, "')'", id="no comma"),
    pytest.param("plain(1,)", 8, "value is missing", id="comma too many"),
    pytest.param("1 ? 2", 5, "':'", id="half a choice"),
    pytest.param("[1, 2]", 0, "'['", id="vectors are outside"),
    pytest.param("if (1) { 2 }", 7, "'{'", id="if is outside"),
    pytest.param("$ + 1", 0, "'$'", id="dollar alone"),
    pytest.param("1 + # x\n @", 9, "'@'", id="behind a comment"),
    pytest.param("$4FPS", 0, "'$'", id="padding of another name"),
])
def test_errors_of_reading_point_at_the_place(source: str, position: int, words: str) -> None:
    with pytest.raises(ExpressionError, match=re.escape(words)) as caught:
        parse(source)
    assert (caught.value.text, caught.value.position) == (source, position)


@pytest.mark.parametrize("source, position, words", [
    pytest.param("'a' + $NOTHING", 6, "no variable NOTHING", id="unknown variable"),
    pytest.param("1 + sin(2)", 4, "no function sin", id="unknown function"),
    pytest.param("get_string('x')", 0, "get_string: 'x'", id="function that finds nothing"),
    pytest.param("plain(1)", 0, "plain: ", id="wrong number of arguments"),
    pytest.param("nothing()", 0, "no text and no number", id="function without a value"),
    pytest.param("1 + $CT_JOB - 2", 14, "- does not work on texts", id="minus on texts"),
    pytest.param("'a' < 'b'", 6, "< does not work on texts", id="order of texts"),
    pytest.param("'a' || 1", 7, "|| does not work on texts", id="text as a condition"),
    pytest.param("-'a'", 1, "- needs a number, not the text 'a'", id="sign before a text"),
    pytest.param("'a' ? 1 : 2", 0, "? needs a number", id="choice by a text"),
    pytest.param("1 / 0", 4, "division", id="division by zero"),
    pytest.param("1 % 0", 4, "%", id="remainder of zero"),
    pytest.param("10^1000", 3, "^", id="too large"),
    pytest.param("(-1)^.5", 5, "^", id="no real number"),
])
def test_errors_of_evaluation_point_at_the_place(source: str, position: int, words: str) -> None:
    expression = parse(source)
    with pytest.raises(ExpressionError, match=re.escape(words)) as caught:
        expression.evaluate(lookup, FUNCTIONS)
    assert (caught.value.text, caught.value.position) == (source, position)


# -- what an expression is made of


@pytest.mark.parametrize("source, names", [
    (TITLE, {"CT_JOB", "CT_SEQUENCE"}),
    ('"$PDIR/$4F" + F', {"PDIR", "F"}),
    ("cmd = $A; cmd += B; cmd + $C", {"A", "B", "C"}),
    ("x += 1; x", {"x"}),
    ("f($A, -B) ? (C) : D^E", {"A", "B", "C", "D", "E"}),
    ("1", set()),
])
def test_names(source: str, names: set[str]) -> None:
    assert parse(source).names == names


@pytest.mark.parametrize("source, parts", [
    (TITLE, ["Clarisse: ", "$CT_JOB", " ", "$CT_SEQUENCE"]),
    ('"a"', ["a"]),
    ("$A", ["$A"]),
    ('("a" + $B) + (C + "d")', ["a", "$B", "$C", "d"]),
    ('"a" + $F + "b" + $T', ["a", "$F", "b", "$T"]),
])
def test_concatenation(source: str, parts: list[str]) -> None:
    found = parse(source).concatenation or ()
    assert [part.text if isinstance(part, Literal) else "$" + part.name for part in found] == parts
    assert all(isinstance(part, (Literal, Name)) for part in found)
    assert repr(found[0]).startswith(("Literal(", "Name("))


@pytest.mark.parametrize("source", [
    pytest.param('"a" + 1', id="number"),
    pytest.param('"a" + $4F', id="padding"),
    pytest.param('"$A" + $B', id="variable inside a literal"),
    pytest.param("$F + $FPS", id="two of Clarisse's numbers"),
    pytest.param('"a" + f("b")', id="call"),
    pytest.param('"a" + ($A == "b")', id="comparison inside"),
    pytest.param("$A - $B", id="minus"),
    pytest.param("-$A", id="sign"),
    pytest.param('1 ? "a" : "b"', id="choice"),
    pytest.param('a = "b"; a', id="assignment"),
])
def test_no_concatenation(source: str) -> None:
    assert parse(source).concatenation is None


def test_an_expression_knows_its_source() -> None:
    assert parse(TITLE).source == TITLE
    assert repr(parse("1")) == "Expression('1')"


# -- expression or plain text


@pytest.mark.parametrize("text", [
    TITLE, COMMAND, STRAY, '"a"', " 'a'", "$A+$B", "$A + ($B)", "cmd = $A; cmd", "cmd=1;cmd",
    "get_string('a')", "1 * get_double ('a')", "$A == 1 ? $B : $C", '$A=="x"?"a":"b"', "x+'y'",
])
def test_expressions(text: str) -> None:
    assert is_expression(text)


@pytest.mark.parametrize("text", [
    "", "plain", "$PDIR/tex/a.####.exr", "$PDIR/tex/a", "$PDIR/a+b", "$A-$B", "$A/$B", "$A ($B)",
    "Bob's cut", "10-20", "a + b", "c++ $A", "$A = $B", "key=$A", "$A, $B", "$A: 1+2", "f(x)",
    "C:\\tex\\a.tx", "project://scene/a", "a 'b' c", "budget_string(x)",
])
def test_plain_texts(text: str) -> None:
    assert not is_expression(text)


@pytest.mark.parametrize("text, expected", [
    pytest.param(TITLE, "Clarisse: job 1-10", id="expression"),
    pytest.param("$F+1", "8", id="number as text"),
    pytest.param("$T + 1", "1.25", id="number with decimals"),
    pytest.param("$CT_CHUNKSTART-$CT_CHUNKEND", "9-10", id="minus in a text"),
    pytest.param(STRAY, '"/path/to/project +" "+ job +" "+ 1-10', id="malformed: plain text"),
    pytest.param("$CT_JOB + friends", "job + friends", id="does not evaluate: plain text"),
    pytest.param("10-20", "10-20", id="no variable: untouched"),
    pytest.param("Bob's $CT_JOB (new)", "Bob's job (new)", id="apostrophe and parentheses"),
])
def test_resolve(text: str, expected: str) -> None:
    assert resolve(text, lookup, FUNCTIONS) == expected


# -- what holds for any text

WORDS = [
    '"', "'", '"a"', "'b'", "$A", "$4F", "$", "a", "f(", "(", ")", "+", "-", "*", "/", "%", "^",
    "=", "==", "!=", "<", "?", ":", ";", ",", "!", "&&", "||", "+=", "1", "1e999", "#", "\n", " ",
    "\\", "\u00e9", "[", "F", "$FPS", "9" * 400,
]
sources = st.one_of(st.lists(st.sampled_from(WORDS)).map("".join), st.text(max_size=40))


@settings(max_examples=100, deadline=None)
@given(sources)
@example("0^-1")
@example("1e999 % 2")
@example("1e999 - 1e999 ? 1 : 2")
def test_any_text_evaluates_or_raises_expression_error(source: str) -> None:
    try:
        found = parse(source)
        found.evaluate({"A": "x", "F": 3, "FPS": 25.0}.get, {"f": lambda *_: 1.0})
    except ExpressionError as error:
        assert error.text == source
        assert error.position is not None and 0 <= error.position <= len(source)
    assert isinstance(resolve(source, lookup), str)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(
    st.text().map(lambda text: ("literal", text)),
    st.sampled_from(sorted(set(VARIABLES) - {"F", "T", "FPS"})).map(lambda name: ("name", name)),
), min_size=1))
def test_a_concatenation_is_its_parts(parts: list[tuple[str, str]]) -> None:
    """The text built by hand, the evaluation and the substitution of parts are the same."""
    texts = [
        text.replace("$", "") if kind == "literal" else VARIABLES[text] for kind, text in parts
    ]
    source = " + ".join(
        '"%s"' % re.sub(r'(["\\])', r"\\\1", str(text)) if kind == "literal" else "$" + name
        for text, (kind, name) in zip(texts, parts)
    )
    expression = parse(source)
    assert expression.evaluate(lookup) == "".join(map(str, texts))
    found = expression.concatenation or ()
    assert "".join(
        part.text if isinstance(part, Literal) else str(VARIABLES[part.name]) for part in found
    ) == "".join(map(str, texts))


def number_trees() -> st.SearchStrategy[str]:
    """Sums and products that Python reads the same way."""
    leaves = st.integers(0, 9).map(str)
    return st.recursive(leaves, lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "<", "<=", "=="]), inner).map(
            lambda parts: "(%s %s %s)" % parts
        ),
        st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(lambda p: "%s %s %s" % p),
        inner.map(lambda text: "-%s" % text),
    ), max_leaves=8)


@settings(max_examples=100, deadline=None)
@given(number_trees())
def test_arithmetic_is_that_of_python(source: str) -> None:
    assert value(source) == float(eval(source))


@pytest.mark.parametrize("opening, closing", [
    ("(", ")"), ("-", ""), ("!", ""), ("f(", ")"), ("1^", ""), ("1?1:", ""), ("1?", ":1"),
    ("1||1&&1==1<1+1*-(", ")"),
], ids=["parentheses", "signs", "nots", "calls", "powers", "choices", "choices inside", "all"])
@pytest.mark.parametrize("depth", [MAX_DEPTH // 2 - 1, MAX_DEPTH + 1, 10000])
def test_nesting_has_a_limit(opening: str, closing: str, depth: int) -> None:
    source = opening * depth + "1" + closing * depth
    if depth < MAX_DEPTH:
        assert parse(source).evaluate(lookup, {"f": float}) is not None
    else:
        with pytest.raises(ExpressionError, match="deeper than"):
            parse(source)


def test_the_limit_counts_the_whole_as_one_level() -> None:
    parentheses = "(" * (MAX_DEPTH - 1) + "1" + ")" * (MAX_DEPTH - 1)
    assert value(parentheses) == 1
    with pytest.raises(ExpressionError, match="deeper than"):
        parse("(%s)" % parentheses)


def test_a_long_chain_is_no_nesting() -> None:
    source = " + ".join(['"ab"'] * 5000)
    expression = parse(source)
    assert expression.evaluate(lookup) == "ab" * 5000
    assert len(expression.concatenation or ()) == 5000
    assert resolve(source, lookup) == "ab" * 5000
