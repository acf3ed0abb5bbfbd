"""clarisse.cfg as it travels: without what crashes a node, and only where there is one."""

from __future__ import annotations

from pathlib import Path

import pytest
from build_values import SETTINGS, built, image, scene

from conductor.clarisse.headless import session
from conductor.clarisse.node_config import LEFT_OUT, node_config
from conductor.clarisse.prepared import Prepared
from conductor.clarisse.render_package import write_package
from conductor.lib.catalog import Catalog
from conductor.lib.paths import PathMap

CONFIG = """#Isotropix_Serial_Version 1.2
color_management {
    ocio_config_file "Z:/show/ocio/config.ocio"
}
layout {
    window "C:/Users/me"
}
rendering {
    layout 3
}
"""
STUDIO = PathMap([("Z:/show", "/mnt/show")])


def test_blocks_go_and_paths_are_mapped() -> None:
    text = node_config(CONFIG, STUDIO)
    assert text == CONFIG.replace('layout {\n    window "C:/Users/me"\n}\n', "").replace(
        "Z:/show", "/mnt/show")


@pytest.mark.parametrize("name", sorted(LEFT_OUT))
def test_each_block_that_crashes_a_node(name: str) -> None:
    assert node_config("%s {\n    a 1\n}\nb 2\n" % name, STUDIO) == "b 2\n"


def test_it_is_written_and_uploaded_beside_the_package(tmp_path: Path) -> None:
    (tmp_path / "cfg").mkdir()
    source = tmp_path / "cfg" / "clarisse.cfg"
    source.write_text(CONFIG, encoding="utf-8")
    path = tmp_path / "shot.project"
    path.write_text('#Isotropix_Serial_Version 1.2\nImage {\n    name "image1"\n}\n')
    made_of = scene(image(path="project://image1"), path=str(path), variables={
        "CLARISSE_USER_CONFIG_DIR": str(tmp_path / "cfg")})
    made = built(scene_=made_of, path_map=[["Z:/show", "/mnt/show"]])
    config = made.plan.path.replace(".render.project", ".clarisse.cfg")
    assert made.plan.config_path == config
    assert [file.path for file in made.submission.upload_files].count(config) == 1
    ready = Prepared(SETTINGS, made_of, Catalog.unknown(), made.submission, (), made.plan, {})
    with session(str(path)) as ix:
        write_package(ix, ready)
    assert Path(config).read_text(encoding="utf-8") == node_config(CONFIG, STUDIO)
    assert source.read_text(encoding="utf-8") == CONFIG


@pytest.mark.parametrize("content", [None, b"{{{", b"\xff\xfe"],
                         ids=["none", "no grammar of Clarisse's", "no text"])
def test_without_a_usable_one_nothing_travels(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "clarisse.cfg").write_bytes(content)
    made = built(scene_=scene(variables={"CLARISSE_USER_CONFIG_DIR": str(tmp_path)}))
    assert made.plan.config_path == ""
