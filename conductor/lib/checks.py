"""Findings: what is worth telling before anything is sent, and the table of checks they come from.

The configuration turns a check off or gives it another level by its name::

    checks:
      tasks-many: off
      file-missing: error
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Iterable, Mapping

from conductor.lib.errors import ConfigError


class Level(str, Enum):
    """How bad a finding is."""

    ERROR = "error"
    """Stops a submission."""
    WARNING = "warning"
    """Shown; the user may go on."""
    INFO = "info"
    """Logged."""


@dataclass(frozen=True)
class Check:
    """One thing that is looked at before a submission.

    Attributes:
        code: stable name, such as ``output-path-missing``.
        level: the usual one; a check may find milder cases too.
        about: when it finds something, in one sentence.
        remedy: what to do then, in one sentence.
    """

    code: str
    level: Level
    about: str
    remedy: str


@dataclass(frozen=True)
class Finding:
    """One thing found.

    Attributes:
        code: name of the check.
        subject: what it is about: an item, an attribute, a file, a setting.
        message: one sentence that quotes the text and says what to do.
        item: full name of the item, or the file; empty where only the subject tells.
        attribute: of the item; empty where it is about the whole.
        text: the attribute's text as typed; never one that may hold a secret.
        rests_on: values that decide, ``item.attribute`` each: a reader that had to guess one of
            them makes a warning of the finding.
        files: all that it is about, where there may be many.
    """

    level: Level
    code: str
    subject: str
    message: str
    item: str = ""
    attribute: str = ""
    text: str = ""
    rests_on: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def remedy(self) -> str:
        """What usually helps; empty for a check that is not in the table."""
        row = BY_CODE.get(self.code)
        return row.remedy if row is not None else ""

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary, as ``--json`` prints it."""
        return {
            "level": self.level.value, "code": self.code, "subject": self.subject,
            "item": self.item or self.subject, "attribute": self.attribute, "text": self.text,
            "message": self.message, "remedy": self.remedy, "files": list(self.files),
        }


def error(code: str, subject: str, message: str, rests_on: tuple[str, ...] = ()) -> Finding:
    """A finding that stops a submission."""
    return Finding(Level.ERROR, code, subject, message, rests_on=rests_on)


def warning(code: str, subject: str, message: str) -> Finding:
    """A finding that may be accepted."""
    return Finding(Level.WARNING, code, subject, message)


def info(code: str, subject: str, message: str) -> Finding:
    """A finding that is only logged."""
    return Finding(Level.INFO, code, subject, message)


def errors_of(findings: Iterable[Finding]) -> list[Finding]:
    """Those that stop a submission."""
    return [finding for finding in findings if finding.level is Level.ERROR]


OFF = "off"
_WORDS = (OFF,) + tuple(level.value for level in Level)


def read_levels(table: Mapping[str, Any]) -> dict[str, str]:
    """The configuration's levels by check: ``off``, ``info``, ``warning`` or ``error``.

    Raises:
        ConfigError: a name that no check has, or another word.
    """
    levels = {}
    for code, value in table.items():
        if code not in BY_CODE:
            near = difflib.get_close_matches(code, list(BY_CODE), 1)
            hint = ' Did you mean "%s"?' % near[0] if near else ""
            raise ConfigError('checks: there is no check "%s".%s' % (code, hint))
        # YAML reads a bare off as false.
        word = OFF if value is False else str(value).lower()
        if word not in _WORDS:
            raise ConfigError('checks: %s cannot be "%s"; write one of %s.'
                              % (code, value, ", ".join(_WORDS)))
        levels[code] = word
    return levels


def with_levels(findings: Iterable[Finding], levels: Mapping[str, str]) -> tuple[Finding, ...]:
    """The findings as the configuration wants them: some without, some with another level."""
    kept = []
    for finding in findings:
        word = levels.get(finding.code, finding.level.value)
        if word != OFF:
            kept.append(replace(finding, level=Level(word)))
    return tuple(kept)


_ERROR, _WARNING, _INFO = Level.ERROR, Level.WARNING, Level.INFO

