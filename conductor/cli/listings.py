"""``conductor projects``, ``packages`` and ``instance-types``: what the account offers."""

from __future__ import annotations

import click

from conductor.cli.connection import service
from conductor.cli.options import examples, json_option
from conductor.cli.output import console, print_json, table
from conductor.lib.package_utils import PackageTree


@click.command(epilog=examples("conductor projects", "conductor projects --json"))
@json_option
def projects(as_json: bool) -> None:
    """List the projects that jobs can be booked on."""
    with service() as client:
        found = client.projects()
    if as_json:
        print_json(found)
        return
    for name in found:
        click.echo(name)


@click.command(epilog=examples("conductor packages", "conductor packages --json"))
@json_option
def packages(as_json: bool) -> None:
    """List the software packages, plug-ins below their hosts."""
    with service() as client:
        found = client.software_packages()
    if as_json:
        print_json(found)
        return
    for path in PackageTree(found).paths():
        click.echo(path)


@click.command("instance-types", epilog=examples(
    "conductor instance-types", "conductor instance-types --json"))
@json_option
def instance_types(as_json: bool) -> None:
    """List the machines: names for --set instance_type=NAME, cores, memory in GB."""
    with service() as client:
        found = client.instance_types()
    if as_json:
        print_json(found)
        return
    console().print(table(
        ("name", "cores", "memory", "description"),
        [(entry.get("name", ""), entry.get("cores", ""), entry.get("memory", ""),
          entry.get("description", "")) for entry in found],
        numbers=("cores", "memory"),
    ))
