"""Every setting is saved with the project and is there when it is opened again."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor.clarisse import headless, startup
from conductor.clarisse import item as items
from conductor.clarisse.attributes import CLASS_NAME, Attribute, JobSettings, Kind
from conductor.clarisse.attributes import settings as rows
from conductor.lib.catalog import Catalog, InstanceType

ONE, TWO, BACK = "project://scene/one", "project://scene/two", "project://scene/one.back"
ODD = 'a "quoted" $F \\ back\tslash, Größe 日本'
FIRST = JobSettings(
    title='"shot " + $PNAME', project="dpool", images=(ONE, BACK), use_custom_frames=True,
    custom_frames="1,7,10-20", chunk_size=7, use_scout_frames=True, scout_frames="fml:3", tiles=4,
    preemptible=False, instance_type="n1-standard-2", retries=0, priority=9, location="paris",
    dependency_scan_policy=1, local_upload=False, force_upload=True, upload_only=True,
    extra_uploads=("$PDIR/a.png", "/b c/d.####.exr"), clean_up_render_package=False,
    render_package_format="archive", packages=("clarisse 5.0.5", "clarisse 5.0.5/ornatrix 1.0"),
    extra_environment='[{"name": "A", "value": "$HOME/b", "merge_policy": "append"}]',
    task_template='"cnode " + $CT_RENDER_PACKAGE\n', notify=True, email_addresses="a@b.c, d@e.f",
    metadata='{"shot": "$PNAME"}', show_tracebacks=True, log_level="Error")
SECOND = dataclasses.replace(
    FIRST, title=ODD, project="other", images=(TWO,), custom_frames="5", chunk_size=1, tiles=10,
    extra_uploads=(), packages=(ODD,), retries=10, log_level="Debug", extra_environment="{broken",
    task_template="plain $CT_CHUNKS", email_addresses="", location=ODD)


def write(item: Any, wanted: JobSettings) -> None:
    """Set every row as the plugin itself does."""
    for row in rows():
        items.set_by_text(item, row.name, as_text(row, getattr(wanted, row.name)))


def as_text(row: Attribute, value: Any) -> str:
    if isinstance(value, tuple):
        return "[%s]" % ", ".join('"%s"' % text.replace("\\", "\\\\").replace('"', '\\"').replace(
            "\t", "\\t") for text in value)
    return str(int(value)) if row.kind is Kind.BOOL else str(value)


def reopened(ix: Any, path: str) -> Any:
    """Save, and open in a Clarisse that was just started."""
    ix.application.save_project(path)
    headless.uninstall()
    fresh = headless.install(path, True)
    assert startup.start()
    return fresh


def test_the_samples_differ_from_the_defaults_in_every_setting() -> None:
    for sample in (FIRST, SECOND):
        same = [row.name for row in rows()
                if getattr(sample, row.name) == getattr(JobSettings(), row.name)]
        assert same == ([] if sample is FIRST else ["extra_uploads", "email_addresses"])


def test_every_setting_of_several_jobs_is_saved_and_read_again(
    open_scene: Any, tmp_path: Path,
) -> None:
    ix = open_scene()
    untouched = items.read_settings(ix.get_item("project://job"))
    for name, wanted in (("first", FIRST), ("second", SECOND), ("fresh", None)):
        item = ix.create_object(name, CLASS_NAME, ix.get_item("project://scene"))
        if wanted is not None:
            write(item, wanted)
    again = reopened(ix, str(tmp_path / "saved.project"))
    read = {name: items.read_settings(again.get_item("project://scene/" + name))
            for name in ("first", "second", "fresh")}
    assert read == {"first": FIRST, "second": SECOND, "fresh": JobSettings()}
    assert items.read_settings(again.get_item("project://job")) == untouched


def test_what_was_changed_in_a_saved_job_is_saved_too(open_scene: Any, tmp_path: Path) -> None:
    ix = open_scene()
    write(ix.get_item("project://job"), SECOND)
    path = str(tmp_path / "saved.project")
    again = reopened(ix, path)
    assert items.read_settings(again.get_item("project://job")) == SECOND
    write(again.get_item("project://job"), JobSettings())
    back = reopened(again, path)
    assert items.read_settings(back.get_item("project://job")) == JobSettings()


def test_a_choice_by_menu_is_saved_by_name(open_scene: Any, tmp_path: Path) -> None:
    ix = open_scene()
    known = Catalog(("atlas", "default", "zebra"), (InstanceType("m2", "2 core", 2, 8, ""),))
    job = ix.get_item("project://job")
    job.get_attribute("last_project").set_string("zebra")
    items.fill_menus(job, known)
    again = reopened(ix, str(tmp_path / "saved.project"))
    job = again.get_item("project://job")
    assert items.read_settings(job).project == "zebra"
    items.fill_menus(job, dataclasses.replace(known, projects=("zebra",)))
    assert job.get_attribute("project").get_applied_preset_label() == "zebra"


TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\x85\u2028"),
               max_size=12)


@settings(max_examples=40, deadline=None)
@given(st.tuples(TEXT, TEXT, TEXT), st.lists(TEXT, max_size=3), st.integers(1, 10 ** 6),
       st.integers(1, 10))
def test_any_text_survives(
    tmp_path_factory: pytest.TempPathFactory, texts: tuple[str, str, str], files: list[str],
    size: int, side: int,
) -> None:
    path = tmp_path_factory.mktemp("saved") / "shot.project"
    title, frames, metadata = texts
    wanted = JobSettings(title=title, custom_frames=frames, metadata=metadata, chunk_size=size,
                         extra_uploads=tuple(files), tiles=side)
    with headless.session(None, True) as ix:
        assert startup.start()
        item = ix.create_object("job", CLASS_NAME)
        for name in ("title", "custom_frames", "metadata", "chunk_size", "tiles"):
            items.set_by_text(item, name, str(getattr(wanted, name)))
        for text in files:
            item.get_attribute("extra_uploads").add_string(text)
        ix.application.save_project(str(path))
    with headless.session(str(path), True) as ix:
        assert startup.start()
        assert items.read_settings(ix.get_item("project://job")) == wanted
