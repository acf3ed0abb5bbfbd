"""The arguments of ``Submit``: their names, old and new, and how they become a submission."""

from __future__ import annotations

import difflib
import getpass
from dataclasses import dataclass
from typing import Any, Mapping, Sequence

from conductor.lib.config import Config
from conductor.lib.errors import ArgumentError, ConfigError, FrameSpecError
from conductor.lib.paths import destination
from conductor.lib.sequence import Sequence as FrameSequence
from conductor.lib.submission import Submission, Task, new_submission_id

DEFAULT_TITLE = "Unknown job title"
DEFAULT_FLAVOR, DEFAULT_CORES = "standard", 8
RETRY_CAUSES = ("preempted", "failed")

ARGUMENTS: Mapping[str, str] = {
    "autoretry_policy": 'How often a task is tried again: {"preempted": {"max_retries": 2}}.',
    "chunk_size": "Frames per task; told to the dashboard, the tasks are chunked already.",
    "cores": "Cores of the machine, together with machine_flavor.",
    "database_filepath": "File of the hash cache.",
    "docker_image": "Image the tasks run in instead of the usual one.",
    "enforced_md5s": "MD5 that files must have when an uploader daemon sends them.",
    "environment": "Environment of the tasks.",
    "force_upload": "Send every file again.",
    "instance_type": "Machine by name, instead of machine_flavor and cores.",
    "job_title": "Title shown in the dashboard.",
    "local_upload": "Upload now; otherwise an uploader daemon does.",
    "location": "Tag that pairs the job with the daemons of a place.",
    "machine_flavor": "standard, highmem or highcpu, together with cores.",
    "max_instances": "Machines the job may use at once; 0 for no limit.",
    "md5_caching": "Remember hashes of unchanged files.",
    "metadata": "Tags for reports.",
    "notify": "E-mail addresses told of the end.",
    "output_path": "Folder the tasks write to, here and on the render machines.",
    "owner": "Who submits.",
    "preemptible": "Use cheaper machines that may be taken away.",
    "priority": "Precedence over other jobs of the account.",
    "project": "Conductor project of the job.",
    "scout_frames": "Frames whose tasks start at once; the others wait.",
    "software_package_ids": "Ids of the packages the tasks need.",
    "tasks_data": 'The tasks: [{"command": "...", "frames": "1-5"}].',
    "upload_file": "Text file with one path to upload per line.",
    "upload_only": "Upload, run nothing.",
    "upload_paths": "Files and folders the tasks need.",
}
"""Every argument with its meaning."""

ALIASES: Mapping[str, str] = {
    "title": "job_title", "scout_frame": "scout_frames", "machine_type": "machine_flavor",
    "user": "owner", "force": "force_upload",
}
"""Other spellings, of the documents and of 2019, and what they mean."""

REPLACED: Mapping[str, str] = {
    "cmd": 'tasks_data, such as [{"command": "...", "frames": "1-5"}]',
    "command": 'tasks_data, such as [{"command": "...", "frames": "1-5"}]',
    "frames": 'the "frames" of each entry of tasks_data',
    "frame_range": 'the "frames" of each entry of tasks_data',
    "postcmd": "the end of each command in tasks_data",
    "gpu_config": "an instance_type that has GPUs",
}
"""Arguments of the past, and what to write instead."""


