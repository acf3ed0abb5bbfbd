"""What a project file omits: the classes of Clarisse, their attributes and defaults.

Clarisse does not write an attribute that equals its class default, and its full tables were never
published. This is the part a submission needs: outputs of images and layers, paths, sequences,
groups. Every default says how sure it is (:class:`Confidence`); a finding that rests on a guess
should say so. An unknown class is guessed from its name, an unknown attribute from its name too.

Sources: project files of Clarisse 3 to 5, scripts that ran in production, and the vendor's pages on
the technical attributes of each class.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Mapping, NamedTuple, Optional, Pattern, Tuple, Union

Scalar = Union[bool, int, float, str]
Default = Optional[Union[Scalar, Tuple[Scalar, ...]]]

FRAME_PADDING = 5
"""Digits of the frame number in the name of a rendered file."""

_HASHES = re.compile("#+(?=[^/]*$)")

IMAGE_FORMATS: tuple[tuple[str, str], ...] = (
    ("EXR16", "exr"), ("EXR32", "exr"), ("JPG", "jpg"), ("BMP", "bmp"), ("TGA", "tga"),
    ("PNG8", "png"), ("PNG16", "png"), ("TIFF8", "tif"), ("TIFF16", "tif"), ("TIFF32", "tif"),
)
"""Label and extension of each value of ``format``. The order was seen in production code; that
TIFF ends in ``tif`` is a guess from the name of the vendor's ``save_tif8``."""

DEFAULT_RESOLUTION_PERCENT = 50
"""What an image without ``resolution_multiplier`` shows in the viewer. The numbers that the file
holds are preset indices whose meaning is not known."""

DERIVED_PATHS = frozenset({"filename_sys"})
"""Path attributes that Clarisse computes from another one: not to be scanned, but to be mapped."""

SINGLE, ARRAY, LIST = "single", "array", "list"
OPEN, SAVE, FOLDER = "filename_open", "filename_save", "folder"
PATH_HINTS = frozenset({OPEN, SAVE, FOLDER})
PATH_WORDS = PATH_HINTS | {"file"}
"""Type words of custom attributes that hold paths."""


class Confidence(Enum):
    """How sure a default (or a class) is."""

    SEEN = "seen"
    """Follows from real project files or from code that ran in production."""
    DOCUMENTED = "documented"
    """The vendor's pages say so."""
    GUESSED = "guessed"
    """Unverified: the sensible value."""


class AttributeInfo(NamedTuple):
    """One attribute of a class.

    Attributes:
        type: ``bool``, ``long``, ``double``, ``string``, ``reference``, ``object``, ``action``.
        hint: visual hint as files write it (``filename_open``, ``frequency``); empty for none.
        container: ``single``, ``array`` (fixed length) or ``list``.
        default: None where it is not known; a tuple for arrays and lists.
        confidence: of the default.
    """

    name: str
    type: str
    hint: str = ""
    container: str = SINGLE
    default: Default = None
    confidence: Confidence = Confidence.GUESSED

    @property
    def is_path(self) -> bool:
        """True when the value names a file or folder."""
        return self.hint in PATH_HINTS


class ClassInfo(NamedTuple):
    """One class with all its attributes, inherited ones first.

    Attributes:
        base: the class it inherits from; empty for the root of all.
        confidence: of the class and its base.
    """

    name: str
    base: str
    attributes: Mapping[str, AttributeInfo]
    confidence: Confidence


_SEEN, _DOCUMENTED, _GUESSED = Confidence.SEEN, Confidence.DOCUMENTED, Confidence.GUESSED


def _path(name: str, hint: str = OPEN, container: str = SINGLE) -> AttributeInfo:
    # Without the attribute there is no file: seen in textures that were never given one.
    default: Default = "" if container == SINGLE else ()
    return AttributeInfo(name, "string", hint, container, default, _SEEN)


def _long(name: str, default: Default, sure: Confidence = _GUESSED) -> AttributeInfo:
    return AttributeInfo(name, "long", "", SINGLE, default, sure)


def _bool(name: str, default: bool, sure: Confidence = _GUESSED) -> AttributeInfo:
    return AttributeInfo(name, "bool", "", SINGLE, default, sure)


def _link(name: str, container: str = SINGLE, type_: str = "reference") -> AttributeInfo:
    return AttributeInfo(name, type_, "", container, "" if container == SINGLE else (), _SEEN)


