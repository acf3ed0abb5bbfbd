"""ConductorJob items: how they are declared, read, found, and what is written back to them.

They, and the CT_ variables, are all that is ever written.
"""

from __future__ import annotations

from typing import Any, Callable, Mapping, Sequence

from conductor.clarisse import menus, setting_values
from conductor.clarisse.attributes import (
    ATTRIBUTES,
    CLASS_NAME,
    LAST,
    NOT_SET,
    Attribute,
    Default,
    JobSettings,
    Kind,
    settings,
)
from conductor.clarisse.host import (
    HostModule,
    OfAttr,
    OfClass,
    OfObject,
    get_ix,
    objects_of,
    source_of,
)
from conductor.lib.catalog import Catalog
from conductor.lib.checks import Finding, warning
from conductor.lib.errors import SceneError
from conductor.lib.variables import VARIABLES

AddAction = Callable[[OfClass, str, str], object]


# ---------------------------------------------------------------- declared


def declare(ix: HostModule, s_class: OfClass, add_action: AddAction) -> None:
    """Give the class its rows, in the table's order."""
    for row in ATTRIBUTES:
        if row.is_action:
            add_action(s_class, row.name, row.group)
        else:
            _declare_attribute(ix, s_class, row)
        s_class.set_attr_doc(row.name, row.doc)


def _declare_attribute(ix: HostModule, s_class: OfClass, row: Attribute) -> None:
    words = ix.api.OfAttr
    attr = s_class.add_attribute(
        row.name,
        getattr(words, "TYPE_" + row.kind.name),
        words.CONTAINER_LIST if row.is_list else words.CONTAINER_SINGLE,
        getattr(words, "VISUAL_HINT_" + row.hint.upper()),
        row.group,
    )
    presets = ((NOT_SET, 0),) if row.menu else row.presets
    for label, value in presets:
        attr.add_preset(label, str(value))
    _declare_limits(ix, attr, row)
    if not row.is_list:
        _store(attr, row, row.stored_default)
    attr.set_read_only(row.read_only)
    attr.set_hidden(row.hidden or bool(row.shown_when))


def _declare_limits(ix: HostModule, attr: OfAttr, row: Attribute) -> None:
    if row.classes:
        filters = ix.api.CoreStringVector(0)
        for class_name in row.classes:
            filters.add(class_name)
        attr.set_object_filters(filters)
    if row.maximum is not None:
        attr.enable_range(True)
        attr.set_numeric_range(row.minimum, row.maximum)
    elif row.minimum is not None:
        attr.enable_range(True)
        attr.set_numeric_range_min(row.minimum)


# ---------------------------------------------------------------- read


def read_settings(item: OfObject) -> JobSettings:
    """What the artist set, as plain values."""
    values: dict[str, Any] = {row.name: _read(item, row) for row in settings()}
    return JobSettings(**values)


def _read(item: OfObject, row: Attribute) -> Default:
    attr = item.get_attribute(LAST + row.name if row.menu else row.name)
    if row.is_list:
        return tuple(_read_list(attr, row))
    if row.kind is Kind.BOOL:
        return bool(attr.get_bool())
    if row.kind is Kind.LONG and not row.menu:
        number = int(attr.get_long())
        return setting_values.label_of(row, number) if row.is_named_choice else number
    return source_of(attr)


def _read_list(attr: OfAttr, row: Attribute) -> list[str]:
    positions = range(attr.get_value_count())
    if row.kind is Kind.REFERENCE:
        named = [attr.get_object(index) for index in positions]
        return [str(item.get_full_name()) for item in named if item is not None]
    return [str(attr.get_raw_string(index)) for index in positions]


def check_images(ix: HostModule, item: OfObject) -> tuple[Finding, ...]:
    """A warning for each image that the item names and the scene does not have. One whose value
    is muted names nothing either, but is there."""
    attr, factory = item.get_attribute("images"), ix.application.get_factory()
    named = [str(attr.get_raw_string(index)) for index in range(attr.get_value_count())]
    return tuple(
        warning("image-gone", "images", (
            '"%s" is not in the scene any more and is not rendered. Take it out of the images, or '
            "bring it back." % path))
        for path in named if path and factory.get_object(path) is None)


def wants_tracebacks(item: OfObject) -> bool:
    """The item's own switch for stack traces."""
    return bool(item.get_attribute("show_tracebacks").get_bool())


# ---------------------------------------------------------------- written


def _store(attr: OfAttr, row: Attribute, value: Default) -> None:
    if row.kind is Kind.BOOL:
        attr.set_bool(bool(value))
    elif row.kind is Kind.LONG:
        attr.set_long(value)
    elif row.is_expression:
        attr.set_expression(str(value))
        attr.activate_expression(True)
    else:
        attr.set_string(str(value))


def show_rows(item: OfObject) -> None:
    """Show the fields of the switches that are on, hide the others."""
    for row in ATTRIBUTES:
        if row.shown_when:
            is_on = bool(item.get_attribute(row.shown_when).get_bool())
            attr = item.get_attribute(row.name)
            if attr.is_hidden() is is_on:
                attr.set_hidden(not is_on)


