"""Reads the open scene into plain values, once for each press; nothing is ever set here.

One small function for each question put to Clarisse.
"""

from __future__ import annotations

import re
from typing import Iterator

from conductor.clarisse.attributes import CLASS_NAME
from conductor.clarisse.host import HostModule, OfAttr, OfObject, source_of
from conductor.clarisse.references import unlisted
from conductor.clarisse.scan import OCIO_CONFIG, PREFERENCES
from conductor.clarisse.snapshot import Image, PathHint, PathReference, Scene, SequenceAttributes
from conductor.lib.errors import NotInStandIn

OURS = "CT_"
"""Prefix of the variables that we set ourselves."""

_NAME = re.compile(r"\$\d?([A-Za-z_]\w*)")
# Families that no 3D layer shows by itself: they count only where something names them.
_NOT_SHOWN = ("Image", "Layer", "Texture", "Material", "Process", CLASS_NAME)
_SEQUENCE = {
    "mode": "sequence_mode", "start": "start_frame", "end": "end_frame", "offset": "frame_offset",
    "pre_behavior": "pre_behavior", "post_behavior": "post_behavior",
}


def read_scene(ix: HostModule, item: OfObject, with_branches: bool = False) -> Scene:
    """What a submission of this ConductorJob needs to know of the scene.

    Args:
        with_branches: also which items each image depends on.
    """
    application = ix.application
    images = read_images(item)
    references = (*read_scene_references(ix), *read_preference_files(ix))
    variables = read_variables(ix)
    texts = [image.save_as for image in images] + [reference.source for reference in references]
    variables.update(read_named_variables(ix, texts, variables))
    return Scene(
        path=str(application.get_current_project_filename()),
        version=str(application.get_version()),
        version_name=str(application.get_version_name()),
        job=str(item.get_full_name()),
        modified=bool(application.is_project_modified()),
        fps=float(application.get_factory().get_time().get_fps()),
        variables=variables,
        images=images,
        references=references,
        localizes_references=makes_references_local(ix),
        branches=read_branches(ix, item) if with_branches else None,
    )


def makes_references_local(ix: HostModule) -> bool:
    """True in Clarisse, whose exporter puts referenced projects into the one it writes."""
    try:
        return ix.export_context_as_project_with_dependencies is not None
    except (AttributeError, NotInStandIn):
        return False


def read_branches(ix: HostModule, item: OfObject) -> dict[str, tuple[str, ...]]:
    """For each image of the item, the full names of what it depends on, itself included.

    A 3D layer shows what its context holds, and a group what its rule takes in, so that belongs
    to them: a branch as such is followed through attributes alone.
    """
    attr = item.get_attribute("images")
    images = [attr.get_object(index) for index in range(attr.get_value_count())]
    return {str(image.get_full_name()): _branch(ix, image) for image in images if image is not None}


def _branch(ix: HostModule, image: OfObject) -> tuple[str, ...]:
    names: dict[str, None] = {}
    waiting = [image]
    while waiting:
        branch = ix.api.OfObjectSet()
        waiting.pop().gather_branch(branch)
        for index in range(branch.get_count()):
            one = branch[index]
            name = str(one.get_full_name())
            if name not in names:
                names[name] = None
                waiting.extend(shown for shown in _shown_by(ix, one)
                               if str(shown.get_full_name()) not in names)
    return tuple(names)


def _shown_by(ix: HostModule, one: OfObject) -> Iterator[OfObject]:
    """What a layer or a group may show beside what its attributes name."""
    found = ix.api.OfObjectArray()
    if one.is_kindof("Layer3d"):
        one.get_context().get_all_objects("ProjectItem", found)
    elif one.is_kindof("Group") and _text(one, "inclusion_rule"):
        # A rule may take in anything.
        ix.application.get_factory().get_all_objects("ProjectItem", found)
    for index in range(found.get_count()):
        if not any(found[index].is_kindof(family) for family in _NOT_SHOWN):
            yield found[index]


def read_preference_files(ix: HostModule) -> Iterator[PathReference]:
    """Files that the project's preferences name and a render reads: colours."""
    application = ix.application
    named = {
        OCIO_CONFIG: application.get_ocio_config_file()
        if application.get_use_ocio_config_file() else "",
        "cdl_library_file": application.get_cdl_library_file(),
        "color_space_mapping_config_file": application.get_color_space_mapping_config_file(),
    }
    for name, path in named.items():
        if path:
            yield PathReference(PREFERENCES, name, PREFERENCES, str(path), PathHint.OPEN)


