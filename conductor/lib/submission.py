"""A submission as a value: what Preview shows, what is uploaded, what is posted.

``Submission.to_payload()`` is the only place where the body of ``POST jobs/`` is made. Its keys
and their order are those the vendor's client of today sends (observed from ciocore 9.2.0).
"""

from __future__ import annotations

import base64
import json
import os
import uuid
from dataclasses import dataclass, field, replace
from typing import Any, Mapping, NamedTuple

PAYLOAD_ID = "conductor_submission_id"
"""Key of the submission's id inside ``metadata``."""


def new_submission_id() -> str:
    """A fresh id, 32 hexadecimal digits."""
    return uuid.uuid4().hex


class FileStat(NamedTuple):
    """The part of ``os.stat`` that the manifest carries; sizes in bytes, times in seconds."""

    mode: int
    inode: int
    device: int
    links: int
    uid: int
    gid: int
    size: int
    atime: float
    mtime: float
    ctime: float

    @classmethod
    def of(cls, stat: os.stat_result) -> FileStat:
        """From the result of ``os.stat``."""
        # The first seven are these members in their order; the slice costs a fraction of naming
        # them, and there may be 100,000 files.
        return cls._make((*stat[:7], stat.st_atime, stat.st_mtime, stat.st_ctime))

    def is_of(self, stat: os.stat_result) -> bool:
        """True when these are the members of a file that looks like this still."""
        return (self.size, self.mtime, self.inode) == (stat.st_size, stat.st_mtime, stat.st_ino)

    def to_payload(self) -> dict[str, Any]:
        """The ``st_`` members of one entry of ``upload_files``."""
        return {
            "st_mode": self.mode, "st_ino": self.inode, "st_dev": self.device,
            "st_nlink": self.links, "st_uid": self.uid, "st_gid": self.gid,
            "st_size": self.size, "st_atime": self.atime, "st_mtime": self.mtime,
            "st_ctime": self.ctime,
        }


@dataclass(frozen=True)
class UploadFile:
    """One file the job needs.

    Attributes:
        path: where it lies on this machine; absolute, native separators.
        destination: the same place as the manifest names it: forward slashes, drive letter kept.
        md5: base64 of the 16-byte digest (24 characters), or None while unknown.
        stat: None while unknown (a preview does not touch the file).
    """

    path: str
    destination: str
    md5: str | None = None
    stat: FileStat | None = None

    @property
    def size(self) -> int:
        """Bytes; 0 while unknown."""
        return self.stat.size if self.stat else 0

    def to_payload(self) -> dict[str, Any]:
        """One entry of ``upload_files``."""
        entry: dict[str, Any] = {"md5": self.md5, "destination": self.destination}
        if self.stat:
            entry.update(self.stat.to_payload())
        return entry


def md5_text(digest: bytes) -> str:
    """The wire's form of a 16-byte MD5 digest: base64."""
    return base64.b64encode(digest).decode("ascii")


@dataclass(frozen=True)
class Task:
    """One unit of execution: a shell command and the frames it renders (``9-10``)."""

    command: str
    frames: str = ""

    def to_payload(self) -> dict[str, str]:
        """One entry of ``tasks_data``."""
        return {"command": self.command, "frames": self.frames}


@dataclass(frozen=True)
class Submission:
    """Everything one press of Submit sends. Immutable; sequences are tuples, mappings are never
    changed.

    Attributes:
        submission_id: unique for ever; travels in ``metadata``.
        output_path: folder below which every output lies; drive kept, forward slashes.
        notify: e-mail addresses.
        autoretry_policy: for instance ``{"failed": {"max_retries": 3}}``.
    """

    submission_id: str
    job_title: str
    project: str
    instance_type: str
    output_path: str
    tasks: tuple[Task, ...]
    upload_files: tuple[UploadFile, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    software_package_ids: tuple[str, ...] = ()
    autoretry_policy: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    docker_image: str = ""
    local_upload: bool = True
    upload_only: bool = False
    force_upload: bool = False
    location: str = ""
    preemptible: bool = False
    metadata: Mapping[str, str] = field(default_factory=dict)
    priority: int = 5
    scout_frames: str = ""
    max_instances: int = 0
    chunk_size: int = 1
    owner: str = ""
    notify: tuple[str, ...] = ()

    @property
    def upload_size(self) -> int:
        """Bytes of all files whose size is known."""
        return sum(file.size for file in self.upload_files)

    def with_files(self, files: tuple[UploadFile, ...]) -> Submission:
        """The same submission with hashed files."""
        return replace(self, upload_files=files)

    def encoded(self) -> bytearray:
        """:meth:`to_payload` as JSON, made file by file: as dictionaries, 100,000 files would
        take hundreds of megabytes."""
        payload = replace(self, upload_files=()).to_payload()
        payload["upload_size"] = self.upload_size
        text = bytearray()
        for name, value in payload.items():
            text += b"%s%s: " % (b", " if text else b"{", json.dumps(name).encode("ascii"))
            if name == "upload_files":
                text += b"["
                for number, file in enumerate(self.upload_files):
                    text += b", " if number else b""
                    text += json.dumps(file.to_payload()).encode("ascii")
                text += b"]"
            else:
                text += json.dumps(value).encode("ascii")
        return text + b"}"

    def to_payload(self) -> dict[str, Any]:
        """The JSON body of ``POST jobs/``."""
        return {
            "instance_type": self.instance_type,
            "project": self.project,
            "tasks_data": [task.to_payload() for task in self.tasks],
            "output_path": self.output_path,
            "autoretry_policy": {key: dict(value) for key, value in self.autoretry_policy.items()},
            "docker_image": self.docker_image,
            "environment": dict(self.environment),
            "job_title": self.job_title,
            "local_upload": self.local_upload,
            "location": self.location,
            "preemptible": self.preemptible,
            "metadata": dict(self.metadata, **{PAYLOAD_ID: self.submission_id}),
            "priority": self.priority,
            "scout_frames": self.scout_frames,
            "software_package_ids": list(self.software_package_ids),
            "max_instances": self.max_instances,
            "chunk_size": self.chunk_size,
            "owner": self.owner,
            "notify": {"emails": list(self.notify)},
            "upload_files": [file.to_payload() for file in self.upload_files],
            "upload_size": self.upload_size,
        }
