"""The body of ``POST jobs/`` as a checked value; takes what clients of 2019 and of today send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterator, Mapping, NamedTuple

from conductor.lib.errors import ArgumentError, InputError
from conductor.lib.sequence import Sequence
from conductor.lib.states import TaskState
from conductor.service.blobs import checked_md5
from conductor.service.farm import Farm, InstanceType

NO_COMMANDS = ("", "upload only")
MODE_BITS = 0o777
DEFAULT_MODE = 0o644


class RequestedFile(NamedTuple):
    """One entry of ``upload_files``.

    Attributes:
        destination: the workstation's path, as sent.
        node_path: where the task looks for it.
        md5: base64; None when the client does not know it yet.
        size: bytes; None when not said.
        mode: permission bits.
    """

    destination: str
    node_path: str
    md5: str | None
    size: int | None
    mode: int


@dataclass(frozen=True)
class RequestedTask:
    """One entry of ``tasks_data`` with the state it begins in."""

    command: str
    frames: str
    status: TaskState


@dataclass(frozen=True)
class JobRequest:
    """A submission the farm can take; ``columns`` are those of the job's row that need no check."""

    instance_type: InstanceType
    tasks: tuple[RequestedTask, ...]
    files: tuple[RequestedFile, ...]
    output_path: str
    node_output_path: str
    local_upload: bool
    columns: Mapping[str, Any]


def parse(payload: object, farm: Farm) -> JobRequest:
    """Check a submission against the farm.

    Raises:
        ArgumentError: naming the argument, its value and what would be right.
    """
    if not isinstance(payload, dict):
        raise ArgumentError("a job is a JSON object, this is %s" % type(payload).__name__)
    output_path = _text(payload, "output_path")
    scouts = _text(payload, "scout_frames", "scout_frame")
    tasks = tuple(_tasks(payload, scouts))
    if tasks and not output_path:
        raise ArgumentError("output_path is missing: the folder below which the tasks write")
    return JobRequest(
        instance_type=_instance_type(payload, farm, bool(tasks)),
        tasks=tasks,
        files=tuple(_files(payload, farm)),
        output_path=output_path,
        node_output_path=farm.node_paths.node_path(output_path) if output_path else "",
        local_upload=_flag(payload, "local_upload", True),
        columns=_columns(payload, farm, scouts),
    )


def _columns(payload: Mapping[str, Any], farm: Farm, scouts: str) -> dict[str, Any]:
    environment = _mapping(payload, "environment")
    return {
        "title": _text(payload, "job_title", "title") or "Unknown job title",
        "project": _project(payload, farm),
        "owner": _text(payload, "owner", "user"),
        "location": _text(payload, "location"),
        "priority": whole_number(payload, "priority", 5),
        "preemptible": _flag(payload, "preemptible", False),
        "max_instances": whole_number(payload, "max_instances", 0),
        "environment": {str(name): _plain(value) for name, value in environment.items()},
        "scout_frames": scouts,
        "autoretry_policy": _autoretry_policy(payload),
        "tags": _mapping(payload, "metadata"),
        "software_package_ids": list_of(payload, "software_package_ids"),
        "notify": _addresses(payload.get("notify")),
        "upload_size": whole_number(payload, "upload_size", 0),
        "chunk_size": whole_number(payload, "chunk_size", 1),
    }


def _tasks(payload: Mapping[str, Any], scouts: str) -> Iterator[RequestedTask]:
    chosen = _scouts(scouts)
    for number, entry in enumerate(list_of(payload, "tasks_data")):
        if not isinstance(entry, dict) or not str(entry.get("command") or "").strip():
            raise ArgumentError("tasks_data[%d] has no command: %r" % (number, entry))
        frames = _plain(entry.get("frames"))
        yield RequestedTask(str(entry["command"]), frames, _first_state(frames, chosen))
    command = _text(payload, "command")
    if not payload.get("tasks_data") and command not in NO_COMMANDS:
        raise ArgumentError('command "%s": give it as an entry of tasks_data' % command)


def first_state(frames: str, scouts: str) -> TaskState:
    """Where a task begins once its inputs are there: held, unless scouting chooses it."""
    return _first_state(frames, _scouts(scouts))


def _first_state(frames: str, chosen: Sequence | None) -> TaskState:
    is_held = chosen is not None and not _meets(frames, chosen)
    return TaskState.HOLDING if is_held else TaskState.PENDING


def _scouts(spec: str) -> Sequence | None:
    return _frames(spec, "scout_frames") if spec.strip() else None


