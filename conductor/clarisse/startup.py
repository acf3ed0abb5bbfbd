"""Makes ConductorJob known to Clarisse; never breaks its start.

Two ways lead here: the Startup Script of the preferences (Clarisse runs the text of this file, so
``__file__`` does not exist; CONDUCTOR_LOCATION names the install folder), and ``from
conductor.clarisse import startup`` in the script editor. Running it again does no harm.

This one file is also read by Python 2.7: Clarisse 4 must get a message, not a syntax error.
"""

import os
import sys

MYPY = False
if MYPY:  # Python 2.7 has no typing
    from typing import Any  # noqa: F401  used by type comments

CLASS_NAME = "ConductorJob"
LAST_ROW = "log_level"
OLDEST = (3, 7)
REMEDY = (
    "ConductorJob needs Python %d.%d or newer, and this Clarisse runs Python %d.%d. In Clarisse 5 "
    "choose Python 3 (IX_PYTHON3HOME in clarisse.env). Clarisse 4 has no Python 3: save the "
    "project and submit it from a terminal with\n"
    "    conductor clarisse submit SCENE.project" % (OLDEST + sys.version_info[:2])
)


def start():
    # type: () -> bool
    """Register the class; True when it is there. Says why when it is not, and raises nothing."""
    try:
        import ix
    except ImportError:
        sys.stderr.write("ConductorJob was not registered: this Python runs outside Clarisse\n")
        return False
    try:
        if sys.version_info[:2] < OLDEST:
            raise RuntimeError(REMEDY)
        add_to_path(install_folder())
        return register(ix)
    except BaseException as error:  # noqa: BLE001  Clarisse must start whatever is wrong with us
        explain(ix, error)
        return False


def install_folder():
    # type: () -> str
    """The folder that holds the package: this file's own, or what CONDUCTOR_LOCATION names."""
    if __name__ == "conductor.clarisse.startup":
        return os.path.abspath(os.path.join(os.path.dirname(__file__), os.pardir, os.pardir))
    return os.environ.get("CONDUCTOR_LOCATION", "")


def add_to_path(location):
    # type: (str) -> None
    """Let ``import conductor`` find the folder, and what it brings along for itself.

    That comes last: modules that Clarisse's Python has, or another plug-in brought, stay in force.
    """
    if location and location not in sys.path:
        sys.path.insert(0, location)
    brought = os.path.join(location, "dependencies")
    if location and brought not in sys.path and os.path.isdir(brought):
        sys.path.append(brought)


def register(ix):
    # type: (Any) -> bool
    """Register the class unless it is there, and declare the CT_ variables."""
    from conductor.clarisse import conductor_job, item, requirements

    classes = ix.application.get_factory().get_classes()
    if not classes.exists(CLASS_NAME):
        made = ix.api.ModuleScriptedClass.register_scripted_class(
            ix.application, CLASS_NAME, conductor_job.make_engine(ix))
        # The engine lets nothing escape, so that a class may be there but incomplete.
        if not made or not classes.get(CLASS_NAME).attribute_exists(LAST_ROW):
            raise RuntimeError("Clarisse refused the class; its log says more")
    item.declare_variables(ix)
    for complaint in requirements.too_old():
        ix.application.log_warning("ConductorJob: " + complaint)
    return True


def explain(ix, error):
    # type: (Any, BaseException) -> None
    """Say in Clarisse's log why the class is not there."""
    reason = str(error) or type(error).__name__
    if not isinstance(error, RuntimeError):
        reason = "%s: %s" % (type(error).__name__, reason)
    if isinstance(error, ImportError):
        reason += " (CONDUCTOR_LOCATION must name the install folder; it is %r)" % (
            os.environ.get("CONDUCTOR_LOCATION", ""))
    ix.application.log_error("ConductorJob was not registered: " + reason)


# A host may run a text with its names kept apart from its globals: the functions above would then
# not find each other.
globals().update(locals())
start()
