"""Writing one context as a project of its own."""

from __future__ import annotations

from conductor.clarisse.headless.model import EMPTY, Node
from conductor.clarisse.headless.writer import item_text, write_text


def write_context(context: Node, path: str) -> bool:
    """Write what a context holds as a project; False when the folder does not take the file.

    Its items lie at the root there. References to items outside are kept as they are: what they
    name is not written along.
    """
    inside = "".join(item_text(node) for node in context.children() if not node.is_remote)
    prefix = context.child_path("")
    if prefix != "project://":
        inside = inside.replace('"%s' % prefix, '"project://')
    return write_text(context.host, EMPTY + inside.rstrip("\n"), path)
