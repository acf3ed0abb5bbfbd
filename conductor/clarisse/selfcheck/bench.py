"""Asks Clarisse what the stand-in had to guess, and writes the answers to a small JSON file.

Run it inside Clarisse: File > New, then paste it into the script editor and run it, or put it into
the shelf. It takes a few seconds. It works in a context of its own that it removes again, saves
copies to the temporary folder only, and leaves the open project's file alone. Send the report, or
compare it with

    conductor clarisse selfcheck --compare conductor-selfcheck.json

For Python 2.7 and 3. Outside Clarisse it runs on the stand-in, which answers as its switches say.
"""

import json
import os
import re
import shutil
import sys
import tempfile

import ix

# "conductor clarisse selfcheck" may change these three lines.
REPORT = ""
RISKY = False
NAMES = {}

FORMAT = 1
CLASS_NAME = "ConductorSelfcheck"
VARIABLE = "CONDUCTOR_SELFCHECK"
MUTED_WORDS = ("muted", "mute", "disabled", "disable", "eye", "visible")
PROJECT = """#Isotropix_Serial_Version 1.2

#Isotropix_Clarisse_Version 5
#Isotropix_Clarisse_Project_Version 0.98
Context "inner" {
%s
}"""
INNER_ITEMS = """    TextureMapFile {
        name "tex"
        filename "$PDIR/tex.png"
    }
    Image {
        name "picture"
        first_frame 1
    }"""
MUTED_IMAGE = """    Image {
        name "muted_by_%s"
        layers {
            value ".back"
            %s 0
        }
        embedded_objects {
            Layer3d {
                name "back"
            }
        }
    }"""


class Skip(Exception):
    """A question that cannot be asked here."""


class Engine(ix.api.ModuleScriptedClassEngine):
    """Counts what Clarisse tells it."""

    def __init__(self):
        ix.api.ModuleScriptedClassEngine.__init__(self)
        self.changes = []
        self.raises = False

    def declare_attributes(self, s_class):
        attr = ix.api.OfAttr
        kinds = (("number", attr.TYPE_LONG), ("menu", attr.TYPE_LONG), ("text", attr.TYPE_STRING),
                 ("picture", attr.TYPE_REFERENCE))
        for name, kind in kinds:
            s_class.add_attribute(
                name, kind, attr.CONTAINER_SINGLE, attr.VISUAL_HINT_DEFAULT, "General")
        s_class.get_attribute("menu").add_preset("one", "1")
        s_class.get_attribute("menu").add_preset("two", "2")

    def on_attribute_change(self, item, attr, dirtiness, flags):
        self.changes.append(attr.get_name())
        if self.raises:
            raise RuntimeError("the selfcheck raises this on purpose")


class Bench:
    """A context of our own, and a folder for copies; nothing of it stays."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="conductor-selfcheck-")
        self.factory = ix.application.get_factory()
        self.evidence = {}
        self.context = None
        self.class_name = ""
        self.engine = None
        self.item = None
        self.references = {}

    def open(self):
        self.class_name = self.new_class_name()
        self.context = self.factory.get_root().add_context(self.class_name)
        self.engine = Engine()
        # The class stays until Clarisse is closed; the project does not know it.
        ix.api.ModuleScriptedClass.register_scripted_class(
            ix.application, self.class_name, self.engine)
        self.item = self.context.add_object("probe", self.class_name)

    def new_class_name(self):
        """One that is not taken: the script may be run twice."""
        number = 1
        while self.factory.get_classes().exists("%s%d" % (CLASS_NAME, number)):
            number += 1
        return "%s%d" % (CLASS_NAME, number)

    def close(self):
        try:
            if self.context is not None:
                self.factory.remove_item(self.context.get_full_name())
        finally:
            shutil.rmtree(self.folder, True)

    def attribute(self, name):
        return self.item.get_attribute(name)

    def saved(self):
        """The text of the project as Clarisse would save it now; the project's own file stays."""
        path = os.path.join(self.folder, "copy.project")
        ix.application.save_project_snapshot(path)
        with open(path, "rb") as handle:
            return handle.read().decode("utf-8", "replace")

    def marked_by(self, mark):
        """The entry that marking an item adds to its block in the file."""
        names = ["plain_" + mark.__name__, "marked_" + mark.__name__]
        plain, marked = [self.context.add_object(name, "Image") for name in names]
        mark(marked)
        text = self.saved()
        blocks = [block_of(text, item.get_name()) for item in (plain, marked)]
        self.evidence[mark.__name__] = blocks[1]
        before, after = [[first_word(line) for line in block] for block in blocks]
        added = [word for word in after if word not in before]
        if not added:
            raise LookupError("the block of the marked item has no entry more than its twin")
        return added[0]

    def reference(self, name="inner", items=""):
        """A context that refers to a project of our own, with these items in it."""
        if name not in self.references:
            path = os.path.join(self.folder, name + ".project")
            with open(path, "wb") as handle:
                handle.write((PROJECT % (items or INNER_ITEMS)).encode("utf-8"))
            self.references[name] = ix.cmds.CreateFileReference(
                self.context.get_full_name(), [path])
        return self.references[name]


def inside(reference, name, attribute):
    """An attribute of an item that a reference brought in."""
    for where in ("%s/inner/%s", "%s/%s"):
        found = ix.item_exists(where % (reference.get_full_name(), name))
        if found is not None:
            return found.get_attribute(attribute)
    raise LookupError("the reference brought in no %s" % name)


def block_of(text, name):
    """The lines of the item of this name, without the braces around them."""
    lines = text.splitlines()
    for place, line in enumerate(lines):
        if line.strip() in ('name "%s"' % name, 'Context "%s" {' % name):
            indent = len(line) - len(line.lstrip())
            closing = indent if line.endswith("{") else indent - 4
            end = place
            while end < len(lines) and lines[end] != " " * closing + "}":
                end += 1
            return [found.strip() for found in lines[place + 1:end]]
    raise LookupError("the saved copy holds no item %s" % name)


def first_word(line):
    return re.split(r"[\s{]", line)[0]


def raises(call, kind):
    """True when the call raises this kind of error."""
    try:
        call()
    except kind:
        return True
    return False


def has_name(owner, name):
    try:
        return getattr(owner, name, None) is not None
    except Exception:  # noqa: BLE001  the stand-in raises what it has not got
        return False
