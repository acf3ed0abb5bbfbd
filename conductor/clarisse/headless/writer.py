"""Saving: the text of the open project with only the changes edited in, by span.

What nobody touched keeps its bytes. Attributes equal to the default of a scripted class are left
out, as Clarisse does; lines of Clarisse's own classes stay, because their defaults are guesses.
"""

from __future__ import annotations

import os
import tempfile
from typing import Any, Iterable, Iterator, Sequence

from conductor.clarisse.headless import values
from conductor.clarisse.headless.attributes import State, value_tokens
from conductor.clarisse.headless.model import CONTEXT, GENERIC, Node, Scene
from conductor.clarisse.headless.origins import Origin
from conductor.clarisse.project_file import Edit, Entry, Token, parse, quote

INDENT = 4


def save(host: Any, path: str) -> bool:
    """Write the project to a file; False when the folder does not take it."""
    return write_text(host, render(host.scene), path)


def write_text(host: Any, text: str, path: str) -> bool:
    """Write a text to a file; False when the folder does not take it."""
    folder = os.path.dirname(path) or "."
    try:
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".saving-")
    except OSError as error:
        host.write_log("error", "cannot save %s: %s" % (path, error))
        return False
    with os.fdopen(handle, "wb") as stream:
        stream.write(text.encode("utf-8", "surrogateescape"))
    os.chmod(temporary, 0o666 & ~_umask())
    os.replace(temporary, path)
    return True


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def render(scene: Scene) -> str:
    """The text of the project as it is now."""
    changes = [*_edits(scene, scene.origin), *scene.host.preferences.edits()]
    text = scene.file.edited(changes)
    added = "".join(_created(scene, scene.root, 0)) + _variables(scene.host)
    return _insert_at_root(text, added) if added else text


def item_text(node: Node) -> str:
    """One item as the file would write it now, without indent."""
    if node.item is None:
        return "".join(_item_lines(node.scene, node, 0))
    entry, text = node.item.entry, node.origin.file.text
    changes = [Edit(entry.end, len(text), ""), Edit(0, entry.start, "")]
    for edit in _edits(node.scene, node.origin):
        # What is put right behind the item belongs to the block around it.
        if entry.start <= edit.start < entry.end and edit.end <= entry.end:
            changes.append(edit)
    found = node.origin.file.edited(changes).rstrip("\n") + "\n"
    blanks = " " * entry.indent
    return "".join(
        line[len(blanks):] if line.startswith(blanks) else line
        for line in found.splitlines(keepends=True))


def _edits(scene: Scene, origin: Origin) -> Iterator[Edit]:
    """What changed in one text."""
    for node in scene.removed:
        gone_with_parent = node.parent is not None and node.parent.is_removed
        if node.item is not None and node.origin is origin and not gone_with_parent:
            yield Edit(node.item.entry.start, node.item.entry.end, "")
    for node in scene.loaded_nodes():
        if node.item is not None and node.origin is origin and not node.is_removed:
            yield from _edits_of(node, node.item.entry)


def _edits_of(node: Node, entry: Entry) -> Iterator[Edit]:
    added: list[str] = []
    indent = entry.indent + INDENT
    yield from _mark_edits(node, added, " " * indent)
    for state in node.states.values():
        yield from _change(node, state, added)
    for _, name, custom in node.item.custom_attributes if node.item and node.removed_custom else ():
        if name in node.removed_custom:
            yield Edit(custom.start, custom.end, "")
    yield from _new_custom(node, indent, added)
    if node.full_name in node.scene.parents_of_created:
        yield from _new_children(node, indent, added)
    if added:
        yield Edit(entry.body_end, entry.body_end, "".join(added))


def _new_children(node: Node, indent: int, added: list[str]) -> Iterator[Edit]:
    """Created items of a context stand in its block, those of an object among its embedded ones."""
    block = None if node.is_context else node.index.get("embedded_objects")
    if block is not None:
        lines = "".join(_created(node.scene, node, indent + INDENT))
        yield Edit(block.body_end, block.body_end, lines)
    else:
        added.extend(_children_lines(node.scene, node, indent))


