"""Options and help that subcommands share, so that one thing has one name everywhere."""

from __future__ import annotations

import click

from conductor.cli.targets import TargetType

EXAMPLE_INDENT = "  "


def examples(*lines: str) -> str:
    """The end of a subcommand's help: command lines to copy. Tests parse each of them."""
    # click leaves a paragraph alone that begins with this character.
    return "\b\n%s:\n%s" % (
        "Examples" if len(lines) > 1 else "Example",
        "\n".join(EXAMPLE_INDENT + line for line in lines),
    )


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON only.")
project_option = click.option("--project", metavar="NAME", help="Project; default: the setting.")
threads_option = click.option(
    "--threads", "thread_count", type=click.IntRange(min=1), metavar="N",
    help="Files moved at a time; default: the setting thread_count.")
location_option = click.option(
    "--location", metavar="TAG",
    help="Serve the jobs with this tag; default: the setting location, else jobs without one.")

job_argument = click.argument("target", metavar="JOB", type=TargetType(tasks=False))
target_argument = click.argument("target", metavar="JOB[:TASKS]", type=TargetType())
targets_argument = click.argument(
    "targets", metavar="JOB[:TASKS]...", nargs=-1, required=True, type=TargetType())
jobs_argument = click.argument(
    "targets", metavar="JOB...", nargs=-1, required=True, type=TargetType(tasks=False))