def normalize_arguments(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments under their present names; values of None are left out.

    Raises:
        ArgumentError: a name nobody knows (with the nearest known), one that was replaced (with
            what replaces it), or two spellings of one argument with different values.
    """
    found: dict[str, Any] = {}
    for name, value in arguments.items():
        if name in REPLACED:
            raise ArgumentError('The argument "%s" is gone; use %s.' % (name, REPLACED[name]))
        present = ALIASES.get(name, name)
        if present not in ARGUMENTS:
            near = difflib.get_close_matches(str(name), [*ARGUMENTS, *ALIASES], 1)
            hint = ' Did you mean "%s"?' % near[0] if near else ""
            raise ArgumentError('There is no argument "%s".%s' % (name, hint))
        if value is None:
            continue
        if found.get(present, value) != value:
            raise ArgumentError(
                'The argument "%s" is given twice ("%s" is the same): "%s" and "%s".'
                % (present, name, found[present], value)
            )
        found[present] = value
    return found


@dataclass(frozen=True)
class JobArguments:
    """Checked arguments, with the configuration behind them.

    Attributes:
        instance_type: empty when `flavor` and `cores` choose the machine.
        upload_paths: as given; nothing was looked up on disk yet.
    """

    config: Config
    tasks: tuple[Task, ...]
    instance_type: str
    flavor: str
    cores: int
    upload_paths: tuple[str, ...]
    enforced_md5s: Mapping[str, str]
    autoretry_policy: Mapping[str, Mapping[str, int]]

    @classmethod
    def read(
        cls, arguments: Mapping[str, Any], environ: Mapping[str, str] | None = None,
        config: Config | None = None,
    ) -> JobArguments:
        """Check the arguments of ``Submit`` and lay them over the configuration.

        Raises:
            ArgumentError: a name, type or value is wrong, or something needed is absent.
        """
        given = normalize_arguments(arguments)
        tasks = _tasks(given.pop("tasks_data", ()))
        enforced = _texts(given.pop("enforced_md5s", {}), "enforced_md5s")
        if "notify" in given:
            given["notify"] = _addresses(given["notify"])
        if "metadata" in given:
            given["metadata"] = _texts(given["metadata"], "metadata")
        if "environment" in given:
            given["environment"] = _texts(given["environment"], "environment")
        config = _laid_over(given, environ, config)
        _check_whole(config, tasks)
        instance_type, flavor, cores = _machine(given, config)
        return cls(
            config, tasks, instance_type, flavor, cores,
            tuple(config.get("upload_paths", ())), enforced,
            _retries(config.get("autoretry_policy", {})),
        )

    def submission(self, instance_type: str) -> Submission:
        """The submission, without files, on the given machine."""
        config = self.config
        return Submission(
            submission_id=new_submission_id(),
            job_title=config.get("job_title", DEFAULT_TITLE),
            project=config.get("project", ""),
            instance_type=instance_type,
            output_path=destination(config.get("output_path", "")),
            tasks=self.tasks,
            environment=_texts(config.get("environment", {}), "environment"),
            software_package_ids=tuple(config.get("software_package_ids", ())),
            autoretry_policy=self.autoretry_policy,
            docker_image=config.get("docker_image", ""),
            local_upload=config["local_upload"],
            upload_only=config["upload_only"],
            force_upload=config["force_upload"],
            location=config.get("location", ""),
            preemptible=config["preemptible"],
            metadata=_texts(config.get("metadata", {}), "metadata"),
            priority=config["priority"],
            scout_frames=config.get("scout_frames", ""),
            max_instances=config["max_instances"],
            chunk_size=config["chunk_size"],
            owner=config.get("owner") or login_name(),
            notify=tuple(config.get("notify", ())),
        )


def login_name() -> str:
    """Who is logged in; "unknown" where the system cannot tell."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


def _laid_over(
    given: Mapping[str, Any], environ: Mapping[str, str] | None, config: Config | None,
) -> Config:
    """The configuration with the arguments as its highest layer."""
    try:
        if config is not None:
            return config.overridden(given)
        return Config.load(environ, overrides=given)
    except ConfigError as error:
        raise ArgumentError(str(error)) from error


def _check_whole(config: Config, tasks: Sequence[Task]) -> None:
    """What one argument demands of another."""
    if config["upload_only"]:
        if tasks:
            raise ArgumentError('"upload_only" runs nothing: leave out tasks_data.')
        if not config["local_upload"]:
            raise ArgumentError('"upload_only" needs local_upload: a daemon serves jobs only.')
        return
    if not tasks:
        raise ArgumentError('"tasks_data" is missing: a job needs at least one task.')
    if not config.get("output_path"):
        raise ArgumentError('"output_path" is missing: the folder the tasks write to.')
    scout = config.get("scout_frames", "")
    if scout:
        try:
            FrameSequence.parse(scout)
        except FrameSpecError as error:
            raise ArgumentError('"scout_frames": %s' % error) from error


def _machine(given: Mapping[str, Any], config: Config) -> tuple[str, str, int]:
    """``(instance_type, "", 0)`` or ``("", flavor, cores)``; arguments before configuration."""
    by_pair = [name for name in ("machine_flavor", "cores") if name in given]
    if "instance_type" in given:
        if by_pair:
            raise ArgumentError(
                'Give either "instance_type" or "machine_flavor" and "cores", not both.')
        return config["instance_type"], "", 0
    if not by_pair and config.get("instance_type"):
        return config["instance_type"], "", 0
    flavor = config.get("machine_flavor", DEFAULT_FLAVOR)
    return "", flavor, config.get("cores", DEFAULT_CORES)


def _tasks(value: Any) -> tuple[Task, ...]:
    if isinstance(value, (str, Mapping)) or not hasattr(value, "__iter__"):
        raise ArgumentError('"tasks_data" must be a list of {"command": ..., "frames": ...}.')
    return tuple(_task(number, entry) for number, entry in enumerate(value))


def _task(number: int, entry: Any) -> Task:
    where = "tasks_data[%d]" % number
    if not isinstance(entry, Mapping):
        raise ArgumentError('%s must be {"command": ..., "frames": ...}, not "%s".' % (
            where, entry))
    unknown = sorted(str(name) for name in entry if name not in ("command", "frames"))
    if unknown:
        raise ArgumentError('%s has "%s"; only "command" and "frames" are known.' % (
            where, unknown[0]))
    command, frames = entry.get("command"), entry.get("frames")
    if not isinstance(command, str) or not command.strip():
        raise ArgumentError('%s has no "command".' % where)
    if isinstance(frames, bool) or not isinstance(frames, (str, int, type(None))):
        raise ArgumentError('%s: "frames" must be text such as "1-5", not "%s".' % (
            where, frames))
    return Task(command, "" if frames is None else str(frames))


def _addresses(value: Any) -> list[str]:
    """A list, one text with commas, or the wire's ``{"emails": ...}``."""
    if isinstance(value, Mapping):
        value = value.get("emails") or ()
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
        raise ArgumentError('"notify" must be a list of e-mail addresses, not "%s".' % (value,))
    return [item.strip() for item in value if item.strip()]


def _texts(value: Any, name: str) -> dict[str, str]:
    """A table of texts; numbers and truth values become text."""
    if not isinstance(value, Mapping):
        raise ArgumentError('"%s" must be a table of names and values, not "%s".' % (name, value))
    found: dict[str, str] = {}
    for key, item in value.items():
        for part in (key, item):
            if not isinstance(part, (str, int, float)):
                raise ArgumentError('"%s": "%s" must be text.' % (name, part))
        if str(key) in found:
            raise ArgumentError('"%s" has "%s" twice.' % (name, key))
        found[str(key)] = str(item)
    return found


def _retries(value: Any) -> dict[str, dict[str, int]]:
    policy: dict[str, dict[str, int]] = {}
    example = '"autoretry_policy" must look like {"failed": {"max_retries": 1}}'
    if not isinstance(value, Mapping):
        raise ArgumentError('%s, not "%s".' % (example, value))
    for cause, rule in value.items():
        if cause not in RETRY_CAUSES or not isinstance(rule, Mapping):
            raise ArgumentError('%s, with "preempted" or "failed"; "%s" is neither.' % (
                example, cause))
        number = rule.get("max_retries")
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            raise ArgumentError('%s; "%s" is no number of retries.' % (example, number))
        policy[cause] = {"max_retries": number}
    return policy
