"""A job of a scene, prepared without Clarisse: what preview, submit and check have in common."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Callable, Iterator

import click

from conductor.clarisse import item, project_file
from conductor.clarisse.headless import driver, session
from conductor.clarisse.prepared import Prepared, without_clarisse
from conductor.clarisse.press import prepare
from conductor.lib.api_client import ApiClient
from conductor.lib.config import Config
from conductor.lib.errors import ArgumentError, SceneError

scene_argument = click.argument("scene", type=click.Path(exists=True, dir_okay=False))


def read_project(scene: str) -> project_file.ProjectFile:
    """The project in a file; raises SceneError and ProjectFileError."""
    try:
        with open(scene, encoding="utf-8", newline="") as handle:
            return project_file.parse(handle.read())
    except UnicodeDecodeError as error:
        raise SceneError('"%s" is no Clarisse project: %s' % (scene, error)) from error


@dataclass(frozen=True)
class Choice:
    """Which job of the scene is meant, and what is changed for this run only."""

    scene: str
    job: str | None
    images: tuple[str, ...]
    settings: tuple[tuple[str, str], ...]


def choice_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say which job is meant; for every command that prepares one."""
    for option in (
        click.option("--set", "settings", multiple=True, metavar="NAME=VALUE",
                     help="Set an attribute of the job for this run; repeatable."),
        click.option("--image", "images", multiple=True, metavar="ITEM",
                     help="Render this image or layer by a new job; repeatable."),
        click.option("--job", metavar="ITEM",
                     help="The ConductorJob item; needed when the scene has several."),
        scene_argument,
    ):
        command = option(command)
    return command


@dataclass(frozen=True)
class Ready:
    """A scene open in the stand-in, with its submission built."""

    ix: Any
    prepared: Prepared


@contextmanager
def prepared_job(
    choice: Choice, config: Config, client: ApiClient | None,
) -> Iterator[Ready]:
    """The job of a scene, opened and prepared; the scene is closed at the end."""
    if choice.job and choice.images:
        raise ArgumentError("--job and --image exclude each other; to change the images of a "
                            'saved job: --set "images=%s"' % " ".join(choice.images))
    with session(choice.scene, gui=False) as ix:
        # The stand-in is whichever Clarisse saved the scene.
        host = driver.host()
        host.version = host.version_name = host.scene.file.header.clarisse or host.version
        # Imported here: it registers the class with the Clarisse it finds.
        from conductor.clarisse import startup

        startup.register(ix)
        job = item.find_or_create_job(ix, choice.job, choice.images)
        for name, text in choice.settings:
            item.set_by_text(job, name, text)
        prepared = prepare(ix, job, config, client)
        yield Ready(ix, without_clarisse(
            prepared, lambda: read_project(choice.scene), config))
