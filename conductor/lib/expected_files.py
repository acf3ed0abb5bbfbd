"""What a job was expected to write, as noted when it was submitted from this machine, and what of
that has not come back."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from typing import Any, Iterable, Mapping

from conductor.lib.config import Config
from conductor.lib.paths import comparable, normalize
from conductor.lib.submission import PAYLOAD_ID

LOG = logging.getLogger(__name__)

FOLDER = "expected"


@dataclass(frozen=True)
class Expected:
    """The files of one job.

    Attributes:
        output_path: folder of all of them, as the workstation that submitted names it.
        relative_paths: each file below that folder, forward slashes, in the order of the job.
    """

    output_path: str
    relative_paths: tuple[str, ...]

    def missing(self, relative_paths: Iterable[str]) -> tuple[str, ...]:
        """Those that are not among the paths (below the same folder) that there are."""
        there = {path.replace("\\", "/") for path in relative_paths}
        return tuple(path for path in self.relative_paths if path not in there)


def note_path(config: Config, submission_id: str) -> str:
    """Where the note about a submission lies."""
    return os.path.join(config["user_dir"], FOLDER, submission_id + ".json")


def read_expected(config: Config, job: Mapping[str, Any]) -> Expected | None:
    """What was noted about a job (as the service tells of it); None when nothing was, because it
    was submitted elsewhere, by a script, or long ago."""
    metadata = job.get("metadata")
    submission_id = metadata.get(PAYLOAD_ID) if isinstance(metadata, Mapping) else None
    # The id comes from the service: it must not lead anywhere else.
    if not isinstance(submission_id, str) or os.path.basename(submission_id) != submission_id:
        return None
    path = note_path(config, submission_id)
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as handle:
            return _expected(json.load(handle))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as problem:
        LOG.warning('The list of expected files "%s" cannot be used: %s', path, problem)
        return None


def _expected(note: Mapping[str, Any]) -> Expected:
    root = normalize(str(note["output_path"]))
    prefix = comparable(root).rstrip("/") + "/"
    paths = [normalize(str(file["path"])) for output in note["outputs"] for file in output["files"]]
    below = [path[len(prefix):] for path in paths if comparable(path).startswith(prefix)]
    return Expected(root, tuple(dict.fromkeys(below)))
