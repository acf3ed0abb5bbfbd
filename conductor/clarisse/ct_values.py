"""The values of the CT_ variables: of a job, and of one task.

A value is a tuple of elements: one, but for lists. How the elements are written depends on the
place: raw in titles, quoted for a shell in commands (:mod:`conductor.lib.variables`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Callable, Mapping, Tuple

from conductor.clarisse.attributes import JobSettings
from conductor.clarisse.frames import Chunk, JobFrames
from conductor.clarisse.snapshot import Scene
from conductor.lib.catalog import InstanceType
from conductor.lib.paths import PathMap, folder_of, is_absolute
from conductor.lib.variables import in_command, in_title, shell_list

Elements = Tuple[str, ...]

TIMESTAMP = "%Y_%m_%d_%H_%M_%S"
IRREGULAR_STEP = "~"


@dataclass(frozen=True)
class JobContext:
    """What the values of a job are made of; paths are the workstation's."""

    settings: JobSettings
    scene: Scene
    frames: JobFrames
    machine: InstanceType
    project: str
    package: str
    script_folder: str
    output_folders: tuple[str, ...]
    path_map: PathMap
    now: datetime


def job_values(job: JobContext) -> dict[str, Elements]:
    """Values of the global and job variables, by name."""
    to_node = job.path_map.to_node
    return dict(
        _frame_values(job.frames),
        CT_CORES=(str(job.machine.cores) if job.machine.cores else "",),
        CT_FLAVOR=(job.machine.flavor or job.machine.name,),
        CT_INSTANCE=(job.machine.description,),
        CT_PREEMPTIBLE=("preemptible" if job.settings.preemptible else "non-preemptible",),
        CT_RETRIES=(str(job.settings.retries),),
        CT_JOB=(job.scene.job_name,),
        CT_SUBMITTER=(job.scene.job_name,),
        CT_TIMESTAMP=(job.now.strftime(TIMESTAMP),),
        CT_PROJECT=(job.project,),
        CT_RENDER_PACKAGE=(to_node(job.package),),
        CT_PDIR=(to_node(folder_of(job.scene.path)),),
        CT_SCRIPT_DIR=(to_node(job.script_folder),),
        CT_DIRECTORIES=tuple(map(to_node, job.output_folders)),
    )


def _frame_values(job: JobFrames) -> dict[str, Elements]:
    first, last = (str(job.frames.start), str(job.frames.end)) if job.frames else ("", "")
    return {
        "CT_SEQLENGTH": (str(len(job.frames)),),
        "CT_SEQUENCE": (str(job.frames),),
        "CT_SEQUENCEMIN": (first,),
        "CT_SEQUENCEMAX": (last,),
        "CT_SOURCES": tuple(one.image.path for one in job.images),
        "CT_SCOUT": (str(job.scout),),
        "CT_SCOUTCOUNT": (str(len(job.scout)),),
        "CT_CHUNKSIZE": (str(job.chunk_size),),
        "CT_CHUNKCOUNT": (str(job.chunk_count),),
        "CT_TILES": (str(job.tiles),),
    }


TASK_VALUES: Mapping[str, Callable[[Chunk], Elements]] = {
    "CT_SOURCES": lambda chunk: tuple(one.image.path for one in chunk.images),
    "CT_CHUNKS": lambda chunk: tuple(one.frames.to(":", "%", ";") for one in chunk.images),
    "CT_CHUNKTYPE": lambda chunk: ("irregular" if chunk.frames.step is None else "regular",),
    "CT_CHUNKLENGTH": lambda chunk: (str(len(chunk.frames)),),
    "CT_CHUNKSTART": lambda chunk: (str(chunk.frames.start),),
    "CT_CHUNKEND": lambda chunk: (str(chunk.frames.end),),
    "CT_CHUNKSTEP": lambda chunk: (
        IRREGULAR_STEP if chunk.frames.step is None else str(chunk.frames.step),),
    "CT_TILE": lambda chunk: (str(chunk.tile),),
}
"""How each value of a task is made; those of the same name in the job stand back."""


def titles(values: Mapping[str, Elements]) -> dict[str, str]:
    """The values as titles and the Variables panel take them."""
    return {name: in_title(elements) for name, elements in values.items()}


def commands(values: Mapping[str, Elements]) -> dict[str, str]:
    """The values as commands take them."""
    return {name: in_command(name, elements) for name, elements in values.items()}


def scene_in_commands(variables: Mapping[str, str], path_map: PathMap) -> dict[str, str]:
    """The scene's variables as commands take them: a path is the node's, and quoted."""
    return {
        name: shell_list([path_map.to_node(value)]) if is_absolute(value) else value
        for name, value in variables.items()}


def last_values(values: Mapping[str, Elements], last: Chunk | None) -> dict[str, str]:
    """What the Variables panel shows: the job's values with those of its last task."""
    task = {name: make(last) if last else () for name, make in TASK_VALUES.items()}
    return titles(dict(values, **task))
