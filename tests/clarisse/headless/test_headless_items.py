"""Finding items and walking through them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conductor.clarisse import headless
from conductor.clarisse.headless import driver
from conductor.clarisse.headless.model import absolute


def names(container: Any) -> list[str]:
    return [item.get_full_name() for item in container]


@pytest.mark.parametrize(
    "written, whole",
    [
        ("project://scene/image", "project://scene/image"),
        ("scene/image", "project://scene/image"),
        ("/scene/image", "project://scene/image"),
        ("project:/scene/image", "project://scene/image"),
        ("build://project/scene/image", "project://scene/image"),
        ("project://", "project:/"),
        ("project:/", "project:/"),
        ("build://project", "project:/"),
        ("/", "project:/"),
        ("", "project:/"),
        ("default://material", "default://material"),
        ("widgets:/", "widgets:/"),
    ],
    ids=lambda text: text or "empty",
)
def test_a_path_has_one_form(written: str, whole: str) -> None:
    assert absolute(written) == whole


@pytest.mark.parametrize(
    "path, class_name, kind",
    [
        ("project://", "Context", "OfContext"),
        ("scene", "Context", "OfContext"),
        ("scene/sub", "Context", "OfContext"),
        ("project://scene/image", "Image", "PyOfObject"),
        ("project://scene/image.bg", "Layer3d", "PyOfObject"),
        ("project://scene/sub/thing", "Mystery", "PyOfObject"),
        ("top", "TextureMapFile", "PyOfObject"),
    ],
)
def test_get_item_finds(ix: Any, path: str, class_name: str, kind: str) -> None:
    item = ix.get_item(path)
    assert (item.get_class_name(), type(item).__name__) == (class_name, kind)
    assert ix.item_exists(path).get_full_name() == item.get_full_name()


@pytest.mark.parametrize(
    "path", ["scene/none", "none", "scene/image.none", "scene/image/bg", "default://material"]
)
def test_what_is_not_there(ix: Any, path: str) -> None:
    factory = ix.application.get_factory()
    assert ix.item_exists(path) is None
    assert factory.get_object(path) is None
    assert factory.object_exists(path) is None
    assert factory.context_exists(path) is None
    assert ix.is_context_exists(path) is None
    with pytest.raises(LookupError, match=path):
        ix.get_item(path)


@pytest.mark.parametrize("path", ["scene/image.layers", "project://scene/image.layers[1]"])
def test_get_item_finds_attributes_too(ix: Any, path: str) -> None:
    assert str(ix.get_item(path)) == "project://scene/image.layers"
    found = ix.application.get_factory().find_attribute(path)
    assert repr(found) == "project://scene/image.layers"


@pytest.mark.parametrize("path", ["scene", "scene/none.x", "scene/image.none", "scene.none"])
def test_find_attribute_finds_nothing_else(ix: Any, path: str) -> None:
    assert ix.application.get_factory().find_attribute(path) is None


def test_handles_are_made_anew(ix: Any) -> None:
    first, second = ix.get_item("scene/image"), ix.get_item("scene/image")
    assert first is not second
    assert first.get_full_name() == second.get_full_name() == str(first) == repr(first)


@pytest.mark.parametrize(
    "path, expected",
    [
        ("scene/image", ("image", "image", "project://scene", "project://scene")),
        ("scene/image.bg", ("bg", "image.bg", "project://scene", "project://scene/image")),
        ("scene/sub/thing", ("thing", "thing", "project://scene/sub", "project://scene/sub")),
        ("scene", ("scene", "scene", "project:/", "project:/")),
        ("top", ("top", "top", "project:/", "project:/")),
    ],
)
def test_names_and_parents(ix: Any, path: str, expected: tuple[str, ...]) -> None:
    item = ix.get_item(path)
    assert expected == (
        item.get_name(), item.get_contextual_name(), str(item.get_context()),
        str(item.get_parent_item()),
    )


def test_the_root(ix: Any) -> None:
    root = ix.application.get_factory().get_root()
    assert (str(root), root.get_name(), root.get_level()) == ("project:/", "", 0)
    assert root.get_parent_item() is None
    assert str(root.get_context()) == "project:/"
    assert names(root.get_context(index) for index in range(root.get_context_count())) == [
        "project://scene", "project://lib"
    ]


@pytest.mark.parametrize(
    "path, base, expected",
    [
        ("scene/image", "Image", True),
        ("scene/image", "ProjectItem", True),
        ("scene/image.bg", "Layer", True),
        ("scene/image.bg", "Layer3d", True),
        ("scene/image", "Layer", False),
        ("scene/wood", "Image", False),
    ],
)
def test_inheritance(ix: Any, path: str, base: str, expected: bool) -> None:
    assert ix.get_item(path).is_kindof(base) is expected


def test_flags_of_items(ix: Any) -> None:
    assert ix.get_item("scene/wood").is_disabled() and not ix.get_item("scene/noise").is_disabled()
    assert ix.get_item("scene/noise").is_enabled()
    assert ix.get_item("scene/image.bg").is_private()
    assert not ix.get_item("scene/image.fg").is_private()
    item = ix.get_item("scene/noise")
    assert item.is_local() and item.is_editable()
    states = (item.is_remote(), item.is_reference(), item.is_locked(), item.is_content_locked())
    assert not any(states)
    item.set_private(True)
    assert ix.get_item("scene/noise").is_private()


def test_the_word_for_disabled_is_a_switch(ix: Any, host: headless.Host) -> None:
    host.switches.disabled_keyword = "is_off"
    assert not ix.get_item("scene/wood").is_disabled()


def test_casts(ix: Any) -> None:
    image, scene = ix.get_item("scene/image"), ix.get_item("scene")
    assert image.is_object() and not image.is_context() and image.to_context() is None
    assert scene.is_context() and not scene.is_object() and scene.to_object() is None
    assert str(image.to_object()) == "project://scene/image"
    assert str(scene.to_context()) == "project://scene"


def test_a_context_that_loads_a_file_is_a_reference(ix: Any) -> None:
    lib, scene = ix.get_item("lib"), ix.get_item("scene")
    assert (lib.is_reference(), lib.get_type()) == (True, "FileReferenceContext")
    assert (scene.is_reference(), scene.get_type()) == (False, "Context")
    attr = lib.get_attribute("filename")
    assert attr.get_string() == "/shows/lib.project"
    owner = attr.get_parent_object()
    assert (owner.get_name(), owner.get_class_name()) == ("__context_options__", "Generic")
    assert attr.get_visual_hint() == ix.api.OfAttr.VISUAL_HINT_FILENAME_OPEN


class TestWalking:
    def test_direct_children(self, ix: Any) -> None:
        scene = ix.get_item("scene")
        count = scene.get_object_count() + scene.get_context_count()
        assert [scene.get_item(index).get_name() for index in range(count)] == [
            "camera", "image", "wood", "noise", "copy", "old", "sub"
        ]
        assert scene.get_item(count) is None
        assert scene.get_context(5) is None

    def test_items_of_a_context(self, ix: Any) -> None:
        found = ix.api.OfItemVector()
        ix.get_item("scene").get_items(found, ix.api.CoreBitFieldHelper())
        assert [item.get_name() for item in found] == [
            "camera", "image", "wood", "noise", "copy", "sub", "old"
        ]

    def test_everything_below(self, ix: Any) -> None:
        found = ix.api.OfItemVector()
        ix.get_item("scene").get_all_items(found)
        assert "project://scene/image.bg" in names(found)
        assert "project://scene/sub/thing" in names(found)
        assert "project://top" not in names(found)

    def test_objects_by_class(self, ix: Any) -> None:
        found = ix.api.OfObjectArray()
        ix.get_item("scene").get_all_objects("Layer", found)
        assert names(found) == ["project://scene/image.bg", "project://scene/image.fg"]
        ix.get_item("scene").get_all_objects(
            ["Image", "TextureNoise"], found, ix.api.CoreBitFieldHelper()
        )
        assert [item.get_name() for item in found] == ["image", "noise", "copy"]
        ix.get_item("scene").get_objects("TextureNoise", found)
        assert found.get_count() == 2

    def test_without_recursion_the_array_keeps_its_size(self, ix: Any) -> None:
        scene, flags = ix.get_item("scene"), ix.api.CoreBitFieldHelper()
        found = ix.api.OfObjectArray(scene.get_object_count())
        scene.get_all_objects(found, flags, False)
        assert [item.get_name() for item in found][-1] == "old"
        small = ix.api.OfObjectArray(1)
        scene.get_all_objects(small, flags, False)
        assert names(small) == ["project://scene/camera"]
        everything = ix.api.OfObjectArray()
        scene.get_all_objects(everything, flags, True)
        assert "project://scene/image.fg" in names(everything)

    def test_contexts_with_the_context_itself(self, ix: Any) -> None:
        found = ix.api.OfContextSet()
        ix.application.get_factory().get_root().resolve_all_contexts(found)
        assert names(found) == [
            "project:/", "project://scene", "project://scene/sub", "project://lib"
        ]
        assert [found[index].get_level() for index in range(4)] == [0, 1, 2, 1]

    def test_preferences_hold_no_items(self, ix: Any) -> None:
        found = ix.api.OfObjectArray()
        ix.application.get_factory().get_objects(found)
        assert found.get_count() == 10

    def test_the_factory_finds_by_class(self, ix: Any) -> None:
        factory, found = ix.application.get_factory(), ix.api.OfObjectArray()
        assert factory.get_all_objects("Layer", found) is None
        assert names(found) == ["project://scene/image.bg", "project://scene/image.fg"]
        factory.get_objects("Layer", found)
        assert names(found) == []

    def test_what_an_object_depends_on(self, ix: Any) -> None:
        found = ix.api.OfObjectSet()
        ix.get_item("scene/image").gather_branch(found)
        assert sorted(item.get_name() for item in found) == ["bg", "camera", "fg", "image"]
        ix.get_item("scene/noise").gather_branch(found)
        assert sorted(item.get_name() for item in found) == ["noise", "wood"]


class TestCreating:
    def test_an_object(self, ix: Any) -> None:
        made = ix.create_object("new", "Image", ix.get_item("scene"))
        assert made.get_full_name() == "project://scene/new"
        assert names([ix.get_item("scene/new")]) == ["project://scene/new"]
        found = ix.api.OfObjectArray()
        ix.application.get_factory().get_all_objects("Image", found)
        assert [item.get_name() for item in found] == ["image", "new"]
        assert ix.application.is_project_modified()

    def test_a_taken_name_is_changed(self, ix: Any) -> None:
        scene = ix.get_item("scene")
        made = [scene.add_object("image", "Image").get_name() for _ in range(2)]
        assert made == ["image1", "image2"]

    def test_an_unknown_class_makes_nothing(self, ix: Any) -> None:
        assert ix.get_item("scene").add_object("x", "NoSuchClassAtAll") is None
        assert ix.cmds.CreateObject("x", "NoSuchClassAtAll") is None
        assert driver.log("error") == ["CreateObject: there is no class NoSuchClassAtAll"]

    @pytest.mark.parametrize("name, family", [
        ("LightPhysicalDistant", "Light"), ("MaterialPhysicalStandard", "Material"),
        ("TextureConstantColor", "Texture"), ("KubixLayer", "Layer"),
    ])
    def test_a_class_outside_the_table_is_taken_for_its_family(
        self, ix: Any, name: str, family: str
    ) -> None:
        made = [ix.cmds.CreateObject("x", name, "project://scene") for _ in range(2)]
        assert [each.get_class_name() for each in made] == [name, name]
        assert made[0].is_kindof(family)
        (told,) = driver.log("warning")
        assert name in told and family in told

    def test_a_class_outside_the_table_of_which_the_project_has_items(
        self, ix: Any, scene_path: Path
    ) -> None:
        assert ix.cmds.CreateObject("x", "Scatterer") is None
        scene_path.write_text(
            scene_path.read_text("utf-8").replace("TextureMapFile {", "Scatterer {"), "utf-8")
        ix.load_project(str(scene_path))
        assert ix.cmds.CreateObject("x", "Scatterer").get_class_name() == "Scatterer"

    def test_a_context(self, ix: Any) -> None:
        made = ix.create_context("scene/new")
        assert made.get_full_name() == "project://scene/new"
        assert made.get_level() == 2
        assert made.add_context("deep").get_full_name() == "project://scene/new/deep"
        for path in ("scene/new", "none/new"):
            with pytest.raises(RuntimeError, match="cannot create"):
                ix.create_context(path)

    @pytest.mark.parametrize(
        "where, expected",
        [
            ((), "project://job"),
            (("project://scene",), "project://scene/job"),
            (("Global", "project://scene/sub"), "project://scene/sub/job"),
            (("Global",), "project://job"),
        ],
    )
    def test_the_command(self, ix: Any, where: tuple[str, ...], expected: str) -> None:
        assert ix.cmds.CreateObject("job", "Image", *where).get_full_name() == expected

    def test_the_command_takes_a_context_as_an_item(self, ix: Any) -> None:
        made = ix.cmds.CreateContext("new", ix.get_item("scene"))
        assert made.get_full_name() == "project://scene/new"
        assert made.is_context()

    def test_the_working_context(self, ix: Any) -> None:
        ix.set_current_context("scene/sub")
        assert ix.create_object("x", "Image").get_full_name() == "project://scene/sub/x"
        assert str(ix.get_current_context()) == "project://scene/sub"
        assert str(ix.application.get_working_context()) == "project://scene/sub"


class TestRemoving:
    @pytest.mark.parametrize(
        "remove",
        [
            lambda ix: ix.application.get_factory().remove_item("project://scene/image"),
            lambda ix: ix.delete_item("scene/image"),
            lambda ix: ix.delete_item(ix.get_item("scene/image")),
            lambda ix: ix.cmds.DeleteItem("project://scene/image"),
            lambda ix: ix.cmds.DeleteItems(["project://scene/image"]),
        ],
        ids=["factory", "by path", "by item", "command", "commands"],
    )
    def test_an_item_and_what_is_in_it(self, ix: Any, remove: Any) -> None:
        remove(ix)
        assert ix.item_exists("scene/image") is None
        assert ix.item_exists("scene/image.bg") is None
        found = ix.api.OfObjectArray()
        ix.application.get_factory().get_all_objects("Layer", found)
        assert names(found) == []
        assert ix.application.is_project_modified()

    def test_a_handle_of_a_removed_item_crashes_the_host(self, ix: Any) -> None:
        image = ix.get_item("scene/image")
        ix.delete_item("scene/image")
        with pytest.raises(headless.HostCrash, match="project://scene/image was removed"):
            image.get_name()

    def test_its_place_can_be_taken(self, ix: Any) -> None:
        ix.delete_item("scene/image")
        made = ix.create_object("image", "Image", ix.get_item("scene"))
        assert made.get_full_name() == "project://scene/image"
        assert made.get_attribute("last_frame").get_long() != 50

    def test_the_root_and_unknown_paths_stay(self, ix: Any) -> None:
        factory = ix.application.get_factory()
        factory.remove_item("project://")
        factory.remove_item("scene/none")
        assert ix.item_exists("scene") is not None
        assert not ix.application.is_project_modified()


def test_classes(ix: Any) -> None:
    classes = ix.application.get_factory().get_classes()
    assert classes.get("Image").get_name() == classes.exists("Image").get_name() == "Image"
    assert classes.get("Mystery") is None and classes.exists("Mystery") is None
    assert {"Image", "Layer3d"} <= {each.get_name() for each in classes.get_classes()}
    image = classes.get("Image")
    everything = [image.get_attribute(i).get_name() for i in range(image.get_attribute_count())]
    assert "save_as" in everything
    assert image.get_attribute("none") is None and image.get_attribute(999) is None
    assert image.attribute_exists("save_as").get_name() == "save_as"
    assert ix.get_item("scene/image").get_class().get_name() == "Image"


def test_a_class_default_is_the_default_of_its_items(ix: Any) -> None:
    ix.application.get_factory().get_classes().get("Image").get_attribute("last_frame").set_long(99)
    made = ix.create_object("new", "Image", ix.get_item("scene"))
    assert made.get_attribute("last_frame").get_long() == 99
    assert ix.get_item("scene/image.last_frame").get_long() == 50


def test_objects_know_the_application(ix: Any) -> None:
    image = ix.get_item("scene/image")
    assert image.get_application() is ix.application
    assert str(image.get_factory().get_root()) == "project:/"
    assert type(image.m_object).__name__ == "OfObject"
