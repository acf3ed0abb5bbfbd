"""The environment, metadata and e-mail addresses of a job: from JSON and lists as typed.

Variables in values of the environment and of metadata are replaced. In the environment those are
the CT_ variables alone: any other, such as ``$HOME``, is the render node's own.
"""

from __future__ import annotations

import json
import re
from typing import Any, Mapping, Sequence

from conductor.clarisse.substitution import Lookup, substitute
from conductor.lib.checks import Finding, error, warning
from conductor.lib.errors import InputError
from conductor.lib.package_utils import merge_package_environments
from conductor.lib.paths import PathMap, is_absolute, is_windows, normalize
from conductor.lib.secret_texts import is_secret, may_be_quoted
from conductor.lib.submission import PAYLOAD_ID

EXTRA = "extra_environment"
_POLICIES = ("append", "prepend", "exclusive")
_DRIVE = re.compile("[A-Za-z]")
_ADDRESS = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;.]+")


def _no_variable(name: str) -> None:
    """A lookup that knows no variable: texts stay as they are."""


def make_environment(
    packages: Sequence[Mapping[str, Any]], extra: str, base: Mapping[str, Any],
    path_map: PathMap, lookup: Lookup = _no_variable,
) -> tuple[dict[str, str], tuple[Finding, ...]]:
    """The environment of the tasks: the configuration's, the packages', the item's own.

    Paths of the configuration and of the item become the node's before anything is merged, so
    that they meet those of the packages, which are the node's already.

    Args:
        extra: JSON text ``[{"name", "value", "merge_policy"}]``, or nothing.
        base: variables of the configuration.
        lookup: gives the CT_ variables that values may name.
    """
    findings: list[Finding] = []
    entries = [dict(entry, value=_on_node(substitute(entry["value"], lookup), path_map))
               for entry in _read_extra(extra, findings)]
    own = {"product": "Extra Environment", "environment": entries}
    start = {name: _on_node(substitute(str(value), lookup), path_map)
             for name, value in base.items()}
    try:
        merged = merge_package_environments(list(packages) + [own], start)
    except InputError as problem:
        told = _without_secrets(str(problem), [*start.items(), *_values(own["environment"])])
        return start, (*findings, error("environment-conflict", EXTRA, told))
    return merged, tuple(findings)


def _values(entries: Any) -> list[tuple[str, str]]:
    return [(entry["name"], entry["value"]) for entry in entries]


def _without_secrets(message: str, values: Sequence[tuple[str, str]]) -> str:
    for name, value in values:
        if is_secret(name, value):
            message = message.replace(value, "[hidden]")
    return message


def _read_extra(text: str, findings: list[Finding]) -> list[dict[str, str]]:
    entries = _read_json(text, list, EXTRA, findings) or []
    good = []
    for entry in entries:
        name = entry.get("name") if isinstance(entry, dict) else None
        if not isinstance(name, str) or not name.strip() or "=" in name:
            findings.append(error("environment-invalid", EXTRA, (
                'The entry %s has no usable name. Each entry is an object with name, value and '
                "merge_policy." % _shortened(json.dumps(entry)))))
            continue
        policy = str(entry.get("merge_policy") or _POLICIES[0])
        if policy not in _POLICIES:
            findings.append(error("environment-invalid", EXTRA, (
                'The variable %s has the unknown merge policy "%s"; known are %s.'
                % (name, policy, ", ".join(_POLICIES)))))
            continue
        good.append({
            "name": name, "value": str(entry.get("value", "")), "merge_policy": policy})
    return good


def _on_node(value: str, path_map: PathMap) -> str:
    """A value that is a path of this workstation, or a list of such, as the node calls it; others
    as they are. A list may hold variables too, and has ``;`` between its elements on Windows and
    ``:`` on the node."""
    parts = value.split(";") if ";" in value else _split(value)
    is_list = all(not part or part[0] == "$" or is_absolute(part) for part in parts)
    if not is_list or ";" in value and not any(map(is_windows, parts)):
        return value
    return ":".join(_path_on_node(part, path_map) for part in parts)


def _split(value: str) -> list[str]:
    """What stands between the colons; that of a drive divides nothing."""
    parts: list[str] = []
    for part in value.split(":"):
        if parts and _DRIVE.fullmatch(parts[-1]) and part[:1] in ("/", "\\"):
            parts[-1] += ":" + part
        else:
            parts.append(part)
    return parts


def _path_on_node(value: str, path_map: PathMap) -> str:
    if not is_absolute(value):
        return value
    mapped = path_map.to_node(value)
    return mapped if is_windows(value) or mapped != normalize(value) else value


def make_metadata(
    text: str, base: Mapping[str, Any], lookup: Lookup = _no_variable,
) -> tuple[dict[str, str], tuple[Finding, ...]]:
    """The configuration's metadata and the item's own, which is the JSON text of an object.

    Args:
        lookup: gives the variables that values may name.
    """
    findings: list[Finding] = []
    own = _read_json(text, dict, "metadata", findings) or {}
    merged: dict[str, str] = {}
    for name, value in list(base.items()) + list(own.items()):
        if not isinstance(value, (str, int, float)):
            findings.append(error("metadata-invalid", "metadata", (
                'The value of "%s" must be text, not %s.' % (name, json.dumps(value)))))
        elif name == PAYLOAD_ID:
            findings.append(error("metadata-invalid", "metadata", (
                'The name "%s" is taken: the submission\'s own id travels there.' % name)))
        else:
            merged[name] = substitute(_text(value), lookup)
    return merged, tuple(findings)


def _text(value: str | int | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read_json(text: str, kind: type, attribute: str, findings: list[Finding]) -> Any:
    """The parsed text; None, with a finding, for anything but the kind asked for."""
    if not text.strip():
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as problem:
        findings.append(error("json-invalid", attribute, (
            "This is no JSON (%s): %s. Correct the text; it is not changed for you."
            % (problem, _shortened(text)))))
        return None
    if not isinstance(value, kind):
        findings.append(error("json-invalid", attribute, "Expected a JSON %s, not %s." % (
            "list" if kind is list else "object", _shortened(text))))
        return None
    return value


def _shortened(text: str) -> str:
    if not may_be_quoted(text):
        return "a text that is not repeated here, because it may hold a secret"
    return '"%s"' % (text if len(text) <= 200 else text[:200] + "...")


def make_addresses(
    wanted: bool, text: str, base: Sequence[str],
) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """Who gets an e-mail: the configuration's addresses, and the item's where its switch is on."""
    findings: list[Finding] = []
    own = [part for part in re.split(r"[,;\s]+", text) if part] if wanted else []
    if wanted and not own:
        findings.append(warning("notify-nobody", "email_addresses", (
            "Notify is on, but there is no e-mail address. Add one, or turn it off.")))
    for address in own:
        if not _ADDRESS.fullmatch(address):
            findings.append(error("notify-address", "email_addresses", (
                '"%s" is no e-mail address.' % address)))
    good = [address for address in own if _ADDRESS.fullmatch(address)]
    return tuple(dict.fromkeys(list(base) + good)), tuple(findings)
