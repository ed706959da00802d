"""`crossdock doctor`: is this machine, and the installation it talks to, in order?

Invariant: it changes nothing; every line that is not ok names the fix; the exit code is 1 if one failed.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

import click

from crossdock.cli.doctor_checks import Finding, Status, findings, patient
from crossdock.cli.errors import ExitCode
from crossdock.cli.output import json_option, print_json, printable
from crossdock.cli.settings import Connection, pass_connection

_COLOURS: Final = {Status.OK: "green", Status.WARN: "yellow", Status.FAIL: "red"}


@click.command("doctor", short_help="Check this machine and the installation.")
@json_option
@pass_connection
def doctor(connection: Connection, *, is_json: bool) -> None:
    """Check this machine and the installation.

    Python, Java, cached jars, disk, ports; services of the stack that runs here; then broker, transactions,
    kept positions, registry, clock and topics of the installation that is named, or that runs here.
    """
    found = []
    for finding in findings(patient(connection)):
        found.append(finding)
        if not is_json:
            _show(finding)
    if is_json:
        print_json([asdict(finding) for finding in found])
    if any(finding.status is Status.FAIL for finding in found):
        raise click.exceptions.Exit(ExitCode.CHECK_FAILED)


def _show(finding: Finding) -> None:
    status = click.style(f"{finding.status:4}", fg=_COLOURS[finding.status])
    click.echo(f"{status}  {finding.subject:12}  {printable(finding.found)}")
    if finding.fix:
        click.echo(f"{'':6}{'':12}  → {printable(finding.fix)}")