def _meets(frames: str, chosen: Sequence) -> bool:
    # A task without frames, or with a label of its own making, cannot be a scout.
    try:
        return bool(Sequence.parse(frames) & chosen)
    except InputError:
        return False


def _frames(spec: str, argument: str) -> Sequence:
    try:
        return Sequence.parse(spec)
    except InputError as error:
        raise ArgumentError("%s: %s" % (argument, error)) from error


def _files(payload: Mapping[str, Any], farm: Farm) -> Iterator[RequestedFile]:
    node_paths = farm.node_paths
    for number, entry in enumerate(list_of(payload, "upload_files")):
        if not isinstance(entry, dict) or not entry.get("destination"):
            raise ArgumentError("upload_files[%d] has no destination: %r" % (number, entry))
        destination = str(entry["destination"])
        yield RequestedFile(
            destination,
            node_paths.node_path(destination),
            checked_md5(entry["md5"]) if entry.get("md5") else None,
            None if entry.get("st_size") is None else whole_number(entry, "st_size", 0),
            (whole_number(entry, "st_mode", 0) or DEFAULT_MODE) & MODE_BITS,
        )


def _instance_type(payload: Mapping[str, Any], farm: Farm, is_needed: bool) -> InstanceType:
    offered = {offer.name: offer for offer in farm.instance_types}
    name = _text(payload, "instance_type")
    if not name and payload.get("cores"):
        flavor = _text(payload, "machine_flavor", "machine_type") or "standard"
        name = "n1-%s-%s" % (flavor, payload["cores"])
    if name in offered:
        return offered[name]
    if name and is_needed:
        raise ArgumentError(
            'instance_type "%s" is not offered here; choose one of %s' % (name, ", ".join(offered))
        )
    return farm.instance_types[0]


def _project(payload: Mapping[str, Any], farm: Farm) -> str:
    name = _text(payload, "project") or farm.projects[0]
    if name not in farm.projects:
        raise ArgumentError(
            'project "%s" is not known here; choose one of %s' % (name, ", ".join(farm.projects))
        )
    return name


def _autoretry_policy(payload: Mapping[str, Any]) -> dict[str, int]:
    policy = {}
    for cause, rule in _mapping(payload, "autoretry_policy").items():
        if cause not in ("failed", "preempted") or not isinstance(rule, dict):
            raise ArgumentError(
                'autoretry_policy: "%s": %r; {"failed": {"max_retries": 1}} is the form, or '
                '"preempted"' % (cause, rule)
            )
        policy[cause] = max(0, whole_number(rule, "max_retries", 0))
    return policy


def _addresses(notify: object) -> list[str]:
    """All shapes seen: a list, ``{"emails": list or null}``, doubly wrapped, comma-joined text."""
    if isinstance(notify, dict):
        return _addresses(notify.get("emails"))
    if isinstance(notify, str):
        return [part.strip() for part in notify.split(",") if part.strip()]
    if isinstance(notify, list):
        return [address for entry in notify for address in _addresses(entry)]
    return []


def _plain(value: object) -> str:
    return "" if value is None else str(value)


def _text(payload: Mapping[str, Any], *names: str) -> str:
    for name in names:
        value = payload.get(name)
        if isinstance(value, (list, dict)):
            raise ArgumentError("%s must be text, not %r" % (name, value))
        if value not in (None, ""):
            return str(value)
    return ""


def whole_number(payload: Mapping[str, Any], name: str, default: int) -> int:
    """A member of a body as a number; ArgumentError where it is none."""
    value = payload.get(name)
    try:
        return default if value in (None, "") else int(str(value))
    except ValueError as error:
        raise ArgumentError('%s must be a whole number, not "%s"' % (name, value)) from error


def _flag(payload: Mapping[str, Any], name: str, default: bool) -> bool:
    value = payload.get(name)
    if isinstance(value, str):
        return value.strip().lower() in ("true", "yes", "on", "1")
    return default if value is None else bool(value)


def list_of(payload: Mapping[str, Any], name: str) -> list[Any]:
    """A member of a body as a list; ArgumentError where it is none."""
    value = payload.get(name) or []
    if not isinstance(value, list):
        raise ArgumentError("%s must be a list, not %r" % (name, value))
    return value


def _mapping(payload: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = payload.get(name) or {}
    if not isinstance(value, dict):
        raise ArgumentError("%s must be names and values, not %r" % (name, value))
    return value
