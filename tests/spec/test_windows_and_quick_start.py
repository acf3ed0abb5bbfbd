"""The promises about windows and the quick start, kept by pressing, choosing and typing."""

from __future__ import annotations

import threading
import webbrowser
from pathlib import Path
from typing import Any, Iterator

import pytest

from conductor.clarisse.headless import driver, gui
from conductor.cli.connection import connect
from conductor.cli.job_watch import watch_tasks
from conductor.cli.output import console
from tests.clarisse import form_artist
from tests.clarisse.form_artist import click, each, fill
from tests.conftest import RunningService
from tests.sign_in_page import agree, private_key
from tests.spec.conftest import Artist, OpenScene, image, texture
from tests.spec.keeping import keeps
from tests.spec.test_clarisse_submitter import touch

SLATE, CLARISSE = "conductor-slate 1.0", "clarisse 5.0.sp8"
LIMIT_S = 90

# A studio's service: its Clarisse is a package. What is installed as cnode there writes slates.
FARM = """
projects: [dpool, default]
packages:
  - product: clarisse
    major_version: "5"
    minor_version: "0"
    release_version: sp8
    environment: [{name: PATH, value: "%s", merge_policy: append}]
"""


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """The studio's service."""
    folder = tmp_path_factory.mktemp("studio")
    cnode = folder / "data" / "packages" / "conductor-slate" / "bin"
    running = RunningService(folder, FARM % cnode)
    yield running
    running.stop()


# ---------------------------------------------------------------- windows


@keeps("extra-uploads-panel")
def test_extra_uploads_are_browsed_for_or_scanned_for(open_scene: OpenScene) -> None:
    artist = open_scene(image("image1"), texture("tex", "$PDIR/tex/a.png"))
    touch(artist.folder, "tex/a.png", "notes/read.me")
    artist.sets(dependency_scan_policy="No Scan")
    assert artist.uploads() == []

    form_artist.press(
        "manage_extra_uploads", "Extra uploads",
        each(lambda _: driver.choose_files(str(artist.folder / "notes" / "read.me")),
             click("Add Files...")),
        click("Scan Now..."), ("Scan now", click("Smart Sequence")), click("OK"))
    assert artist.uploads() == ["notes/read.me", "tex/a.png"]


@keeps("choose-packages-panel")
def test_packages_are_chosen_in_their_panel(artist: Artist, service_env: Any) -> None:
    artist.presses("refresh")

    def choose(tree: int) -> form_artist.Step:
        return lambda window: driver.choose_rows(form_artist.trees(window)[tree], SLATE)

    for step, button, chosen in ((choose(0), "Add >", [SLATE]), (choose(1), "< Remove", [])):
        form_artist.press(
            "choose_packages", "Package chooser", each(step, click(button)), click("OK"))
        assert form_artist.stored_list(artist.ix, "packages") == chosen


@keeps("extra-environment-panel")
def test_extra_environment_is_edited_in_its_panel(artist: Artist) -> None:
    form_artist.press(
        "manage_extra_environment", "Extra environment",
        each(fill(Name="TEX", Value="$HOME/tex"), click("Add", "OK")))
    assert artist.payload()["environment"]["TEX"] == "$HOME/tex"


