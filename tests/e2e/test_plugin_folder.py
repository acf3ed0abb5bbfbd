"""The plug-in's folder, alone with a bare Python 3.7: it starts and submits."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conductor.clarisse import startup
from conductor.cli import main as command
from conductor.cli.plugin_folder import build, differences, read_manifest
from conductor.cli.plugin_parts import PINS
from conductor.cli.plugin_wheels import PluginError, fetch
from conductor.cli.preference_folders import root_folder, this_system
from conductor.lib.api_client import ApiClient
from conductor.lib.config import Config
from conductor.samples import copy_shot

# What Clarisse does: nothing of ours on the path, the startup script run as a text. The stand-in
# comes from the folder too; that the packages were found for it is forgotten before the start.
IN_CLARISSE = """
import os, sys
location, scene = sys.argv[1:]
sys.path.insert(0, location)
from conductor.clarisse import headless
ix = headless.install(scene)
sys.path.remove(location)
for name in ("conductor", "conductor.clarisse", "conductor.lib"):
    del sys.modules[name]
with open(os.path.join(location, "conductor", "clarisse", "startup.py")) as handle:
    exec(handle.read(), {"ix": ix, "__name__": "__main__"})
"""

SUBMIT = IN_CLARISSE + """
from conductor.clarisse.headless import driver

def answer_windows():
    for window in driver.windows():
        for button in driver.widgets(window):
            if driver.text(button) in ("Continue", "Close"):
                driver.press_button(window, driver.text(button))
    return True

job = ix.get_item("project://ConductorJob")
driver.answer(lambda message: "yes")
driver.on_events(answer_windows)
driver.press(job, "refresh")
driver.press(job, "submit")
assert not driver.log("error"), driver.log("error")

import conductor, certifi, filelock, idna, requests, urllib3, yaml
for module in (conductor, certifi, filelock, idna, requests, urllib3, yaml):
    assert module.__file__.startswith(location + os.sep), module.__file__
assert not yaml.__with_libyaml__
print(ix.application.get_current_project_filename())
"""


@pytest.fixture(scope="module")
def python37() -> str:
    """A Python 3.7 of this machine: the interpreter of Clarisse 5."""
    if sys.version_info[:2] == (3, 7):
        return sys.executable
    asked = shutil.which("python3.7")
    pyenv = shutil.which("pyenv")
    environ = dict(os.environ)
    if pyenv:
        listed = subprocess.run(
            [pyenv, "versions", "--bare"], stdout=subprocess.PIPE, encoding="utf-8").stdout.split()
        environ["PYENV_VERSION"] = next((each for each in listed if each.startswith("3.7.")), "")
    if asked:
        told = subprocess.run(
            [asked, "-c", "import sys; print(sys.executable)"], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, encoding="utf-8", env=environ)
        if told.returncode == 0:
            return told.stdout.strip()
    return pytest.skip("no Python 3.7 on this machine: Clarisse 5 has no other")


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dependencies, fetched once from the package index."""
    folder = tmp_path_factory.mktemp("wheels")
    try:
        assert len(fetch(folder)) == len(PINS)
    except PluginError as error:
        if "HASHES" not in str(error):
            pytest.skip("the dependencies cannot be fetched here: %s" % error)
        raise
    return folder


