"""The buttons that show, write and send a submission: Preview, Submit, Export Render Package."""

from __future__ import annotations

from conductor.clarisse.expected_files import note_expected
from conductor.clarisse.host import tell_finding
from conductor.clarisse.panels import findings, preview_model, result
from conductor.clarisse.panels import preview as preview_window
from conductor.clarisse.panels.message import tell
from conductor.clarisse.panels.preview import SUBMIT, SUBMIT_AND_CLOSE
from conductor.clarisse.panels.result_model import Result, read_result
from conductor.clarisse.prepared import Prepared, abandoned_after, clean_up, put_aside
from conductor.clarisse.press import Press
from conductor.clarisse.render_package import write_package
from conductor.lib.api_client import ApiClient
from conductor.lib.conductor_submit import SubmitResult, send
from conductor.lib.errors import Cancelled, SceneError
from conductor.lib.pre_submit import ask_pre_submit, has_pre_submit


def preview(press: Press) -> None:
    """Show what would be sent, and send exactly that when the artist says so.

    The window steps aside while something is sent: a window in front of everything could keep
    the artist from pressing Cancel. After Submit it comes back, after Submit and close not.
    """
    prepared, sent = press.prepare(), ""
    while True:
        pressed = preview_window.show(press.ix, preview_model.of(prepared, sent))
        if pressed not in (SUBMIT, SUBMIT_AND_CLOSE):
            return
        if not prepared.is_made_of(press.settings(), press.scene()):
            tell(press.ix, "The item or the scene has changed since this preview. Look again.")
            prepared = press.prepare()
            continue
        sent = _sent(press, prepared)
        if pressed == SUBMIT_AND_CLOSE:
            return


def submit(press: Press) -> None:
    """Write the package, upload, and start the job; sign in first where that is needed."""
    if press.state.catalog is None:
        press.ask_conductor()
    send_prepared(press, press.prepare())


def _sent(press: Press, prepared: Prepared) -> str:
    """What became of it; empty when nothing did, so that it can be sent from the preview again."""
    try:
        arrived = send_prepared(press, prepared)
    except Cancelled as stopped:
        press.ix.application.log_info("ConductorJob: %s" % stopped)
        return ""
    return arrived.headline if arrived else ""


def send_prepared(press: Press, prepared: Prepared) -> Result | None:
    """Send one submission as it was shown; None when its findings forbid it."""
    prepared = _asked_studio(press, prepared)
    for finding in prepared.findings:
        tell_finding(press.ix, finding)
    if not findings.are_accepted(press.ix, prepared.findings):
        return None
    client = ApiClient.from_config(press.config)
    _write(press, prepared)
    note_expected(prepared, press.config)
    with abandoned_after(prepared):
        answer: SubmitResult = press.signed_in(lambda: press.wait(
            "Submitting " + prepared.submission.job_title,
            lambda on_progress, cancel: send(
                prepared.submission, client, press.config, on_progress=on_progress,
                cancel=cancel, around_post=lambda: put_aside(prepared)), is_lasting=True))
    clean_up(prepared)
    arrived = read_result(answer.response, client.url, prepared.submission.upload_only)
    result.show(press.ix, arrived)
    return arrived


def _asked_studio(press: Press, prepared: Prepared) -> Prepared:
    """With what the studio's own check finds; it is not asked where ours forbid the submission."""
    if prepared.errors or not has_pre_submit(press.config):
        return prepared
    found = press.wait("Asking the studio's check", lambda _, cancel: ask_pre_submit(
        prepared.submission, press.config, cancel))
    return prepared.noted(found, press.config)


def _write(press: Press, prepared: Prepared) -> None:
    """Write the package; Clarisse saves what is open, which has to be what was looked at."""
    if press.has_changed(prepared):
        raise SceneError("The item or its images have changed since the button was pressed. "
                         "Nothing was written or sent. Press it again.")
    write_package(press.ix, prepared)


def export_render_package(press: Press) -> None:
    """Write the render package and say where it is."""
    prepared = press.prepare()
    _write(press, prepared)
    tell(press.ix, "The render package was written:\n\n" + prepared.plan.path)
