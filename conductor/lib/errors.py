"""Every error this project raises on purpose, drawn as a tree.

::

    ConductorError                   1   anything below
    +-- InputError (ValueError)      2   something the user wrote is wrong
    |   +-- FrameSpecError               a frame spec such as ``1-10x2``
    |   +-- ExpressionError              a title, path or command expression
    |   +-- ArgumentError                an argument of Submit, of a call or of the command line
    |   +-- ConfigError                  config.yml or a CONDUCTOR_ variable
    |   +-- PackageConflictError         two packages want different values of one variable
    |   +-- ChecksError                  error findings stopped a submission
    +-- SceneError                   3   the Clarisse project, or Clarisse itself
    |   +-- ProjectFileError             text that is not a Clarisse project
    |   +-- NotInStandIn                 a documented call the stand-in does not have yet
    |   +-- RenderPackageError           the render package could not be made
    +-- AuthError                    4   no key, a refused key, a cancelled sign-in
    |   +-- SignInNeeded                 no token, or one that is not good any more
    +-- ServiceError                 5   the service answered with an error, or not at all
    |   +-- ServiceUnreachable           no connection, or a time-out
    |   +-- SubmissionUnknown        6   the job may or may not have been created
    +-- TransferError                7   bytes did not arrive
    |   +-- UploadError                  with every failed file
    |   +-- DownloadError                with every failed file
    +-- Cancelled                  130   the user said stop

The number is the exit code of the command line. A message quotes the offending text, says where it
stands and what to do.
"""

from __future__ import annotations

from typing import Sequence


class ConductorError(Exception):
    """Root of all errors raised on purpose."""

    exit_code = 1


class InputError(ConductorError, ValueError):
    """Something the user wrote is wrong."""

    exit_code = 2


class _PointedError(InputError):
    """An error in one line of text, with the place marked by a caret."""

    def __init__(self, message: str, text: str, position: int | None = None) -> None:
        self.text = text
        self.position = position
        shown = '%s: "%s"' % (message, text)
        if position is not None:
            shown += "\n%s^ here" % (" " * (len(message) + 3 + position))
        super().__init__(shown)


class FrameSpecError(_PointedError):
    """A frame spec that cannot be read; quotes the text and points at the place."""


class ExpressionError(_PointedError):
    """An expression that cannot be read or evaluated; quotes the text and points at the place."""


class ArgumentError(InputError):
    """An argument with a wrong name, type or value."""


class ConfigError(InputError):
    """A setting of config.yml or of the environment with a wrong name or value."""


class PackageConflictError(InputError):
    """Two packages (or a package and the user) give one variable different exclusive values."""


class ChecksError(InputError):
    """Findings of level error stopped a submission; the message lists them."""


class SceneError(ConductorError):
    """The Clarisse project, or the host application, cannot do what was asked."""

    exit_code = 3


class ProjectFileError(SceneError):
    """Text that is not a Clarisse project file.

    Attributes:
        line, column: 1-based place of the offence.
    """

    def __init__(self, message: str, line: int, column: int) -> None:
        self.line = line
        self.column = column
        super().__init__("line %d, column %d: %s" % (line, column, message))


class NotInStandIn(SceneError):
    """Clarisse documents this call, the stand-in does not implement it yet."""


class RenderPackageError(SceneError):
    """The render package could not be written."""


class AuthError(ConductorError):
    """No credentials, refused credentials, or a sign-in that was cancelled."""

    exit_code = 4


class SignInNeeded(AuthError):
    """No API key is set, and there is no token of a sign-in that is good now: signing in by the
    browser helps."""


class ServiceError(ConductorError):
    """The service refused a request or could not be reached.

    Attributes:
        method, url: the request (never with its query: it may hold secrets).
        status: HTTP status, or None when there was no answer.
        detail: what the service said, shortened.
    """

    exit_code = 5

    def __init__(
        self, message: str, method: str = "", url: str = "",
        status: int | None = None, detail: str = "",
    ) -> None:
        self.method = method
        self.url = url
        self.status = status
        self.detail = detail
        super().__init__(message)


class ServiceUnreachable(ServiceError):
    """No connection to the service, or no answer in time."""


class SubmissionUnknown(ServiceError):
    """The job was posted but the answer was lost: it may or may not exist."""

    exit_code = 6


class TransferError(ConductorError):
    """Files that could not be moved.

    Attributes:
        failures: one ``(path, reason)`` pair for each file, all of them.
    """

    exit_code = 7

    def __init__(self, message: str, failures: Sequence[tuple[str, str]] = ()) -> None:
        self.failures = tuple(failures)
        lines = ["  %s: %s" % failure for failure in self.failures]
        super().__init__("\n".join([message] + lines))


class UploadError(TransferError):
    """Some files could not be uploaded."""


class DownloadError(TransferError):
    """Some files could not be downloaded."""


class Cancelled(ConductorError):
    """The user asked to stop."""

    exit_code = 130