_OUTPUT = (
    # Both appear in every image and layer of every file looked at, so their default is unimportant.
    _long("first_frame", 0), _long("last_frame", 0),
    # In no file looked at, all of which render every frame.
    _long("frame_step", 1, _SEEN),
    _bool("render_to_disk", False),
    _path("save_as", SAVE),
    _long("format", 0),
    AttributeInfo("LUT", "string", "", SINGLE, "", _GUESSED),
)
_IMAGE = _OUTPUT + (
    AttributeInfo("layers", "object", "", LIST, (), _SEEN),
    _long("active_layer", 0),
    AttributeInfo("resolution", "long", "pixel", ARRAY, (1920, 1080), _GUESSED),
    _long("resolution_mode", 0),
    AttributeInfo("resolution_preset", "string", "enum", SINGLE, "", _GUESSED),
    # 50 percent, whatever its index.
    _long("resolution_multiplier", None),
    AttributeInfo("display_ratio", "double", "", SINGLE, 1.0, _GUESSED),
)
_LAYER = _OUTPUT + (
    _link("active_camera"), _link("renderer"), _link("override_material"), _link("shading_layer"),
    _link("light_path_expressions", LIST),
    AttributeInfo("enable_deep_output_path", "string", SAVE, SINGLE, "", _GUESSED),
)
_SEQUENCE = (
    AttributeInfo("detect_sequence", "action", "", SINGLE, None, _DOCUMENTED),
    _long("sequence_mode", 0),
    # The frame in use follows the current frame.
    _long("frame", None, _DOCUMENTED),
    _long("start_frame", 0), _long("end_frame", 0), _long("frame_offset", 0),
    # 24 was seen written, so it is not the default.
    AttributeInfo("frame_rate", "double", "frequency", SINGLE, None, _GUESSED),
    _long("missing_frame", 0), _long("pre_behavior", 0), _long("post_behavior", 0),
)
_COLOR = (
    _bool("color_space_auto_detect", True),
    AttributeInfo("file_color_space", "string", "enum", SINGLE, "", _GUESSED),
    _bool("use_raw_data", False), _bool("pre_multiplied", False),
)
_GROUP = (
    _long("update_mode", 0),
    AttributeInfo("inclusion_rule", "string", "", SINGLE, "", _SEEN),
    _link("inclusion_items", LIST),
    AttributeInfo("exclusion_rule", "string", "", SINGLE, "", _SEEN),
    _link("exclusion_items", LIST),
)
_FILE = (_path("filename"),)
_FILES = (_path("filename", OPEN, LIST),)
_WRITER = (_path("filename", SAVE),)

# Name, base, own attributes, how sure the class is. A base stands above what inherits from it;
# that the families have these names was seen in filters such as "Layer" and "Image", or is guessed.
_TABLE: tuple[tuple[str, str, tuple[AttributeInfo, ...], Confidence], ...] = (
    ("ProjectItem", "", (), _DOCUMENTED),
    ("Context", "ProjectItem", (), _SEEN),
    # The hidden object "__context_options__" of a context: which files a reference loads.
    ("Generic", "ProjectItem", _FILES, _SEEN),
    ("Group", "ProjectItem", _GROUP, _SEEN),
    ("Image", "ProjectItem", _IMAGE, _SEEN),
    ("Layer", "ProjectItem", _LAYER, _SEEN),
    ("Layer3d", "Layer", (_link("output_layer"),), _SEEN),
    ("LayerFile", "Layer", _FILE + _SEQUENCE + _COLOR, _DOCUMENTED),
    ("LayerReference", "Layer", (), _DOCUMENTED),
    ("ImageNodeRead", "ProjectItem", _FILE, _GUESSED),
    ("ImageNodeWrite", "ProjectItem", _WRITER, _GUESSED),
    ("Texture", "ProjectItem", (), _GUESSED),
    ("TextureStreamedMapFile", "Texture",
     _FILE + _SEQUENCE + (_long("missing_file_behavior", 0),) + _COLOR, _DOCUMENTED),
    ("TextureMapFile", "Texture", _FILE + (_path("filename_sys"),) + _SEQUENCE + _COLOR, _SEEN),
    ("TextureMap", "Texture", (), _DOCUMENTED),
    ("TextureOslFile", "Texture", (_path("OSL_shader_filename"),), _SEEN),
    ("TextureOslScript", "Texture",
     (AttributeInfo("OSL_shader_script", "string", "script", SINGLE, "", _GUESSED),), _SEEN),
    ("SceneObject", "ProjectItem", (), _GUESSED),
    ("Geometry", "SceneObject", (), _GUESSED),
    ("GeometryPolyfile", "Geometry", _FILE + _SEQUENCE, _SEEN),
    ("GeometryBundle", "Geometry", (), _DOCUMENTED),
    ("GeometryBundleAlembic", "GeometryBundle", _FILES, _SEEN),
    ("GeometryBundleUsd", "GeometryBundle", _FILES, _SEEN),
    ("GeometryAbcMesh", "Geometry", _FILE, _SEEN),
    ("GeometryAbcFur", "Geometry", _FILE, _SEEN),
    ("GeometryAbcPointCloud", "Geometry", _FILE, _SEEN),
    ("GeometryVolumeFile", "Geometry", _FILE + _SEQUENCE, _SEEN),
    ("GeometryFurFile", "Geometry", _FILE, _SEEN),
    ("AbcXform", "SceneObject", _FILE, _SEEN),
    ("Camera", "SceneObject", (), _GUESSED),
    ("CameraPerspective", "Camera", (), _SEEN),
    ("CameraAlembic", "Camera", _FILE, _SEEN),
    ("Light", "SceneObject", (), _GUESSED),
    ("Renderer", "ProjectItem", (), _GUESSED),
    ("RendererRaytracer", "Renderer", (), _SEEN),
    ("Integrator", "ProjectItem", (), _GUESSED),
    ("Material", "ProjectItem", (), _GUESSED),
    ("Process", "ProjectItem", (), _GUESSED),
    ("ProcessWriteAbc", "Process", _WRITER, _DOCUMENTED),
    ("ProcessAlembicExport", "Process", _WRITER, _SEEN),
)


