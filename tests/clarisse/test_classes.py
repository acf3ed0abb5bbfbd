"""The table of what a project file omits."""

from __future__ import annotations

import pytest

from conductor.clarisse import classes
from conductor.clarisse.classes import (
    CLASSES,
    AttributeInfo,
    Confidence,
    attribute_info,
    class_of,
    default_text,
    is_kind_of,
    output_name,
    output_names,
)

TYPES = {
    "bool": bool, "long": int, "double": float, "string": str, "reference": str, "object": str,
}
HINTS = {"", "filename_open", "filename_save", "enum", "script", "pixel", "frequency"}
ROWS = [
    pytest.param(attribute, id="%s.%s" % (info.name, attribute.name))
    for info in CLASSES.values() for attribute in info.attributes.values()
]


def info(class_name: str, name: str) -> AttributeInfo:
    found = attribute_info(class_name, name)
    assert found is not None, (class_name, name)
    return found


@pytest.mark.parametrize("attribute", ROWS)
def test_each_row_holds_together(attribute: AttributeInfo) -> None:
    assert attribute.hint in HINTS
    assert isinstance(attribute.confidence, Confidence)
    is_many = attribute.container in ("array", "list")
    assert is_many or attribute.container == "single"
    if attribute.default is not None:
        assert isinstance(attribute.default, tuple) is is_many
        values = attribute.default if isinstance(attribute.default, tuple) else (attribute.default,)
        assert all(type(value) is TYPES[attribute.type] for value in values)


@pytest.mark.parametrize("name", CLASSES)
def test_each_class_stands_behind_its_base_and_has_what_that_has(name: str) -> None:
    found, order = CLASSES[name], list(CLASSES)
    assert found.name == name and class_of(name) is found
    if name != "ProjectItem":
        assert order.index(found.base) < order.index(name)
        assert set(CLASSES[found.base].attributes) <= set(found.attributes)
        assert is_kind_of(name, "ProjectItem")


# Class, attribute, hint, container: every path attribute that the vendor's pages or production
# code name, those of outputs included.
PATHS = [
    ("TextureStreamedMapFile", "filename", "filename_open", "single"),
    ("TextureMapFile", "filename", "filename_open", "single"),
    ("TextureMapFile", "filename_sys", "filename_open", "single"),
    ("TextureOslFile", "OSL_shader_filename", "filename_open", "single"),
    ("LayerFile", "filename", "filename_open", "single"),
    ("GeometryPolyfile", "filename", "filename_open", "single"),
    ("GeometryBundleAlembic", "filename", "filename_open", "list"),
    ("GeometryBundleUsd", "filename", "filename_open", "list"),
    ("GeometryAbcMesh", "filename", "filename_open", "single"),
    ("GeometryAbcFur", "filename", "filename_open", "single"),
    ("GeometryAbcPointCloud", "filename", "filename_open", "single"),
    ("AbcXform", "filename", "filename_open", "single"),
    ("CameraAlembic", "filename", "filename_open", "single"),
    ("GeometryVolumeFile", "filename", "filename_open", "single"),
    ("GeometryFurFile", "filename", "filename_open", "single"),
    ("Generic", "filename", "filename_open", "list"),
    ("ImageNodeRead", "filename", "filename_open", "single"),
    ("ImageNodeWrite", "filename", "filename_save", "single"),
    ("ProcessWriteAbc", "filename", "filename_save", "single"),
    ("ProcessAlembicExport", "filename", "filename_save", "single"),
    ("Image", "save_as", "filename_save", "single"),
    ("Layer3d", "save_as", "filename_save", "single"),
    ("LayerFile", "save_as", "filename_save", "single"),
    ("KubixLayer", "save_as", "filename_save", "single"),
]


@pytest.mark.parametrize("class_name, name, hint, container", PATHS)
def test_path_attributes(class_name: str, name: str, hint: str, container: str) -> None:
    found = info(class_name, name)
    assert (found.type, found.hint, found.container) == ("string", hint, container)
    assert found.is_path


def test_no_other_class_of_the_table_adds_a_path() -> None:
    listed = {(class_name, name) for class_name, name, _, _ in PATHS}
    outputs = {"save_as", "enable_deep_output_path"}
    assert {
        (found.name, attribute.name)
        for found in CLASSES.values() for attribute in found.attributes.values()
        if attribute.is_path and attribute.name not in outputs
    } <= listed


