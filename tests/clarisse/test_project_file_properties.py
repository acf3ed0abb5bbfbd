"""What holds for any text: it parses and comes back, or raises ProjectFileError; nothing else.

The judge is a second parser, line by line and letter by letter, slow and simple.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Iterable, NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conductor.clarisse.project_file import Edit, Entry, ProjectFile, parse, quote
from conductor.lib.errors import ProjectFileError

TEXT = Path(__file__).with_name("every_construct.project").read_text(encoding="utf-8")

# Whole lines that fit the grammar, some that do not, and what trips a careless reader.
LINES = [
    "a {", "}", 'name "x"', 'Context "c" {', "embedded_objects {", "value[] 1 {", "  } // end",
    "b { // begin", "// {", '"', "{", '"a" "b"', 'k "\\"" }', 'k "\\', "#preferences {", "",
    "\t", "k //", 'k "//" {', "k 1\r", "a/b/c", "/", "//", 'x//y "', "\ufeff", "}}", "a b {\r",
    "custom_attributes {", 'double[3] "o" {', "name", "k \x00\x0b\u2028\u00e9",
]
texts = st.one_of(
    st.lists(st.sampled_from(LINES)).map("\n".join),
    st.text(st.sampled_from('ab"{}\\/ \n\r\t[]0#')),
    st.text(),
)


class Line(NamedTuple):
    """One entry as the judge sees it."""

    start: int
    tokens: tuple[tuple[str, bool], ...]
    children: list[Any] | None


class Refused(Exception):
    """The judge says no, at this letter."""


def lex(text: str, at: int) -> tuple[list[tuple[str, bool]], int | None, int]:
    """Tokens of the line at a place, where the brace behind them is, where the next line starts."""
    tokens: list[tuple[str, bool]] = []
    while at < len(text) and text[at] != "\n":
        if text[at] in " \t\r":
            at += 1
        elif text.startswith("//", at):
            break
        elif text[at] in "{}":
            return tokens, at, rest_of_line(text, at)
        elif text[at] == '"':
            value, at = string(text, at)
            tokens.append((value, True))
        else:
            start = at
            while at < len(text) and text[at] not in ' \t\r\n"{}':
                at += 1
            tokens.append((text[start:at], False))
    return tokens, None, rest_of_line(text, at - 1)


def rest_of_line(text: str, at: int) -> int:
    """Where the next line starts, when only blanks and a comment follow the letter at a place."""
    letter, at = at, at + 1
    while at < len(text) and text[at] in " \t\r":
        at += 1
    if text.startswith("//", at):
        while at < len(text) and text[at] != "\n":
            at += 1
    if at < len(text) and text[at] != "\n":
        raise Refused(letter)
    return min(at + 1, len(text))


def string(text: str, at: int) -> tuple[str, int]:
    start, value, at = at, "", at + 1
    while at < len(text) and text[at] != "\n":
        if text[at] == '"':
            return value, at + 1
        if text[at] == "\\" and at + 1 < len(text) and text[at + 1] != "\n":
            value += "\n" if text[at + 1] == "n" else text[at + 1]
            at += 2
        elif text[at] == "\\":
            break
        else:
            value += text[at]
            at += 1
    raise Refused(start)


def judge(text: str) -> list[Line]:
    """The tree of a text. Raises Refused with a position."""
    at = 1 if text.startswith("\ufeff") else 0
    top: list[Line] = []
    inside, opened = [top], []
    while at < len(text):
        start = at
        tokens, brace, at = lex(text, at)
        is_opening = brace is not None and text[brace] == "{"
        if brace is not None and is_opening != bool(tokens):
            raise Refused(brace)
        if brace is not None and not is_opening:
            if not opened:
                raise Refused(brace)
            inside.pop()
            opened.pop()
        elif tokens:
            children: list[Any] | None = [] if is_opening else None
            inside[-1].append(Line(start, tuple(tokens), children))
            if children is not None:
                inside.append(children)
                opened.append(start)
    if opened:
        raise Refused(None)
    return top


def seen(text: str, entries: Iterable[Entry]) -> list[Line]:
    """The same tree, as our views show it; every property is asked for on the way."""
    found = []
    for entry in entries:
        assert entry.line >= 1 and entry.indent >= 0 and entry.key is not None
        assert entry.start < entry.end and entry.body_end <= entry.end
        assert entry.index is None or entry.index >= 0
        children = seen(text, entry.children) if entry.is_block else None
        key = (entry.key_text, text[entry.start + entry.indent] == '"')
        tokens = (key,) + tuple((token.text, token.quoted) for token in entry.tokens)
        found.append(Line(entry.start, tokens, children))
    return found


def walk_items(project: ProjectFile) -> None:
    """Ask every item for everything; its path leads back to an item of the same path."""
    for item in project.items():
        by_path = project.item(item.path)
        assert by_path is None or by_path.path == item.path
        assert item.class_name is not None and item.name is not None
        assert item.parent is None or item in list(item.parent.children)
        list(item.custom_attributes)
        for entry in item.entry.children:
            assert item.attribute(entry.key) is not None
            item.values(entry.key)


def check(text: str) -> None:
    try:
        expected = judge(text)
    except Refused as refused:
        with pytest.raises(ProjectFileError) as caught:
            parse(text)
        position = refused.args[0]
        if position is not None:
            before = text[:position]
            place = (before.count("\n") + 1, position - before.rfind("\n"))
            assert (caught.value.line, caught.value.column) == place
        return
    project = parse(text)
    assert project.to_text() == text
    assert seen(text, project.entries) == expected
    walk_items(project)


@settings(max_examples=100, deadline=None)
@given(texts)
@example('a "b"//c')
@example('a "\\\n"')
@example("//x\na//b {\n}//c")
def test_any_text_is_read_as_the_judge_reads_it_or_refused_at_the_same_place(text: str) -> None:
    check(text)


def mutated(draw: Callable[[Any], Any], text: str) -> str:
    """The text after a few deletions, insertions and duplications of spans."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 60)))
        kind = draw(st.sampled_from(["delete", "duplicate", "insert", "break", "move"]))
        if kind == "delete":
            text = text[:start] + text[end:]
        elif kind == "duplicate":
            text = text[:end] + text[start:]
        elif kind == "insert":
            text = text[:start] + draw(st.sampled_from(LINES)) + text[start:]
        elif kind == "break":
            text = text[:start] + "\n" + text[start:]
        else:
            text = text[end:] + text[start:end] + text[:start]
    return text


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_text_with_every_construct_after_mutations(data: st.DataObject) -> None:
    check(mutated(data.draw, TEXT))


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_real_file_after_mutations(shared_dir: Path, data: st.DataObject) -> None:
    real = (shared_dir / "data" / "kubix_demo.project").read_text(encoding="utf-8")
    # Its scene alone is small enough to be judged often.
    check(mutated(data.draw, real[:real.index("#preferences")]))


