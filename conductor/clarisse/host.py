"""The door to Clarisse, and the one dispatcher through which its callbacks run.

``Host...`` names below mark values that belong to Clarisse: they are used only on the thread that
owns it, and only by the modules of the host layer.
"""

from __future__ import annotations

import logging
from typing import Any, Callable, TypeVar

from conductor.clarisse import failures
from conductor.clarisse.pointing import in_words
from conductor.lib.checks import Finding, Level
from conductor.lib.errors import ConductorError

HostModule = Any
"""Clarisse's ``ix`` module."""
OfObject = Any
OfAttr = Any
OfClass = Any

T = TypeVar("T")

LOGGER = logging.getLogger(__name__)


def get_ix() -> HostModule:
    """Clarisse's module; raises ImportError outside Clarisse and its stand-in."""
    import ix

    return ix


def guard(
    ix: HostModule, what: str, work: Callable[[], T],
    wants_traceback: Callable[[], bool] = failures.is_developing,
) -> T | None:
    """Do the work of one callback and let nothing escape: Clarisse would crash.

    An error becomes one line in Clarisse's log that names ``what`` was done, and a full entry in
    the log file. Returns what the work returns, None after an error.

    Args:
        wants_traceback: whether the item asks for stack traces; counts for the callbacks of the
            windows that the work opens too.
    """
    _ASKED.append(wants_traceback)
    try:
        return work()
    except BaseException as error:  # noqa: BLE001  the boundary to Clarisse
        _report(ix, what, error)
        return None
    finally:
        _ASKED.pop()


_ASKED: list[Callable[[], bool]] = []
# Of the callbacks that are under way, outer ones first: all on the one thread of Clarisse.


def _report(ix: HostModule, what: str, error: BaseException) -> None:
    try:
        with_traceback = failures.is_developing() or any(asked() for asked in _ASKED)
        is_ours = isinstance(error, ConductorError)
        LOGGER.error("%s: %s", what, error, exc_info=None if is_ours else error)
        told = failures.describe(what, error, with_traceback)
        # Not ix.log_error: that one raises after it has logged (seen in the vendor's module).
        ix.application.log_error(told)
    except BaseException:  # not even the report may escape
        LOGGER.exception("the report of a failed %s failed", what)


def tell_finding(ix: HostModule, finding: Finding) -> None:
    """Write one finding into Clarisse's log."""
    line = "ConductorJob: %s: %s" % (finding.subject, in_words(finding.message))
    if finding.level is Level.INFO:
        ix.application.log_info(line)
    else:
        ix.application.log_warning(line)


def objects_of(ix: HostModule, class_name: str) -> list[OfObject]:
    """All items of a class, disabled ones too."""
    found = ix.api.OfObjectArray()
    ix.application.get_factory().get_all_objects(class_name, found)
    return [found[index] for index in range(found.get_count())]


def source_of(attr: OfAttr, index: int = 0) -> str:
    """The text of a string attribute as typed: nothing substituted, nothing evaluated."""
    if attr.is_expression_enabled() and attr.is_single():
        return str(attr.get_expression())
    return str(attr.get_raw_string(index))
