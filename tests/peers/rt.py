"""Request Tracker 5 of Debian on loopback, in a folder of its own, on SQLite."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

import connectors.request_tracker
from tests.benchmarks.servers import free_port

SERVER = Path("/usr/share/request-tracker5/libexec/rt-server")
SCRIP = Path(connectors.request_tracker.__file__).with_name("scrip.pl")
CONFIG = """\
Set($rtname, 'example.test');
Set($DatabaseType, 'SQLite');
Set($DatabaseName, '%(folder)s/rt.db');
Set($WebDomain, '127.0.0.1');
Set($WebPort, %(port)d);
Set($WebPath, '');
Set($MailCommand, 'testfile');
Set($LogToSTDERR, 'warning');
Set($LogToSyslog, undef);
Set($LogToFile, undef);
Set($MasonDataDir, '%(folder)s/mason');
Set($MasonSessionDir, '%(folder)s/session');
Set($HandoffURL, '%(callbacks)s');
Set($HandoffSecret, '%(secret)s');
Set($HandoffUser, 'handoff');
1;
"""
PEOPLE = """\
use strict; use warnings;
use lib '/usr/share/request-tracker5/lib';
use RT; RT::LoadConfig(); RT::Init();
my $root = RT->SystemUser;
my $queue = RT::Queue->new($root); $queue->Load('General');
my @rights = qw(SeeQueue CreateTicket ShowTicket ShowTicketComments CommentOnTicket ModifyTicket
    OwnTicket ReplyToTicket);
for my $name (qw(handoff ana)) {
    my $user = RT::User->new($root);
    $user->Create(Name => $name, Privileged => 1, EmailAddress => "$name\\@example.test");
    my %rights = map { $_ => 1 } @rights; delete $rights{ReplyToTicket} if $name eq 'handoff';
    $user->PrincipalObj->GrantRight(Right => $_, Object => $queue) for keys %rights;
    my $token = RT::AuthToken->new($root);
    my ($ok, $told, $text) = $token->Create(Owner => $user->Id, Description => 'peers');
    print "$name $text\\n";
}
"""


@dataclass(frozen=True, slots=True)
class Rt:
    """A running RT: where it is, and the tokens of its people."""

    address: str
    tokens: dict[str, str]

    def call(self, who: str, method: str, path: str, **options: Any) -> Any:
        """Return what RT answers a person."""
        headers = {"Authorization": f"token {self.tokens[who]}"}
        url = f"{self.address}/REST/2.0{path}"
        return httpx.request(method, url, headers=headers, timeout=60, **options).json()

    def tickets_of(self, escalation_id: str) -> list[dict[str, Any]]:
        """Return the tickets of an escalation, whole."""
        query = {"query": f"RefersTo = 'handoff:{escalation_id}'"}
        found = self.call("ana", "GET", "/tickets", params=query)["items"]
        return [self.call("ana", "GET", f"/ticket/{one['id']}") for one in found]

    def comments(self, ticket: str) -> list[str]:
        """Return the subjects of a ticket's comments: the deliveries that they tell of."""
        query = {"query": f"TicketId = {ticket} AND Type = 'Comment'"}
        found = self.call("ana", "GET", "/transactions", params=query)["items"]
        return [str(one["id"]) for one in found]


@contextmanager
def running(folder: Path, callbacks: str, secret: str) -> Iterator[Rt]:
    """Yield a new RT with our scrip, our user and a person; skip where RT is not installed."""
    if not SERVER.is_file():
        pytest.skip("request-tracker5 is not installed")
    port = free_port()
    for name in ("mason", "session", "none"):
        (folder / name).mkdir(parents=True)
    told = {"folder": folder, "port": port, "callbacks": callbacks, "secret": secret}
    config = folder / "RT_SiteConfig.pm"
    config.write_text(CONFIG % told)
    env = {
        **os.environ,
        "RT_SITE_CONFIG": str(config),
        "RT_SITE_CONFIG_DIR": str(folder / "none"),
    }
    set_up = ["rt-setup-database-5", "--dba", "root", "--dba-password", ""]
    _run([*set_up, "--action", "init", "--skip-create"], env)
    _run([*set_up, "--action", "insert", "--datafile", str(SCRIP)], env)
    people = _run(["perl", "-e", PEOPLE], env)
    tokens = dict(line.split(" ", 1) for line in people.splitlines())
    command = [str(SERVER), "--server", "Standalone", "--port", str(port), "--host", "127.0.0.1"]
    with (folder / "rt.log").open("wb") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log)
        try:
            _wait(port)
            yield Rt(f"http://127.0.0.1:{port}", tokens)
        finally:
            process.terminate()
            process.wait(20)


def _run(command: list[str], env: dict[str, str]) -> str:
    done = subprocess.run(command, env=env, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr[-2_000:]}")
    return done.stdout


def _wait(port: int) -> None:
    """Return when RT answers: it takes some seconds to compile itself."""
    until = time.monotonic() + 90
    while time.monotonic() < until:
        try:
            httpx.get(f"http://127.0.0.1:{port}/REST/2.0/rt", timeout=30)
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError("RT does not answer")
