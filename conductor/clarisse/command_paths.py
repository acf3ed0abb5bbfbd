"""Paths that are written out in a task template, as the render node calls them.

Values of variables are mapped where they are made; this is about what the artist typed between
them: ``"Z:/tools/run.sh "+$CT_RENDER_PACKAGE``.
"""

from __future__ import annotations

import re
from typing import Callable

from conductor.clarisse import expressions
from conductor.clarisse.package_text import map_path
from conductor.lib.paths import PathMap

_STRING = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'')
_WINDOWS = r"[A-Za-z]:[\\/]|(?:\\\\){1,2}[^\s\\/\"']+[\\/]+[^\s\\/\"']|//[^\s\\/\"']+/[^\s\\/\"']"
# Not inside a word, an address (http://host) or another path.
_START = r"(?<![\w\\/:.$~-])"
_REST = r"[^\s\"';,|&<>()]*"


def map_template(template: str, path_map: PathMap) -> str:
    """The template with the paths of its literal parts mapped; an unchanged one is the same text.

    A path ends at a blank, unless it is quoted.
    """
    pattern = _pattern(path_map)
    if not expressions.is_expression(template):
        return _mapped(template, pattern, path_map, lambda text: text)

    def literal(found: re.Match[str]) -> str:
        text = found.group()
        # Inside a literal a backslash may be doubled.
        inner = _mapped(
            text[1:-1], pattern, path_map, lambda path: path.replace("\\\\", "\\"))
        return text[0] + inner + text[0]

    return _STRING.sub(literal, template)


def map_command(command: str, path_map: PathMap) -> str:
    """The command that Clarisse itself made of a template, its paths mapped."""
    return _mapped(command, _pattern(path_map), path_map, lambda text: text)


def _pattern(path_map: PathMap) -> re.Pattern[str]:
    starts = [_WINDOWS]
    for workstation, _ in path_map.rules:
        starts.append(re.escape(workstation.rstrip("/")) + r"(?=[/\s\"';,|&<>()]|$)")
    start = "(?:%s)" % "|".join(starts)
    return re.compile(r"""%s(?:(?P<quote>\\?["'])(?P<quoted>%s[^"'\\]*(?:\\(?!["'])[^"'\\]*)*)"""
                      r"(?P=quote)|(?P<plain>%s%s))" % (_START, start, start, _REST),
                      re.IGNORECASE)


def _mapped(
    text: str, pattern: re.Pattern[str], path_map: PathMap, plain: Callable[[str], str],
) -> str:
    def path(found: re.Match[str]) -> str:
        quote = found.group("quote") or ""
        source = plain(found.group("quoted") or found.group("plain"))
        return quote + map_path(source, path_map) + quote

    return pattern.sub(path, text)
