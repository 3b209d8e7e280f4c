"""pybitrix24 as its users call it. It knows hosts, not addresses, and takes errors as answers."""
import pybitrix24
from pybitrix24 import Bitrix24, get_error_if_present
from steps import given, report, step

app = given.get("app", {})
bx = Bitrix24(given["host"], app.get("client_id"), app.get("client_secret"), given["user"], auth_hostname=given["host"])
bx._access_token, bx._refresh_token = given.get("access_token"), given.get("refresh_token")
code = given.get("code")


class Refused(Exception):
    pass


def result(answer):
    # Its own helper takes an answer whose result is a list for none.
    if "error" in answer:
        raise Refused(answer["error"])
    return answer["result"]


def call(method, params=None):
    return result(bx.call(method, params) if app else bx.call_webhook(code, method, params))


def batch(calls, halt=False):
    answer = bx.call_batch(calls, halt) if app else bx.call_batch_webhook(code, calls, halt)
    return result(answer), get_error_if_present(answer)


if app:
    @step
    def codeExchange():
        answer = bx.obtain_tokens(given["authorization"])
        return {"user": answer["user_id"], "ID": call("profile")["ID"]}

    @step
    def refresh():
        before = bx._access_token
        answer = bx.refresh_tokens()
        return {"user": answer["user_id"], "renewed": bx._access_token != before, "ID": call("profile")["ID"]}

    @step
    def authorizationPage():
        return bx.build_authorization_url(state="x")


@step
def example():
    return call("im.recent.get", given["example"])


@step
def withoutParameters():
    return len(call("im.recent.get"))


@step
def namedBatch():
    rows, errors = batch({
        "me": "profile", "recent": ("im.recent.get", given["example"]),
        "group": {"method": "im.dialog.get", "params": {"DIALOG_ID": "$result[recent][0][id]"}},
    }, True)
    assert not errors
    return rows["result"]


@step
def batchWithFailure():
    rows, errors = batch({"bad": ("im.nope", {}), "after": "profile"})
    assert errors["bad"]["error"] == "ERROR_METHOD_NOT_FOUND"
    return rows["result"]


@step
def filtered():
    """Maps and lists in commands of a batch, and in JSON."""
    params = {"FILTER": {"ACTIVE": True, "NAME": ["Paula"]}, "order": {"ID": "DESC"}}
    rows, errors = batch({"users": ("user.get", params)})
    assert not errors, errors
    return [[int(row["ID"]) for row in found] for found in (call("user.get", params), rows["result"]["users"])]


@step
def text():
    def read(message_id):
        messages = call("im.dialog.messages.get", {"DIALOG_ID": 1, "LIMIT": 5})["messages"]
        return next(message["text"] for message in messages if message["id"] == message_id)
    params = {"DIALOG_ID": 1, "MESSAGE": given["text"]}
    sent = [call("im.message.add", params), batch({"sent": ("im.message.add", params)})[0]["result"]["sent"]]
    texts = [read(message_id) for message_id in sent]
    for message_id in sent:
        call("im.message.delete", {"MESSAGE_ID": message_id})
    return texts


@step
def serverTime():
    return call("server.time")


@step
def unknownMethod():
    return call("im.nope")


@step
def wrongSecret():
    other = Bitrix24(given["host"], app.get("client_id"), "wrong", given["user"])
    if app:
        other._refresh_token = bx._refresh_token
        return result(other.refresh_tokens())
    return result(other.call_webhook("wrongwrongwrong1", "profile"))


report("pybitrix24", pybitrix24.__version__)
