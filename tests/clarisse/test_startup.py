"""Registration as Clarisse does it: from the preferences, from the script editor, twice, broken."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import conductor
from conductor.clarisse.attributes import ATTRIBUTES, CLASS_NAME
from conductor.clarisse.headless import driver, install, session
from conductor.lib.variables import VARIABLES

INSTALL_FOLDER = Path(conductor.__file__).parent.parent
STARTUP = INSTALL_FOLDER / "conductor" / "clarisse" / "startup.py"

RUN_AS_TEXT = """
import sys
from conductor.clarisse import headless
from conductor.clarisse.headless import driver
ix = headless.install()
for name in [name for name in sys.modules if name.startswith("conductor")]:
    del sys.modules[name]
with open(%(startup)r) as handle:
    text = handle.read()
for _ in range(%(times)d):
    exec(text, {"ix": ix, "__name__": "__main__"})
import conductor
print(conductor.__file__)
print(ix.application.get_factory().get_classes().get("ConductorJob").get_attribute_count())
print(driver.log())
"""


def run(script: str, *, python: str = sys.executable, **environment: str) -> str:
    """A real process without this one's import paths."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    answer = subprocess.run(
        [python, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=dict(kept, **environment), text=True, cwd="/",
    )
    assert answer.returncode == 0, answer.stdout
    return answer.stdout


@pytest.mark.parametrize("times", [1, 2], ids=["once", "twice without harm"])
def test_the_preferences_run_it_as_a_text_without_a_file(tmp_path: Path, times: int) -> None:
    location = tmp_path / "studio tools"
    location.mkdir()
    (location / "conductor").symlink_to(INSTALL_FOLDER / "conductor")
    script = RUN_AS_TEXT % {"startup": str(STARTUP), "times": times}
    told = run(script, CONDUCTOR_LOCATION=str(location), PYTHONPATH=str(INSTALL_FOLDER))
    assert told.splitlines() == [
        str(location / "conductor" / "__init__.py"), str(len(ATTRIBUTES)), "[]",
    ]


def test_the_script_editor_imports_it() -> None:
    told = run(
        "import sys; sys.path.insert(0, %r)\n"
        "from conductor.clarisse import headless; ix = headless.install()\n"
        "from conductor.clarisse import startup\n"
        "from conductor.clarisse import startup\n"
        "print(ix.application.get_factory().get_classes().exists('ConductorJob').get_name())"
        % str(INSTALL_FOLDER)
    )
    assert told == CLASS_NAME + "\n"


def test_outside_clarisse_it_says_so_and_nothing_else_happens() -> None:
    told = run(
        "import sys; sys.path.insert(0, %r)\n"
        "from conductor.clarisse import startup; print(startup.start())" % str(INSTALL_FOLDER)
    )
    assert told.count("runs outside Clarisse") == 2
    assert "False\n" in told


def start_again() -> Any:
    from conductor.clarisse import startup

    return startup.start()


def test_the_rows_are_there_in_order_with_their_tool_tips() -> None:
    with session() as ix:
        assert start_again()
        found = ix.application.get_factory().get_classes().get(CLASS_NAME)
        names = [
            found.get_attribute(index).get_name() for index in range(found.get_attribute_count())
        ]
        assert names == [row.name for row in ATTRIBUTES]
        entry = driver.host().registry.known(CLASS_NAME)
        assert {name: state.traits["doc"] for name, state in entry.attributes.items()} == {
            row.name: row.doc for row in ATTRIBUTES
        }
        assert [state.shape.group for state in entry.attributes.values()] == [
            row.group for row in ATTRIBUTES
        ]


def test_the_variables_exist_from_registration_on() -> None:
    with session() as ix:
        assert start_again()
        host_vars = ix.application.get_factory().get_vars()
        found = {
            host_vars.get_by_index(ix.api.OfVars.TYPE_CUSTOM, index).get_name()
            for index in range(host_vars.get_count(ix.api.OfVars.TYPE_CUSTOM))
        }
        assert found == {variable.name for variable in VARIABLES}
        assert len(found) >= 28


