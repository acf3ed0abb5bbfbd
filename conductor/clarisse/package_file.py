"""The render package as a file: made beside its place, there whole or not at all."""

from __future__ import annotations

import os
from typing import Callable

from conductor.lib.errors import RenderPackageError


def write_new(
    path: str, save: Callable[[str], object], edit: Callable[[str], str]
) -> None:
    """Have a snapshot saved beside ``path``, edit its text, and put the result at ``path``.

    Raises:
        RenderPackageError: a file cannot be written or read; nothing is left behind.
    """
    # The extension must be one that Clarisse saves.
    snapshot = "%s.%d.snapshot.project" % (path, os.getpid())
    beside = "%s.%d.tmp" % (path, os.getpid())
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        save(snapshot)
        with open(snapshot, encoding="utf-8", errors="surrogateescape", newline="") as handle:
            text = edit(handle.read())
        with open(beside, "w", encoding="utf-8", errors="surrogateescape", newline="") as handle:
            handle.write(text)
        os.replace(beside, path)
    except OSError as problem:
        raise RenderPackageError(
            'the render package "%s" cannot be written: %s. Set package_folder in config.yml to '
            "a folder that you may write to." % (path, problem.strerror or problem)) from problem
    finally:
        for leftover in (snapshot, beside):
            if os.path.exists(leftover):
                os.remove(leftover)
