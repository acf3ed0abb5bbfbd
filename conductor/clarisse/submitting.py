"""The buttons that show, write and send a submission: Preview, Submit, Export Render Package."""

from __future__ import annotations

from conductor.clarisse.expected_files import note_expected
from conductor.clarisse.host import HostModule, tell_finding
from conductor.clarisse.panels import preview_model
from conductor.clarisse.panels.message import agrees, tell
from conductor.clarisse.panels.preview import wants_submit
from conductor.clarisse.panels.result_model import result_text
from conductor.clarisse.prepared import Prepared, clean_up, findings_text
from conductor.clarisse.press import Press
from conductor.clarisse.render_package import write_package
from conductor.lib.api_client import ApiClient
from conductor.lib.conductor_submit import SubmitResult, send


def preview(press: Press) -> None:
    """Show what would be sent; send exactly that when the artist says so."""
    prepared = press.prepare()
    while wants_submit(press.ix, preview_model.of(prepared)):
        if prepared.is_made_of(press.settings(), press.scene()):
            send_prepared(press, prepared)
            return
        tell(press.ix, "The item or the scene has changed since this preview. Look again.")
        prepared = press.prepare()


def submit(press: Press) -> None:
    """Write the package, upload, and start the job."""
    send_prepared(press, press.prepare())


def send_prepared(press: Press, prepared: Prepared) -> None:
    """Send one submission as it was shown, unless its findings forbid it."""
    if not may_be_sent(press.ix, prepared):
        return
    client = ApiClient.from_config(press.config)
    write_package(press.ix, prepared)
    note_expected(prepared, press.config)
    result: SubmitResult = press.wait(
        "Submitting " + prepared.submission.job_title,
        lambda on_progress, cancel: send(
            prepared.submission, client, press.config, on_progress=on_progress, cancel=cancel))
    clean_up(prepared)
    tell(press.ix, result_text(result.response, client.url, prepared.submission.upload_only))


def may_be_sent(ix: HostModule, prepared: Prepared) -> bool:
    """False when a finding forbids it or the artist does not accept the warnings."""
    for finding in prepared.findings:
        tell_finding(ix, finding)
    if prepared.errors:
        tell(ix, findings_text("Nothing was sent. Please correct:", prepared.errors))
        return False
    question = findings_text("Submit with these warnings?", prepared.warnings)
    return not prepared.warnings or agrees(ix, question)


def export_render_package(press: Press) -> None:
    """Write the render package and say where it is."""
    prepared = press.prepare()
    write_package(press.ix, prepared)
    tell(press.ix, "The render package was written:\n\n" + prepared.plan.path)
