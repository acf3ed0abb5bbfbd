"""The windows in which something is edited, opened over made-up values for their pictures."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from conductor.clarisse.attributes import JobSettings
from conductor.clarisse.frames import JobFrames
from conductor.clarisse.headless import driver, gui, lists
from conductor.clarisse.panels.environment_model import Environment
from conductor.clarisse.panels.extra_uploads import UploadsWindow
from conductor.clarisse.panels.extra_uploads_model import ExtraUploads, OnDisk
from conductor.clarisse.panels.metadata_model import Metadata
from conductor.clarisse.panels.package_chooser import PackageWindow
from conductor.clarisse.panels.package_chooser_model import PackageChooser
from conductor.clarisse.panels.rows import RowsWindow
from conductor.clarisse.press import Press
from conductor.clarisse.run_state import RunState
from conductor.clarisse.scan_report import ScanReport
from conductor.clarisse.snapshot import PathHint, PathReference
from conductor.lib.config import Config
from conductor.lib.dependencies import Policy
from conductor.lib.package_utils import PackageTree
from conductor.lib.sequence import Sequence
from tests.clarisse.picture_values import SCENE, SHOT

HOST = "clarisse 5.0.5"


def _package(
    identity: str, product: str, version: str, *plugins: str, host: str = "clarisse",
    **environment: str,
) -> dict[str, Any]:
    major, _, minor = version.partition(".")
    return {
        "package_id": identity, "product": product, "major_version": major,
        "minor_version": minor, "platform": "linux", "plugins": plugins,
        "plugin_host_product": host, "environment": [
            {"name": name, "value": value, "merge_policy": "exclusive" if value.startswith("4")
             else "append"} for name, value in environment.items()]}


PACKAGES = [
    _package("c5", "clarisse", "5.0.5", "o2", "y4", host="", PATH="/opt/clarisse",
             CLARISSE_LICENSE="4101@licences"),
    _package("c4", "clarisse", "4.0.4", "o1", "y3", host=""),
    _package("o2", "ornatrix", "2.1"), _package("o1", "ornatrix", "1.0"),
    _package("y4", "yeti", "4.2"), _package("y3", "yeti", "3.9"),
    _package("ac", "aces", "1.2", host=""),
]


# ---------------------------------------------------------------- extra uploads


def extra_uploads(ix: Any) -> None:
    """A list with a missing file that the scene asks for too."""
    missing = SHOT + "/tex/rock_disp.1003.tx"
    model = ExtraUploads(JobSettings(extra_uploads=(
        "$PDIR/notes/lookdev.txt", SHOT + "/cache/sparks", SHOT + "/tex/rock_spec.####.tx",
        missing, "$STUDIO_LIB/ocio/config.ocio")))
    model.learn({
        source: OnDisk({"%s/%d" % (source, one): size for one in range(count)}, problem)
        for source, (count, size, problem) in zip(model.entries, (
            (1, 2140, ""), (240, 18400000, ""), (24, 9300000, ""), (0, 0, "missing"),
            (1, 44800, "")))})
    texture = PathReference(
        "project://scene/rock_displacement", "filename", "TextureMapFile",
        "$PDIR/tex/rock_disp.1003.tx", PathHint.OPEN)
    scene = replace(SCENE, references=(texture,), variables={"PDIR": SHOT})
    frames = JobFrames(Sequence.parse("1-240"))
    model.report = ScanReport(scene, frames, Policy.SMART, ())
    config = Config.load(environ={"HOME": "/nowhere"})
    UploadsWindow(Press(ix, "", "", RunState(), config), model, scene).run()


def ask_why(window: Any) -> None:
    """Who asks for the missing file?"""
    tree = next(driver.widgets(window, lists.GuiTree))
    row = next(place for place, _ in driver.rows(tree) if "NOT ON DISK" in place)
    driver.choose_rows(tree, row)
    driver.press_button(window, "Why")


# ---------------------------------------------------------------- packages


def package_chooser(ix: Any) -> None:
    """Two hosts with their plug-ins; one plug-in is chosen."""
    model = PackageChooser((HOST, HOST + "/ornatrix 2.1"), PackageTree(PACKAGES))
    PackageWindow(ix, model).run()


def add_misfit(window: Any) -> None:
    """A plug-in of the other host."""
    driver.choose_rows(next(driver.widgets(window, lists.GuiTree)), "clarisse 4.0.4/yeti 3.9")
    driver.press_button(window, "Add >")


# ---------------------------------------------------------------- environment, metadata


def environment(ix: Any) -> None:
    """Variables beside those of a package."""
    stored = [
        {"name": "PATH", "value": "$STUDIO_LIB/bin", "merge_policy": "prepend"},
        {"name": "SHOW", "value": "moon", "merge_policy": "exclusive"},
    ]
    RowsWindow(ix, Environment(json.dumps(stored), PACKAGES[:1])).run()


def add_conflict(window: Any) -> None:
    """Another value of a variable that can have one only."""
    _type(window, Name="CLARISSE_LICENSE", Value="4102@spare")
    driver.choose(next(driver.widgets(window, lists.GuiListButton)), "exclusive")
    driver.press_button(window, "Add")


def metadata(ix: Any) -> None:
    """Names and values of a shot."""
    stored = {"show": "moon", "shot": "sh0040", "frames": "$CT_SEQUENCE"}
    RowsWindow(ix, Metadata(json.dumps(stored))).run()


def add_secret(window: Any) -> None:
    """A value that everybody would see."""
    _type(window, Name="review_token", Value="hush-hush")
    driver.press_button(window, "Add")


def _type(window: Any, **typed: str) -> None:
    for label, text in typed.items():
        driver.type_text(driver.find(window, label, gui.GuiLineEdit), text)  # type: ignore[arg-type]
