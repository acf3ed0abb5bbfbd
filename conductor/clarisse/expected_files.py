"""The expected files of a job: what each image, layer, frame and tile is to be called.

Noted before a job is sent, so that afterwards it can be told what is missing. The note lies in the
user's folder, beside the journal, under the submission's id, which the journal and the job's
metadata know too. It does not travel with the job: the render machines need nothing of it, and it
holds names of this workstation.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
import time
from typing import Any, Callable, Iterator, Mapping

from conductor.clarisse.output_names import Output, find_output_names
from conductor.clarisse.prepared import Prepared
from conductor.lib.config import Config
from conductor.lib.expected_files import note_path

LOG = logging.getLogger(__name__)

KEPT_DAYS = 90
_DAY_S = 86400


def expected_files(prepared: Prepared) -> dict[str, Any]:
    """The manifest: plain values, files in the order of images, frames and tiles."""
    submission, to_node = prepared.submission, prepared.plan.path_map.to_node
    outputs = find_output_names(prepared.scene, prepared.frames)
    return {
        "submission_id": submission.submission_id,
        "job_title": submission.job_title,
        "project": submission.project,
        "metadata": dict(submission.metadata),
        "output_path": submission.output_path,
        "render_package": prepared.plan.path,
        "tiles": prepared.frames.tiles,
        "outputs": [{
            "item": output.item,
            "kind": "layer" if output.one.image.is_layer else "image",
            "frames": str(output.one.frames),
            "files": list(_files(output, to_node)),
        } for output in outputs],
    }


def _files(output: Output, to_node: Callable[[str], str]) -> Iterator[Mapping[str, Any]]:
    for frame in output.one.frames:
        for tile, path in enumerate(output.names(frame), 1):
            yield {"frame": frame, "tile": tile, "path": path, "node_path": to_node(path)}


def note_expected(
    prepared: Prepared, config: Config, clock: Callable[[], float] = time.time,
) -> None:
    """Write the manifest of a submission that is about to be sent; old ones go.

    A folder that cannot be written is logged, never an error: the job does not depend on it.
    """
    if prepared.submission.upload_only:
        return
    path = note_path(config, prepared.submission.submission_id)
    folder = os.path.dirname(path)
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".expected.", dir=folder)
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as stream:
            json.dump(expected_files(prepared), stream, ensure_ascii=False)
        os.replace(temporary, path)
        _forget_old(folder, clock() - KEPT_DAYS * _DAY_S)
    except OSError as problem:
        LOG.warning("The list of expected files is not kept: %s", problem)


def _forget_old(folder: str, limit: float) -> None:
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if name.endswith(".json") and os.stat(path).st_mtime < limit:
            os.remove(path)