@keeps("package-detected")
def test_the_package_of_the_running_clarisse_is_detected(
    artist: Artist, studio: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONDUCTOR_URL", studio.url)
    monkeypatch.setenv("CONDUCTOR_API_KEY_PATH", studio.key_path)
    artist.presses("refresh")
    assert form_artist.stored_list(artist.ix, "packages") == [CLARISSE]


# ---------------------------------------------------------------- signing in


class Person:
    """Somebody in front of the browser that Refresh opens: gives the studio's key and agrees."""

    def __init__(self, studio: RunningService) -> None:
        self.key = private_key(studio.key_path)
        self.visits: list[str] = []

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
        self.visits.append(url)
        threading.Thread(target=agree, args=(url, self.key)).start()
        return True


@pytest.fixture
def person(
    studio: RunningService, clean_home: Path, monkeypatch: pytest.MonkeyPatch
) -> Person:
    """The studio's service, nobody signed in, no key; and somebody who can sign in."""
    monkeypatch.setenv("CONDUCTOR_URL", studio.url)
    monkeypatch.delenv("CONDUCTOR_API_KEY_PATH", raising=False)
    made = Person(studio)
    webbrowser.register("person", None, made)  # type: ignore[arg-type]
    monkeypatch.setattr(webbrowser, "_tryorder", ["person"])
    return made


@keeps("refresh-asks-to-sign-in")
def test_refresh_asks_to_sign_in_once(artist: Artist, person: Person) -> None:
    artist.presses("refresh")
    artist.presses("refresh")
    assert len(person.visits) == 1
    artist.sets(project="dpool")
    assert artist.shows("project") == "dpool"


# ---------------------------------------------------------------- quick start


def new_in_project_context(artist: Artist) -> None:
    """Select the project context; in the right mouse menu, New > ConductorJob."""
    item = artist.ix.cmds.CreateObject("ConductorJob", "ConductorJob", "Global", "project:/")
    artist.job = item.get_full_name()


def adds_images(artist: Artist, *names: str) -> None:
    """Click Add in the Images section and choose."""
    artist.ix.cmds.AddValues(
        [artist.job + ".images"], ["project://scene/" + name for name in names])


def previews_and_submits(artist: Artist) -> tuple[str, str]:
    """Press Preview, read it, press Submit and close there, and read the result."""
    said: dict[str, str] = {}

    def look() -> bool:
        for window in driver.windows():
            texts = [driver.text(one) for one in driver.widgets(window, gui.GuiTextEdit)]
            title = window.get_title()
            if not texts or title in said:
                continue
            said[title] = texts[0]
            if title == "Conductor preview":
                driver.press_button(window, "Submit and close")
            elif title == "Findings":
                driver.press_button(window, "Continue")
            else:
                driver.press_button(window, "Close")
        return True

    stop = driver.on_events(look)
    artist.presses("preview")
    stop()
    assert driver.log("error") == []
    return said.pop("Conductor preview"), " ".join(said.values())


@keeps("quick-start")
def test_the_quick_start_word_for_word(open_scene: OpenScene, person: Person) -> None:
    # A scene with images; nothing is set up for rendering yet.
    plain = [image(name, 1, 50).replace("render_to_disk yes", "render_to_disk no")
             .replace('save_as "$PDIR/renders/%s"' % name, 'save_as ""') for name in ("a", "b")]
    artist = open_scene(*plain, job=False)
    new_in_project_context(artist)
    artist.sets(title="my first job")
    adds_images(artist, "a", "b")
    for name in ("a", "b"):
        driver.set_attribute("project://scene/" + name, "render_to_disk", "yes")
        driver.set_attribute("project://scene/" + name, "save_as", "$PDIR/renders/%s." % name)

    assert artist.shows("project") == "- not set -"
    assert artist.ix.get_item(artist.job).get_attribute("project").get_preset_count() == 1
    artist.presses("refresh")
    assert len(person.visits) == 1, "prompted to sign in"
    artist.sets(project="dpool")
    artist.sets(use_custom_frames="yes", custom_frames="1-10", chunk_size=2)
    artist.sets(use_scout_frames="yes", scout_frames="3,8")
    assert artist.shows("frames_info") == "2 Scout / 10 Frames -- 5 Chunks -- 1-10"
    artist.sets(instance_type="2 core, 7.50GB Mem (n1-standard-2)")
    assert form_artist.stored_list(artist.ix, "packages", artist.job) == [CLARISSE]

    preview, result = previews_and_submits(artist)
    for words in ("my first job", "dpool", "2 Scout / 10 Frames", "n1-standard-2", CLARISSE):
        assert words in preview
    number = result.rpartition("/jobs/")[2]

    # Head over to the dashboard: the scout frames' tasks have run, the others wait.
    tasks = watch_tasks(connect(), number, console(), limit_s=LIMIT_S)
    assert [(task["frames"], task["status"]) for task in tasks] == [
        ("1-2", "holding"), ("3-4", "success"), ("5-6", "holding"), ("7-8", "success"),
        ("9-10", "holding")]
    assert sorted(path.name for path in (artist.folder / "renders").iterdir()) == [
        "%s.%05d.exr" % (name, frame) for name in "ab" for frame in (3, 4, 7, 8)]