def test_a_fault_of_ours_is_told_and_leaves_clarisse_usable(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "conductor.clarisse.conductor_job", None)
    monkeypatch.delattr("conductor.clarisse.conductor_job", raising=False)
    monkeypatch.setenv("CONDUCTOR_LOCATION", "/nowhere")
    monkeypatch.setattr(sys, "path", list(sys.path))
    with session() as ix:
        assert not start_again()
        told = "\n".join(driver.log("error"))
        assert "was not registered" in told
        assert "CONDUCTOR_LOCATION must name the install folder; it is '/nowhere'" in told
        assert ix.create_object("a", "Image").get_name() == "a"


def test_rows_that_cannot_be_declared_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from conductor.clarisse import item

    def fail(*_: object) -> None:
        raise ValueError("no such hint")

    monkeypatch.setattr(item, "declare", fail)
    with session():
        assert not start_again()
        assert driver.host().crashes == []
        first, second = driver.log("error")
        assert "declaring: ValueError: no such hint" in first
        assert "Clarisse refused the class" in second


def test_a_class_name_that_is_taken_by_an_incomplete_class_is_told() -> None:
    with session() as ix:
        engine = ix.api.ModuleScriptedClassEngine()
        ix.api.ModuleScriptedClass.register_scripted_class(ix.application, CLASS_NAME, engine)
        from conductor.clarisse import startup

        assert startup.start(), "a class that is there is left alone"


def test_the_folder_is_put_first_and_what_it_brings_last_and_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from conductor.clarisse.startup import add_to_path

    location = str(tmp_path / "studio tools")
    brought = os.path.join(location, "dependencies")
    monkeypatch.setattr(sys, "path", ["/a"])
    add_to_path(location)
    assert sys.path == [location, "/a"], "not every folder brings something"
    os.makedirs(brought)
    add_to_path(location)
    add_to_path(location)
    add_to_path("")
    assert sys.path == [location, "/a", brought]


def test_what_the_folder_brings_is_found_when_the_script_editor_imports_it(tmp_path: Path) -> None:
    location = tmp_path / "studio tools"
    brought = location / "dependencies"
    brought.mkdir(parents=True)
    (location / "conductor").symlink_to(INSTALL_FOLDER / "conductor")
    told = run(
        "import sys; sys.path.insert(0, %r)\n"
        "from conductor.clarisse import headless; ix = headless.install()\n"
        "from conductor.clarisse import startup\n"
        "print(sys.path[-1])" % str(location)
    )
    assert told == str(brought) + "\n"


@pytest.mark.parametrize("names", ["{}", "None"], ids=["two dictionaries", "one dictionary"])
def test_the_text_runs_however_the_host_keeps_its_names(names: str) -> None:
    script = (
        "import sys; sys.path.insert(0, %r)\n"
        "from conductor.clarisse import headless; ix = headless.install()\n"
        "exec(open(%r).read(), {'ix': ix, '__name__': '__main__'}, %s)\n"
        "print(ix.application.get_factory().get_classes().exists('ConductorJob') is not None)"
    )
    assert run(script % (str(INSTALL_FOLDER), str(STARTUP), names)) == "True\n"


FAKE_HOST_OF_CLARISSE_4 = """
import sys, types
ix = types.ModuleType("ix")
class application:
    @staticmethod
    def log_error(text):
        sys.stdout.write("LOG " + text + "\\n")
ix.application = application
sys.modules["ix"] = ix
exec(open(%r).read(), {"ix": ix, "__name__": "__main__"})
sys.stdout.write("still alive\\n")
"""


def test_clarisse_4_gets_the_remedy_instead_of_a_syntax_error(python2: str) -> None:
    told = run(FAKE_HOST_OF_CLARISSE_4 % str(STARTUP), python=python2)
    assert told.startswith("LOG ConductorJob was not registered: ConductorJob needs Python 3.7")
    assert "conductor clarisse submit SCENE.project" in told
    assert told.endswith("still alive\n")


@pytest.mark.parametrize("way", ["preferences", "script editor"])
def test_python_2_reads_all_that_leads_to_the_message(python2: str, way: str) -> None:
    told = run(
        "import sys; sys.dont_write_bytecode = True; sys.path.insert(0, %r)\n%s" % (
            str(INSTALL_FOLDER),
            "from conductor.clarisse import startup" if way == "script editor"
            else "exec(open(%r).read())" % str(STARTUP),
        ),
        python=python2,
    )
    assert "runs outside Clarisse" in told


def test_installing_again_starts_afresh() -> None:
    with session():
        assert start_again()
        install()
        assert start_again()
        assert driver.log("error") == []