@pytest.fixture(scope="module")
def plugin(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder as it is built, then moved: whatever noted its first place is found out."""
    built = tmp_path_factory.mktemp("built") / "plugin"
    before = os.umask(0o077)
    try:
        build(built, wheels)
    finally:
        os.umask(before)
    moved = tmp_path_factory.mktemp("a share") / "my plugin"
    shutil.move(str(built), str(moved))
    return moved


def run(python: str, script: str, *arguments: str, **environ: str) -> str:
    """A bare interpreter: no site-packages, no paths of ours, nothing of this environment."""
    done = subprocess.run(
        [python, "-S", "-I", "-B", "-c", script, *arguments], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", cwd="/",
        env=dict({"PATH": os.defpath}, **environ),
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_it_submits_alone_with_a_bare_python(
    python37: str, plugin: Path, service_env: Any, tmp_path: Path
) -> None:
    client = ApiClient.from_config(Config.load())
    before = {job["jid"] for job in client.jobs()}
    scene = copy_shot(tmp_path / "my shots")
    environ = dict(service_env.environ, HOME=str(tmp_path), CONDUCTOR_LOCATION=str(plugin))
    assert run(python37, SUBMIT, str(plugin), str(scene), **environ) == "%s\n" % scene
    (job,) = [one for one in client.jobs() if one["jid"] not in before]
    stored = client.call("GET", "/api/v1/client/jobs/%s/payload" % job["jid"]).json()
    sent = {entry["destination"] for entry in stored.get("data", stored)["upload_files"]}
    assert (plugin / "conductor" / "clarisse" / "scripts" / "ct_cnode").as_posix() in sent
    client.kill_jobs(job["jid"])


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_everybody_may_read_it_and_the_render_script_runs(plugin: Path) -> None:
    """Built with a umask that lets nobody else in."""
    for path in [plugin, *plugin.rglob("*")]:
        assert path.stat().st_mode & 0o777 == (
            0o755 if path.is_dir() or path.name == "ct_cnode" else 0o644), path


def test_a_share_that_is_read_only_does(python37: str, plugin: Path, tmp_path: Path) -> None:
    """-B is not what makes it work: Clarisse does not set it."""
    copy = tmp_path / "share"
    shutil.copytree(str(plugin), str(copy))
    folders = [copy, *(path for path in copy.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    try:
        script = "import sys; sys.dont_write_bytecode = False\n" + IN_CLARISSE + (
            "classes = ix.application.get_factory().get_classes()\n"
            "print(classes.exists('ConductorJob').get_name())")
        told = run(python37, script, str(copy), str(copy_shot(tmp_path / "shot")),
                   CONDUCTOR_LOCATION=str(copy), HOME=str(tmp_path))
        assert told == "ConductorJob\n"
    finally:
        for folder in folders:
            folder.chmod(0o755)
    # Whoever may write anyway leaves what Python compiled, and that does not count as a change.
    assert differences(copy) == []


def test_nothing_in_it_is_compiled_or_names_this_machine(plugin: Path) -> None:
    assert not [path for path in plugin.rglob("*") if path.suffix in (".so", ".pyd", ".pyc")]
    here = [str(plugin.parent).encode(), sys.prefix.encode(), str(Path.home()).encode() + b"/"]
    for path in plugin.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(place in content for place in here), path


def test_every_dependency_keeps_its_licence(plugin: Path) -> None:
    manifest = read_manifest(plugin)
    notes = {path.name.split("-")[0].replace("_", "-").lower(): path
             for path in (plugin / "dependencies").glob("*.dist-info")}
    assert set(notes) == {entry["name"].lower() for entry in manifest["dependencies"]}
    for name, folder in notes.items():
        assert [path for path in folder.rglob("*LICENSE*") if path.stat().st_size > 100], name
    assert (plugin / "LICENSE").is_file()


def test_building_it_again_changes_nothing_and_asks_nobody(
    plugin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    before = (plugin / "conductor-plugin.json").stat()
    manifest = build(plugin)
    after = (plugin / "conductor-plugin.json").stat()
    assert json.loads((plugin / "conductor-plugin.json").read_text()) == manifest
    assert (before.st_ino, before.st_mtime) == (after.st_ino, after.st_mtime)
    assert differences(plugin) == []


def test_an_older_plugin_is_replaced_as_a_whole(plugin: Path, wheels: Path, tmp_path: Path) -> None:
    folder = tmp_path / "conductor 1.2"
    shutil.copytree(str(plugin), str(folder))
    current = tmp_path / "current"
    current.symlink_to(folder)
    (folder / "conductor" / "lib" / "errors.py").write_text("# an older release")
    (folder / "conductor" / "lib" / "gone.py").write_text("")
    assert sorted(differences(current)) == [
        ("changed", "conductor/lib/errors.py"), ("unknown", "conductor/lib/gone.py")]
    build(current, wheels)
    assert differences(folder) == [] and current.is_symlink()
    assert sorted(os.listdir(str(tmp_path))) == ["conductor 1.2", "current"], "nothing is left over"


def test_one_command_builds_and_registers(
    wheels: Path, clean_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An artist's whole way in; the folder is the one that the start script is then run from."""
    env = Path(root_folder(this_system(), os.environ)) / "5.0" / "clarisse.env"
    env.parent.mkdir(parents=True)
    env.write_text("CLARISSE_STARTUP_SCRIPT=$CIO_DIR/cioclarisse/startup.py\n")
    assert command.run(["clarisse", "install", "--wheels", str(wheels)]) == 0
    caught = capsys.readouterr()
    assert "registers a ConductorJob too" in caught.err and "Start Clarisse again" in caught.out
    values = dict(line.split("=", 1) for line in env.read_text().splitlines() if line[0] != "#")
    assert Path(values["CONDUCTOR_LOCATION"]) == clean_home / ".conductor" / "clarisse-plugin"
    assert differences(Path(values["CONDUCTOR_LOCATION"])) == []
    script = values["CLARISSE_STARTUP_SCRIPT"].split(";")[-1]
    assert Path(script).read_bytes() == Path(startup.__file__).read_bytes()
    # What is there now is current: built in no time, and the text and the JSON say where it is.
    assert command.run(["clarisse", "plugin", values["CONDUCTOR_LOCATION"]]) == 0
    assert 'install --use "%s"' % values["CONDUCTOR_LOCATION"] in capsys.readouterr().out
    assert command.run(["clarisse", "plugin", values["CONDUCTOR_LOCATION"], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["folder"] == values["CONDUCTOR_LOCATION"]
