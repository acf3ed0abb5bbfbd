"""A small scene of its own, opened in the stand-in with ConductorJob registered."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

# Test modules are imported by file, so what they share is found by folder.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

SCENE = r"""#Isotropix_Serial_Version 1.2

#Isotropix_Clarisse_Version 5
#Isotropix_Clarisse_Project_Version 0.98
Context "scene" {
    #created 1
    Image {
        name "one"
        #version 0.95
        layers ".back"
        render_to_disk yes
        save_as "$PDIR/out/one/one."
        format 0
        first_frame 1
        last_frame 4
        embedded_objects {
            Layer3d {
                name "back"
                #version 0.97
                render_to_disk yes
                save_as "$PDIR/out/back/back."
                first_frame 2
                last_frame 3
            }
        }
    }
    Image {
        name "two"
        #version 0.95
        render_to_disk yes
        save_as "$PDIR + \"/out/two/\" + \"two.\""
        format 6
        first_frame 3
        last_frame 8
        frame_step 2
    }
    Image {
        name "bare"
        #version 0.95
        first_frame 1
        last_frame 2
    }
    TextureMapFile {
        name "tex"
        #version 0.98
        filename "$STUDIO_TEX/a.####.png"
        sequence_mode 1
        start_frame 101
        end_frame 112
        frame_offset -100
        frame_rate 24
    }
    TextureMapFile {
        name "fixed"
        #version 0.98
        filename "$PDIR/tex/fixed.png"
    }
}
ConductorJob {
    name "job"
    #version 0.0
    images "project://scene/one" "project://scene/two"
    last_project "default"
    last_instance_type "n1-standard-2"
    use_custom_frames yes
    custom_frames "1-10"
    chunk_size 2
    use_scout_frames yes
    scout_frames "3,8"
    packages "conductor-slate 1.0"
    extra_uploads "$PDIR/tex/extra.png"
    extra_environment "[{\"name\": \"A\", \"value\": \"$HOME/b\", \"merge_policy\": \"append\"}]"
}
#preferences {
    categories {
        animation {
            frames_per_second 24
            start_frame 1
            end_frame 10
        }
    }
}"""

JOB = "project://job"


@pytest.fixture
def scene_path(tmp_path: Path, clean_home: Path) -> Path:
    """The scene's file with the files that it names, in a folder with a blank."""
    folder = tmp_path / "my shot"
    (folder / "tex").mkdir(parents=True)
    for name in ["fixed", "extra"] + ["a.%04d" % frame for frame in range(101, 113)]:
        (folder / "tex" / (name + ".png")).write_bytes(name.encode())
    path = folder / "shot.project"
    path.write_text(SCENE, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def python2() -> str:
    """A Python 2.7 of this machine: render nodes and Clarisse 4 have nothing newer."""
    for found in (shutil.which("python2.7"), shutil.which("python2")):
        if found:
            asked = subprocess.run(
                [found, "-c", "import sys; print(sys.executable)"], stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, env=dict(os.environ, PYENV_VERSION="2.7.18"),
            )
            if asked.returncode == 0:
                return asked.stdout.decode().strip()
    return pytest.skip("no Python 2.7 on this machine")


OpenScene = Callable[..., Any]


@pytest.fixture
def open_scene(scene_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenScene]:
    """Opens the scene in a fresh stand-in and registers ConductorJob, as Clarisse's start does.

    Takes pairs of texts to exchange in the scene first.
    """
    from conductor.clarisse import headless

    monkeypatch.setenv("STUDIO_TEX", str(scene_path.parent / "tex"))
    before = {name: sys.modules.get(name) for name in headless.MODULES}

    def opened(*changes: tuple[str, str], gui: bool = True) -> Any:
        text = scene_path.read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        scene_path.write_text(text, encoding="utf-8")
        ix = headless.install(str(scene_path), gui)
        from conductor.clarisse import startup

        assert startup.start()
        return ix

    yield opened
    headless.uninstall()
    sys.modules.update({name: module for name, module in before.items() if module is not None})


@pytest.fixture
def ix(open_scene: OpenScene) -> Any:
    """The stand-in with the scene as it is."""
    return open_scene()
