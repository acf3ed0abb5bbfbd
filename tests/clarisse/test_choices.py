"""Project, machine and packages by name; environment, metadata and addresses as typed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from build_values import CATALOG, SETTINGS, built, codes, scene

from conductor.clarisse.attributes import JobSettings
from conductor.clarisse.choices import check_version, find_vanished
from conductor.clarisse.environment import make_addresses, make_environment, make_metadata
from conductor.lib.catalog import Catalog
from conductor.lib.paths import PathMap


@pytest.mark.parametrize("changes, level, code, quoted", [
    pytest.param({"project": ""}, "error", "project-missing", "No project is set", id="no project"),
    pytest.param({"project": "dpol"}, "error", "project-unknown", 'nearest is "dpool"',
                 id="project that is gone"),
    pytest.param({"project": "zzz"}, "error", "project-unknown", '"zzz"', id="nothing near"),
    pytest.param({"instance_type": ""}, "error", "instance-type-missing", "No instance type",
                 id="no machine"),
    pytest.param({"instance_type": "n1-standard-3"}, "error", "instance-type-unknown",
                 'nearest is "n1-standard-2"', id="machine that is gone"),
    pytest.param({"packages": ("clarisse 5.0.4",)}, "error", "packages-unknown",
                 'nearest is "clarisse 5.0.5"', id="package that is gone"),
    pytest.param({"packages": ()}, "warning", "packages-missing", "No package", id="no package"),
])
def test_names_that_are_not_there(
    changes: dict[str, object], level: str, code: str, quoted: str,
) -> None:
    made = built(replace(SETTINGS, **changes))  # type: ignore[arg-type]
    (finding,) = made.findings
    assert (finding.level.value, finding.code, finding.subject) == (
        level, code, next(iter(changes)))
    assert quoted in finding.message


@pytest.mark.parametrize("version, version_name, words", [
    ("5.0.5.8.0", "5.0 SP8", 'Choose "clarisse 5.0.5", which is the nearest to Clarisse 5.0 SP8'),
    ("4.0.1", "4.0 SP1", "no Clarisse 4.0 SP1; it offers clarisse 5.0.5."),
    ("", "", "Choose the version that the scene needs."),
], ids=["offered", "another minor version", "nobody knows"])
def test_without_packages_the_finding_says_which_to_choose(
    version: str, version_name: str, words: str,
) -> None:
    here = replace(scene(), version=version, version_name=version_name)
    (finding,) = built(replace(SETTINGS, packages=()), here).findings
    assert finding.code == "packages-missing"
    assert words in finding.message


@pytest.mark.parametrize("changes, subjects", [
    ({}, []),
    ({"project": "", "instance_type": "", "packages": ()}, []),
    ({"project": "gone"}, ["project"]),
    ({"instance_type": "gone"}, ["instance_type"]),
    ({"packages": ("gone 1", "clarisse 5.0.5", "gone 2")}, ["packages", "packages"]),
    ({"project": "gone", "packages": ("gone 1",)}, ["project", "packages"]),
], ids=["all there", "nothing chosen", "project", "machine", "packages", "several"])
def test_what_has_vanished(changes: dict[str, object], subjects: list[str]) -> None:
    settings = replace(SETTINGS, **changes)  # type: ignore[arg-type]
    found = find_vanished(settings, CATALOG)
    assert [one.subject for one in found] == subjects
    assert all("gone" in one.message for one in found)
    assert find_vanished(settings, Catalog.unknown()) == ()


def test_a_package_named_by_the_service_pack_is_of_the_running_version() -> None:
    package = {"product": "clarisse", "major_version": "5", "minor_version": "0",
               "release_version": "sp8"}
    assert list(check_version([package], "5.0.5.8.0", "5.0 SP8")) == []
    (finding,) = check_version([package], "5.0.5.9.0", "5.0 SP9")
    assert '"clarisse 5.0.sp8"' in finding.message and "5.0 SP9" in finding.message
    assert list(check_version([package], "", "")) == []


def test_a_name_that_is_gone_is_never_replaced() -> None:
    made = built(replace(SETTINGS, project="gone", instance_type="n1-standard-64"))
    assert (made.submission.project, made.submission.instance_type) == ("gone", "n1-standard-64")
    assert made.variables["CT_FLAVOR"] == "standard"
    assert made.variables["CT_CORES"] == ""


def test_the_other_packages_stay() -> None:
    made = built(replace(SETTINGS, packages=("gone 1", "clarisse 5.0.5")))
    assert made.submission.software_package_ids == ("aaaa",)
    assert codes(made) == [("error", "packages-unknown", "packages")]


@pytest.mark.parametrize("settings", [SETTINGS, JobSettings()], ids=["names", "nothing set"])
def test_without_a_catalogue_one_warning_says_that_nothing_is_checked(
    settings: JobSettings,
) -> None:
    made = built(settings, catalog=Catalog.unknown())
    assert codes(made) == [("warning", "catalog-unknown", "refresh")]
    assert made.submission.software_package_ids == ()


# -- environment -----------------------------------------------------------------------------------

PLAIN = PathMap.default()


@pytest.mark.parametrize("extra, merged", [
    pytest.param("", {"PATH": "/opt"}, id="nothing"),
    pytest.param("  ", {"PATH": "/opt"}, id="blank"),
    pytest.param('[{"name": "PATH", "value": "/own", "merge_policy": "append"}]',
                 {"PATH": "/opt:/own"}, id="append"),
    pytest.param('[{"name": "PATH", "value": "/own", "merge_policy": "prepend"}]',
                 {"PATH": "/own:/opt"}, id="prepend"),
    pytest.param('[{"name": "A", "value": "$HOME/$CT_X", "merge_policy": "exclusive"}]',
                 {"PATH": "/opt", "A": "$HOME/$CT_X"}, id="dollars survive"),
    pytest.param('[{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]',
                 {"PATH": "/opt", "A": "1:2"}, id="append when nothing is said"),
    pytest.param('[{"name": "A", "value": 3}]', {"PATH": "/opt", "A": "3"}, id="a number"),
    pytest.param('[{"name": "A", "value": "/x/"}]', {"PATH": "/opt", "A": "/x/"},
                 id="a folder stays as written"),
    pytest.param('[{"name": "A", "value": "C:\\\\x\\\\"}]', {"PATH": "/opt", "A": "/x"},
                 id="a path of windows is the node's"),
])
def test_environment(extra: str, merged: dict[str, str]) -> None:
    packages = [{"product": "p", "environment": [
        {"name": "PATH", "value": "/opt", "merge_policy": "append"}]}]
    assert make_environment(packages, extra, {}, PLAIN) == (merged, ())


@pytest.mark.parametrize("extra, code, quoted", [
    pytest.param("[{", "json-invalid", '"[{"', id="malformed"),
    pytest.param("[" * 100000, "json-invalid", "[[[", id="nested without end"),
    pytest.param('{"name": "A"}', "json-invalid", "Expected a JSON list", id="no list"),
    pytest.param("[1]", "environment-invalid", '"1"', id="no object"),
    pytest.param('[{"value": "x"}]', "environment-invalid", "value", id="no name"),
    pytest.param('[{"name": "A=B"}]', "environment-invalid", "A=B", id="name with a sign"),
    pytest.param('[{"name": "A", "merge_policy": "replace"}]', "environment-invalid",
                 '"replace"', id="unknown policy"),
    pytest.param('[{"name": "L", "value": "2", "merge_policy": "exclusive"}]',
                 "environment-conflict", '"2"', id="conflict with a package"),
])
def test_environment_that_cannot_be_used(extra: str, code: str, quoted: str) -> None:
    packages = [{"product": "p", "environment": [
        {"name": "L", "value": "1", "merge_policy": "exclusive"}]}]
    _, (finding,) = make_environment(packages, extra, {}, PLAIN)
    assert (finding.level.value, finding.code, finding.subject) == (
        "error", code, "extra_environment")
    assert quoted in finding.message
    assert len(finding.message) < 600


def test_ct_variables_in_the_environment_are_replaced_and_others_are_the_nodes() -> None:
    extra = json.dumps([
        {"name": "SHOT", "value": "$CT_JOB:_$CT_NO_SUCH", "merge_policy": "exclusive"},
        {"name": "A", "value": "$HOME/$PNAME/$CT_PROJECT", "merge_policy": "append"}])
    made = built(replace(SETTINGS, extra_environment=extra),
                 environment={"LIST": "$CT_SEQUENCE"})
    environment = made.submission.environment
    assert environment["SHOT"] == "conductor_job_item_name_$CT_NO_SUCH"
    assert environment["A"] == "$HOME/$PNAME/dpool"
    assert environment["LIST"] == "1-10"


# -- metadata, addresses ---------------------------------------------------------------------------


@pytest.mark.parametrize("text, code, quoted", [
    pytest.param("{", "json-invalid", '"{"', id="malformed"),
    pytest.param("[]", "json-invalid", "Expected a JSON object", id="no object"),
    pytest.param('{"a": [1]}', "metadata-invalid", '"a"', id="a list"),
    pytest.param('{"a": null}', "metadata-invalid", "null", id="nothing"),
    pytest.param('{"conductor_submission_id": "x"}', "metadata-invalid", "taken", id="our name"),
])
def test_metadata_that_cannot_be_used(text: str, code: str, quoted: str) -> None:
    merged, (finding,) = make_metadata(text, {"show": 1})
    assert merged == {"show": "1"}
    assert (finding.level.value, finding.code, finding.subject) == ("error", code, "metadata")
    assert quoted in finding.message


def test_metadata_may_name_variables_of_job_and_scene() -> None:
    made = built(
        replace(SETTINGS, metadata='{"shot": "$PNAME:_$CT_SEQUENCE", "cost": "5 $"}'),
        metadata={"by": "$CT_SUBMITTER", "odd": "$NO_SUCH"})
    sent = dict(made.submission.metadata)
    assert sent == {
        "shot": "shot_1-10", "cost": "5 $", "by": "conductor_job_item_name", "odd": "$NO_SUCH"}


@pytest.mark.parametrize("text, level, code", [
    pytest.param("", "warning", "notify-nobody", id="nobody"),
    pytest.param("me", "error", "notify-address", id="no at"),
    pytest.param("me@here", "error", "notify-address", id="no dot"),
    pytest.param("a@b.cd me@@x.y", "error", "notify-address", id="one of two"),
])
def test_addresses_that_cannot_be_used(text: str, level: str, code: str) -> None:
    addresses, (finding,) = make_addresses(True, text, ())
    assert (finding.level.value, finding.code) == (level, code)
    assert finding.subject == "email_addresses"
    assert "me" not in "".join(addresses)


