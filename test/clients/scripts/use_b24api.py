"""b24api as its users call it: one webhook, and four ways to fetch whole lists. It speaks HTTP/2 where the server does."""
import time
from importlib.metadata import version

from b24api import Bitrix24
from steps import given, ids, report, step

api = Bitrix24(webhook_url=given["webhook"], retry_delay=0.1, list_size=50)


def call(method, **parameters):
    return api.call({"method": method, "parameters": parameters})


@step
def example():
    return call("im.recent.get", **given["example"])


@step
def listBatch():
    return list(api.batch([
        {"method": "profile"}, {"method": "im.recent.get", "parameters": given["example"]},
        {"method": "im.dialog.get", "parameters": {"DIALOG_ID": "$result[_1][0][id]"}},
    ]))


@step
def batchFailed():
    return list(api.batch([{"method": "im.nope"}, {"method": "profile"}]))


@step
def many():
    return len(list(api.batch([{"method": "server.time"}] * 60)))


@step
def sequential():
    return sorted(ids(api.list_sequential({"method": "user.get"})))


@step
def batched():
    return sorted(ids(api.list_batched({"method": "user.get"})))


@step
def noCount():
    """From both ends by `order[ID]`, `filter[>ID]`, `filter[<ID]` and `start=-1`."""
    return sorted(ids(api.list_batched_no_count({"method": "user.get", "parameters": {"select": ["*"]}})))


@step
def byReference():
    request = {"method": "user.get", "parameters": {"select": ["*"]}}
    return sorted(ids(api.reference_batched_no_count(request, [{"NAME": "Paula"}, {"NAME": "Anna"}])))


@step
def text():
    def read(message_id):
        messages = call("im.dialog.messages.get", DIALOG_ID=1, LIMIT=5)["messages"]
        return next(message["text"] for message in messages if message["id"] == message_id)
    params = {"DIALOG_ID": 1, "MESSAGE": given["text"]}
    sent = [call("im.message.add", **params), next(api.batch([{"method": "im.message.add", "parameters": params}]))]
    texts = [read(message_id) for message_id in sent]
    for message_id in sent:
        call("im.message.delete", MESSAGE_ID=message_id)
    return texts


@step
def unknownMethod():
    return call("im.nope")


@step
def wrongSecret():
    return Bitrix24(webhook_url=given["wrong"]).call({"method": "profile"})


@step
def busy():
    start = time.monotonic()
    call(given["busyMethod"])
    return (time.monotonic() - start) * 1000


report("b24api", version("b24api"))
