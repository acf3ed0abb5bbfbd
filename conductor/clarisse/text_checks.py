"""What is wrong with texts that the artist wrote: the template, names of variables, secrets."""

from __future__ import annotations

import difflib
import re
from typing import Any, Iterable, Iterator, Mapping, Sequence

from conductor.clarisse.attributes import JobSettings
from conductor.lib.checks import Finding, error, warning
from conductor.lib.secret_texts import command_options, holds_secret, secret_names
from conductor.lib.submission import Submission
from conductor.lib.variables import BY_NAME

_OURS = re.compile(r"\$(CT_\w+)")
_CNODE = re.compile(r"cnode\b")
_CHUNK = ("CT_CHUNKS", "CT_CHUNKSTART", "CT_CHUNKEND")
# Any of the names will do.
_NEEDED: tuple[tuple[tuple[str, ...], str], ...] = (
    (("CT_RENDER_PACKAGE",), "no task opens the render package"),
    (("CT_SOURCES",), "no task is told which images to render"),
    (_CHUNK, "every task does the same, whatever frames it has"),
)


def check_names(settings: JobSettings) -> Iterator[Finding]:
    """CT_ variables that do not exist, in the texts that may name some."""
    for attribute in ("title", "task_template", "extra_environment", "metadata"):
        names = dict.fromkeys(_OURS.findall(getattr(settings, attribute)))
        for name in names:
            if name not in BY_NAME:
                near = difflib.get_close_matches(name, list(BY_NAME), 1, 0.5)
                hint = " Did you mean $%s?" % near[0] if near else ""
                yield error("ct-variable-unknown", attribute, (
                    "There is no variable $%s.%s" % (name, hint)))


def check_template(settings: JobSettings) -> Iterator[Finding]:
    """Variables without which the tasks of a template do not render what they should."""
    names = set(_OURS.findall(settings.task_template))
    for wanted, consequence in _NEEDED:
        if not names & set(wanted):
            yield warning("task-template-variable", "task_template", (
                "The template does not use $%s: %s." % (wanted[0], consequence)))
    if _CNODE.search(settings.task_template) and "CT_DIRECTORIES" not in names:
        yield warning("task-template-variable", "task_template", (
            "The template does not use $CT_DIRECTORIES: cnode makes no folders, so those that the "
            "images are written to have to be there."))


def check_cnode_path(settings: JobSettings, package: str) -> Iterator[Finding]:
    """A package that cnode itself, without ct_cnode, could not open; its path is the node's."""
    is_direct = re.search(r"(?<!ct_)cnode\b", settings.task_template)
    odd = sorted({sign for sign in package if sign.isspace() or ord(sign) > 126})
    if is_direct and odd:
        yield warning("cnode-path", "task_template", (
            'cnode was seen to fail on paths such as "%s" (because of %s). Start it through '
            "$CT_SCRIPT_DIR/ct_cnode, which works in the package's folder."
            % (package, ", ".join('"%s"' % sign for sign in odd[:5]))))


def check_secrets(
    submission: Submission, packages: Iterable[Mapping[str, Any]], template: str,
) -> Iterator[Finding]:
    """Passwords, keys and tokens that would travel in the open; never quoted.

    Args:
        packages: their own variables, such as licences, are the service's business.
    """
    given = {str(variable.get("name")) for package in packages
             for variable in package.get("environment") or ()}
    own = {name: value for name, value in submission.environment.items() if name not in given}
    yield from _exposed("extra_environment", "variable", secret_names(own))
    yield from _exposed("metadata", "entry", secret_names(submission.metadata))
    commands = [template] + [task.command for task in submission.tasks[:1]]
    options = list(dict.fromkeys(name for text in commands for name in command_options(text)))
    yield from _exposed("task_template", "option", options)
    if not options and any(map(holds_secret, commands)):
        yield warning("secret-exposed", "task_template", (
            "The command seems to hold a key or token, which everybody who sees the job can read. "
            "Let the render machine read it from a file."))


def _exposed(attribute: str, what: str, names: Sequence[str]) -> Iterator[Finding]:
    for name in names:
        yield warning("secret-exposed", attribute, (
            "The %s %s seems to hold a secret, which everybody who sees the job can read. Let the "
            "render machine read it from a file." % (what, name)))
