"""Runs in the vendor's environment: their Clarisse plugin, unchanged, on our stand-in.

Does what an artist does: starts Clarisse with the plugin's startup script, creates a ConductorJob,
sets attributes, presses Connect, Preview and Submit. Arguments: the scene, and the folder of the
plugin's packages. Prints what was seen as one line of JSON.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from conductor.clarisse import headless
from conductor.clarisse.headless import driver, gui

JOB = "project://scene/job"


def menu(item: Any, name: str) -> list[str]:
    """Labels of a menu."""
    attr = item.get_attribute(name)
    return [attr.get_preset_label(place) for place in range(attr.get_preset_count())]


def preview() -> Any:
    """What the preview window shows."""
    shown: list[str] = []

    def read() -> bool:
        window = driver.window("Submission Preview")
        shown.extend(driver.text(widget) for widget in driver.widgets(window, gui.GuiTextEdit))
        driver.press_button(window, "Close")
        return True

    stop = driver.on_events(read)
    driver.press(JOB, "preview")
    stop()
    return json.loads(shown[0])


def submit() -> Any:
    """What the plugin tells after a submission; warnings are accepted, no browser is opened."""
    def go_on() -> bool:
        for window in driver.windows():
            driver.press_button(window, "Continue")
        return True

    stop = driver.on_events(go_on)
    driver.answer(lambda message: "cancel")
    driver.press(JOB, "submit")
    stop()
    return [message.text for message in driver.messages()]


def main() -> None:
    scene, packages = sys.argv[1:]
    ix = headless.install(scene)
    os.environ["CIO_DIR"] = packages
    startup = os.path.join(packages, "cioclarisse", "startup.py")
    with open(startup, encoding="utf-8") as handle:
        exec(compile(handle.read(), startup, "exec"), {"__name__": "__main__", "ix": ix})
    job = ix.cmds.CreateObject("job", "ConductorJob", "project://scene")
    job.get_attribute("images_and_layers").add_object(ix.get_item("project://scene/image"))
    infos = [job.get_attribute("frames_info").get_string()]
    job.get_attribute("use_custom_frames").set_bool(True)
    job.get_attribute("custom_frames").set_string("1-9x2")
    job.get_attribute("use_scout_frames").set_bool(True)
    job.get_attribute("scout_frames").set_string("3")
    job.get_attribute("chunk_size").set_long(2)
    infos.append(job.get_attribute("frames_info").get_string())
    driver.press(JOB, "connect")
    seen = {
        "infos": infos, "title": job.get_attribute("title").get_string(),
        "hidden": job.get_attribute("custom_frames").is_hidden(),
        "projects": menu(job, "conductor_project_name"),
        "machines": menu(job, "instance_type"), "versions": menu(job, "clarisse_version"),
    }
    job.get_attribute("title").set_string("<submitter> <sequence>")
    job.get_attribute("conductor_project_name").apply_preset("default")
    seen["preview"] = preview()
    seen["told"] = submit()
    seen["log"] = driver.log()
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