def write_frames_info(item: OfObject, text: str) -> None:
    """The one line under the frame fields."""
    attr = item.get_attribute("frames_info")
    if attr.get_string() != text:
        attr.set_string(text)


def fill_menus(item: OfObject, catalog: Catalog) -> None:
    """Fill the menus of one item; each keeps its choice, by name."""
    for row in settings():
        if row.menu:
            chosen = _read(item, row)
            choices = menus.entries(row.menu, catalog, str(chosen))
            attr = item.get_attribute(row.name)
            attr.remove_all_presets()
            for value, choice in enumerate(choices):
                attr.add_preset(choice.label, str(value))
            attr.set_long(menus.position(choices, str(chosen)))


def keep_choice(item: OfObject, row: Attribute, catalog: Catalog) -> None:
    """After the artist used a menu: store the chosen name."""
    last = item.get_attribute(LAST + row.name)
    label = str(item.get_attribute(row.name).get_applied_preset_label())
    name = menus.name_of(row.menu, catalog, label, str(last.get_string()))
    if name != last.get_string():
        last.set_string(name)


def set_by_text(item: OfObject, name: str, text: str) -> None:
    """Set one setting from text, menus by name; raises ArgumentError that quotes the text."""
    row = setting_values.setting(name)
    value = setting_values.parse(row, text)
    if row.menu:
        item.get_attribute(LAST + row.name).set_string(str(value))
    elif isinstance(value, tuple):
        _store_list(item.get_attribute(row.name), row, value)
    else:
        _store(item.get_attribute(row.name), row, value)


def _store_list(attr: OfAttr, row: Attribute, values: Sequence[str]) -> None:
    wanted = [find_image(get_ix(), path) for path in values] if row.classes else list(values)
    attr.remove_all()
    for value in wanted:
        if row.classes:
            attr.add_object(value)
        else:
            attr.add_string(value)


# ---------------------------------------------------------------- variables


def declare_variables(ix: HostModule) -> None:
    """Let the CT_ variables exist; opening a project takes them away."""
    host_vars = ix.application.get_factory().get_vars()
    for variable in VARIABLES:
        if host_vars.get(variable.name) is None:
            host_vars.add(ix.api.OfVars.TYPE_CUSTOM, variable.name, ix.api.OfAttr.TYPE_STRING)


def set_variables(ix: HostModule, values: Mapping[str, str]) -> None:
    """Show the values of the last preview or submission in the Variables panel."""
    host_vars = ix.application.get_factory().get_vars()
    for name, value in values.items():
        if host_vars.get(name).get_string() != value:
            host_vars.get(name).set_string(value)


# ---------------------------------------------------------------- found


def find_image(ix: HostModule, path: str) -> OfObject:
    """The image or layer of that path; raises SceneError that lists the images there are."""
    found = ix.application.get_factory().get_object(path)
    if found is None or not (found.is_kindof("Image") or found.is_kindof("Layer")):
        there = [str(image.get_full_name()) for image in objects_of(ix, "Image")]
        raise SceneError('there is no image or layer "%s"; images of the scene: %s'
                         % (path, ", ".join(there) or "none"))
    return found


def find_again(ix: HostModule, path: str, project: str) -> OfObject:
    """The ConductorJob of that path, so long as the same project is open; raises SceneError."""
    is_open = str(ix.application.get_current_project_filename()) == project
    found = ix.application.get_factory().get_object(path) if is_open else None
    if found is None or found.get_class_name() != CLASS_NAME:
        raise SceneError('"%s" is gone: it was renamed or deleted, or another project was opened '
                         "or saved meanwhile. Nothing more was done." % path)
    return found


def find_jobs(ix: HostModule) -> list[OfObject]:
    """The ConductorJobs of the scene itself: one that a referenced project brought along is that
    project's affair, and cannot be changed."""
    return [job for job in objects_of(ix, CLASS_NAME) if job.is_local()]


def find_or_create_job(
    ix: HostModule, job_path: str | None, images: Sequence[str]
) -> OfObject:
    """The item of that path; else a new one for the images; else the only one of the scene.

    Raises SceneError when there is no such item, none, or more than one.
    """
    if images and not job_path:
        item = ix.create_object(CLASS_NAME, CLASS_NAME, ix.get_item("project://"))
        _store_list(item.get_attribute("images"), setting_values.setting("images"), images)
        return item
    jobs = find_jobs(ix)
    names = [str(job.get_full_name()) for job in jobs]
    matching = [job for job, name in zip(jobs, names) if not job_path or name == job_path]
    if len(matching) == 1:
        return matching[0]
    if job_path or not jobs:
        wanted = f' "{job_path}"' if job_path else ""
        raise SceneError("there is no ConductorJob%s in the scene (there are: %s); name images "
                         "to render instead" % (wanted, ", ".join(names) or "none"))
    raise SceneError("there are %d ConductorJobs: say which (%s)" % (len(jobs), ", ".join(names)))
