"""Every attribute and action of ConductorJob, declared once.

:data:`ATTRIBUTES` makes the scripted class, its tool tips, the ``--set`` options of the command
line and the documentation. :class:`JobSettings` is what one press reads back: plain values, one
field for each attribute that the artist can set.

How values look in :class:`JobSettings`:

* texts with variables or expressions are their **source**, as typed;
* menus filled from Conductor (``project``, ``instance_type``) and menus of fixed words
  (``render_package_format``, ``log_level``) are names; an empty name means ``- not set -``;
* ``dependency_scan_policy`` is 0 (No Scan), 1 (Glob) or 2 (Smart Sequence);
* ``tiles`` counts the tiles along one side: 3 means 3x3;
* ``images`` are item paths, ``packages`` are tree paths (``clarisse 5.0.5/ornatrix 1.0``);
* ``extra_environment`` is the raw JSON text ``[{"name", "value", "merge_policy"}]``, ``metadata``
  the raw JSON text ``{"name": "value"}``; empty text means none.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Tuple, Union

CLASS_NAME = "ConductorJob"
NOT_SET = "- not set -"
"""Label of the first entry of a menu that Conductor fills."""

LAST = "last_"
"""Prefix of the hidden string that stores a menu's choice by name."""

NO_SCAN, GLOB, SMART = 0, 1, 2

DEFAULT_TITLE = '"Clarisse: "+$CT_JOB+" "+$CT_SEQUENCE'
DEFAULT_TASK_TEMPLATE = (
    '$CT_SCRIPT_DIR+"/ct_cnode "+$CT_RENDER_PACKAGE+" -image "+$CT_SOURCES+'
    '" -image_frames_list "+$CT_CHUNKS+" -directories "+$CT_DIRECTORIES'
)


class Kind(str, Enum):
    """What a row holds; the value is the type's word in Clarisse's own files."""

    BOOL = "bool"
    LONG = "long"
    STRING = "string"
    REFERENCE = "reference"
    ACTION = "action"


Default = Union[bool, int, str, Tuple[str, ...]]


@dataclass(frozen=True)
class Attribute:
    """One row of the attribute editor.

    Attributes:
        doc: tool tip.
        hint: Clarisse's visual hint in lower case (``multiline``, ``filename_open``).
        is_list: a list that the artist can grow.
        is_expression: the text is an expression by default.
        presets: fixed menu: label and number.
        menu: name of the list at Conductor that fills the menu, such as ``projects``.
        minimum, maximum: range of a number, both included.
        classes: which items a reference may name.
        shown_when: switch that must be on for this row to be seen.
    """

    name: str
    group: str
    kind: Kind
    doc: str
    default: Default = ""
    hint: str = "default"
    is_list: bool = False
    is_expression: bool = False
    presets: tuple[tuple[str, int], ...] = ()
    menu: str = ""
    minimum: int | None = None
    maximum: int | None = None
    classes: tuple[str, ...] = ()
    shown_when: str = ""
    hidden: bool = False
    read_only: bool = False

    @property
    def is_action(self) -> bool:
        """True for a button."""
        return self.kind is Kind.ACTION

    @property
    def is_setting(self) -> bool:
        """True when the artist sets it, so that JobSettings has a field for it."""
        return not (self.is_action or self.hidden or self.read_only)

    @property
    def is_named_choice(self) -> bool:
        """True when JobSettings holds the chosen label instead of a number."""
        return bool(self.presets) and isinstance(self.default, str)

    @property
    def stored_default(self) -> Default:
        """The default as Clarisse stores it: the number of a menu entry, never its label."""
        if self.menu:
            return 0
        return dict(self.presets)[str(self.default)] if self.is_named_choice else self.default


@dataclass(frozen=True)
class JobSettings:
    """What the artist set on one ConductorJob; see the module's text for the forms."""

    title: str = DEFAULT_TITLE
    project: str = ""
    images: tuple[str, ...] = ()
    use_custom_frames: bool = False
    custom_frames: str = ""
    chunk_size: int = 5
    use_scout_frames: bool = False
    scout_frames: str = ""
    tiles: int = 1
    preemptible: bool = True
    instance_type: str = ""
    retries: int = 3
    priority: int = 5
    location: str = ""
    dependency_scan_policy: int = SMART
    local_upload: bool = True
    force_upload: bool = False
    upload_only: bool = False
    extra_uploads: tuple[str, ...] = ()
    clean_up_render_package: bool = True
    render_package_format: str = "project"
    packages: tuple[str, ...] = ()
    extra_environment: str = ""
    task_template: str = DEFAULT_TASK_TEMPLATE
    notify: bool = False
    email_addresses: str = ""
    metadata: str = ""
    show_tracebacks: bool = False
    log_level: str = "Info"


