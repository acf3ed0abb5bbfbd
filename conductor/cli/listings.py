"""``conductor projects``, ``packages`` and ``instance-types``: what the account offers."""

from __future__ import annotations

import click

from conductor.cli.connection import connect
from conductor.cli.output import console, print_json, table
from conductor.lib.package_utils import PackageTree

_json = click.option("--json", "as_json", is_flag=True, help="Print what the service answered.")


@click.command()
@_json
def projects(as_json: bool) -> None:
    """List the projects that jobs can be booked on."""
    found = connect().projects()
    if as_json:
        print_json(found)
        return
    for name in found:
        click.echo(name)


@click.command()
@_json
def packages(as_json: bool) -> None:
    """List the software packages, plug-ins below their hosts."""
    found = connect().software_packages()
    if as_json:
        print_json(found)
        return
    for path in PackageTree(found).paths():
        click.echo(path)


@click.command("instance-types")
@_json
def instance_types(as_json: bool) -> None:
    """List the machines: names for --set instance_type=NAME, cores, memory in GB."""
    found = connect().instance_types()
    if as_json:
        print_json(found)
        return
    console().print(table(
        ("name", "cores", "memory", "description"),
        [(entry.get("name", ""), entry.get("cores", ""), entry.get("memory", ""),
          entry.get("description", "")) for entry in found],
        numbers=("cores", "memory"),
    ))
