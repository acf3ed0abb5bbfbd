"""The pages: every link leads somewhere, every page is found, every command shown exists."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Iterator

import click
import pytest

from conductor.cli import main as command

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md")])
ENTRANCES = (ROOT / "README.md", DOCS / "architecture.md")

_LINK = re.compile(r"!?\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^(?:\$ |[A-Z_]+=\S+ |python -m )*(conductor [a-z].*)$", re.MULTILINE)
_INLINE = re.compile(r"`(conductor [a-z][^`]*)`")


def names(pages: list[Path]) -> list[str]:
    return [page.relative_to(ROOT).as_posix() for page in pages]


def links(page: Path) -> list[str]:
    """Relative targets of a page, code left out."""
    prose = re.sub(r"`[^`]*`", "", _FENCE.sub("", page.read_text(encoding="utf-8")))
    return [target for target in _LINK.findall(prose) if not re.match(r"\w+:", target)]


def anchors(page: Path) -> set[str]:
    """What headings of a page are called in its address."""
    prose = _FENCE.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.*)$", prose, re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.parent == DOCS], ids=lambda page: page.stem)
def test_every_page_is_linked_from_an_entrance(page: Path) -> None:
    linked = {
        (entrance.parent / link.partition("#")[0]).resolve()
        for entrance in ENTRANCES for link in links(entrance)}
    assert page in linked


def test_every_picture_is_shown_somewhere() -> None:
    shown = {(page.parent / link).resolve() for page in PAGES for link in links(page)}
    pictures = [path for path in (DOCS / "images").rglob("*") if path.is_file()]
    assert pictures
    assert not [path.name for path in pictures if path not in shown]


def shown_commands() -> Iterator[tuple[str, str]]:
    """Lines that begin with ``conductor``, each with its page."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for fence in _FENCE.findall(text):
            for line in _COMMAND.findall(fence):
                yield page.name, line
        for line in _INLINE.findall(_FENCE.sub("", text)):
            yield page.name, line


def words_of(line: str) -> list[str]:
    try:
        words = shlex.split(line.partition(" #")[0], comments=True)
    except ValueError:
        return []
    return [word for word in words[1:] if word not in ("...", "…")]


@pytest.mark.parametrize(
    "page, line", sorted(set(shown_commands())), ids=lambda text: text.replace("::", ":"))
def test_every_command_shown_exists_with_its_options(page: str, line: str) -> None:
    found: click.Command = command.conductor
    context = click.Context(found, info_name="conductor")
    for word in words_of(line):
        if word in (">", "|", "&&"):
            break
        if isinstance(found, click.Group) and not word.startswith("-"):
            inner = found.get_command(context, word.rstrip(",."))
            assert inner is not None, word
            found, context = inner, click.Context(inner, info_name=word, parent=context)
        elif word.startswith("--") and not _is_of_a_script(found, word):
            options = [name for option in found.params
                       for name in (*option.opts, *option.secondary_opts)]
            assert word.partition("=")[0] in (*options, "--help"), "%s of %s" % (word, found.name)


def _is_of_a_script(found: click.Command, word: str) -> bool:
    return found.name == "run" and word not in ("--save", "--overwrite", "--quiet")
