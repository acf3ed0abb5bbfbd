"""A job of a scene, prepared without Clarisse: what preview, submit and check have in common."""

from __future__ import annotations

import functools
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Callable, Iterator

import click

from conductor.clarisse import item, project_file, references
from conductor.clarisse.headless import driver, session
from conductor.clarisse.old_items import map_once
from conductor.clarisse.prepared import Prepared, without_clarisse
from conductor.clarisse.press import prepare
from conductor.clarisse.studio_defaults import read_defaults
from conductor.cli.connection import read_pairs
from conductor.lib.api_client import ApiClient
from conductor.lib.catalog import Catalog
from conductor.lib.config import Config
from conductor.lib.errors import ArgumentError

scene_argument = click.argument("scene", type=click.Path(exists=True, dir_okay=False))


def read_project(scene: str) -> project_file.ProjectFile:
    """The project in a file, whatever its encoding; raises ProjectFileError."""
    return references.read_project(scene)


@dataclass(frozen=True)
class Choice:
    """Which job of the scene is meant, and what is changed for this run only."""

    scene: str
    job: str | None
    images: tuple[str, ...]
    settings: tuple[tuple[str, str], ...]
    preset: str | None = None


def choice_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say which job is meant, as one argument ``choice``; for every command that
    prepares one."""
    @functools.wraps(command)
    def chosen(
        scene: str, job: str | None, images: tuple[str, ...], settings: tuple[str, ...],
        preset: str | None, **others: Any,
    ) -> Any:
        pairs = tuple(read_pairs(settings, "--set"))
        return command(choice=Choice(scene, job, images, pairs, preset), **others)

    for option in (
        click.option("--set", "settings", multiple=True, metavar="NAME=VALUE",
                     help="Set an attribute of the job for this run; repeatable."),
        click.option("--image", "images", multiple=True, metavar="ITEM",
                     help="Render this image or layer by a new job; repeatable."),
        click.option("--job", metavar="ITEM",
                     help="The ConductorJob item; needed when the scene has several."),
        click.option("--preset", metavar="NAME",
                     help="Set what this preset of the studio's config.yml says, before --set."),
        scene_argument,
    ):
        chosen = option(chosen)
    return chosen


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
        # Before anything is set: what an old job omits is not ours to take for its wish.
        map_once(ix, job, Catalog.unknown())
        preset = read_defaults(config).preset(choice.preset) if choice.preset else {}
        for name, text in (*preset.items(), *choice.settings):
            item.set_by_text(job, name, text)
        prepared = prepare(ix, job, config, client)
        yield Ready(ix, without_clarisse(
            prepared, lambda: read_project(choice.scene), config))