def read_images(item: OfObject) -> tuple[Image, ...]:
    """The images and layers that the item names, in its order.

    The eye beside an image disables it, or mutes the value that names it: which of the two is
    unverified. A muted value names nothing.
    """
    attr = item.get_attribute("images")
    named = [attr.get_object(index) for index in range(attr.get_value_count())]
    return tuple(read_image(image) for image in named if image is not None)


def read_image(image: OfObject) -> Image:
    """One image or layer: where it is written, and which frames it has."""
    return Image(
        path=str(image.get_full_name()),
        class_name=str(image.get_class_name()),
        enabled=not _is_off(image),
        render_to_disk=bool(image.get_attribute("render_to_disk").get_bool()),
        save_as=source_of(image.get_attribute("save_as")),
        file_format=_long(image, "format"),
        first_frame=_long(image, "first_frame"),
        last_frame=_long(image, "last_frame"),
        frame_step=_long(image, "frame_step", 1),
    )


def _is_off(image: OfObject) -> bool:
    """True for a disabled image or layer, and for every layer of a disabled image."""
    outer = image.get_parent_item()
    return bool(image.is_disabled() or outer is not None and outer.is_object()
                and outer.is_disabled())


def read_variables(ix: HostModule) -> dict[str, str]:
    """Built-in and custom variables, ours left out."""
    host_vars = ix.application.get_factory().get_vars()
    values = {}
    for kind in (ix.api.OfVars.TYPE_BUILTIN, ix.api.OfVars.TYPE_CUSTOM):
        for index in range(host_vars.get_count(kind)):
            variable = host_vars.get_by_index(kind, index)
            values[str(variable.get_name())] = str(variable.get_string())
    return {name: value for name, value in values.items() if not name.startswith(OURS)}


def read_named_variables(
    ix: HostModule, texts: list[str], known: dict[str, str]
) -> dict[str, str]:
    """Variables of the environment, only those that the texts name: it may hold secrets."""
    host_vars = ix.application.get_factory().get_vars()
    named = {name for text in texts for name in _NAME.findall(text)}
    unknown = {name for name in named if name not in known and not name.startswith(OURS)}
    found = {name: host_vars.get(name) for name in sorted(unknown)}
    return {name: str(var.get_string()) for name, var in found.items() if var is not None}


def read_scene_references(ix: HostModule) -> Iterator[PathReference]:
    """Every path of the scene; without Clarisse, also those of references that are written
    otherwise than the stand-in reads them."""
    listed = tuple(read_references(ix))
    yield from listed
    if not makes_references_local(ix):
        yield from unlisted(str(ix.application.get_current_project_filename()), listed)


def read_references(ix: HostModule) -> Iterator[PathReference]:
    """Every path of the scene as typed, those of ConductorJob items left out."""
    hints = _path_hints(ix)
    attrs = ix.api.OfAttr.get_path_attrs()
    for position in range(attrs.get_count()):
        attr = attrs[position]
        hint = hints.get(attr.get_visual_hint())
        owner = attr.get_parent_object()
        if hint is None or owner.get_class_name() == CLASS_NAME:
            continue
        for index in range(attr.get_value_count()):
            source = source_of(attr, index)
            if source:
                yield _reference(attr, owner, source, hint)


def read_sequence(owner: OfObject, attr: OfAttr) -> SequenceAttributes | None:
    """The sequence attributes beside a file name, None where the item has none."""
    if attr.get_name() != "filename" or not owner.attribute_exists("sequence_mode"):
        return None
    numbers = {field: _long(owner, name) for field, name in _SEQUENCE.items()}
    rate = owner.attribute_exists("frame_rate")
    return SequenceAttributes(rate=float(rate.get_double()) if rate else 0.0, **numbers)


def _reference(attr: OfAttr, owner: OfObject, source: str, hint: PathHint) -> PathReference:
    return PathReference(
        item=str(owner.get_full_name()),
        attribute=str(attr.get_name()),
        class_name=str(owner.get_class_name()),
        source=source,
        hint=hint,
        sequence=read_sequence(owner, attr),
        enabled=not owner.is_disabled(),
        private=bool(attr.is_private()),
    )


def _path_hints(ix: HostModule) -> dict[int, PathHint]:
    return {
        ix.api.OfAttr.VISUAL_HINT_FILENAME_OPEN: PathHint.OPEN,
        ix.api.OfAttr.VISUAL_HINT_FILENAME_SAVE: PathHint.SAVE,
        ix.api.OfAttr.VISUAL_HINT_FOLDER: PathHint.FOLDER,
    }


def _text(owner: OfObject, name: str) -> str:
    attr = owner.attribute_exists(name)
    return str(attr.get_raw_string()) if attr else ""


def _long(owner: OfObject, name: str, default: int = 0) -> int:
    attr = owner.attribute_exists(name)
    return int(attr.get_long()) if attr else default
