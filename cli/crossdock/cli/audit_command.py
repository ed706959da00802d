"""`crossdock audit`: add up the receipts and say whether the accounts close.

Invariant: it reads the log and nothing else; it works while the services run, because the state of each
slot is compared with the receipt of its own transaction.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

import click

from crossdock.canonical.models.ops import Receipt
from crossdock.canonical.topics import RECEIPT
from crossdock.cli.accounts import OUTCOMES, Problem, SlotAccount, accounts_of, check_state, jumps_of, recount
from crossdock.cli.errors import CheckFailed
from crossdock.cli.kafka.log import KafkaLog
from crossdock.cli.kept import SlotRows, read_slots
from crossdock.cli.output import json_option, print_json, print_table
from crossdock.cli.settings import Connection, pass_connection
from crossdock.streaming.backends.registry import RegistryClient
from crossdock.streaming.serde import Serde


@dataclass
class GroupAudit:
    """What the audit found about one group."""

    group: str
    slots: list[SlotAccount] = field(default_factory=list)
    recounted: int = 0
    behind: int = 0

    @property
    def problems(self) -> list[Problem]:
        """Everything that does not add up."""
        return [problem for slot in self.slots for problem in slot.problems]

    @property
    def topics(self) -> list[str]:
        """Inputs that receipts mention, sorted."""
        return sorted({topic for slot in self.slots for topic in slot.ends})

    def count(self, topic: str, outcome: str) -> int:
        """Records of an input with an outcome, over all slots."""
        return sum(slot.counts[topic, outcome] for slot in self.slots)

    def total(self, name: str) -> int:
        """Sum of a figure of the slots: opened, rejected_again, open_entries, open_before."""
        return sum(int(getattr(slot, name)) for slot in self.slots)

    def closed(self, disposition: str) -> int:
        """Entries closed in this way."""
        return sum(slot.closed[disposition] for slot in self.slots)


@click.command("audit", short_help="Add up the receipts and say whether the accounts close.")
@click.option("--group", "only", default="", help="Only this consumer group.")
@click.option("--no-recount", is_flag=True, help="Do not read the inputs again; receipts and holds only.")
@json_option
@pass_connection
def audit(connection: Connection, *, only: str, no_recount: bool, is_json: bool) -> None:
    """Add up the receipts and say whether the accounts close.

    For each slot: the receipts form one chain; each record has one outcome; opened − closed entries are
    those in the hold store; and, while the log still has them, the records are counted again. Exit code 1
    where anything does not add up; the slot and the offsets are named.
    """
    log = KafkaLog(connection)
    serde = Serde(RegistryClient(connection.settings.registry_url))
    audits = _audits(log, serde, only)
    if not no_recount:
        for one in audits:
            _recount(log, one)
    _show(audits, is_json=is_json)
    problems = [problem for one in audits for problem in one.problems]
    if problems and is_json:
        raise click.exceptions.Exit(CheckFailed.exit_code)
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise CheckFailed(f"the accounts do not close, {len(problems)} problem(s):\n{listed}")
    if not is_json:
        click.secho("The accounts close.", fg="green", bold=True)


def _audits(log: KafkaLog, serde: Serde, only: str) -> list[GroupAudit]:
    """State first, receipts after it: then each state finds the receipt of its transaction."""
    names = [topic.removesuffix(".changelog.v1") for topic in log.topics() if topic.endswith(".changelog.v1")]
    if only and only not in names:
        raise click.UsageError(f"no topology ran as {only}; there are: {', '.join(names) or 'none'}.")
    states = {name: read_slots(log, serde, name) for name in names if only in ("", name)}
    accounts = accounts_of(_receipts(log, serde, states))
    audits = {name: GroupAudit(name) for name in states}
    for (name, number), account in sorted(accounts.items()):
        _compare(account, states[name].get(number, SlotRows()))
        audits[name].slots.append(account)
    for name, slots in states.items():
        _blame_silence(audits[name], slots)
    return list(audits.values())


def _receipts(log: KafkaLog, serde: Serde, groups: Iterable[str]) -> list[Receipt]:
    wanted = set(groups)
    found = [serde.deserialize(Receipt, record.value) for record in log.read(RECEIPT.name)]
    return [receipt for receipt in found if receipt.group in wanted]


def _compare(account: SlotAccount, slot: SlotRows) -> None:
    if slot.position is None:
        account.blame("position row", "missing: there are receipts, but no state")
        return
    check_state(account, slot.position, slot.count)


def _blame_silence(found: GroupAudit, slots: dict[int, SlotRows]) -> None:
    known = {slot.slot for slot in found.slots}
    for number, slot in slots.items():
        if slot.position is not None and number not in known:
            silent = SlotAccount(found.group, number)
            silent.blame("receipts", f"there is a state after {slot.position.sequence}, but no receipt")
            found.slots.append(silent)


def _recount(log: KafkaLog, found: GroupAudit) -> None:
    for topic in found.topics:
        if log.has(topic):
            first = {partition: low for partition, (low, _) in log.bounds(topic).items()}
            offsets: dict[int, array[int]] = defaultdict(lambda: array("q"))
            for record in log.read(topic, first):
                offsets[record.partition].append(record.offset)
            for slot in found.slots:
                counted, behind = recount(slot, topic, first.get(slot.slot, 0), offsets[slot.slot])
                found.recounted += counted
                found.behind += behind


def _show(audits: list[GroupAudit], *, is_json: bool) -> None:
    if is_json:
        closes = not any(one.problems for one in audits)
        print_json({"closes": closes, "groups": [_document(one) for one in audits]})
        return
    for one in audits:
        _print(one)


def _document(found: GroupAudit) -> dict[str, object]:
    return {
        "group": found.group,
        "slots": len(found.slots),
        "receipts": sum(len(slot.receipts) for slot in found.slots),
        "inputs": [_input(found, topic) for topic in found.topics],
        "open_before": found.total("open_before"),
        "opened": found.total("opened"),
        "closed": {name: found.closed(name) for name in ("accepted", "superseded", "discarded")},
        "rejected_again": found.total("rejected_again"),
        "open": found.total("open_entries"),
        "recounted": found.recounted,
        "not_yet_processed": found.behind,
        "jumps": [_jump(receipt) for slot in found.slots for receipt in jumps_of(slot)],
        "problems": [asdict(problem) for problem in found.problems],
    }


def _input(found: GroupAudit, topic: str) -> dict[str, object]:
    counts = {outcome: found.count(topic, outcome) for outcome in OUTCOMES}
    return {"topic": topic, "received": sum(counts.values()), **counts}


def _jump(receipt: Receipt) -> dict[str, object]:
    inputs = [{"topic": one.topic, "from": one.before, "to": one.after} for one in receipt.inputs]
    return {"slot": receipt.slot, "receipt": receipt.sequence, "reason": receipt.reason, "inputs": inputs}


def _print(found: GroupAudit) -> None:
    receipts = sum(len(slot.receipts) for slot in found.slots)
    click.secho(f"{found.group}: {receipts} receipts of {len(found.slots)} slots", bold=True)
    rows = [_input(found, topic) for topic in found.topics]
    shown = [name for name in OUTCOMES if any(row[name] for row in rows)]
    columns = ("topic", "received", *shown)
    print_table(columns, [[row[name] for name in columns] for row in rows])
    closed = {name: found.closed(name) for name in ("accepted", "superseded", "discarded")}
    said = ", ".join(f"{count} {name}" for name, count in closed.items())
    before = found.total("open_before")
    click.echo(
        f"entries: {f'{before} before + ' if before else ''}{found.total('opened')} opened − "
        f"{sum(closed.values())} closed ({said}) = {found.total('open_entries')} open; "
        f"{found.total('rejected_again')} rejected again"
    )
    click.echo(f"recounted in the log: {found.recounted} records; not yet processed: {found.behind}")