CHECKS: tuple[Check, ...] = (
    Check("catalog-unknown", _WARNING,
          "Conductor was not asked, so names of projects, machines and packages are unchecked.",
          "Press Refresh to sign in."),
    Check("old-scene", _INFO,
          (
              "The job was saved by another plugin; its settings were mapped to those of today,"
              " and what has no place is told."),
          "Compare the settings with what was meant."),
    Check("attribute-locked", _ERROR,
          "The job has another value than the one that the studio has locked.",
          "Set it back, or ask who looks after config.yml."),
    Check("scene-unsaved", _ERROR,
          "The scene was never saved, so it has no folder.",
          "Save the scene."),
    Check("scene-modified", _INFO,
          "The scene has changes that its file lacks; the render package holds them.",
          "Save the scene, so that its file is what was rendered."),
    Check("package-folder", _ERROR,
          "The render package can be written neither beside the scene nor elsewhere.",
          "Set package_folder in config.yml to a folder that you may write to."),
    Check("images-missing", _ERROR,
          "The job names no enabled image or layer.",
          "Add images or layers to the job."),
    Check("image-gone", _WARNING,
          "The job names an image or layer that is not in the scene any more.",
          "Take it out of the images, or bring it back."),
    Check("image-range", _ERROR,
          "An image's own frame range cannot be rendered.",
          "Correct the range of the image, or use custom frames."),
    Check("frames-invalid", _ERROR,
          "Custom or scout frames cannot be read.",
          "Write numbers, ranges and steps such as 1,7,10-20,30-60x3."),
    Check("frames-outside", _INFO,
          "Custom frames leave an image's own range; the render package widens it.",
          "Nothing, unless the frames are a mistake."),
    Check("scout-outside", _ERROR,
          "Scout frames are not among the frames of the job; a warning where only some are.",
          "Name scout frames that the job renders, or turn scouting off."),
    Check("chunk-size", _ERROR,
          "A chunk would hold no frame.",
          "Set a chunk size of at least 1."),
    Check("setting-range", _ERROR,
          "A number of the job is outside its range; a script can set what the editor refuses.",
          "Set a number inside the range."),
    Check("tasks-many", _INFO,
          "The job has more than 1,000 tasks.",
          "Raise the chunk size."),
    Check("tasks-absurd", _WARNING,
          "The job has more than 10,000 tasks.",
          "Raise the chunk size, or confirm that so many are meant."),
    Check("tiles-range", _ERROR,
          "Frames would be split into no tiles, or into more than 10 a side.",
          "Choose tiles from the menu."),
    Check("tiles-apart", _INFO,
          "Frames are rendered in tiles: each is a file of its own, and filters that need the "
          "whole image are left out.",
          "Join the tiles when all have come back, or set tiles to 1x1."),
    Check("render-to-disk-off", _ERROR,
          "An image of the job does not render to disk.",
          "Turn Render To Disk on, or take the image out of the job."),
    Check("output-path-missing", _ERROR,
          "Save As of an image is empty.",
          "Give it a folder and the beginning of a file name."),
    Check("output-path-expression", _ERROR,
          "Save As of an image is an expression that cannot be evaluated before rendering.",
          "Write the path with plain variables."),
    Check("output-path-folder", _ERROR,
          "Save As of an image names a folder and no file.",
          "Add the beginning of a file name."),
    Check("output-path-relative", _ERROR,
          "Save As of an image is not an absolute path.",
          "Write the path out, or with $PDIR before it."),
    Check("output-path-common", _ERROR,
          "The outputs have no folder in common but the root.",
          "Write all outputs below one folder."),
    Check("output-collision", _ERROR,
          (
              "Two images, layers or frames would write the same file, upper and lower case "
              "taken as equal."),
          "Give each image a file name of its own."),
    Check("output-overwrites-input", _ERROR,
          "A file that is uploaded would be overwritten by the render.",
          "Write the images elsewhere."),
    Check("output-in-upload", _WARNING,
          "Images are written into a folder that is uploaded whole; the images themselves are "
          "left out.",
          "Upload a folder without outputs, or write the images elsewhere."),
    Check("project-missing", _ERROR,
          "No Conductor project is chosen.",
          "Choose one of the Project menu."),
    Check("project-unknown", _ERROR,
          "The chosen project is gone.",
          "Choose one of the Project menu."),
    Check("instance-type-missing", _ERROR,
          "No instance type is chosen.",
          "Choose one of the Instance Type menu."),
    Check("instance-type-unknown", _ERROR,
          "The chosen instance type is gone.",
          "Choose one of the Instance Type menu."),
    Check("packages-missing", _WARNING,
          "No software package is chosen, so the render machines have no Clarisse.",
          "Choose the version that the scene needs."),
    Check("packages-unknown", _ERROR,
          "A chosen software package is gone.",
          "Choose another one."),
    Check("package-version", _WARNING,
          (
              "The chosen Clarisse package is of another version than the Clarisse that made "
              "the scene."),
          "Choose the package of that version."),
    Check("title-empty", _WARNING,
          "The job would have no title on the dashboard.",
          "Type a title."),
    Check("title", _ERROR,
          "The title cannot be evaluated.",
          "Correct the title at the place that the message points at."),
    Check("task-template", _ERROR,
          "The task template cannot be evaluated, or gives an empty command.",
          "Correct the template at the place that the message points at."),
    Check("task-template-variable", _WARNING,
          "The task template lacks a variable without which tasks do not render what they should.",
          "Add the variable to the template."),
    Check("ct-variable-unknown", _ERROR,
          "A text names a CT_ variable that does not exist.",
          "Correct the name."),
    Check("cnode-path", _WARNING,
          "A path with blanks or signs that cnode is known to fail on would be given to it.",
          "Start cnode through ct_cnode, or move the file."),
    Check("environment-invalid", _ERROR,
          "An entry of the extra environment is not usable.",
          "Give each entry a name, a value and a known merge policy."),
    Check("environment-conflict", _ERROR,
          "Two packages or entries want different values of an exclusive variable.",
          "Leave out one of them."),
    Check("metadata-invalid", _ERROR,
          "A name or value of the metadata is not usable.",
          "Write texts, and leave out the name that is taken."),
    Check("json-invalid", _ERROR,
          "The extra environment or the metadata is no JSON of the right kind.",
          "Correct the text; it is not changed for you."),
    Check("secret-exposed", _WARNING,
          (
              "The environment, the metadata or a command seems to hold a password, key or "
              "token, which everybody who sees the job can read."),
          "Let the render machines read it from a file or a secret store."),
    Check("notify-nobody", _WARNING,
          "Notify is on without an e-mail address.",
          "Add an address, or turn Notify off."),
    Check("notify-address", _ERROR,
          "Something among the e-mail addresses is none.",
          "Correct or remove it."),
    Check("file-missing", _WARNING,
          "Files that the scene asks for are not on disk.",
          "Restore the files, or correct the path."),
    Check("file-empty", _WARNING,
          "A file to upload has no bytes.",
          "Write the file again, or take it out of the scene."),
    Check("file-unreadable", _ERROR,
          "A file or folder to upload cannot be read.",
          "Give yourself the right to read it."),
    Check("name-spelling", _WARNING,
          (
              "A path differs in case or Unicode form from what is on disk: found on Windows or"
              " macOS, missing on Linux."),
          "Spell the path as it is on disk."),
    Check("path-expression", _WARNING,
          (
              "A path is an expression that cannot be evaluated before rendering, so its files "
              "are not uploaded."),
          "Write the path with plain variables, or add the files to Extra Uploads."),
    Check("path-relative", _WARNING,
          "A path is not absolute, so its file is not uploaded.",
          "Write the path out, or with $PDIR before it."),
    Check("path-root", _WARNING,
          "A path is a whole disk or share, so nothing is uploaded for it.",
          "Name the folder that is needed."),
    Check("variable-unknown", _WARNING,
          "A path names a variable that is not defined, so its file is not uploaded.",
          "Define the variable, or write the path out."),
    Check("path-unscanned", _WARNING,
          "A text looks like a path, but no rule says what it is, so nothing is uploaded for it.",
          "If a render reads it, add it to Extra Uploads."),
    Check("reference-cycle", _WARNING,
          "Projects reference each other in a circle.",
          "Take one of the references out."),
    Check("reference-unreadable", _WARNING,
          "A referenced project cannot be read, so what it needs is not uploaded.",
          "Restore the project, or take the reference out."),
    Check("sequence-rate", _WARNING,
          "A sequence plays at another rate than the project, so its files are reckoned.",
          "Use the policy Glob to be sure."),
    Check("paths-collide", _ERROR,
          "Two files of the workstation would be one on the render node.",
          "Move one of them, or give it a place of its own in path_map."),
    Check("pre-submit-refused", _ERROR,
          "The studio's own check, hooks.pre_submit in config.yml, refuses the submission.",
          "Do what it says, or ask who looks after it."),
    Check("pre-submit-failed", _ERROR,
          "The studio's own check gave no answer in time, or none that can be read.",
          "Ask who looks after it."),
    Check("upload-absurd", _WARNING,
          "The files to upload are more than 1 TB.",
          "Look for a folder or cache that is not needed, or confirm that so much is meant."),
)
"""Every check, in the order of the documentation."""

BY_CODE: Mapping[str, Check] = {check.code: check for check in CHECKS}


def documentation() -> str:
    """The page of all checks, as Markdown."""
    lines = ["| check | level | found when | remedy |", "| --- | --- | --- | --- |"]
    lines += ["| `%s` | %s | %s | %s |" % (row.code, row.level.value, row.about, row.remedy)
              for row in CHECKS]
    return _INTRODUCTION + "\n".join(lines) + "\n"


_INTRODUCTION = """# Checks

What is looked at before anything is sent. This page is generated from the table in
`conductor/lib/checks.py`; a test compares them.

Errors stop a submission, warnings must be accepted, infos are logged. Findings are shown by
Preview and Submit, by `conductor clarisse check SCENE`, and under `findings` wherever `--json` is
printed: each with the item, the attribute, its text, what is wrong and what helps. `config.yml`
turns a check off or gives it another level:

```yaml
checks:
  tasks-many: off
  file-missing: error
```

Without Clarisse some values are not known, because a project file leaves out what equals the
default of its class, and not every default is known. A finding that rests on such a guess is never
more than a warning, and says so, unless the configuration gives the check a level.

"""
