"""The rules of the repository: who may import whom, who may touch Clarisse, which Python."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Iterator

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "conductor"

HOST_LAYER = {
    "host.py", "scene.py", "item.py", "old_items.py", "studio.py", "press.py", "refreshing.py",
    "submitting.py", "render_package.py", "conductor_job.py", "startup.py",
}
HOST_SHARE_LIMIT = 0.30
HOST_TYPES = {"OfItem", "OfObject", "OfContext", "OfAttr", "OfClass", "OfAction", "HostModule"}

# What each part may import of ours, by dotted prefix; "conductor" alone is the version.
VALUES = (
    "conductor.clarisse.project_file", "conductor.clarisse.expressions",
    "conductor.clarisse.classes", "conductor.lib.errors",
)
ALLOWED = {
    "conductor/lib": ("conductor.lib",),
    "conductor/clarisse/headless": (*VALUES, "conductor.clarisse.headless"),
    "conductor/clarisse/scripts": (),
    "conductor/clarisse/selfcheck": (),
    "conductor/clarisse": ("conductor.clarisse", "conductor.lib"),
    "conductor/slate": (*VALUES, "conductor.lib.sequence", "conductor.slate"),
    "conductor/service": (
        "conductor.lib.states", "conductor.lib.sequence", "conductor.lib.submission",
        "conductor.lib.errors", "conductor.service",
    ),
    "conductor/samples": ("conductor.samples",),
    "conductor/cli": ("conductor",),
}
THIRD_PARTIES = {
    "conductor/lib": {"requests", "urllib3", "yaml", "filelock", "platformdirs"},
    "conductor/clarisse": {"ix"},
    "conductor/clarisse/headless": {"PIL"},
    "conductor/slate": {"OpenImageIO"},
    "conductor/service": {
        "starlette", "uvicorn", "sqlalchemy", "alembic", "jwt", "yaml",
        "jinja2", "prometheus_client",
    },
    "conductor/samples": set(),
    "conductor/cli": {"click", "rich", "yaml"},
}
STDLIB = set(sys.stdlib_module_names) | {"ix"}


def python_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        is_script = path.parent.name == "scripts" and path.is_file() and not path.suffix
        if path.suffix == ".py" or is_script:
            yield path


def part_of(path: Path) -> str:
    """The longest row of ALLOWED that holds this file; the top level counts as the command line."""
    relative = path.relative_to(ROOT).as_posix()
    matching = [part for part in ALLOWED if relative.startswith(part + "/")]
    return max(matching, key=len) if matching else "conductor/cli"


def module_name(path: Path) -> str:
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree: ast.AST) -> Iterator[str]:
    """Dotted names of all imported modules, those inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "relative import at line %d: write the whole name" % node.lineno
            for alias in node.names:
                whole = "%s.%s" % (node.module, alias.name)
                is_module = (ROOT / (whole.replace(".", "/") + ".py")).exists() or (
                    ROOT / whole.replace(".", "/") / "__init__.py"
                ).exists()
                yield whole if is_module else str(node.module)


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


FILES = [path for path in python_files(PACKAGE) if part_of(path) != "conductor/clarisse/scripts"]
IDS = [path.relative_to(ROOT).as_posix() for path in FILES]


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_imports_go_one_way(path: Path) -> None:
    part = part_of(path)
    for name in imports(parse(path)):
        if name == "conductor" or not name.startswith("conductor."):
            continue
        allowed = ALLOWED[part]
        assert any(name == prefix or name.startswith(prefix + ".") for prefix in allowed), (
            "%s may not import %s" % (part, name)
        )
        if part == "conductor/clarisse":
            assert not name.startswith("conductor.clarisse.headless"), "the plugin runs in Clarisse"


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_third_parties_are_the_approved_ones(path: Path) -> None:
    part = part_of(path)
    approved = THIRD_PARTIES.get(part, THIRD_PARTIES["conductor/clarisse"])
    for name in imports(parse(path)):
        top = name.split(".")[0]
        assert top in STDLIB or top == "conductor" or top in approved, "%s imports %s" % (part, top)


def is_host_code(tree: ast.Module) -> bool:
    """True when a module imports or names ``ix``, or takes it or a host object as a parameter."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == "ix":
            return True
        if isinstance(node, ast.arg):
            if node.arg == "ix":
                return True
            written = ast.dump(node.annotation) if node.annotation else ""
            if any("'%s'" % host_type in written for host_type in HOST_TYPES):
                return True
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [alias.name for alias in node.names]
            if isinstance(node, ast.ImportFrom):
                names = [str(node.module)]
            if any(name.split(".")[0] == "ix" for name in names):
                return True
    return False


def plugin_files() -> list[Path]:
    return [path for path in FILES if part_of(path) == "conductor/clarisse"]


def code_lines(path: Path) -> int:
    """Lines that carry code: no blanks, comments or docstrings."""
    lines: set[int] = set()
    docs: set[int] = set()
    for node in ast.walk(parse(path)):
        documented = isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        if documented and ast.get_docstring(node):
            text = node.body[0]
            docs.update(range(text.lineno, (text.end_lineno or text.lineno) + 1))
        if isinstance(node, (ast.stmt, ast.expr)):
            lines.update({node.lineno, node.end_lineno or node.lineno})
    return len(lines - docs)


def test_only_the_host_layer_is_given_ix() -> None:
    found = {
        path.relative_to(PACKAGE / "clarisse").as_posix()
        for path in plugin_files() if is_host_code(parse(path))
    }
    strangers = {
        name for name in found - HOST_LAYER
        if not (name.startswith("panels/") and not name.endswith("_model.py"))
    }
    assert not strangers, "these touch Clarisse and may not: %s" % sorted(strangers)
    assert found, "no module touches Clarisse: this test looks in the wrong place"


def test_the_host_layer_stays_small() -> None:
    files = plugin_files()
    host = sum(code_lines(path) for path in files if is_host_code(parse(path)))
    share = host / sum(code_lines(path) for path in files)
    assert share <= HOST_SHARE_LIMIT, "%.1f %% of the plugin touches Clarisse" % (100 * share)


OLD_PYTHON = [
    path for path in python_files(PACKAGE)
    if part_of(path) in ("conductor/lib", "conductor/clarisse", "conductor/clarisse/headless")
]


@pytest.mark.parametrize(
    "path", OLD_PYTHON, ids=[path.relative_to(ROOT).as_posix() for path in OLD_PYTHON]
)
def test_the_plugin_is_written_in_python_3_7(path: Path) -> None:
    ast.parse(path.read_text(encoding="utf-8"), str(path), feature_version=(3, 7))


def test_the_plugin_calls_nothing_newer_than_python_3_7() -> None:
    answer = subprocess.run(
        [
            sys.executable, "-c", "from vermin import main; main()", "--target=3.7-", "--no-tips",
            "--violations", "--no-eval-annotations", *map(str, OLD_PYTHON),
        ],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_a_file_stays_below_500_lines_and_a_function_below_50(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500
    for node in ast.walk(parse(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = (node.end_lineno or 0) - node.lineno + 1
            if ast.get_docstring(node):
                text = node.body[0]
                length -= (text.end_lineno or 0) - text.lineno + 1
            assert length <= 50, "%s has %d lines" % (node.name, length)


FORBIDDEN_NAMES = {"utils", "common", "helpers", "util", "helper", "misc"}


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_house_style(path: Path) -> None:
    assert path.stem not in FORBIDDEN_NAMES
    for node in ast.walk(parse(path)):
        assert not isinstance(node, ast.Global), "a global statement at line %d" % node.lineno
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, "a bare except at line %d" % node.lineno