def _children_lines(scene: Scene, node: Node, indent: int) -> list[str]:
    if node.is_context:
        return list(_created(scene, node, indent))
    lines = list(_created(scene, node, indent + INDENT))
    outer = " " * indent
    return [outer + "embedded_objects {\n", *lines, outer + "}\n"] if lines else []


def _marks(node: Node) -> dict[str, bool]:
    """What scripts did to the item itself: disabled, private, locked."""
    switches = node.host.switches
    words = (switches.disabled_keyword, switches.private_keyword, switches.locked_keyword)
    return {word: node.flags[word] for word in words if word in node.flags}


def _mark_edits(node: Node, added: list[str], blanks: str) -> Iterator[Edit]:
    for word, is_on in _marks(node).items():
        entry = node.index.get(word)
        line = "%s%s yes\n" % (blanks, word) if is_on else ""
        if entry is not None:
            yield Edit(entry.start, entry.end, line)
        else:
            added.append(line)
    for key, text in node.decorations.items():
        entry = node.index.get(key)
        line = "%s%s %s\n" % (blanks, key, quote(text))
        if entry is not None:
            yield Edit(entry.start, entry.end, line)
        else:
            added.append(line)
    source = node.index.get("source")
    if node.source_text is not None and node.class_name != GENERIC:
        line = _source_line(node, blanks)
        if source is not None:
            yield Edit(source.start, source.end, line)
        else:
            added.append(line)


def _source_line(node: Node, blanks: str) -> str:
    return "%ssource %s\n" % (blanks, quote(node.source_text)) if node.source_text else ""


# ---------------------------------------------------------------- one attribute


def _change(node: Node, state: State, added: list[str]) -> Iterator[Edit]:
    """Edits of one attribute; lines for the end of the item's block go to ``added``."""
    hidden = _hidden_change(state)
    changed = state.is_changed()
    if not changed and hidden is None and not state.has_block_changes:
        return
    if state.entry is None:
        if node.item is not None and not state.shape.is_custom and not _omitted(state):
            added.extend(attribute_lines(state, node.item.entry.indent + INDENT))
    elif state.entry.is_block:
        yield from _change_block(state, state.entry, changed, hidden)
    elif changed and hidden is None and not state.has_block_changes:
        yield from _change_line(state, state.entry)
    else:
        lines = [] if _omitted(state) else attribute_lines(state, state.entry.indent)
        yield Edit(state.entry.start, state.entry.end, "".join(lines))


def _change_line(state: State, entry: Entry) -> Iterator[Edit]:
    if _omitted(state):
        yield Edit(entry.start, entry.end, "")
    else:
        yield from _change_tokens(state, entry, entry.tokens)


def _change_tokens(state: State, entry: Entry, tokens: Sequence[Token]) -> Iterator[Edit]:
    """Only the tokens whose value differs, so that other numbers keep their digits."""
    new = state.values
    old = state.loaded() or []
    if len(new) == len(old) == len(tokens):
        for token, before, after in zip(tokens, old, new):
            if before != after:
                yield Edit(token.start, token.end, values.write(state.shape.type, after))
    elif tokens:
        yield Edit(tokens[0].start, tokens[-1].end, _value_text(state))
    else:
        end = entry.start + entry.indent + len(entry.key_text)
        yield Edit(end, end, " " + _value_text(state))


def _change_block(
    state: State, entry: Entry, changed: bool, hidden: bool | None
) -> Iterator[Edit]:
    lines = []
    indent = " " * (entry.indent + INDENT)
    if changed:
        line = next((c for c in entry.children if c.key == "value" and not c.is_block), None)
        if line is not None:
            yield from _change_tokens(state, line, line.tokens)
        else:
            lines.append("%svalue %s\n" % (indent, _value_text(state)))
    if hidden is not None:
        lines.extend(_hidden_lines(state, indent))
        yield from _without(entry, "hidden")
    if state.expressions_changed:
        lines.extend(_expression_lines(state, indent))
        yield from _without(entry, "expression")
    if state.texture_text is not None:
        lines.extend(_texture_lines(state, indent))
        yield from _without(entry, "texture")
    if lines:
        yield Edit(entry.body_end, entry.body_end, "".join(lines))


