"""Help, examples and the page that is generated from them."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from tests.cli.commands import Subcommand, every_subcommand, parsed
from tests.cli.page import PAGE, page

ROOT = Path(__file__).resolve().parent.parent.parent
FILES = ("shot.project", "scene.project", "job.yaml", "job.json", "paths.txt", "farm.yml",
         "script.py", "fix_paths.py", "conductor-selfcheck.json")
ALL = list(every_subcommand())
LEAVES = [found for found in ALL if not isinstance(found.command, click.Group)]


@pytest.fixture
def files_of_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Options that name a file want it to be there."""
    for name in FILES:
        (tmp_path / name).write_text("")
    for name in ("textures", "renders", "wheels"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)


def each(subcommands: list[Subcommand]) -> list[object]:
    return [pytest.param(found, id=found.name) for found in subcommands]


def test_the_command_has_all_the_design_asks_for() -> None:
    names = {found.name[len("conductor "):] for found in LEAVES}
    assert names >= {
        "login", "logout", "config", "projects", "packages", "instance-types", "submit", "upload",
        "uploader", "download", "downloader", "jobs list", "jobs show", "jobs tasks", "jobs log",
        "jobs kill", "jobs release", "jobs retry", "jobs wait", "clarisse info",
        "clarisse preview", "clarisse submit", "serve", "demo", "completion",
    }


@pytest.mark.parametrize("found", each(ALL))
def test_every_subcommand_and_option_says_what_it_is_for(found: Subcommand) -> None:
    assert found.command.help
    for parameter in found.command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name


@pytest.mark.parametrize("found", each(LEAVES))
def test_every_subcommand_has_an_example_that_parses(
    found: Subcommand, files_of_examples: None
) -> None:
    assert found.examples, "epilog=examples(...) is missing"
    shown = [line.strip() for line in found.command.get_help(found.context).splitlines()]
    for line in found.examples:
        assert line in shown, "wrapped, or not shown: " + line
        assert parsed(line).command_path == found.name


@pytest.mark.parametrize("found", each(LEAVES))
def test_one_thing_has_one_name(found: Subcommand) -> None:
    """Or a script that works for one subcommand fails for the next."""
    options = {name: parameter for parameter in found.command.params
               if isinstance(parameter, click.Option) for name in parameter.opts}
    for wrong in ("--output", "--dest", "--thread-count", "--thread_count", "--format", "--dryrun"):
        assert wrong not in options, wrong
    for name in options:
        assert re.fullmatch(r"-[a-z]|--[a-z]+(-[a-z]+)*", name), name


def test_the_short_lines_of_the_help_say_what_the_subcommands_say() -> None:
    """They are written twice, so that the help needs no imports."""
    top = ALL[0].command
    assert isinstance(top, click.Group)
    lines = {name: line for name, (_, line) in top.lazy.items()}  # type: ignore[attr-defined]
    for name, line in lines.items():
        assert line.endswith(".") and len(line) <= 70, name


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: make docs"


def lines_of(page_path: Path) -> list[str]:
    """Command lines in the code blocks of a page, without comments."""
    text = page_path.read_text(encoding="utf-8")
    blocks = re.findall(r"```(?:sh|bash|console)?\n(.*?)```", text, re.DOTALL)
    return [line.partition("  #")[0].strip() for block in blocks for line in block.splitlines()
            if line.startswith("conductor ")]


@pytest.mark.parametrize("name", ["README.md", "docs/install.md"])
def test_command_lines_of_other_pages_parse(name: str, files_of_examples: None) -> None:
    found = lines_of(ROOT / name)
    assert found, "no command line: this test looks in the wrong place"
    for line in found:
        parsed(line)
