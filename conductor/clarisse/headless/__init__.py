"""A stand-in of Clarisse: ``ix`` over a real ``.project`` file, without Clarisse or a licence.

::

    from conductor.clarisse import headless
    from conductor.clarisse.headless import driver

    ix = headless.install("/shows/moon/shot.project")
    import my_plugin                      # does "import ix", registers a scripted class
    driver.press("project://job", "submit")
    headless.uninstall()

The stand-in has Clarisse's shape: what Clarisse documents and the stand-in lacks raises
``NotInStandIn``, what Clarisse does not have is an AttributeError. What nobody has verified is a
switch (:mod:`~conductor.clarisse.headless.switches`), listed in ``docs/clarisse-host-notes.md``.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import Any, Iterator

from conductor.clarisse.headless import module
from conductor.clarisse.headless.binding import installed_host
from conductor.clarisse.headless.faults import HostCrash
from conductor.clarisse.headless.host import Host
from conductor.clarisse.headless.scripted import dispatch_change

MODULES = ("ix", "ix.api", "ix.cmds")


def install(scene_path: str | None = None, gui: bool = True) -> Any:
    """Put the stand-in into ``sys.modules`` as ``ix``, ``ix.api`` and ``ix.cmds``.

    Args:
        scene_path: the project to open; None starts with an empty, unsaved one.
        gui: what ``ix.is_gui_application()`` answers.

    Returns:
        The module ``ix``.

    Raises:
        OSError: when the project cannot be read.
        ProjectFileError: when it is none.
    """
    host = Host(is_gui=gui)
    modules = module.build(host)
    host.application = modules["ix"].application
    host.listener = dispatch_change
    if scene_path is not None:
        host.load(os.path.abspath(os.fspath(scene_path)))
    sys.modules.update(modules)
    return modules["ix"]


def uninstall() -> None:
    """Take the stand-in out of ``sys.modules``; the real ``ix`` is left alone."""
    if installed_host() is not None:
        for name in MODULES:
            sys.modules.pop(name, None)


@contextmanager
def session(scene_path: str | None = None, gui: bool = True) -> Iterator[Any]:
    """An installed stand-in for the time of a ``with`` block; what was there before comes back."""
    before: dict[str, Any] = {name: sys.modules.get(name) for name in MODULES}
    try:
        yield install(scene_path, gui)
    finally:
        for name, found in before.items():
            if found is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = found


__all__ = ["Host", "HostCrash", "install", "session", "uninstall"]
