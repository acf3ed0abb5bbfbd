"""``conductor submit``: a job from a file of arguments."""

from __future__ import annotations

from typing import Any

import click
import yaml

from conductor.cli.output import print_json
from conductor.lib.conductor_submit import Submit
from conductor.lib.errors import ArgumentError


@click.command()
@click.argument("jobfile", type=click.Path(exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print the answer of the service.")
def submit(jobfile: str, as_json: bool) -> None:
    """Submit the job that JOBFILE (YAML or JSON) describes by the arguments of Submit."""
    answer, code = Submit(_read(jobfile)).main()
    if as_json:
        print_json({"response": answer, "code": code})
    else:
        click.echo("job %s: %s" % (answer.get("jobid"), answer.get("uri") or answer.get("message")))


def _read(path: str) -> dict[str, Any]:
    with open(path, encoding="utf-8") as handle:
        try:
            arguments = yaml.safe_load(handle)
        except yaml.YAMLError as error:
            raise ArgumentError('"%s" is no YAML: %s' % (path, error)) from error
    if not isinstance(arguments, dict):
        raise ArgumentError('"%s" must hold a mapping of arguments to values' % path)
    return arguments