def _action(name: str, group: str, doc: str) -> Attribute:
    return Attribute(name, group, Kind.ACTION, doc)


def _switch(name: str, group: str, default: bool, doc: str) -> Attribute:
    return Attribute(name, group, Kind.BOOL, doc, default=default)


def _last(name: str, group: str) -> Attribute:
    doc = "Name of the chosen %s. Menus are stored by name, never by position." % (
        name.replace("_", " ")
    )
    return Attribute(LAST + name, group, Kind.STRING, doc, hidden=True)


_POLICIES = (("No Scan", NO_SCAN), ("Smart Sequence", SMART), ("Glob", GLOB))
_TILES = tuple(("%dx%d" % (side, side), side) for side in range(1, 11))
_FORMATS = (("project", 0), ("archive", 1))
_LOG_LEVELS = (("Debug", 10), ("Info", 20), ("Warning", 30), ("Error", 40))

ATTRIBUTES: tuple[Attribute, ...] = (
    _action("refresh", "Actions", (
        "Signs in to Conductor when needed and fetches the projects, instance types and software "
        "packages of your account into the menus of every ConductorJob.")),
    _action("preview", "Actions", (
        "Shows what Submit would send: the frames, tasks, files and every other parameter. "
        "Nothing is written or sent before you press Submit there.")),
    _action("submit", "Actions", (
        "Writes the render package, uploads the files that Conductor does not have yet, and "
        "starts the job.")),
    Attribute("title", "General", Kind.STRING, (
        "Title of the job on the dashboard. An expression may use Clarisse variables and the CT_ "
        "variables of a job, such as $CT_JOB and $CT_SEQUENCE."),
        default=DEFAULT_TITLE, is_expression=True),
    Attribute("project", "General", Kind.LONG, (
        "The Conductor project that the job is booked on. Press Refresh to fill the menu. The "
        "choice is kept by name: when that project is gone, the submission stops and says so."),
        menu="projects"),
    _last("project", "General"),
    Attribute("images", "Images", Kind.REFERENCE, (
        "Images and layers to render. Each needs Render To Disk and a file name in Save As. "
        "An image whose eye is closed is left out."),
        default=(), is_list=True, classes=("Image", "Layer")),
    _switch("use_custom_frames", "Frames", False, (
        "Renders the frames of Custom Frames in every image, whatever range the image has. When "
        "off, each image is rendered over its own range.")),
    Attribute("custom_frames", "Frames", Kind.STRING, (
        "Frames to render: numbers, ranges and stepped ranges separated by commas, such as "
        "1,7,10-20,30-60x3. Order and repeats do not matter. Negative frames are not possible."),
        shown_when="use_custom_frames"),
    Attribute("chunk_size", "Frames", Kind.LONG, (
        "How many frames one task renders. Raise it when frames are fast, so that the time to "
        "start a machine is spent once for several frames."),
        default=5, minimum=1),
    _action("best_chunk_size", "Frames", (
        "Evens out the chunks: picks the smallest chunk size that gives the same number of tasks, "
        "so that 100 frames at 33 become 25 frames a task.")),
    _switch("use_scout_frames", "Frames", False, (
        "Starts only the tasks that contain the scout frames. The others wait on hold until you "
        "release them.")),
    Attribute("scout_frames", "Frames", Kind.STRING, (
        "Frames to render first, written as in Custom Frames, or as a rule: auto:3 picks three "
        "frames from all over the job, fml its first, middle and last frame, fml:5 five from the "
        "first to the last. A task is never split, so frames that share a chunk with a scout "
        "frame are rendered with it. Scout frames outside the job are left out."),
        shown_when="use_scout_frames"),
    Attribute("tiles", "Frames", Kind.LONG, (
        "Splits each frame into this grid of tiles, each a task and a file of its own, for images "
        "that are too slow as a whole. Clarisse does not join the tiles, and leaves out filters "
        "that need the whole image, such as blur and denoising. The command of each task gets "
        "the tile, unless the task template uses $CT_TILE itself."),
        default=1, presets=_TILES),
    Attribute("frames_info", "Frames", Kind.STRING, (
        "What would be sent now: scout frames, all frames, chunks, tiles, and the frame numbers. "
        "It also says what is wrong with a frame field."),
        read_only=True),
    _switch("preemptible", "Machines", True, (
        "Uses cheaper machines that the cloud provider may take away at any time. A task that "
        "loses its machine starts from the beginning on another one.")),
    Attribute("instance_type", "Machines", Kind.LONG, (
        "Cores and memory of the machines. Press Refresh to fill the menu. The choice is kept by "
        "name: when that type is gone, the submission stops and says so."),
        menu="instance_types"),
    _last("instance_type", "Machines"),
    Attribute("retries", "Machines", Kind.LONG, (
        "How often a failed task is tried again before it counts as failed."),
        default=3, minimum=0, maximum=10),
    Attribute("priority", "Machines", Kind.LONG, (
        "Tasks of a job with a higher priority start before those of your other jobs."),
        default=5, minimum=0, maximum=10),
    Attribute("location", "Machines", Kind.STRING, (
        "Name of the place whose uploader and downloader daemons serve this job. Leave it empty "
        "unless your studio runs several.")),
    Attribute("dependency_scan_policy", "Uploads", Kind.LONG, (
        "How files that the scene needs are found. No Scan: only Extra Uploads are sent. Smart "
        "Sequence: of a sequence, only the files that the rendered frames need. Glob: every file "
        "on disk that matches the sequence."),
        default=SMART, presets=_POLICIES),
    _switch("local_upload", "Uploads", True, (
        "Uploads from this workstation. When off, an uploader daemon of your studio sends the "
        "files later, and Clarisse is free at once.")),
    _switch("force_upload", "Uploads", False, (
        "Uploads every file, even those that Conductor already has.")),
    _switch("upload_only", "Uploads", False, (
        "Uploads the files and starts nothing.")),
    _action("manage_extra_uploads", "Uploads", (
        "Opens a window to edit Extra Uploads: add files and folders, scan the scene for files, "
        "remove those that are missing, and see who asks for a file.")),
    Attribute("extra_uploads", "Uploads", Kind.STRING, (
        "Files to upload beside those that the dependency scan finds."),
        default=(), is_list=True, hint="filename_open"),
    _switch("clean_up_render_package", "Uploads", True, (
        "Deletes the render package beside the scene once Conductor has its bytes or the job has "
        "ended, and when nothing became of the submission.")),
    Attribute("render_package_format", "Uploads", Kind.LONG, (
        "What is sent as the scene: a Clarisse project in text form, or a binary render archive "
        "written by Clarisse itself."),
        default="project", presets=_FORMATS),
    _action("export_render_package", "Uploads", (
        "Writes the render package without sending anything.")),
    _action("choose_packages", "Packages", (
        "Opens a window to choose software for the render machines: Clarisse's version and the "
        "plug-ins that go with it. Detect finds the Clarisse that runs here.")),
    Attribute("packages", "Packages", Kind.STRING, (
        "Software on the render machines: Clarisse itself and the plug-ins that the scene uses, "
        "as paths such as clarisse 5.0.5/ornatrix 1.0. Where nothing is chosen, Refresh chooses "
        "the Clarisse that runs here."),
        default=(), is_list=True),
    _action("manage_extra_environment", "Environment", (
        "Opens a window to edit Extra Environment: add, change and remove variables of the render "
        "machines, and see what conflicts with the packages.")),
    Attribute("extra_environment", "Environment", Kind.STRING, (
        "Changes to the environment of the render machines as one JSON text: a list of objects "
        "with name, value and merge_policy (append, prepend or exclusive). CT_ variables in values "
        "are replaced; others, such as $HOME, are the render machine's own.")),
    Attribute("task_template", "Task", Kind.STRING, (
        "The command of a task, as an expression of the CT_ variables. It is evaluated once for "
        "every task."),
        default=DEFAULT_TASK_TEMPLATE, is_expression=True, hint="multiline"),
    _switch("notify", "Notifications", False, (
        "Sends an e-mail when the job has ended.")),
    Attribute("email_addresses", "Notifications", Kind.STRING, (
        "Who gets the e-mail: addresses separated by commas."),
        shown_when="notify"),
    _action("manage_metadata", "Metadata", (
        "Opens a window to edit Metadata: add, change and remove the names and values that travel "
        "with the job.")),
    Attribute("metadata", "Metadata", Kind.STRING, (
        "Names and values that travel with the job and can be searched for on the dashboard, as "
        "one JSON text: an object of texts. Variables in values are replaced.")),
    _switch("show_tracebacks", "Diagnostics", False, (
        "Writes the full stack trace of an error into Clarisse's log. When off, one clear line is "
        "written.")),
    Attribute("mapped_from", "Diagnostics", Kind.STRING, (
        "How this job was mapped when another plugin had saved it: what changed, and what has no "
        "place here."),
        hidden=True),
    Attribute("log_level", "Diagnostics", Kind.LONG, (
        "How much is written into the log file."),
        default="Info", presets=_LOG_LEVELS),
)


def attribute(name: str) -> Attribute:
    """The row of that name; raises KeyError."""
    return _BY_NAME[name]


def settings() -> list[Attribute]:
    """The rows that the artist can set, in order."""
    return [row for row in ATTRIBUTES if row.is_setting]


def actions() -> list[Attribute]:
    """The buttons, in order."""
    return [row for row in ATTRIBUTES if row.is_action]


_BY_NAME = {row.name: row for row in ATTRIBUTES}