@pytest.mark.parametrize("class_name", [
    "TextureStreamedMapFile", "TextureMapFile", "LayerFile", "GeometryPolyfile",
])
def test_sequence_attributes(class_name: str) -> None:
    names = set(class_of(class_name).attributes)
    assert names >= {
        "detect_sequence", "sequence_mode", "frame", "start_frame", "end_frame", "frame_offset",
        "frame_rate", "missing_frame", "pre_behavior", "post_behavior",
    }
    assert info(class_name, "sequence_mode").default == 0
    assert info(class_name, "frame_rate").default is None, "unknown, so never taken for a number"


@pytest.mark.parametrize("class_name", ["Image", "Layer3d", "KubixLayer"])
@pytest.mark.parametrize("name, text", [
    ("render_to_disk", "no"), ("save_as", ""), ("format", "0"), ("first_frame", "0"),
    ("last_frame", "0"), ("frame_step", "1"),
])
def test_defaults_of_outputs(class_name: str, name: str, text: str) -> None:
    assert name in class_of(class_name).attributes
    assert default_text(class_name, name) == text


@pytest.mark.parametrize("class_name, name, index, text", [
    pytest.param("Image", "resolution", 0, "1920", id="first of an array"),
    pytest.param("Image", "resolution", 1, "1080", id="second of an array"),
    pytest.param("Image", "resolution", 2, "", id="behind an array"),
    pytest.param("Image", "layers", 0, "", id="empty list"),
    pytest.param("Image", "frame_step", 1, "", id="second of a single value"),
    pytest.param("Image", "display_ratio", 0, "1", id="number without decimals"),
    pytest.param("Image", "resolution_multiplier", 0, "", id="not known"),
    pytest.param("TextureMapFile", "color_space_auto_detect", 0, "yes", id="yes"),
    pytest.param("Image", "nothing", 0, "", id="no such attribute"),
    pytest.param("Nothing", "nothing", 0, "", id="no such class"),
])
def test_defaults_as_text(class_name: str, name: str, index: int, text: str) -> None:
    assert default_text(class_name, name, index) == text


def test_zero_is_written_as_clarisse_writes_it() -> None:
    assert classes._written(0.0) == "0.0"
    assert classes._written(-0.25) == "-0.25"


@pytest.mark.parametrize("name, base", [
    pytest.param("KubixLayer", "Layer", id="family behind"),
    pytest.param("LayerDeep", "Layer", id="family in front"),
    pytest.param("RendererPathTracer", "Renderer", id="renderer"),
    pytest.param("KubixRenderer", "Renderer", id="renderer of a plug-in"),
    pytest.param("TextureLayer", "Texture", id="front before behind"),
    pytest.param("GeometryPolysphere", "Geometry", id="geometry"),
    pytest.param("MaterialPhysicalStandard", "Material", id="material"),
    pytest.param("SceneObjectScatterer", "ProjectItem", id="no family"),
    pytest.param("ImageHistory", "ProjectItem", id="not every image makes files"),
    pytest.param("ConductorJob", "ProjectItem", id="scripted class"),
])
def test_unknown_classes_are_guessed(name: str, base: str) -> None:
    found = class_of(name)
    assert (found.name, found.base, found.confidence) == (name, base, Confidence.GUESSED)
    assert set(found.attributes) == set(CLASSES[base].attributes)
    assert all(row.confidence is Confidence.GUESSED for row in found.attributes.values())


@pytest.mark.parametrize("name, base, expected", [
    ("Layer3d", "Layer", True), ("Layer", "Layer", True), ("KubixLayer", "Layer", True),
    ("Layer3d", "ProjectItem", True), ("Layer3d", "Image", False), ("Image", "Layer", False),
    ("Layer", "Layer3d", False), ("CameraAlembic", "SceneObject", True), ("Nothing", "", False),
    ("GeometryBundleUsd", "Geometry", True), ("", "Layer", False),
])
def test_inheritance(name: str, base: str, expected: bool) -> None:
    assert is_kind_of(name, base) is expected


