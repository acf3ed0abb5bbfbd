"""What a project's file says of a job, and which plugin wrote it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conductor.clarisse.old_scenes import Release, release_of, values_of
from conductor.lib.errors import ProjectFileError


@pytest.mark.parametrize("values, release", [
    ({"images_and_layers": ["a"]}, Release.CIOCLARISSE),
    ({"disable_validation": ["yes"], "clarisse_version": ["1"]}, Release.CIOCLARISSE),
    ({"title": ["<job>"]}, Release.CIOCLARISSE),
    ({"metadata": ['{"key": "a", "value": "<job>"}']}, Release.CIOCLARISSE),
    ({"clarisse_version": ["1"], "conductor_project_name": ["2"]}, Release.LATE_2019),
    ({"localize_contexts": ["no"]}, Release.LATE_2019),
    ({"title": ["<ct_job>"]}, Release.LATE_2019),
    ({"conductor_project_name": ["2"]}, Release.MAY_2019),
    ({"conductor_log_level": ["3"]}, Release.MAY_2019),
    ({"timestamp_render_package": ["yes"]}, Release.MAY_2019),
    ({"task_template": ["cmd = $CT_TEMP_DIR+'/x'; cmd"]}, Release.MAY_2019),
    ({"extra_environment": ['{"excl": true, "key": "A", "value": "b"}']}, Release.MAY_2019),
    ({}, None),
    ({"title": ["a <UDIM>"], "last_project": ["x"], "chunk_size": ["2"]}, None),
    ({"extra_environment": ['[{"name": "A", "value": "b"}]']}, None),
    ({"metadata": ['{"key": "b"}']}, None),
], ids=str)
def test_a_release_is_known_by_its_attributes(values: Any, release: Any) -> None:
    assert release_of(values) is release


JOB_TEXT = """#Isotropix_Serial_Version 1.2

Context "a" {
    Context "b" {
        ConductorJob {
            name "job"
            images_and_layers "one" "../two" "/a/three" "project://four"
            conductor_project_name <empty>
            clarisse_version {
                value 3
                hidden yes
            }
        }
    }
}
"""


def test_what_a_file_says(tmp_path: Path) -> None:
    path = tmp_path / "x.project"
    path.write_text(JOB_TEXT, "utf-8")
    values = values_of(str(path), "project://a/b/job")
    assert values["images_and_layers"] == [
        "project://a/b/one", "project://a/b/../two", "project://a/three", "project://four"]
    assert values["conductor_project_name"] == []
    assert values["clarisse_version"] == ["3"]
    assert values_of(str(path), "project://a/b/other") == {}
    assert values_of(str(tmp_path / "no.project"), "project://a/b/job") == {}


TWO_JOBS = """Context "a" {
    ConductorJob {
        name "job"
        %s
    }
}
Context "b" {
    ConductorJob {
        name "job"
        %s
    }
}
"""


@pytest.mark.parametrize("one, two", [
    ("retries 1", "clarisse_version 2"), ("clarisse_version 2", "retries 1"),
], ids=["the second", "the first"])
def test_of_two_jobs_of_one_name_the_right_one_is_read(
    tmp_path: Path, one: str, two: str,
) -> None:
    path = tmp_path / "x.project"
    path.write_text(TWO_JOBS % (one, two), "utf-8")
    for context, wanted in (("a", one), ("b", two)):
        values = values_of(str(path), "project://%s/job" % context)
        assert (release_of(values) is Release.LATE_2019) == ("clarisse" in wanted)


@pytest.mark.parametrize("text", [
    'ConductorJob {\nname "job"\nclarisse_version {\nvalue 3\n}\n}\n',
    'ConductorJob {\r\n    name "job"\r\n    clarisse_version 3\r\n}\r\n',
    'Image {\n    name "ConductorJob {"\n}\n\tConductorJob{\n\tname "job"\n'
    '\tclarisse_version 3\n\t}\n',
], ids=["without indents", "of Windows", "with a misleading name"])
def test_a_file_written_otherwise(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.project"
    path.write_bytes(text.encode())
    assert values_of(str(path), "project://job")["clarisse_version"] == ["3"]


def test_only_jobs_are_parsed_unless_that_does_not_tell(tmp_path: Path) -> None:
    path = tmp_path / "x.project"
    path.write_text('this is { no project\nConductorJob {\n    name "job"\n}\n', "utf-8")
    assert values_of(str(path), "project://other") == {}
    path.write_text('this is { no project\nConductorJob {\n    name "job"\n', "utf-8")
    with pytest.raises(ProjectFileError):
        values_of(str(path), "project://job")