def test_a_whole_real_file_is_read_as_the_judge_reads_it(shared_dir: Path) -> None:
    check((shared_dir / "data" / "kubix_demo.project").read_text(encoding="utf-8"))


@settings(max_examples=100)
@given(st.text())
def test_quoted_text_comes_back(text: str) -> None:
    [entry] = parse("key %s\n" % quote(text)).entries
    [token] = entry.tokens
    assert (token.text, token.quoted) == (text, True)


@settings(max_examples=100)
@given(st.text(max_size=30), st.data())
def test_edits_are_those_of_slices(text: str, data: st.DataObject) -> None:
    plain = "".join("x" if letter in '"{}' else letter for letter in text)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(plain)), max_size=6)))
    spans = list(zip(cuts[::2], cuts[1::2]))
    edits = [Edit(start, end, data.draw(st.text(max_size=3))) for start, end in spans]
    expected = plain
    for edit in reversed(edits):
        expected = expected[:edit.start] + edit.text + expected[edit.end:]
    shuffled = data.draw(st.permutations(edits)) if len(set(cuts)) == len(cuts) else edits
    assert parse(plain).edited(shuffled) == expected


DEEP = 100000


@pytest.mark.parametrize("opening, is_item", [
    pytest.param('Context "c" {\n', True, id="contexts"),
    pytest.param("a {\n", False, id="blocks"),
])
def test_a_hundred_thousand_levels(opening: str, is_item: bool) -> None:
    project = parse(opening * DEEP + "}\n" * DEEP)
    assert sum(1 for _ in project.items()) == (DEEP if is_item else 0)
    entry = next(project.entries)
    for _ in range(DEEP - 1):
        entry = next(entry.children)
    assert entry.line == DEEP and list(entry.children) == []
    if is_item:
        deepest = "project://" + "/".join(["c"] * DEEP)
        found = project.item(deepest)
        assert found is not None and found.path == deepest


def test_deep_embedding() -> None:
    opening = 'A {\nname "x"\nembedded_objects {\n'
    project = parse(opening * 20000 + "}\n}\n" * 20000)
    found = project.item("project://" + ".".join(["x"] * 200))
    assert found is not None and found.is_embedded


@pytest.mark.parametrize("text", [
    pytest.param("a {\n" * DEEP, id="never closed"),
    pytest.param('a "' + "\\n" * 500000, id="open string full of escapes"),
    pytest.param("a " + '"b" ' * 200000 + '"', id="open string behind many"),
    pytest.param("a " + "/ " * 200000 + "}", id="slashes"),
    pytest.param("// x\n" * 100000 + "}", id="comments"),
    pytest.param("\n" * 1000000 + "}", id="blank lines"),
    pytest.param("a {" + " " * 200000 + "b", id="blanks behind a brace"),
])
def test_large_malformed_text_is_refused_quickly(text: str) -> None:
    with pytest.raises(ProjectFileError):
        parse(text)


def test_large_lines_are_read_whole() -> None:
    text = "#resources {\nresource \"H\" 0x%s\nosl \"%s\"\n}\n" % ("0f" * 500000, "\\n" * 100000)
    block = next(parse(text).entries)
    resource, osl = block.children
    assert len(resource.tokens[1].text) == 1000002
    assert osl.tokens[0].text == "\n" * 100000
