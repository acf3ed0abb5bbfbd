"""A real browser without a window, driven through the pipe it offers for that."""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from service_client import wait_until


class Browser:
    """Debian's Chromium with one page."""

    def __init__(self, profile: Path) -> None:
        program = shutil.which("chromium") or shutil.which("google-chrome")
        if program is None:
            pytest.skip("no chromium on this machine")
        theirs, self._ask = os.pipe()
        self._answers, back = os.pipe()
        self._process = subprocess.Popen(
            [
                "bash", "-c", 'exec 3<&%d 4>&%d; exec "$@"' % (theirs, back), "-", program,
                "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
                "--disable-dev-shm-usage", "--disable-background-networking", "--mute-audio",
                "--remote-debugging-pipe", "--window-size=900,700", "--user-data-dir=%s" % profile,
            ],
            pass_fds=(theirs, back), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs)
        os.close(back)
        self._numbers = itertools.count(1)
        self._rest = b""
        self.session = ""
        target = self.tell("Target.createTarget", url="about:blank")["targetId"]
        attached = self.tell("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]
        self.tell("Page.enable")

    def tell(self, method: str, **parameters: Any) -> Any:
        """The answer to a command."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self._ask, json.dumps(message).encode("utf-8") + b"\0")
        while True:
            answer = json.loads(self._next())
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return answer["result"]

    def _next(self) -> bytes:
        while b"\0" not in self._rest:
            got = os.read(self._answers, 1 << 16)
            assert got, "the browser has gone"
            self._rest += got
        message, _end, self._rest = self._rest.partition(b"\0")
        return message

    def run(self, script: str) -> Any:
        """What an expression of the page's language is."""
        return self.tell("Runtime.evaluate", expression=script)["result"].get("value")

    def open(self, url: str) -> None:
        self.tell("Page.navigate", url=url)
        self.wait_for("document.readyState == 'complete' && location.href != 'about:blank'")

    def wait_for(self, condition: str) -> None:
        wait_until(lambda: self.run(condition), condition)

    def click(self, selector: str) -> None:
        """A click of the mouse in the middle of what is there."""
        x, y = json.loads(self.run(
            "(() => { const box = document.querySelector(%s).getBoundingClientRect();"
            "return JSON.stringify([box.x + box.width / 2, box.y + box.height / 2]) })()"
            % json.dumps(selector)
        ))
        for kind in ("mousePressed", "mouseReleased"):
            self.tell(
                "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1
            )

    def type(self, text: str) -> None:
        """Into whatever has the focus."""
        self.tell("Input.insertText", text=text)

    def screenshot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self.tell("Page.captureScreenshot")["data"]))

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._ask)
        os.close(self._answers)
