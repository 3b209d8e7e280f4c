"""A portal for the tests: the server of the npm package `tidemark`, in a folder that goes with them."""
import json
import os
import signal
import subprocess

import pytest
from digest import Portal


class TestPortal:
    __test__ = False

    def __init__(self, data):
        self._environment = {**os.environ, "TIDEMARK_DATA": str(data)}
        command = ["npx", "tidemark", "serve", "--empty", "--json", "--port", "0", "--tls-port", "0", "--log-level", "error"]
        self._server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=self._environment)
        # One line, once it is ready: its addresses, a webhook of the administrator's, and its process.
        self._ready = json.loads(self._server.stdout.readline())
        self.admin = self._ready["admin"]["webhook"]

    def tidemark(self, *command):
        """Runs a command on the portal. Returns what it prints as JSON."""
        done = subprocess.run(["npx", "tidemark", *command, "--json"], check=True, stdout=subprocess.PIPE, env=self._environment)
        return json.loads(done.stdout)

    def add_user(self, name):
        """Returns the address of a webhook of the new user's."""
        user = self.tidemark("user", "add", "--name", name)["id"]
        return self.tidemark("webhook", "add", "--user", str(user), "--scope", "im,user")["url"]

    def stop(self):
        # The server itself: npx does not pass signals on.
        os.kill(self._ready["pid"], signal.SIGTERM)
        self._server.wait()


@pytest.fixture(scope="session")
def portal(tmp_path_factory):
    portal = TestPortal(tmp_path_factory.mktemp("portal") / "data")
    try:
        portal.tidemark("portal", "set", "--rehearsals", "--movable-clock")
        yield portal
    finally:
        portal.stop()


@pytest.fixture(scope="session")
def boris(portal):
    return Portal(portal.add_user("Boris"))


@pytest.fixture
def anna(portal):
    """The administrator, to whom nothing is unread."""
    caller = Portal(portal.admin, pause=0.001)
    caller.call("im.dialog.read.all")
    return caller