def _without(entry: Entry, key: str) -> Iterator[Edit]:
    return (Edit(child.start, child.end, "") for child in entry.children if child.key == key)


def _hidden_change(state: State) -> bool | None:
    """The new own visibility, None when the file already says so."""
    if "hidden" not in state.flags:
        return None
    wanted, before = state.flags["hidden"], state.loaded_hidden()
    if before is None:
        before = state.base.flag("hidden") if state.base is not None else False
    return None if wanted == before else wanted


def _omitted(state: State) -> bool:
    """True for what a scripted class's item need not say."""
    base = state.base
    if base is None or state.flag("hidden") != base.flag("hidden") or state.has_block_changes:
        return False
    return _is_default(state)


def _is_default(state: State) -> bool:
    """True for the value of a scripted class; the defaults of Clarisse's own are guesses.

    A context that loads no file says nothing about files either.
    """
    is_known = _class_of(state) == GENERIC or (
        state.owner.host.registry.entry(_class_of(state)).is_scripted)
    return bool(is_known) and state.base is not None and state.values == state.base.values


def _class_of(state: State) -> str:
    return state.owner.class_name if isinstance(state.owner, Node) else ""


def _value_text(state: State) -> str:
    """All values; unchanged ones as the file has them, digit for digit."""
    tokens = None if state.entry is None else value_tokens(state.entry)
    if tokens and isinstance(state.owner, Node) and not state.is_changed():
        text = state.owner.origin.file.text
        return text[tokens[0].start:tokens[-1].end]
    texts = [values.write(state.shape.type, value) for value in state.values]
    return " ".join(texts) or "<empty>"


def _hidden_lines(state: State, indent: str) -> list[str]:
    base = state.base.flag("hidden") if state.base is not None else False
    if state.flags.get("hidden", base) == base:
        return []
    return ["%shidden %s\n" % (indent, "yes" if state.flags["hidden"] else "no")]


def _expression_lines(state: State, indent: str) -> Iterable[str]:
    for index, source in sorted(state.expressions.items()):
        yield "%sexpression[%s] %s\n" % (indent, index or "", quote(source))


def _texture_lines(state: State, indent: str) -> list[str]:
    path = state.texture_path()
    return ["%stexture %s\n" % (indent, quote(path))] if path else []


def attribute_lines(state: State, indent: int) -> list[str]:
    """A whole attribute as the file writes it: one line, or a block when there is more."""
    outer, inner = " " * indent, " " * (indent + INDENT)
    inside = _hidden_lines(state, inner)
    if state.shape.type in values.NUMERIC:
        inside.extend(_expression_lines(state, inner))
    if isinstance(state.owner, Node):
        inside.extend(_texture_lines(state, inner))
    if not inside:
        return ["%s%s %s\n" % (outer, state.name, _value_text(state))]
    if not _is_default(state):
        inside.insert(0, "%svalue %s\n" % (inner, _value_text(state)))
    return ["%s%s {\n" % (outer, state.name), *inside, "%s}\n" % outer]


def _new_custom(node: Node, indent: int, added: list[str]) -> Iterator[Edit]:
    """Custom attributes that a script gave an item of the file."""
    new = [state for state in node.states.values() if _is_new_custom(state)]
    block = node.index.get("custom_attributes") if new else None
    if block is not None:
        lines = [line for state in new for line in _custom_lines(state, indent + INDENT)]
        yield Edit(block.body_end, block.body_end, "".join(lines))
    elif new:
        added.extend(_custom_block(new, indent))


def _is_new_custom(state: State) -> bool:
    """Declared by a script, or inherited and overridden since: the file declares it then too."""
    is_missing = state.shape.is_custom and state.entry is None
    return is_missing and (state.base is None or state.is_changed())


