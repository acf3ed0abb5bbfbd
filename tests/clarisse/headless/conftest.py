"""The stand-in over a small scene, and a scripted class to play with."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Iterator

import pytest

from conductor.clarisse import headless
from conductor.clarisse.headless import driver

SCENE = Path(__file__).with_name("scene.project").read_text(encoding="utf-8")

@pytest.fixture
def scene_text() -> str:
    return SCENE


@pytest.fixture
def scene_path(tmp_path: Path) -> Path:
    path = tmp_path / "shot.project"
    path.write_bytes(SCENE.encode("utf-8"))
    return path


@pytest.fixture
def ix(scene_path: Path) -> Iterator[Any]:
    """The stand-in over the scene; a crash that nobody looked at fails the test."""
    with headless.session(str(scene_path)) as module:
        yield module


@pytest.fixture
def host(ix: Any) -> headless.Host:
    return driver.host()


@pytest.fixture
def job_class(ix: Any) -> Any:
    """The scripted class Job, registered, with a log of what happened to it."""

    class Engine(ix.api.ModuleScriptedClassEngine):
        def __init__(self) -> None:
            ix.api.ModuleScriptedClassEngine.__init__(self)
            self.pressed: list[tuple[str, str]] = []
            self.changed: list[str] = []
            self.on_press: Any = None
            self.on_change: Any = None

        def declare_attributes(self, s_class: Any) -> None:
            attr = ix.api.OfAttr
            self.add_action(s_class, "submit", "Actions")
            single, plain = attr.CONTAINER_SINGLE, attr.VISUAL_HINT_DEFAULT
            title = s_class.add_attribute("title", attr.TYPE_STRING, single, plain, "General")
            title.set_string('"Clarisse: "+$PNAME')
            count = s_class.add_attribute("count", attr.TYPE_LONG, single, plain, "General")
            count.set_long(5)
            count.set_numeric_range(1, 100)
            several = attr.CONTAINER_LIST
            images = s_class.add_attribute("images", attr.TYPE_REFERENCE, several, plain, "Images")
            filters = ix.api.CoreStringVector(0)
            filters.add("Image")
            filters.add("Layer")
            images.set_object_filters(filters)
            mode = s_class.add_attribute("mode", attr.TYPE_LONG)
            for label, value in (("Slow", "0"), ("Fast", "2")):
                mode.add_preset(label, value)
            secret = s_class.add_attribute("secret", attr.TYPE_STRING)
            secret.set_hidden(True)
            s_class.add_attribute("texts", attr.TYPE_STRING, attr.CONTAINER_LIST)
            s_class.add_attribute("switch", attr.TYPE_BOOL)
            s_class.add_attribute("ratio", attr.TYPE_DOUBLE)
            s_class.set_attr_doc("title", "The title")
            s_class.set_attr_doc("no_such_row", "ignored")

        def on_action(self, action: Any, item: Any, data: Any) -> None:
            self.pressed.append((action.get_name(), str(item)))
            if self.on_press is not None:
                self.on_press(item)

        def on_attribute_change(self, item: Any, attr: Any, *_: Any) -> None:
            self.changed.append(attr.get_full_name())
            if self.on_change is not None:
                self.on_change(item, attr)

    engine = Engine()
    assert ix.api.ModuleScriptedClass.register_scripted_class(ix.application, "Job", engine)
    return engine
