"""Whoever sits in front of the service's sign-in page: fills in the form and agrees.

As BROWSER: ``python sign_in_page.py URL [KEY_FILE]``. Runs where there is nothing but requests.
"""

from __future__ import annotations

import html
import json
import re
import sys
from urllib.parse import urlsplit

import requests

LIMIT_S = 10


def hidden_fields(page: str) -> dict[str, str]:
    """What the form sends along unseen."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
    return {name: html.unescape(value) for name, value in found}


def agree(url: str, key: str = "") -> requests.Response:
    """Open the page, type the key where there is one, press the button; where that led to."""
    page = requests.get(url, timeout=LIMIT_S).text
    form, = re.findall(r'<form method="post" action="([^"]*)">', page)
    typed = dict(hidden_fields(page), decision="allow")
    if key:
        typed["key"] = key
    place = urlsplit(url)
    return requests.post(
        "%s://%s%s" % (place.scheme, place.netloc, form), data=typed, timeout=LIMIT_S)


def private_key(path: str) -> str:
    """What a key file lets in with."""
    with open(path, encoding="utf-8") as handle:
        return str(json.load(handle)["private_key"])


if __name__ == "__main__":
    led_to = agree(sys.argv[1], private_key(sys.argv[2]) if len(sys.argv) > 2 else "")
    assert led_to.status_code == 200, led_to.text
