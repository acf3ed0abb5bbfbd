"""The CT_ table against the user's document, and quoting against a real shell."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor.lib.variables import (
    BY_NAME,
    VARIABLES,
    Form,
    Scope,
    in_command,
    in_title,
    shell_list,
)

DOCUMENTED = """
CT_SEQLENGTH|10|Job
CT_SEQUENCE|1-10|Job
CT_SEQUENCEMIN|1|Job
CT_SEQUENCEMAX|10|Job
CT_CORES|2|Job
CT_FLAVOR|standard|Job
CT_INSTANCE|2 core, 7.50GB Mem|Job
CT_PREEMPTIBLE|preemptible|Job
CT_RETRIES|3|Job
CT_JOB|conductor_job_item_name|Job
CT_SOURCES|project://scene/image1 project://scene/image2|Job
CT_SCOUT|3-8x5|Job
CT_CHUNKSIZE|2|Job
CT_CHUNKCOUNT|5|Job
CT_SCOUTCOUNT|2|Job
CT_TIMESTAMP|2019_05_07_01_12_46|Job
CT_SUBMITTER|conductor_job_item_name|Job
CT_RENDER_PACKAGE|/path/to/project/shot.render|Global
CT_PROJECT|dpool|Job
CT_CHUNKTYPE|regular|Task
CT_CHUNKS|9:10 9:10|Task
CT_CHUNKLENGTH|2|Task
CT_CHUNKSTART|9|Task
CT_CHUNKEND|10|Task
CT_CHUNKSTEP|1|Task
CT_DIRECTORIES|/path/to/renders/layerA /path/to/renders/layerB|Job
CT_PDIR|/path/to/project|Global
CT_SCRIPT_DIR|/path/to/conductor/clarisse/scripts|Global
""".strip().split("\n")


def test_there_are_28_documented_ones_and_ours_for_tiles_each_with_a_meaning() -> None:
    ours = [row.name for row in VARIABLES if row.is_additional]
    assert ours == ["CT_TILES", "CT_TILE"]
    assert len(VARIABLES) == len(BY_NAME) == 28 + len(ours)
    assert all(row.meaning.endswith(".") and len(row.meaning) > 15 for row in VARIABLES)


@pytest.mark.parametrize("row", DOCUMENTED, ids=lambda row: str(row).split("|")[0])
def test_name_example_and_scope_are_the_documented_ones(row: str) -> None:
    name, example, scope = row.split("|")
    assert (BY_NAME[name].example, BY_NAME[name].scope) == (example, Scope(scope.lower()))


def test_the_order_is_the_documented_one() -> None:
    documented = [row.name for row in VARIABLES if not row.is_additional]
    assert documented == [row.split("|")[0] for row in DOCUMENTED]


def test_the_user_document_says_the_same(shared_dir: Path) -> None:
    text = (shared_dir / "spec" / "clarisse-submitter.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\|(CT_\w+) *\| *(.+?) *\| *(\w+) *\|$", text, re.MULTILINE)
    assert ["|".join(row) for row in rows] == DOCUMENTED


@pytest.mark.parametrize("row", VARIABLES, ids=lambda row: str(row.name))
def test_quoting_leaves_the_documented_examples_unchanged(row: object) -> None:
    variable = BY_NAME[getattr(row, "name", "")]
    values = variable.example.split(" ") if variable.form is Form.LIST else [variable.example]
    assert in_command(variable.name, values) == variable.example


@pytest.mark.parametrize("name, values, command", [
    pytest.param("CT_CHUNKS", ["1:10%2;20", "3:4"], "'1:10%2;20' 3:4", id="semicolon in a list"),
    pytest.param("CT_DIRECTORIES", ["/out/layer a", "/out/b"], "'/out/layer a' /out/b",
                 id="blank in a folder"),
    pytest.param("CT_PDIR", ["/my show"], "'/my show'", id="blank in a path"),
    pytest.param("CT_SOURCES", [], "", id="empty list"),
    pytest.param("CT_INSTANCE", ["2 core, 7.50GB Mem"], "2 core, 7.50GB Mem", id="plain text"),
    pytest.param("MY_OWN", ["a b"], "a b", id="not ours"),
])
def test_in_command(name: str, values: list[str], command: str) -> None:
    assert in_command(name, values) == command


def test_titles_are_raw() -> None:
    assert in_title(["/out/layer a", "1:10%2;20"]) == "/out/layer a 1:10%2;20"


@settings(max_examples=15, deadline=None)
@given(st.lists(st.text(alphabet="ab '\"$;%:\\*~#!&|<>()é\t", max_size=8), max_size=4))
def test_a_real_shell_gets_the_elements_back(values: list[str]) -> None:
    command = 'for each in %s; do printf "%%s\\0" "$each"; done' % shell_list(values)
    answer = subprocess.run(["sh", "-c", command], stdout=subprocess.PIPE, check=True)
    assert answer.stdout.decode("utf-8").split("\0")[:-1] == values
