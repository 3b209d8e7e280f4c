"""The morning digest: one message to oneself about every dialog that waits."""
import json
import time
from datetime import datetime, timedelta
from urllib.error import HTTPError
from urllib.request import Request, urlopen

TRIES = 4
WEEK = timedelta(days=7)


class PortalError(Exception):
    def __init__(self, method, answer):
        super().__init__(f"{method}: {answer['error']}: {answer.get('error_description', '')}")
        self.code = answer["error"]


class Portal:
    """Calls a portal by the address of a webhook. The first pause before a call is tried again is in seconds; each further one is twice as long."""

    def __init__(self, webhook, pause=1.0):
        self.webhook = webhook
        self.pause = pause

    def call(self, method, **params):
        for attempt in range(1, TRIES + 1):
            answer = self._post(method, params)
            if "error" not in answer:
                return answer["result"]
            if answer["error"] != "QUERY_LIMIT_EXCEEDED" or attempt == TRIES:
                raise PortalError(method, answer)
            time.sleep(self.pause * 2 ** (attempt - 1))

    def _post(self, method, params):
        request = Request(self.webhook + method, json.dumps(params).encode(), {"Content-Type": "application/json"})
        try:
            with urlopen(request) as response:
                return json.load(response)
        except HTTPError as refused:
            return json.load(refused)


def send_digest(portal):
    """Returns the id of the message; None when nothing waits, or only what is older than a week."""
    now = datetime.fromisoformat(portal.call("server.time"))
    rows = portal.call("im.recent.get", SKIP_OPENLINES="Y")
    waiting = [row for row in rows if row["counter"] > 0 and now - datetime.fromisoformat(row["message"]["date"]) < WEEK]
    if not waiting:
        return None
    lines = [f"{row['title']}: {row['counter']} unread, the last one: {row['message']['text']}" for row in waiting]
    me = portal.call("profile")["ID"]
    return portal.call("im.message.add", DIALOG_ID=me, MESSAGE="\n".join(["Good morning! This waits for you:", *lines]))
