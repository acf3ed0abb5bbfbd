"""ConductorJob items on the stand-in: declared, read, found, written."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from conductor.clarisse import item as items
from conductor.clarisse.attributes import ATTRIBUTES, CLASS_NAME, JobSettings, Kind, settings
from conductor.clarisse.headless import driver
from conductor.lib.catalog import Catalog, InstanceType
from conductor.lib.errors import ArgumentError, SceneError

JOB = "project://job"

KNOWN = Catalog(
    projects=("atlas", "default"),
    instance_types=(InstanceType("n1-standard-2", "2 core, 7.50GB Mem", 2, 7.5, "standard"),),
)


@pytest.fixture
def fresh(ix: Any) -> Any:
    """A new item with nothing set."""
    return ix.create_object("fresh", CLASS_NAME)


def test_a_fresh_item_reads_as_the_defaults(fresh: Any) -> None:
    assert items.read_settings(fresh) == JobSettings()


def test_a_saved_item_reads_as_it_was_set(ix: Any) -> None:
    assert items.read_settings(ix.get_item(JOB)) == JobSettings(
        images=("project://scene/one", "project://scene/two"),
        project="default", instance_type="n1-standard-2", use_custom_frames=True,
        custom_frames="1-10", chunk_size=2, use_scout_frames=True, scout_frames="3,8",
        packages=("conductor-slate 1.0",), extra_uploads=("$PDIR/tex/extra.png",),
        extra_environment='[{"name": "A", "value": "$HOME/b", "merge_policy": "append"}]',
    )


@pytest.mark.parametrize("row", [row for row in ATTRIBUTES if not row.is_action],
                         ids=lambda row: row.name)
def test_every_row_has_the_type_and_menu_of_the_table(fresh: Any, row: Any, ix: Any) -> None:
    attr = fresh.get_attribute(row.name)
    assert attr.get_type() == getattr(ix.api.OfAttr, "TYPE_" + row.kind.name)
    assert attr.is_list() is row.is_list
    labels = [attr.get_preset_label(index) for index in range(attr.get_preset_count())]
    if row.menu:
        assert labels == ["- not set -"]
    else:
        assert labels == [label for label, _ in row.presets]
    assert attr.is_hidden() is (row.hidden or bool(row.shown_when))
    assert attr.is_editable() is not row.read_only


def test_expressions_are_read_as_source_and_resolve_in_clarisse(fresh: Any) -> None:
    title = fresh.get_attribute("title")
    assert title.is_expression_activated()
    assert items.read_settings(fresh).title == '"Clarisse: "+$CT_JOB+" "+$CT_SEQUENCE'


@pytest.mark.parametrize("row", settings(), ids=lambda row: row.name)
def test_every_setting_can_be_set_by_text(fresh: Any, row: Any) -> None:
    texts = {
        Kind.BOOL: "0" if row.default else "1", Kind.LONG: "7", Kind.STRING: "some $TEXT",
        Kind.REFERENCE: "project://scene/two,project://scene/one.back",
    }
    text = "Debug" if row.name == "log_level" else texts[row.kind]
    text = "1" if row.name in ("render_package_format", "dependency_scan_policy") else text
    items.set_by_text(fresh, row.name, text)
    found = items.read_settings(fresh)
    changed = {
        field.name for field in dataclasses.fields(found)
        if getattr(found, field.name) != getattr(JobSettings(), field.name)
    }
    assert changed == {row.name}


def test_texts_are_set_as_they_are(fresh: Any) -> None:
    items.set_by_text(fresh, "title", '$PNAME + " x"')
    items.set_by_text(fresh, "project", "atlas")
    items.set_by_text(fresh, "images", "project://scene/two")
    found = items.read_settings(fresh)
    assert (found.title, found.project) == ('$PNAME + " x"', "atlas")
    assert found.images == ("project://scene/two",)


@pytest.mark.parametrize("name, text, said", [
    ("chunk_size", "0", 'chunk_size="0"'),
    ("nonsense", "1", '"nonsense"'),
])
def test_a_text_that_does_not_fit_changes_nothing(
    fresh: Any, name: str, text: str, said: str
) -> None:
    with pytest.raises(ArgumentError, match=said):
        items.set_by_text(fresh, name, text)
    assert items.read_settings(fresh) == JobSettings()


@pytest.mark.parametrize("path", ["project://scene/gone", "project://scene/tex", "project://scene"],
                         ids=["missing", "no image", "a context"])
def test_only_images_and_layers_can_be_rendered(fresh: Any, path: str) -> None:
    with pytest.raises(SceneError) as caught:
        items.set_by_text(fresh, "images", path)
    assert '"%s"' % path in str(caught.value)
    assert "project://scene/one, project://scene/two, project://scene/bare" in str(caught.value)


# ---------------------------------------------------------------- found


def test_the_only_item_of_a_scene_is_meant(ix: Any) -> None:
    assert items.find_or_create_job(ix, None, ()).get_full_name() == JOB
    assert items.find_or_create_job(ix, JOB, ()).get_full_name() == JOB


def test_naming_images_makes_an_item_for_them(ix: Any) -> None:
    made = items.find_or_create_job(ix, None, ["project://scene/bare"])
    assert made.get_full_name() != JOB
    assert items.read_settings(made) == JobSettings(images=("project://scene/bare",))


@pytest.mark.parametrize("path, said", [
    (None, "there are 2 ConductorJobs"),
    ("project://gone", 'no ConductorJob "project://gone"'),
], ids=["which of two", "one that is not there"])
def test_what_cannot_be_found_is_told_with_what_is_there(
    ix: Any, fresh: Any, path: str | None, said: str
) -> None:
    with pytest.raises(SceneError) as caught:
        items.find_or_create_job(ix, path, ())
    assert said in str(caught.value)
    assert JOB in str(caught.value) and fresh.get_full_name() in str(caught.value)


def test_a_scene_without_an_item_needs_images(open_scene: Any) -> None:
    ix = open_scene()
    ix.application.get_factory().remove_item(JOB)
    with pytest.raises(SceneError, match="there are: none"):
        items.find_or_create_job(ix, None, ())


# ---------------------------------------------------------------- menus


def test_a_filled_menu_keeps_its_choice_by_name(ix: Any) -> None:
    job = ix.get_item(JOB)
    items.fill_menus(job, KNOWN)
    assert job.get_attribute("project").get_applied_preset_label() == "default"
    assert job.get_attribute("project").get_long() == 2
    assert job.get_attribute("instance_type").get_applied_preset_label() == (
        "2 core, 7.50GB Mem (n1-standard-2)"
    )
    items.fill_menus(job, dataclasses.replace(KNOWN, projects=("aardvark", "atlas", "default")))
    assert job.get_attribute("project").get_applied_preset_label() == "default"
    assert items.read_settings(job).project == "default"


def test_a_vanished_choice_stays_and_is_marked(ix: Any) -> None:
    job = ix.get_item(JOB)
    items.fill_menus(job, dataclasses.replace(KNOWN, projects=("atlas",)))
    label = job.get_attribute("project").get_applied_preset_label()
    assert label == "default (not at Conductor)"
    assert items.read_settings(job).project == "default"


# ---------------------------------------------------------------- rows


@pytest.mark.parametrize("switch, row", [
    ("use_custom_frames", "custom_frames"), ("use_scout_frames", "scout_frames"),
    ("notify", "email_addresses"),
])
def test_a_field_is_seen_only_while_its_switch_is_on(fresh: Any, switch: str, row: str) -> None:
    for is_on in (True, False):
        driver.set_attribute(fresh, switch, is_on)
        assert fresh.get_attribute(row).is_hidden() is not is_on


def test_variables_are_declared_once_and_set(ix: Any) -> None:
    host_vars = ix.application.get_factory().get_vars()
    count = host_vars.get_count(ix.api.OfVars.TYPE_CUSTOM)
    items.declare_variables(ix)
    assert host_vars.get_count(ix.api.OfVars.TYPE_CUSTOM) == count
    items.set_variables(ix, {"CT_SEQUENCE": "1-10"})
    assert host_vars.get("CT_SEQUENCE").get_string() == "1-10"
