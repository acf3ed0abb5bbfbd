"""What the artist reads when a submission has arrived."""

from __future__ import annotations

from typing import Any, Mapping


def result_text(response: Mapping[str, Any], url: str, upload_only: bool = False) -> str:
    """The job's number and address, from the service's answer to the submission."""
    number = str(response.get("jobid") or "")
    if upload_only:
        return "The files are uploaded. Nothing was started."
    uri = str(response.get("uri") or "")
    address = uri if "://" in uri else url.rstrip("/") + "/" + uri.lstrip("/")
    return "Job %s was submitted.\n\n%s" % (number, address)
