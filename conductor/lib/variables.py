"""The CT_ variables: their table, and how list and path values stand in a command.

A variable belongs to one scope. Global ones have one value for every ConductorJob, job ones a
value for each ConductorJob, task ones a value for each task; where a name had values of several
scopes the narrower would win.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from enum import Enum
from typing import Iterable, Mapping


class Scope(str, Enum):
    """For what a variable has one value."""

    GLOBAL = "global"
    """The same for all ConductorJob items."""
    JOB = "job"
    """One value for each ConductorJob."""
    TASK = "task"
    """One value for each task."""


class Form(str, Enum):
    """What the value is, which decides how a command quotes it."""

    TEXT = "text"
    """Goes into the command as it is."""
    WORD = "word"
    """One word, such as a path: quoted as a whole where it needs it (``~`` is the home folder)."""
    LIST = "list"
    """Elements with blanks between: each quoted where it needs it."""


@dataclass(frozen=True)
class Variable:
    """One row of :data:`VARIABLES`; the name is written without ``$``.

    Attributes:
        is_additional: not in the table of the documentation that Conductor's users know.
    """

    name: str
    scope: Scope
    meaning: str
    example: str
    form: Form = Form.TEXT
    is_additional: bool = False


_GLOBAL, _JOB, _TASK = Scope.GLOBAL, Scope.JOB, Scope.TASK

VARIABLES: tuple[Variable, ...] = (
    Variable("CT_SEQLENGTH", _JOB, "How many frames the job renders.", "10"),
    Variable("CT_SEQUENCE", _JOB, "The frames the job renders.", "1-10"),
    Variable("CT_SEQUENCEMIN", _JOB, "The first frame of the job.", "1"),
    Variable("CT_SEQUENCEMAX", _JOB, "The last frame of the job.", "10"),
    Variable("CT_CORES", _JOB, "Cores of the instance type.", "2"),
    Variable("CT_FLAVOR", _JOB, "Flavor of the instance type, else its name.", "standard"),
    Variable("CT_INSTANCE", _JOB, "Description of the instance type.", "2 core, 7.50GB Mem"),
    Variable("CT_PREEMPTIBLE", _JOB, "preemptible or non-preemptible.", "preemptible"),
    Variable("CT_RETRIES", _JOB, "How often a failed task is tried again.", "3"),
    Variable("CT_JOB", _JOB, "Name of the ConductorJob item.", "conductor_job_item_name"),
    Variable("CT_SOURCES", _JOB, (
        "The images and layers to render; inside a task those with frames in its chunk."),
        "project://scene/image1 project://scene/image2", Form.LIST),
    Variable("CT_SCOUT", _JOB, "The scout frames; empty without scouting.", "3-8x5"),
    Variable("CT_CHUNKSIZE", _JOB, "Most frames that one task renders.", "2"),
    Variable("CT_CHUNKCOUNT", _JOB, "How many chunks the frames make.", "5"),
    Variable("CT_SCOUTCOUNT", _JOB, "How many scout frames there are.", "2"),
    Variable("CT_TIMESTAMP", _JOB, (
        "Local time of the preview or submission: year, month, day, hour, minute, second."),
        "2019_05_07_01_12_46"),
    Variable("CT_SUBMITTER", _JOB, "Name of the ConductorJob item.", "conductor_job_item_name"),
    Variable("CT_RENDER_PACKAGE", _GLOBAL, "The scene file that the render node opens.",
             "/path/to/project/shot.render", Form.WORD),
    Variable("CT_PROJECT", _JOB, "The Conductor project.", "dpool"),
    Variable("CT_CHUNKTYPE", _TASK, (
        "regular where the frames of the task are one progression, else irregular."), "regular"),
    Variable("CT_CHUNKS", _TASK, (
        "Frames of the task for each image of CT_SOURCES, in cnode's spelling."),
        "9:10 9:10", Form.LIST),
    Variable("CT_CHUNKLENGTH", _TASK, "How many frames the task renders.", "2"),
    Variable("CT_CHUNKSTART", _TASK, "The first frame of the task.", "9"),
    Variable("CT_CHUNKEND", _TASK, "The last frame of the task.", "10"),
    Variable("CT_CHUNKSTEP", _TASK, "Step of the task's frames; ~ where they are irregular.", "1",
             Form.WORD),
    Variable("CT_DIRECTORIES", _JOB, "The folders that the images are written to.",
             "/path/to/renders/layerA /path/to/renders/layerB", Form.LIST),
    Variable("CT_PDIR", _GLOBAL, "Folder of the Clarisse project.", "/path/to/project", Form.WORD),
    Variable("CT_SCRIPT_DIR", _GLOBAL, "Folder of the scripts that travel to the render node.",
             "/path/to/conductor/clarisse/scripts", Form.WORD),
    Variable("CT_TILES", _JOB, "How many tiles each frame is rendered in; 1 for whole frames.",
             "4", is_additional=True),
    Variable("CT_TILE", _TASK, "The tile that the task renders, counted from 1.", "2",
             is_additional=True),
)

BY_NAME: Mapping[str, Variable] = {variable.name: variable for variable in VARIABLES}


def shell_list(values: Iterable[str]) -> str:
    """The elements with blanks between, each quoted for a POSIX shell where it needs it.

    >>> shell_list(["project://scene/a", "/out/layer 1", "1:10%2;20"])
    "project://scene/a '/out/layer 1' '1:10%2;20'"
    """
    return " ".join(map(shlex.quote, values))


def in_command(name: str, values: Iterable[str]) -> str:
    """The value of a variable as a command takes it.

    Args:
        name: without ``$``; one that is not in the table counts as plain text.
        values: the elements; one for anything but a list.
    """
    row = BY_NAME.get(name)
    if row is None or row.form is Form.TEXT:
        return in_title(values)
    return shell_list(values)


def in_title(values: Iterable[str]) -> str:
    """The value of a variable as a title takes it: raw."""
    return " ".join(values)