def _build() -> dict[str, ClassInfo]:
    classes: dict[str, ClassInfo] = {}
    for name, base, own, confidence in _TABLE:
        attributes = dict(classes[base].attributes) if base else {}
        attributes.update((attribute.name, attribute) for attribute in own)
        classes[name] = ClassInfo(name, base, attributes, confidence)
    return classes


CLASSES: Mapping[str, ClassInfo] = _build()
"""The classes of the table by name, in its order: a base before what inherits from it."""

# Families whose members carry the name in front, as the vendor's classes do ("Layer3d"), or
# behind, as those of plug-ins do ("KubixLayer").
_FAMILIES = (
    "Layer", "Texture", "Geometry", "Camera", "Light", "Renderer", "Integrator", "Material",
    "Process",
)
_ROOT = "ProjectItem"


def class_of(name: str) -> ClassInfo:
    """The class of that name; one outside the table is guessed from its name."""
    known = CLASSES.get(name)
    if known is not None:
        return known
    in_front = [family for family in _FAMILIES if name.startswith(family)]
    behind = [family for family in _FAMILIES if name.endswith(family)]
    base = (in_front + behind + [_ROOT])[0]
    attributes = {
        key: attribute._replace(confidence=_GUESSED)
        for key, attribute in CLASSES[base].attributes.items()
    }
    return ClassInfo(name, base, attributes, _GUESSED)


def is_kind_of(name: str, base: str) -> bool:
    """True when class ``name`` is ``base`` or inherits from it."""
    while name and name != base:
        name = class_of(name).base
    return bool(name)


def attribute_info(class_name: str, name: str) -> AttributeInfo | None:
    """The attribute of a class; one outside the table is guessed to be a path if its name says so.

    None for any other unknown name. Whether a guessed path holds text only the file can tell.
    """
    return class_of(class_name).attributes.get(name) or _guessed_path(name)


def _guessed_path(name: str) -> AttributeInfo | None:
    if name == "save_as":
        hint = SAVE
    elif name in ("folder", "directory"):
        hint = FOLDER
    elif name in ("filename", "filenames", "file", "path") or name.endswith("_filename"):
        hint = OPEN
    else:
        return None
    container = LIST if name == "filenames" else SINGLE
    return AttributeInfo(name, "string", hint, container, None, _GUESSED)


def default_text(class_name: str, name: str, index: int = 0) -> str:
    """One value of a default as a file would write it, without quotes; empty when unknown."""
    attribute = class_of(class_name).attributes.get(name)
    default = attribute.default if attribute is not None else None
    if isinstance(default, tuple):
        default = default[index] if index < len(default) else None
    elif index:
        default = None
    return "" if default is None else _written(default)


def _written(value: Scalar) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return "%.15g" % value if value else "0.0"
    return str(value)


def output_name(
    save_as: str, frame: int, file_format: int, tile: int = 1, tiles: int = 1,
) -> str:
    """File that Clarisse writes for a frame: ``/out/beauty`` gives ``/out/beauty00001.exr``, and
    its second tile of 16 ``/out/beauty.tilex16-02.00001.exr``. With hashes in the name the frame
    stands there: ``/out/a_####`` gives ``/out/a_0001.exr`` and ``/out/a_0001.tilex16-02.exr``.

    The forms of tiles and hashes are those of the vendor's user guide; that the number of a tile
    has as many digits as that of a frame is inferred.

    Args:
        file_format: value of ``format``; outside the known ones the extension is left out.
        tile: from 1 on.
        tiles: how many there are; 1 for a whole frame.
    """
    known = 0 <= file_format < len(IMAGE_FORMATS)
    extension = "." + IMAGE_FORMATS[file_format][1] if known else ""
    part = ".tilex%d-%0*d" % (tiles, len(str(tiles)), tile) if tiles > 1 else ""
    number = "%s%0*d" % ("." if part else "", FRAME_PADDING, frame)
    if _HASHES.search(save_as):
        save_as = _HASHES.sub(lambda hashes: "%0*d" % (len(hashes.group()), frame), save_as)
        number = ""
    return save_as + part + number + extension


def output_names(leaf: str, file_format: int) -> Pattern[str]:
    """What :func:`output_name` can give for any frame and tile, as a pattern for the whole name.

    Args:
        leaf: the last part of Save As.
    """
    extension = output_name("", 0, file_format)[FRAME_PADDING:]
    stem = "[0-9]+".join(map(re.escape, _HASHES.split(leaf)))
    tail = r"(\.tilex[0-9]+-[0-9]+)?" if "#" in leaf else r"(\.tilex[0-9]+-[0-9]+\.)?[0-9]+"
    return re.compile(stem + tail + re.escape(extension))
