"""The questions, and the run. Continues ``bench.py``: printed, the two are one script."""

# ---------------------------------------------------------------- before anything is made


def variables_mark_modified(bench):
    if ix.application.is_project_modified():
        raise Skip("the project has unsaved changes: File > New, then run it again")
    host_vars = bench.factory.get_vars()
    kind = ix.api.OfVars.TYPE_CUSTOM
    try:
        host_vars.add(kind, VARIABLE, ix.api.OfAttr.TYPE_STRING).set_string("a value")
        return bool(ix.application.is_project_modified())
    finally:
        host_vars.remove(VARIABLE)


def unsaved_pdir(bench):
    if ix.application.get_current_project_filename():
        raise Skip("the project has a file: File > New, then run it again")
    return bench.factory.get_vars().get("PDIR").get_string()


# ---------------------------------------------------------------- calls


def log_error_raises(bench):
    return raises(lambda: ix.log_error("Conductor selfcheck: this line is only a test"),
                  RuntimeError)


def no_preset_index(bench):
    bench.attribute("menu").set_long(7)
    return int(bench.attribute("menu").get_applied_preset_index())


def same_value_fires(bench):
    bench.attribute("number").set_long(3)
    before = len(bench.engine.changes)
    bench.attribute("number").set_long(3)
    return len(bench.engine.changes) > before


def numbers_for_bools(bench):
    try:
        return not raises(lambda: bench.attribute("number").set_hidden(1), TypeError)
    finally:
        bench.attribute("number").set_hidden(False)


def texts_for_numbers(bench):
    if raises(lambda: bench.attribute("number").set_string("41"), TypeError):
        return False
    found = bench.attribute("number").get_long()
    return True if found == 41 else "no error, but the value is %d" % found


def hidden_fires(bench):
    before = len(bench.engine.changes)
    bench.attribute("number").set_hidden(True)
    bench.attribute("number").set_hidden(False)
    return len(bench.engine.changes) > before


def changes_propagate(bench):
    """A change of an image reaches an item that names it."""
    image = bench.context.add_object("picture", "Image")
    bench.attribute("picture").set_object(image)
    before = len(bench.engine.changes)
    image.get_attribute("first_frame").set_long(5)
    return len(bench.engine.changes) > before


def taken_name(bench):
    bench.context.add_object("twin", "Image")
    return bench.context.add_object("twin", "Image").get_name()


def undefined_variable(bench):
    bench.attribute("text").set_string("$CONDUCTOR_NO_SUCH_VARIABLE/x")
    return bench.attribute("text").get_string()


def text_is_expression(bench):
    bench.attribute("text").set_string('"a" + "b"')
    return bench.attribute("text").get_string()


# ---------------------------------------------------------------- the file


def disable(item):
    ix.cmds.DisableItems([item.get_full_name()], True)


def make_private(item):
    item.set_private(True)


def lock(item):
    ix.cmds.LockItems([item.get_full_name()])


def muted_keyword(bench):
    """What the eye beside a value writes; where nothing is written, which word is understood."""
    image = bench.context.add_object("muted", "Image")
    ix.cmds.AddLayer(image.get_full_name() + ".layers", "Layer3d")
    before = block_of(bench.saved(), "muted")
    ix.cmds.MuteLocalValueAttributes([image.get_full_name() + ".layers"], True)
    after = bench.evidence["mute"] = block_of(bench.saved(), "muted")
    added = [line for line in after if line not in before]
    words = [first_word(line) for line in added if not line.startswith(("#", "layers", "value"))]
    if words:
        return words[0]
    items = "\n".join(MUTED_IMAGE % (word, word) for word in MUTED_WORDS)
    for word in MUTED_WORDS:
        layers = inside(bench.reference("muted", items), "muted_by_" + word, "layers")
        if layers.get_object(0) is None:
            return word
    raise LookupError("the saved copy does not tell, and none of these is understood: %s"
                      % ", ".join(MUTED_WORDS))


