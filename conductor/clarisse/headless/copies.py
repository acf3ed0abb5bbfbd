"""Copying, renaming, moving and making local: an item's text, put somewhere else.

The copy is a text of its own (:class:`~conductor.clarisse.headless.origins.Origin`), so what the
stand-in does not understand comes along. References between what is copied lead to the copies,
others to where they led before.
"""

from __future__ import annotations

import re
import time
from typing import Iterator

from conductor.clarisse.headless.attributes import Shape, State
from conductor.clarisse.headless.links import follow, link_tokens, states_of, texture_of
from conductor.clarisse.headless.model import CONTEXT, Node
from conductor.clarisse.headless.origins import SCHEME, Origin
from conductor.clarisse.headless.values import Value
from conductor.clarisse.headless.writer import item_text
from conductor.clarisse.project_file import Edit, ProjectFile, parse, quote

_OWN_VARIABLE = re.compile(r"\$(PDIR|PNAME)(?!\w)")


def copy(node: Node, parent: Node, name: str = "") -> Node:
    """A copy of an item in another one; a taken name is changed."""
    scene = parent.scene
    path = scene.free_path(name or node.name, parent)
    leaf = path[len(parent.child_path("")):]
    file = _named(_own_variables(item_text(node), node), leaf)
    new = _node(node, parent, path, file)
    scene.enter(new, parent)
    edits = list(_relinked(node, new))
    if edits:
        scene.forget(new.origin)
        new = scene.enter(_node(node, parent, path, parse(file.edited(edits))), parent)
    node.host.is_modified = True
    return new


def _node(node: Node, parent: Node, path: str, file: ProjectFile) -> Node:
    top = next(file.items())
    origin = Origin(file, SCHEME + top.name, path, parent)
    new = Node(parent.scene, path, node.class_name, parent, top, origin)
    new.created_at = int(time.time())
    return new


def _named(text: str, name: str) -> ProjectFile:
    file = parse(text)
    entry = next(file.items()).entry
    holder = entry if entry.key == CONTEXT else entry.find("name")
    assert holder is not None  # an item begins with its name
    token = holder.tokens[0]
    return parse(file.edited([Edit(token.start, token.end, quote(name))]))


def _own_variables(text: str, node: Node) -> str:
    """The folder of a referenced project written out: outside of it ``$PDIR`` means another."""
    origin = node.origin
    if not node.is_remote or not node.host.switches.references_own_folder:
        return text
    return _OWN_VARIABLE.sub(lambda match: quote(origin.variable(match.group(1)) or "")[1:-1], text)


def below(node: Node, full_name: str) -> bool:
    """True when the path is that of the item or of something inside it."""
    return full_name == node.full_name or full_name.startswith(
        (node.full_name + "/", node.full_name + "."))


def _relinked(old: Node, new: Node) -> Iterator[Edit]:
    """Edits that make the references of a fresh copy lead where they should."""
    for copied in (new, *new.scene.copied(new)):
        model = old.scene.node(old.full_name + copied.full_name[len(new.full_name):])
        if model is None:
            continue
        for token in link_tokens(copied):
            target = old.scene.resolve(token.text, model)
            if target is None:
                continue
            wanted = target.full_name
            if below(old, wanted):
                wanted = new.full_name + wanted[len(old.full_name):]
            found = new.scene.resolve(token.text, copied)
            if found is None or found.full_name != wanted:
                yield Edit(token.start, token.end, quote(wanted))


def move(node: Node, parent: Node, name: str = "") -> Node:
    """Put an item elsewhere or give it another name; references and handles follow."""
    scene = node.scene
    new = copy(node, parent, name)

    def successor(found: Node) -> str | None:
        if not below(node, found.full_name):
            return None
        return new.full_name + found.full_name[len(node.full_name):]

    for other in list(scene.all_nodes()):
        if not other.is_remote and _mentions(other, node.name) and not (
            below(node, other.full_name) or below(new, other.full_name)
        ):
            follow(other, successor)
    for old in scene.loaded_nodes():
        if old.origin is not new.origin and below(node, old.full_name):
            old.moved_to = scene.node(new.full_name + old.full_name[len(node.full_name):])
    _follow_paths(node, new)
    scene.remove(node)
    return new


def _mentions(node: Node, name: str) -> bool:
    """False when no reference of the item can name something of that name."""
    if node.item is None or node.states:
        return True
    entry = node.item.entry
    return node.origin.file.text.find(name, entry.start, entry.end) >= 0


def _follow_paths(node: Node, new: Node) -> None:
    def moved(path: str) -> str:
        return new.full_name + path[len(node.full_name):] if below(node, path) else path

    host = node.host
    host.selection = [moved(path) for path in host.selection]
    host.working_context = moved(host.working_context)


def localize(context: Node) -> bool:
    """Make the remote items of a reference items of the project; False when it loads nothing."""
    scene = context.scene
    remote = list(scene.references.children(context))
    options = scene.options(context)
    state = options.attribute("filename") if options is not None else None
    if not remote or state is None:
        return False
    holder = scene.create("localized", CONTEXT, scene.root)
    copies = [copy(node, holder) for node in remote]
    # References between the remote items are right only once they stand where those stood.
    state.assign([])
    gone = scene.references.forget(context)
    for made in copies:
        move(made, context)
    for old in gone:
        old.moved_to = scene.node(old.full_name)
    scene.remove(holder)
    return True


def make_independent(node: Node, keep_values: bool = True) -> None:
    """What "make local" does to an instance: it keeps what it shows, as values of its own.

    Args:
        keep_values: False drops what the source gave it.
    """
    shown = [_shown(state) for state in states_of(node)]
    node.set_source("")
    node.host.is_modified = True
    for name, shape, found, sources, texture in shown if keep_values else ():
        state = node.attribute(name) or node.add_state(name, shape)
        if state.values != found:
            state.relink(found)
        for index, source in sources.items():
            if state.expressions.get(index) != source:
                state.set_expression(source, index)
        if texture is not None and texture_of(state) is not texture:
            state.connect(texture.full_name)


def _shown(state: State) -> tuple[str, Shape, list[Value], dict[int, str], Node | None]:
    sources = dict(state.expressions)
    return state.name, state.shape, list(state.values), sources, texture_of(state)
