"""The attribute table and JobSettings say the same, and each row explains itself."""

from __future__ import annotations

import dataclasses
import re

import pytest

from conductor.clarisse.attributes import (
    ATTRIBUTES,
    LAST,
    Attribute,
    JobSettings,
    Kind,
    actions,
    attribute,
    settings,
)

FIELDS = {field.name: field for field in dataclasses.fields(JobSettings)}

GROUPS = {
    "Actions": ["refresh", "preview", "submit"],
    "General": ["title", "project", "last_project"],
    "Images": ["images"],
    "Frames": [
        "use_custom_frames", "custom_frames", "chunk_size", "best_chunk_size",
        "use_scout_frames", "scout_frames", "tiles", "frames_info",
    ],
    "Machines": [
        "preemptible", "instance_type", "last_instance_type", "retries", "priority", "location",
    ],
    "Uploads": [
        "dependency_scan_policy", "local_upload", "force_upload", "upload_only",
        "manage_extra_uploads", "extra_uploads", "clean_up_render_package",
        "render_package_format", "export_render_package",
    ],
    "Packages": ["choose_packages", "packages"],
    "Environment": ["manage_extra_environment", "extra_environment"],
    "Task": ["task_template"],
    "Notifications": ["notify", "email_addresses"],
    "Metadata": ["manage_metadata", "metadata"],
    "Diagnostics": ["show_tracebacks", "mapped_from", "log_level"],
}

each_row = pytest.mark.parametrize("row", ATTRIBUTES, ids=lambda row: row.name)


def test_groups_and_order_are_those_the_artist_reads() -> None:
    grouped: dict[str, list[str]] = {}
    for row in ATTRIBUTES:
        grouped.setdefault(row.group, []).append(row.name)
    assert grouped == GROUPS
    assert list(grouped) == list(GROUPS)
    assert [row.name for row in ATTRIBUTES] == [name for names in GROUPS.values() for name in names]


def test_job_settings_has_one_field_for_each_setting_in_the_same_order() -> None:
    assert list(FIELDS) == [row.name for row in settings()]


@pytest.mark.parametrize("row", settings(), ids=lambda row: row.name)
def test_a_fresh_job_settings_holds_the_defaults_of_the_table(row: Attribute) -> None:
    value = getattr(JobSettings(), row.name)
    expected = "" if row.menu else row.default
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize("row", settings(), ids=lambda row: row.name)
def test_types_agree(row: Attribute) -> None:
    if row.is_list:
        expected = "tuple[str, ...]"
    elif row.kind is Kind.LONG and not (row.menu or row.is_named_choice):
        expected = "int"
    elif row.kind is Kind.BOOL:
        expected = "bool"
    else:
        expected = "str"
    assert FIELDS[row.name].type == expected


@each_row
def test_every_row_has_a_tool_tip_of_whole_sentences(row: Attribute) -> None:
    assert re.match(r"[A-Z].{15,}\.$", row.doc, re.DOTALL), row.doc
    assert "  " not in row.doc


@each_row
def test_names_are_identifiers_and_unique(row: Attribute) -> None:
    assert re.match(r"[a-z][a-z_]*$", row.name)
    assert sum(other.name == row.name for other in ATTRIBUTES) == 1
    assert attribute(row.name) is row


@each_row
def test_a_row_shown_by_a_switch_names_a_switch(row: Attribute) -> None:
    if row.shown_when:
        assert attribute(row.shown_when).kind is Kind.BOOL


def test_rows_shown_by_a_switch() -> None:
    assert {row.name: row.shown_when for row in ATTRIBUTES if row.shown_when} == {
        "custom_frames": "use_custom_frames",
        "scout_frames": "use_scout_frames",
        "email_addresses": "notify",
    }


@each_row
def test_a_menu_from_conductor_has_a_hidden_string_for_the_name(row: Attribute) -> None:
    if row.menu:
        assert attribute(LAST + row.name).hidden
        assert row.kind is Kind.LONG
        assert row.stored_default == 0


def test_policies_carry_the_numbers_of_the_vendor() -> None:
    assert attribute("dependency_scan_policy").presets == (
        ("No Scan", 0), ("Smart Sequence", 2), ("Glob", 1),
    )


def test_tiles_go_from_one_to_ten_a_side() -> None:
    presets = attribute("tiles").presets
    assert presets[0] == ("1x1", 1)
    assert presets[-1] == ("10x10", 10)


@pytest.mark.parametrize("name, stored", [
    ("render_package_format", 0), ("log_level", 20), ("dependency_scan_policy", 2),
    ("chunk_size", 5), ("title", JobSettings().title), ("images", ()),
])
def test_the_stored_default_is_a_number_for_a_menu(name: str, stored: object) -> None:
    assert attribute(name).stored_default == stored


def test_defaults_of_the_design() -> None:
    fresh = JobSettings()
    assert fresh.title == '"Clarisse: "+$CT_JOB+" "+$CT_SEQUENCE'
    assert fresh.task_template == (
        '$CT_SCRIPT_DIR+"/ct_cnode "+$CT_RENDER_PACKAGE+" -image "+$CT_SOURCES+'
        '" -image_frames_list "+$CT_CHUNKS+" -directories "+$CT_DIRECTORIES'
    )
    assert (fresh.chunk_size, fresh.retries, fresh.dependency_scan_policy) == (5, 3, 2)
    assert fresh.preemptible and fresh.local_upload and fresh.clean_up_render_package
    assert not (fresh.force_upload or fresh.upload_only or fresh.notify)


def test_every_action_is_listed() -> None:
    assert [row.name for row in actions()] == [
        "refresh", "preview", "submit", "best_chunk_size", "manage_extra_uploads",
        "export_render_package", "choose_packages", "manage_extra_environment", "manage_metadata",
    ]