def _custom_block(states: list[State], indent: int) -> Iterator[str]:
    yield " " * indent + "custom_attributes {\n"
    for state in states:
        yield from _custom_lines(state, indent + INDENT)
    yield " " * indent + "}\n"


def _custom_lines(state: State, indent: int) -> Iterator[str]:
    outer, inner = " " * indent, " " * (indent + INDENT)
    yield "%s%s %s {\n" % (outer, _type_word(state), quote(state.name))
    yield "%svalue %s\n" % (inner, _value_text(state))
    yield outer + "}\n"


def _type_word(state: State) -> str:
    shape = state.shape
    word = values.TYPE_NAMES[shape.type] if shape.hint == "DEFAULT" else shape.hint
    brackets = {values.ARRAY: "[%d]" % len(state.values), values.LIST: "[]"}
    return word.lower() + brackets.get(shape.container, "")


# ---------------------------------------------------------------- created items


def _created(scene: Scene, parent: Node, indent: int) -> Iterator[str]:
    for node in scene.created:
        if node.parent is parent and not node.is_removed and not node.flags.get("static"):
            yield from _item_lines(scene, node, indent)


def _item_lines(scene: Scene, node: Node, indent: int) -> Iterator[str]:
    outer, inner = " " * indent, " " * (indent + INDENT)
    if node.item is not None:
        copied = node.origin.file.edited(list(_edits(scene, node.origin)))
        yield from (outer + line for line in copied.splitlines(keepends=True))
        return
    if node.is_context:
        yield "%s%s %s {\n" % (outer, CONTEXT, quote(node.name))
    else:
        yield "%s%s {\n%sname %s\n" % (outer, node.class_name, inner, quote(node.name))
    yield "%s#created %d\n" % (inner, node.created_at)
    yield _source_line(node, inner)
    yield from ("%s%s yes\n" % (inner, word) for word, is_on in _marks(node).items() if is_on)
    yield from ("%s%s %s\n" % (inner, key, quote(text)) for key, text in node.decorations.items())
    yield from _attributes_of_created(_holder(scene, node), indent + INDENT)
    yield from _children_lines(scene, node, indent + INDENT)
    yield outer + "}\n"


def _holder(scene: Scene, node: Node) -> Node:
    """The node whose attributes a created item shows in its block."""
    if not node.is_context:
        return node
    options = scene.options(node)
    return options if options is not None and scene.host.switches.writes_references else node


def _attributes_of_created(node: Node, indent: int) -> Iterator[str]:
    for state in _in_class_order(node):
        is_told = not _is_new_custom(state) and (state.is_changed() or _own_flags(state))
        if is_told and not _omitted(state):
            yield from attribute_lines(state, indent)
    new = [state for state in _in_class_order(node) if _is_new_custom(state)]
    if new:
        yield from _custom_block(new, indent)


def _own_flags(state: State) -> bool:
    return _hidden_change(state) is not None or state.has_block_changes


def _in_class_order(node: Node) -> list[State]:
    """In the order of the class, so that the same item always looks the same."""
    declared = list(node.host.registry.entry(node.class_name).attributes)
    places = {name: place for place, name in enumerate(declared)}
    return sorted(node.states.values(), key=lambda state: places.get(state.name, len(places)))


# ---------------------------------------------------------------- variables, the root


def _variables(host: Any) -> str:
    """Custom variables, when the switch asks for them: their form on disk is a guess."""
    found = host.variables.of_kind(1)
    if not found or not host.switches.writes_custom_variables:
        return ""
    rows = [
        "    %s %s {\n        value %s\n    }\n"
        % (values.TYPE_NAMES[state.shape.type].lower(), quote(state.name), _value_text(state))
        for state in found
    ]
    return "variables {\n%s}\n" % "".join(rows)


def _insert_at_root(text: str, added: str) -> str:
    """Before ``#resources`` and ``#preferences``, else at the end."""
    for entry in parse(text).entries:
        if entry.is_block and entry.key in ("#resources", "#preferences"):
            return text[:entry.start] + added + text[entry.start:]
    glue = "" if not text or text.endswith("\n") else "\n"
    return text + glue + added
