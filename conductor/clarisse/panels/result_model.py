"""What the artist reads when a submission has arrived."""

from __future__ import annotations

import threading
import webbrowser
from dataclasses import dataclass
from typing import Any, Mapping


@dataclass(frozen=True)
class Result:
    """The service's answer to one submission.

    Attributes:
        job: its number, empty when only files were uploaded.
        address: its page, empty without one.
    """

    job: str
    address: str

    @property
    def headline(self) -> str:
        """What happened, in one line."""
        return "Job %s was submitted" % self.job if self.job else "The files are uploaded"

    @property
    def detail(self) -> str:
        """Where to look on."""
        return self.address if self.job else "Nothing was started."

    @property
    def text(self) -> str:
        """Both, the address on a line of its own."""
        return "%s.\n\n%s" % (self.headline, self.detail)

    @property
    def has_page(self) -> bool:
        """True when a browser can open the address."""
        return self.address.startswith(("http://", "https://"))


def read_result(response: Mapping[str, Any], url: str, upload_only: bool = False) -> Result:
    """The answer as the window shows it.

    Args:
        url: of the service; addresses in answers may leave it out.
    """
    if upload_only:
        return Result("", "")
    uri = str(response.get("uri") or "")
    address = uri if "://" in uri else url.rstrip("/") + "/" + uri.lstrip("/")
    return Result(str(response.get("jobid") or ""), address)


def open_in_browser(address: str) -> threading.Thread:
    """Have a browser show the address; on a thread, because some browsers do not come back."""
    thread = threading.Thread(
        target=lambda: webbrowser.open(address), name="conductor-browser", daemon=True)
    thread.start()
    return thread