def writes_custom_variables(bench):
    host_vars = bench.factory.get_vars()
    try:
        host_vars.add(ix.api.OfVars.TYPE_CUSTOM, VARIABLE, ix.api.OfAttr.TYPE_STRING).set_string(
            "value-of-the-selfcheck")
        lines = bench.saved().splitlines()
    finally:
        host_vars.remove(VARIABLE)
    places = [place for place, line in enumerate(lines) if VARIABLE in line]
    if places:
        bench.evidence["custom_variable"] = lines[max(places[0] - 2, 0):places[0] + 4]
    return bool(places)


# ---------------------------------------------------------------- references


def references_own_folder(bench):
    found = inside(bench.reference(), "tex", "filename").get_string().replace("\\", "/")
    return found == bench.folder.replace("\\", "/") + "/tex.png"


def remote_items_editable(bench):
    number = inside(bench.reference(), "picture", "first_frame")
    try:
        number.set_long(17)
    except Exception:  # noqa: BLE001  how it refuses does not matter
        return False
    return number.get_long() == 17


def path_attrs_in_references(bench):
    where = bench.reference().get_full_name() + "/"
    attrs = ix.api.OfAttr.get_path_attrs()
    return any(attrs[index].get_full_name().startswith(where) for index in range(attrs.get_count()))


def writes_references(bench):
    block = block_of(bench.saved(), bench.reference().get_name())
    bench.evidence["reference"] = block
    return any("inner.project" in line for line in block)


# ---------------------------------------------------------------- windows


def new_window():
    if not ix.is_gui_application():
        raise Skip("there are no windows")
    top = ix.application.get_event_window()
    return ix.api.GuiWindow(top, 100, 100, 300, 200, "Conductor selfcheck: you may close this")


def show_modal_returns(bench):
    window = new_window()
    window.show_modal()
    try:
        return bool(window.is_shown())
    finally:
        window.hide()


def hide_ends_the_modal_loop(bench):
    window = new_window()
    window.show_modal()
    window.hide()
    ix.application.check_for_events()
    return not window.is_shown()


def constraints_follow_the_window(bench):
    window = new_window()
    panel = ix.api.GuiPanel(window, 10, 10, 280, 180)
    widget = ix.api.GuiWidget
    panel.set_constraints(widget.CONSTRAINT_LEFT, widget.CONSTRAINT_TOP,
                          widget.CONSTRAINT_RIGHT, widget.CONSTRAINT_BOTTOM)
    window.show()
    try:
        window.resize(100, 100, 500, 300)
        ix.application.check_for_events()
        return [panel.get_width(), panel.get_height()]
    finally:
        window.hide()


def children_count_from_the_window(bench):
    """25 where a child of a panel counts from the panel, 35 where it counts from the window."""
    panel = ix.api.GuiPanel(new_window(), 10, 10, 280, 180)
    return ix.api.GuiPushButton(panel, 25, 5, 50, 20, "x").get_x()


# ---------------------------------------------------------------- what may end Clarisse


def handlers_may_raise_runtime_error(bench):
    bench.engine.raises = True
    try:
        return raises(lambda: bench.attribute("number").set_long(99), RuntimeError) or True
    finally:
        bench.engine.raises = False


# ---------------------------------------------------------------- the run


