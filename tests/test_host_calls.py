"""The plugin asks Clarisse only for what ``headless/documented.py`` lists.

The syntax trees of the host layer and of the windows are walked: names below ``ix`` wherever they
stand, and every attribute of a value that comes from Clarisse, as far as it can be followed through
a function. What a text or number then does is Python's own affair.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Iterator

import pytest

from conductor.clarisse.headless.binding import CALLS
from conductor.clarisse.headless.documented import CONSTANTS, CONTAINER_CALLS, PLAIN_CLASSES
from tests.test_layers import PACKAGE, is_host_code, parse, plugin_files

# Widgets are annotated with Any: nothing of Clarisse has types of its own.
HOST_ALIASES = {
    "Any", "HostModule", "OfObject", "OfAttr", "OfClass", "OfAction", "OfItem", "OfContext",
}
MODULE_PARTS = {"ix": {"application", "api", "cmds", "selection"}}
CLASSES = {name for name in CALLS if name[0].isupper()} | set(PLAIN_CLASSES) | set(CONSTANTS)
METHODS = {
    name for owner, calls in CALLS.items() if owner[0].isupper() for name in calls
} | {"attrs", "m_object", "type", *CONTAINER_CALLS} | set(
    CALLS["ix.selection"]) | {name for names in CONSTANTS.values() for name in names}
# What comes from Clarisse is often a text, a number or an iterable by now.
PYTHON = {name for kind in (str, int, float, list, dict, bytes) for name in dir(kind)}

HOST_FILES = [path for path in plugin_files() if is_host_code(parse(path))]
IDS = [path.relative_to(PACKAGE / "clarisse").as_posix() for path in HOST_FILES]


def dotted(node: ast.expr) -> str:
    """``ix.api.OfAttr`` of a chain of names, empty for any other expression."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return "%s.%s" % (before, node.attr) if before else ""
    return ""


def is_listed(name: str) -> bool:
    """True for a dotted name below ``ix`` that is documented."""
    parts = name.split(".")
    if parts[:2] == ["ix", "api"] and len(parts) > 2:
        if len(parts) == 3:
            return parts[2] in CLASSES or parts[2] in CALLS["ix.api"]
        return parts[3] in CONSTANTS.get(parts[2], ()) or parts[3] in METHODS
    if parts[:2] == ["ix", "application"] and len(parts) > 2:
        return parts[2] in CALLS["Application"]
    if parts[:2] in (["ix", "cmds"], ["ix", "selection"]) and len(parts) > 2:
        return parts[2] in CALLS[".".join(parts[:2])]
    return len(parts) < 2 or parts[1] in MODULE_PARTS["ix"] or parts[1] in CALLS["ix"]


class Strangers(ast.NodeVisitor):
    """Collects what is asked of Clarisse and not listed, as ``(line, name)``."""

    def __init__(self) -> None:
        self.found: list[tuple[int, str]] = []
        self.asked: set[str] = set()
        self._host: list[set[str]] = [{"ix"}]

    # -- which names hold a value of Clarisse

    def _holds(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name):
            return any(node.id in names for names in self._host)
        if isinstance(node, ast.Call):
            return isinstance(node.func, ast.Attribute) and self._holds(node.func)
        if isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
            return self._holds(node.value)
        return False

    def _note(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            names = self._host[-1]
            (names.add if self._holds(value) else names.discard)(target.id)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.generic_visit(node)
        for target in node.targets:
            self._note(target, node.value)

    def visit_For(self, node: ast.For) -> None:
        self._note(node.target, node.iter)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        self._note(node.target, node.iter)
        self.generic_visit(node)

    def _visit_comprehension_first(self, node: ast.expr) -> None:
        for generator in getattr(node, "generators", ()):
            self.visit(generator)
        self.generic_visit(node)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = (
        _visit_comprehension_first)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        arguments = [*node.args.args, *node.args.kwonlyargs]
        self._host.append({
            each.arg for each in arguments if each.arg == "ix"
            or isinstance(each.annotation, ast.Name) and each.annotation.id in HOST_ALIASES})
        self.generic_visit(node)
        self._host.pop()

    # -- what is asked of it

    def visit_Attribute(self, node: ast.Attribute) -> None:
        name = dotted(node)
        if name.startswith("ix."):
            self._ask(node, name, is_listed(name))
        elif self._holds(node.value):
            self._ask(node, name or node.attr, node.attr in METHODS or node.attr in PYTHON)
        self.generic_visit(node)

    def _ask(self, node: ast.Attribute, name: str, is_known: bool) -> None:
        self.asked.add(name)
        if not is_known:
            self.found.append((node.lineno, name))


def strangers(text: str) -> list[str]:
    visitor = Strangers()
    visitor.visit(ast.parse(text))
    return [name for _, name in visitor.found]


@pytest.mark.parametrize("path", HOST_FILES, ids=IDS)
def test_only_documented_calls_are_made(path: Path) -> None:
    visitor = Strangers()
    visitor.visit(parse(path))
    assert not visitor.found, "%s asks for what Clarisse does not list: %s" % (
        path.name, visitor.found)


def test_the_walk_sees_what_the_plugin_asks() -> None:
    visitor = Strangers()
    for path in HOST_FILES:
        visitor.visit(parse(path))
    for name in ("ix.application.get_factory", "ix.api.OfObjectArray", "ix.api.GuiWindow",
                 "ix.is_gui_application", "attr.get_value_count"):
        assert name in visitor.asked, name
    assert len(visitor.asked) > 60


def cases() -> Iterator[object]:
    for wrong in (
        "ix.get_items('x')", "ix.api.GuiSpinner(1)", "ix.api.OfAttr.TYPE_PATH",
        "ix.api.GuiWidget.CONSTRAINT_MIDDLE", "ix.application.get_scene()",
        "ix.cmds.createObject()", "ix.selection.first()",
    ):
        yield pytest.param(wrong, [wrong.partition("(")[0]], id=wrong)
    for body, name in (
        ("item.fetch()", "item.fetch"),
        ("attr = item.get_attribute('a'); attr.read()", "attr.read"),
        ("for one in item.get_context().get_objects('A', 0): one.kill()", "one.kill"),
        ("return [one.kill() for one in ix.selection]", "one.kill"),
        ("item.get_attribute('a').read()", "read"),
        ("return item.get_parent_item().children", "children"),
    ):
        found = "def f(ix, item: OfObject):\n    %s\n" % body
        yield pytest.param(found, [name], id=body)


@pytest.mark.parametrize("text, names", list(cases()))
def test_what_is_not_listed_is_found(text: str, names: list[str]) -> None:
    assert names[0] in strangers(text)


@pytest.mark.parametrize("text", [
    "ix.api.OfAttr.TYPE_STRING", "ix.api.GuiWidget.open_files(ix.application, '', '', '')",
    "from ix import api", "def f(item: OfObject):\n    item.get_name().startswith('x')",
    "def f(item):\n    item.whatever()", "ix.cmds.CreateObject('a', 'Image')",
])
def test_what_is_listed_passes(text: str) -> None:
    assert strangers(text) == []
