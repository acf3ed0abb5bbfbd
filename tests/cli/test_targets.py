"""JOB and JOB:TASKS."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor.cli.targets import Target, read_target
from conductor.lib.errors import ArgumentError


@pytest.mark.parametrize(("text", "job", "tasks", "shown"), [
    pytest.param("12", "00012", (), "job 00012", id="a number"),
    pytest.param("00012", "00012", (), "job 00012", id="as it travels"),
    pytest.param("123456", "123456", (), "job 123456", id="a long one"),
    pytest.param("12:3", "00012", ("003",), "job 00012, task 3", id="a task"),
    pytest.param("12:003", "00012", ("003",), "job 00012, task 3", id="a task as it travels"),
    pytest.param("12:0-4x2,10", "00012", ("000", "002", "004", "010"),
                 "job 00012, tasks 0-4x2,10", id="several"),
    pytest.param("12:1234", "00012", ("1234",), "job 00012, task 1234", id="a large task"),
])
def test_targets(text: str, job: str, tasks: tuple[str, ...], shown: str) -> None:
    found = read_target(text)
    assert found == Target(job, tasks)
    assert str(found) == shown


@pytest.mark.parametrize(("text", "quoted"), [
    pytest.param("", '""', id="empty"),
    pytest.param("seven", '"seven"', id="no number"),
    pytest.param("-1", '"-1"', id="negative"),
    pytest.param("1/2", '"1/2"', id="a path"),
    pytest.param("\u0661", '"\u0661"', id="digits of another script"),
    pytest.param("12:", '"12:"', id="no tasks after the colon"),
    pytest.param("12:x", '"12:x"', id="no task number"),
    pytest.param("12:1:2", '"12:1:2"', id="two colons"),
    pytest.param("12:0-2000000", '"12:0-2000000"', id="more than any job has"),
])
def test_what_is_no_target_is_quoted(text: str, quoted: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        read_target(text)
    assert quoted in str(caught.value)


@given(st.integers(0, 10 ** 7), st.sets(st.integers(0, 5000), min_size=1, max_size=20))
def test_any_tasks_are_named_in_order(job: int, tasks: set[int]) -> None:
    found = read_target("%d:%s" % (job, ",".join(map(str, tasks))))
    assert [int(task) for task in found.tasks] == sorted(tasks)
    assert int(found.job) == job and len(found.job) >= 5
    assert read_target(str(found).partition(", ")[0].partition(" ")[2]).job == found.job
