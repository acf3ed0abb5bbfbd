"""A scene on the stand-in, a ConductorJob in it, and an artist's hand."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

from conductor.clarisse import headless, startup
from conductor.clarisse.headless import driver, gui
from conductor.clarisse.press import prepare
from conductor.lib.api_client import ApiClient
from conductor.lib.config import Config

HEADER = """#Isotropix_Serial_Version 1.2

#Isotropix_Clarisse_Version 5
#Isotropix_Clarisse_Project_Version 0.98
"""

IMAGE = """    Image {
        name "%(name)s"
        #version 0.95
        render_to_disk yes
        save_as "$PDIR/renders/%(name)s"
        first_frame %(first)d
        last_frame %(last)d
    }
"""

TEXTURE = """    TextureMapFile {
        name "%(name)s"
        #version 0.98
        filename "%(filename)s"
%(more)s    }
"""


def image(name: str, first: int = 1, last: int = 10) -> str:
    """The text of an image that is rendered to disk."""
    return IMAGE % {"name": name, "first": first, "last": last}


def texture(name: str, filename: str, **sequence: int) -> str:
    """The text of a file texture."""
    more = "".join("        %s %d\n" % row for row in sequence.items())
    return TEXTURE % {"name": name, "filename": filename, "more": more}


class Artist:
    """One Clarisse with one scene; what an artist does is a method."""

    def __init__(self, ix: Any, folder: Path) -> None:
        self.ix = ix
        self.folder = folder
        self.job = ""

    def new_job(self, *images: str, name: str = "job") -> Any:
        """New > ConductorJob in the project context, images added."""
        item = self.ix.cmds.CreateObject(name, "ConductorJob", "Global", "project:/")
        self.job = item.get_full_name()
        paths = ["project://scene/" + one for one in images] or ["project://scene/image1"]
        self.sets(images=paths)
        return item

    def sets(self, **values: Any) -> None:
        """Type into fields."""
        for name, value in values.items():
            driver.set_attribute(self.job, name, value)

    def presses(self, action: str) -> None:
        """Press a button of the item."""
        driver.press(self.job, action)

    def shows(self, name: str) -> str:
        """What a field shows."""
        attr = self.ix.get_item(self.job).get_attribute(name)
        is_menu = attr.get_preset_count()
        return str(attr.get_applied_preset_label() if is_menu else attr.get_string())

    def opens_window(self, action: str) -> str:
        """Press a button that opens a window; its text, then close it."""
        seen: list[str] = []

        def look() -> bool:
            for window in driver.windows():
                for field in driver.widgets(window, gui.GuiTextEdit):
                    seen.append(driver.text(field))
                    window.hide()  # not that of the progress: it means Cancel
            return True

        stop = driver.on_events(look)
        try:
            self.presses(action)
        finally:
            stop()
        assert seen, "%s opened no window; log: %s" % (action, driver.log())
        return seen[0]

    def prepared(self, client: ApiClient | None = None) -> Any:
        """What a press of Preview makes, as values."""
        return prepare(self.ix, self.ix.get_item(self.job), Config.load(), client)

    def payload(self) -> dict[str, Any]:
        """What a press of Preview shows as payload, made without a service."""
        return self.prepared().submission.to_payload()

    def uploads(self) -> list[str]:
        """Names of the scene's files among those to upload."""
        folder = str(self.folder) + "/"
        paths = [one.path for one in self.prepared().submission.upload_files]
        return sorted(
            path[len(folder):] for path in paths
            if path.startswith(folder) and ".render.project" not in path
        )

    def codes(self, level: str = "error") -> list[str]:
        """Codes of the findings of one level."""
        return [one.code for one in self.prepared().findings if one.level.value == level]

    def messages(self) -> str:
        """All findings in one text."""
        found = self.prepared().findings
        return "\n".join("%s %s: %s" % (one.code, one.subject, one.message) for one in found)


OpenScene = Callable[..., Artist]


@pytest.fixture
def open_scene(tmp_path: Path, clean_home: Path) -> Iterator[OpenScene]:
    """Opens a scene of the texts given, in a folder ``project``, with the class registered."""
    folder = tmp_path / "project"
    stack = ExitStack()

    def opened(*items: str, job: bool = True) -> Artist:
        folder.mkdir(exist_ok=True)
        scene = folder / "shot.project"
        body = "".join(items) or image("image1") + image("image2")
        scene.write_text(HEADER + 'Context "scene" {\n' + body + "}", encoding="utf-8")
        ix = stack.enter_context(headless.session(str(scene), True))
        assert startup.start()
        artist = Artist(ix, folder)
        if job:
            artist.new_job()
        return artist

    with stack:
        yield opened


@pytest.fixture
def artist(open_scene: OpenScene) -> Artist:
    """A scene with two images, 1-10 each, and a ConductorJob that renders the first."""
    return open_scene()