FIRST = [(probe.__name__, probe) for probe in (variables_mark_modified, unsaved_pdir)]
THEN = [(probe.__name__, probe) for probe in (
    log_error_raises, no_preset_index, same_value_fires, numbers_for_bools, texts_for_numbers,
    hidden_fires, changes_propagate, taken_name, undefined_variable, text_is_expression,
    muted_keyword, writes_custom_variables, references_own_folder, remote_items_editable,
    path_attrs_in_references, writes_references, show_modal_returns, hide_ends_the_modal_loop,
    constraints_follow_the_window, children_count_from_the_window,
)] + [
    ("disabled_keyword", lambda bench: bench.marked_by(disable)),
    ("private_keyword", lambda bench: bench.marked_by(make_private)),
    ("locked_keyword", lambda bench: bench.marked_by(lock)),
    ("unknown_attribute_is_none", lambda bench: bench.attribute("no_such_attribute") is None),
    ("past_the_last_value", lambda bench: bench.attribute("number").get_long(5)),
    ("empty_array_is_true", lambda bench: bool(ix.api.OfObjectArray())),
    ("system_variables_constant", lambda bench: has_name(ix.api.OfVars, "TYPE_SYSTEM")),
    ("text_edit_has_get_text", lambda bench: has_name(ix.api.GuiTextEdit, "get_text")),
    ("create_menu_lists_class", lambda bench: bool(
        ix.application.get_main_menu().get_item("Create>" + bench.class_name))),
]


def places():
    """Where the names of each owner are looked for; other owners are classes of ix.api."""
    factory = ix.application.get_factory()
    return {
        "ix": ix, "ix.api": ix.api, "ix.cmds": ix.cmds, "ix.selection": ix.selection,
        "Application": ix.application, "AppPreferences": ix.application.get_prefs(),
        "OfObjectFactory": factory, "OfTime": factory.get_time(), "OfVars": factory.get_vars(),
        "OfClassCollection": factory.get_classes(),
    }


def missing_names():
    """Documented names that this Clarisse does not have."""
    missing = []
    known = places()
    for owner in sorted(NAMES):
        if owner not in known and not has_name(ix.api, owner):
            missing.append("ix.api." + owner)
            continue
        place = known.get(owner) or getattr(ix.api, owner)
        missing.extend("%s.%s" % (owner, name) for name in NAMES[owner]
                       if not has_name(place, name))
    return missing


def ask(report, name, probe, bench):
    try:
        report["answers"][name] = probe(bench)
    except Skip as reason:
        report["skipped"][name] = str(reason)
    except Exception as error:  # noqa: BLE001  one question must not end the others
        report["failed"][name] = "%s: %s" % (type(error).__name__, error)


def ask_risky(report, bench, path):
    name = handlers_may_raise_runtime_error.__name__
    if not RISKY:
        report["skipped"][name] = "it may end Clarisse: conductor clarisse selfcheck --risky"
        return
    # Should Clarisse end now, the report says so.
    report["answers"][name] = False
    write(report, path)
    try:
        report["answers"][name] = handlers_may_raise_runtime_error(bench)
    except BaseException as error:  # noqa: BLE001
        # Only the stand-in comes back to say that Clarisse would be gone.
        report["failed"][name] = str(error)


def new_report():
    return {
        "conductor_selfcheck": FORMAT,
        "clarisse": ix.application.get_version(),
        "version_name": ix.application.get_version_name(),
        "python": "%d.%d.%d" % tuple(sys.version_info[:3]),
        "platform": sys.platform,
        "answers": {}, "skipped": {}, "failed": {}, "evidence": {}, "missing_names": [],
    }


def write(report, path):
    with open(path, "wb") as handle:
        text = json.dumps(report, indent=1, sort_keys=True, default=str)
        handle.write(text.encode("utf-8"))


def main():
    path = REPORT or os.path.join(os.path.expanduser("~"), "conductor-selfcheck.json")
    report = new_report()
    bench = Bench()
    try:
        for name, probe in FIRST:
            ask(report, name, probe, bench)
        bench.open()
        for name, probe in THEN:
            ask(report, name, probe, bench)
        report["missing_names"] = missing_names()
        report["evidence"] = bench.evidence
        ask_risky(report, bench, path)
    finally:
        bench.close()
        write(report, path)
    ix.application.log_info("Conductor selfcheck: %d answers, %d skipped, %d failed; report: %s" % (
        len(report["answers"]), len(report["skipped"]), len(report["failed"]), path))


# Where a host keeps the names of a text apart from its globals, the functions above would not find
# each other.
globals().update(locals())
main()