@pytest.mark.parametrize("name, hint, container", [
    ("filename", "filename_open", "single"),
    ("filenames", "filename_open", "list"),
    ("ies_filename", "filename_open", "single"),
    ("file", "filename_open", "single"),
    ("path", "filename_open", "single"),
    ("save_as", "filename_save", "single"),
    ("folder", "folder", "single"),
    ("directory", "folder", "single"),
])
def test_unknown_attributes_that_look_like_paths(name: str, hint: str, container: str) -> None:
    found = info("Unheard", name)
    assert (found.type, found.hint, found.container) == ("string", hint, container)
    assert (found.default, found.confidence) == (None, Confidence.GUESSED)
    assert found.is_path


@pytest.mark.parametrize("name", ["color", "filename_x", "paths", "my_path", "filen", ""])
def test_unknown_attributes_that_do_not(name: str) -> None:
    assert attribute_info("Unheard", name) is None


def test_a_known_attribute_is_not_guessed() -> None:
    assert info("TextureMapFile", "filename") is CLASSES["TextureMapFile"].attributes["filename"]


@pytest.mark.parametrize("file_format, label, name", [
    (0, "EXR16", "/out/a00007.exr"), (1, "EXR32", "/out/a00007.exr"), (2, "JPG", "/out/a00007.jpg"),
    (3, "BMP", "/out/a00007.bmp"), (4, "TGA", "/out/a00007.tga"), (5, "PNG8", "/out/a00007.png"),
    (6, "PNG16", "/out/a00007.png"), (7, "TIFF8", "/out/a00007.tif"),
    (8, "TIFF16", "/out/a00007.tif"), (9, "TIFF32", "/out/a00007.tif"),
])
def test_output_names(file_format: int, label: str, name: str) -> None:
    assert classes.IMAGE_FORMATS[file_format][0] == label
    assert output_name("/out/a", 7, file_format) == name


@pytest.mark.parametrize("frame, file_format, name", [
    pytest.param(123456, 0, "x.exr123456.exr", id="longer than the padding"),
    pytest.param(1, -1, "x.exr00001", id="format below the list"),
    pytest.param(1, 10, "x.exr00001", id="format behind the list"),
    pytest.param(-5, 0, "x.exr-0005.exr", id="negative frame"),
])
def test_odd_output_names(frame: int, file_format: int, name: str) -> None:
    assert output_name("x.exr", frame, file_format) == name


@pytest.mark.parametrize("save_as, tile, tiles, name", [
    pytest.param("/out/a", 1, 1, "/out/a00050.exr", id="one tile is a whole frame"),
    pytest.param("/out/a", 2, 4, "/out/a.tilex4-2.00050.exr", id="2 of 4"),
    pytest.param("/out/a", 2, 16, "/out/a.tilex16-02.00050.exr", id="as wide as the count"),
    pytest.param("/out/a", 100, 100, "/out/a.tilex100-100.00050.exr", id="the last of 100"),
    pytest.param("/out/a_####", 1, 1, "/out/a_0050.exr", id="the frame in the name"),
    pytest.param("/out/a_####", 2, 16, "/out/a_0050.tilex16-02.exr", id="and a tile behind it"),
    pytest.param("/o#t/a", 1, 1, "/o#t/a00050.exr", id="a hash in a folder is a hash"),
])
def test_names_of_tiles_and_of_hashes(save_as: str, tile: int, tiles: int, name: str) -> None:
    assert output_name(save_as, 50, 0, tile, tiles) == name


@pytest.mark.parametrize("leaf", ["a", "a.", "a_##", "a.b+c"])
@pytest.mark.parametrize("tile, tiles", [(1, 1), (7, 100)])
def test_every_name_is_told_from_its_neighbours(leaf: str, tile: int, tiles: int) -> None:
    names = output_names(leaf, 5)
    assert names.fullmatch(output_name(leaf, 50, 5, tile, tiles))
    for other in (leaf + ".png", leaf + "x00001.png", output_name(leaf, 50, 0, tile, tiles),
                  output_name("b" + leaf, 50, 5, tile, tiles)):
        assert not names.fullmatch(other)


def test_words_for_custom_attributes_that_hold_paths() -> None:
    assert {"filename_open", "filename_save", "folder", "file"} == classes.PATH_WORDS
    assert "filename_sys" in classes.DERIVED_PATHS
