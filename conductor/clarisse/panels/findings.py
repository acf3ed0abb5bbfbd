"""The findings window: what is wrong with a submission, Cancel and Continue."""

from __future__ import annotations

from typing import Any, Sequence

from conductor.clarisse.host import HostModule
from conductor.clarisse.panels import findings_model as model
from conductor.clarisse.panels.window import (
    BUTTON_HEIGHT,
    GAP,
    LINE_HEIGHT,
    Buttons,
    centred,
    headline,
    pin,
    text_area,
    wait,
)
from conductor.lib.checks import Finding

TITLE = "Conductor findings"
WIDTH, HEIGHT = 860, 520
CANCEL, CONTINUE = "Cancel", "Continue"


def are_accepted(ix: HostModule, findings: Sequence[Finding]) -> bool:
    """Show the findings; True when there is nothing to ask, or the artist pressed Continue.

    Without windows nobody can accept anything: the text goes into the log.
    """
    if not model.is_worth_asking(findings):
        return True
    if not ix.is_gui_application():
        text = model.findings_text(findings)
        ix.application.log_info("ConductorJob: %s\n%s" % (model.headline(findings), text))
        return False
    window = centred(ix, TITLE, WIDTH, HEIGHT)
    headline(ix, window, model.headline(findings), model.COLORS[model.worst(findings)])
    boxes = _boxes(ix, window, model.confirmations(findings))
    area = text_area(ix, window, LINE_HEIGHT + 2 * GAP, (LINE_HEIGHT + GAP) * len(boxes))
    area.set_text(model.findings_text(findings))
    buttons = Buttons(ix, window, [CANCEL, CONTINUE])

    def follow() -> None:
        # A check box tells nobody that it was ticked, so it is asked.
        ticks = [bool(box.get_value()) for box in boxes]
        buttons.enable(CONTINUE, model.may_continue(findings, ticks))

    follow()
    wait(ix, window, follow)
    buttons.close()
    return buttons.pressed == CONTINUE


def _boxes(ix: HostModule, window: Any, labels: Sequence[str]) -> list[Any]:
    boxes = []
    top = window.get_height() - BUTTON_HEIGHT - 2 * GAP
    for label in reversed(labels):
        top -= LINE_HEIGHT + GAP
        box = ix.api.GuiCheckbox(window, GAP, top + GAP, label)
        pin(ix, box, "LEFT", "-", "-", "BOTTOM")
        boxes.append(box)
    return boxes
