"""``-info``: what a project holds, as XML."""

from __future__ import annotations

from xml.etree import ElementTree as xml

from conductor.clarisse import classes
from conductor.slate.scene import Output, Project


def describe(project: Project) -> str:
    """An XML document of the images and layers of a project; ends with a newline."""
    root = xml.Element("project")
    _add(root, "filename", project.path)
    _add(root, "version", project.file.header.clarisse)
    for output in project.outputs():
        _describe_output(root, project, output)
    xml.indent(root)
    return xml.tostring(root, encoding="unicode") + "\n"


def _describe_output(root: xml.Element, project: Project, output: Output) -> None:
    label = classes.IMAGE_FORMATS[output.file_format][0]
    place = xml.SubElement(root, "layer" if "." in output.path.rsplit("/")[-1] else "image")
    _add(place, "name", output.path)
    _add(place, "output", output.save_as)
    _add(place, "format", label.lower())
    _add(place, "save_to_disk", "yes" if output.render_to_disk else "no")
    _add(place, "start_frame", str(output.first))
    _add(place, "end_frame", str(output.last))
    _add(place, "frame_step", str(output.step))


def _add(parent: xml.Element, tag: str, text: str) -> None:
    xml.SubElement(parent, tag).text = text
