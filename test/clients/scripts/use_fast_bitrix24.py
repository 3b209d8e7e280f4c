"""fast_bitrix24 as its users call it: by webhook, or with a function that gives it tokens."""
import time
import warnings

from fast_bitrix24 import Bitrix
from fast_bitrix24.__version__ import __version__
from steps import given, ids, report, step

# It warns when it has fetched fewer rows than `total` said.
warnings.simplefilter("error", RuntimeWarning)

tokens = list(given.get("tokens", []))


async def next_token():
    return tokens.pop(0)


def client(address=given["address"], **options):
    return Bitrix(address, verbose=False, **options)


bx = client(**({"token_func": next_token} if tokens else {}))


@step
def example():
    return bx.get_all("im.recent.get", given["example"])


@step
def namedBatch():
    return bx.call_batch({"halt": 1, "cmd": {
        "me": "profile", "recent": "im.recent.get?SKIP_OPENLINES=Y&LAST_UPDATE=2026-02-25T18%3A30%3A00%2B01%3A00",
        "group": "im.dialog.get?DIALOG_ID=$result[recent][0][id]",
    }})


@step
def batchFailed():
    return bx.call_batch({"halt": 0, "cmd": {"bad": "im.nope", "after": "profile"}})


@step
def everyone():
    """More than a page: it asks for `order[ID]`, first at the top, then inside batches."""
    return sorted(ids(bx.get_all("user.get")))


@step
def filtered():
    return sorted(ids(bx.get_all("user.get", {"filter": {"ACTIVE": True, "NAME": "Paula"}})))


@step
def active():
    return sorted(ids(bx.get_all("user.get", {"FILTER": {"ACTIVE": True}})))


@step
def byId():
    return {key: row["id"] for key, row in bx.get_by_ID("im.user.get", [1, given["anna"]]).items()}


@step
def many():
    """More calls than one batch holds, in their order."""
    return [row["id"] for row in bx.call("im.user.get", [{"ID": 1 + i % 2} for i in range(60)])]


@step
def text():
    def read(message_id):
        messages = bx.call("im.dialog.messages.get", {"DIALOG_ID": 1, "LIMIT": 5}, raw=True)["result"]["messages"]
        return next(message["text"] for message in messages if message["id"] == message_id)
    params = {"DIALOG_ID": 1, "MESSAGE": given["text"]}
    sent = [bx.call("im.message.add", params, raw=True)["result"], bx.call("im.message.add", params)]
    texts = [read(message_id) for message_id in sent]
    for message_id in sent:
        bx.call("im.message.delete", {"MESSAGE_ID": message_id}, raw=True)
    return texts


@step
def unknownMethod():
    return bx.call("im.nope", raw=True)


@step
def wrongSecret():
    return client(given["wrong"]).call("profile", raw=True)


@step
def busy():
    start = time.monotonic()
    bx.call(given["busyMethod"], raw=True)
    return (time.monotonic() - start) * 1000


if "tokens" in given:
    @step
    def tokensUsed():
        return len(given["tokens"]) - len(tokens)

report("fast_bitrix24", __version__)
