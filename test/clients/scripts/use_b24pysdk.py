"""The official Python SDK, as its users call it. CLIENT_INPUT says how it gets in."""
import base64
import json
import os
import time
from datetime import datetime, timedelta, timezone

import requests
from b24pysdk import SDK_VERSION, BitrixApp, BitrixToken, BitrixWebhook, Client
from b24pysdk.api.requesters import BitrixOAuthRequester
from b24pysdk.credentials import OAuthEventData

given = json.loads(os.environ["CLIENT_INPUT"])
steps = {}


def step(work):
    try:
        steps[work.__name__] = {"value": work()}
    except Exception as error:
        code = getattr(error, "json_response", {}).get("error", "")
        steps[work.__name__] = {"error": type(error).__name__, "text": f"{code} {error}"}
    return work


def app(**changes):
    return BitrixApp(**{**given["app"], **changes})


def signed_in(tokens, bitrix_app=None, **changes):
    return BitrixToken(**{
        "domain": given["domain"], "auth_token": tokens["access_token"], "refresh_token": tokens["refresh_token"],
        "bitrix_app": bitrix_app or app(), **changes,
    })


if "webhook" in given:
    token = BitrixWebhook(domain=given["domain"], webhook_token=given["webhook"])
else:
    # The SDK knows one authorization server by name and has no option for another: its two addresses are set.
    BitrixOAuthRequester._OAUTH_TOKEN_URL = f"https://{given['domain']}/oauth/token/"
    BitrixOAuthRequester._APP_INFO_URL = f"https://{given['domain']}/rest/app.info/"
    token = signed_in(given["fresh"])
client = Client(token)


def call(method, params=None):
    return token.call_method(method, params)["result"]


@step
def example():
    return client.im.recent.get(skip_openlines=True, last_update=given["example"]["LAST_UPDATE"]).result


@step
def exampleByName():
    return call("im.recent.get", given["example"])


@step
def namedBatch():
    answer = token.call_batch({
        "me": ("profile", None),
        "recent": ("im.recent.get", given["example"]),
        "group": ("im.dialog.get", {"DIALOG_ID": "$result[recent][0][id]"}),
    }, halt=True)
    return answer["result"]["result"]


@step
def listBatch():
    rows = token.call_batch([
        ("profile", None), ("im.recent.get", given["example"]), ("im.dialog.get", {"DIALOG_ID": "$result[1][0][id]"}),
    ], halt=True)["result"]["result"]
    return list(rows.values()) if isinstance(rows, dict) else rows


@step
def typedBatch():
    request = client.call_batch({"me": client.profile(), "recent": client.im.recent.get(skip_chat=True)})
    result = request.result
    return {"names": sorted(result.result), "errors": len(result.result_error), "timed": sorted(result.result_time)}


@step
def batchWithFailure():
    result = token.call_batch({"bad": ("im.nope", None), "after": ("profile", None)}, halt=False)["result"]
    assert result["result_error"]["bad"]["error"] == "ERROR_METHOD_NOT_FOUND"
    return result["result"]


@step
def batchHalted():
    result = token.call_batch({"bad": ("im.nope", None), "after": ("profile", None)}, halt=True)["result"]
    return {"result": result["result"], "failed": list(result["result_error"])}


@step
def batches():
    return len(token.call_batches([("server.time", None)] * 60)["result"]["result"])


def read(message_id):
    messages = call("im.dialog.messages.get", {"DIALOG_ID": 1, "LIMIT": 5})["messages"]
    return next(message["text"] for message in messages if message["id"] == message_id)


@step
def text():
    sent = client.im.message.add("1", message=given["text"]).result
    batch = token.call_batch({"sent": ("im.message.add", {"DIALOG_ID": 1, "MESSAGE": given["text"]})})
    ids = [sent, batch["result"]["result"]["sent"]]
    texts = [read(message_id) for message_id in ids]
    for message_id in ids:
        call("im.message.delete", {"MESSAGE_ID": message_id})
    return texts


@step
def messages():
    keyboard = [{"TEXT": "Open", "LINK": "https://example.org/"}]
    message_id = call("im.message.add", {"DIALOG_ID": 1, "MESSAGE": "before", "ATTACH": [{"MESSAGE": "attached"}], "KEYBOARD": keyboard})
    call("im.message.update", {"MESSAGE_ID": message_id, "MESSAGE": given["text"] + " changed"})
    liked = call("im.message.like", {"MESSAGE_ID": message_id, "ACTION": "plus"})
    page = call("im.dialog.messages.get", {"DIALOG_ID": 1, "LIMIT": 1})

    def search():
        return len(call("im.dialog.messages.search", {"CHAT_ID": page["chat_id"], "SEARCH_MESSAGE": "CHANGED"})["messages"])

    found = search()
    call("im.message.delete", {"MESSAGE_ID": message_id})
    newest = page["messages"][0]
    return {"text": newest["text"], "attach": "ATTACH" in newest["params"], "keyboard": "KEYBOARD" in newest["params"], "liked": liked, "found": found, "after": search()}


@step
def notices():
    me = call("profile")["ID"]
    notice_id = call("im.notify.personal.add", {"USER_ID": me, "MESSAGE": given["text"]})

    def own():
        page = call("im.notify.get", {"LIMIT": 20})
        return page.get("total_unread_count", 0), next((row for row in page["notifications"] if row["id"] == notice_id), None)

    before, notice = own()
    call("im.notify.read", {"ID": notice_id, "ONLY_CURRENT": "Y"})
    after, _ = own()
    found = len(call("im.notify.history.search", {"SEARCH_TEXT": "Ä ö ß"})["notifications"])
    deleted = call("im.notify.delete", {"ID": notice_id})
    return {"text": notice["text"], "unread": [before, after], "found": found, "deleted": deleted, "left": own()[1] is not None}


def names(rows):
    return [row.get("NAME") or row.get("name") or row.get("title") for row in (rows.values() if isinstance(rows, dict) else rows)]


@step
def files():
    content = base64.b64encode((given["text"] + ";1\n").encode()).decode()
    sent = call("im.v2.File.upload", {"dialogId": "1", "fields": {"name": "report.csv", "content": content, "message": "Report"}})
    shown = call("im.dialog.messages.get", {"DIALOG_ID": 1, "LIMIT": 1})["files"][0]["id"] == sent["file"]["id"]
    url = call("im.v2.File.download", {"dialogId": "1", "fileId": sent["file"]["id"]})["downloadUrl"]
    fetched = requests.get(url, timeout=20).content.decode()
    call("im.message.delete", {"MESSAGE_ID": sent["messageId"]})
    return {"name": sent["file"]["name"], "shown": shown, "content": fetched}


@step
def finding():
    other = names(call("im.user.list.get", {"ID": [1]}))[0]
    return {
        "user": other in names(call("im.search.user.list", {"FIND": other})),
        "chat": "Zürich ✈ 東京" in names(call("im.search.chat.list", {"FIND": "Zürich"})),
        "profile": "Anna" in names(call("user.search", {"FIND": "ann"})),
        "nobody": len(names(call("user.search", {"FIND": "zzzz"}))),
    }


def user_ids(rows):
    return [int(row["ID"]) for row in rows]


@step
def callList():
    return user_ids(token.call_list("user.get", {"FILTER": {"ACTIVE": True}})["result"])


@step
def callListFast():
    """By ids, with `order`, `filter[>ID]` and `start`."""
    return user_ids(token.call_list_fast("user.get")["result"])


@step
def callListFastDescending():
    return user_ids(token.call_list_fast("user.get", descending=True)["result"])


@step
def profile():
    value = client.profile().value
    return {"id": value.bitrix_id, "name": value.name, "admin": value.admin}


@step
def timing():
    return client.im.recent.get().time.date_start.utcoffset() is not None


steps["time"] = {"value": call("server.time")}


@step
def unknownMethod():
    return call("im.nope")


@step
def ownError():
    return call("im.dialog.get", {})


@step
def busy():
    start = time.monotonic()
    call(given["busyMethod"])
    return (time.monotonic() - start) * 1000


@step
def overtime():
    """Its time used up: the client does not try again."""
    return call(given["overtimeMethod"])


def wrong_webhook():
    user_id, _ = given["webhook"].split("/")
    return BitrixWebhook(domain=given["domain"], webhook_token=f"{user_id}/wrongwrongwrong1").call_method("profile")


if "webhook" in given:
    def wrongSecret():
        return wrong_webhook()
    step(wrongSecret)
else:
    @step
    def codeExchange():
        renewed = app().get_oauth_token(code=given["code"])
        other = BitrixToken.from_oauth(oauth=renewed, bitrix_app=app())
        # The SDK takes a portal's address without its port: whoever uses another than 443 sets it again.
        other.domain = given["domain"]
        return {"user": renewed.user_id, "scope": renewed.scope, "ID": other.call_method("profile")["result"]["ID"]}

    @step
    def appInfo():
        info = token.get_app_info().result
        return {"client": info.client_id, "user": info.user_id, "status": info.install.status.value, "scope": info.scope}

    @step
    def validated():
        """What the SDK asks before it trusts what an installation or a placement sent."""
        renewed = token.refresh_oauth_token()
        return renewed.validate_against_app_info(renewed.get_app_info(app()))

    @step
    def installEvent():
        """The event of an installation, checked as the SDK's own integrations check it."""
        event = OAuthEventData.from_dict(given["event"])
        event.validate_against_app_info(event.get_app_info(app(**given["installed"])))
        installed = BitrixToken.from_oauth_event_data(event, app(**given["installed"]))
        installed.domain = given["domain"]
        return {"event": event.event, "user": event.auth.user_id, "ID": installed.call_method("profile")["result"]["ID"]}

    @step
    def wrongSecret():
        return signed_in(given["expired"], app(client_secret="wrong")).call_method("profile")

    @step
    def invalidToken():
        return signed_in({"access_token": "wrong", "refresh_token": "wrong"}).call_method("profile")

    # Without an expiry of its own the client learns it from the server.
    stale = signed_in(given["expired"])

    @step
    def expiredToken():
        rows = stale.call_method("im.recent.get", given["example"])["result"]
        return {"rows": len(rows), "renewed": stale.auth_token != given["expired"]["access_token"], "expired": stale.has_expired}

    @step
    def expiryKnown():
        before = stale.auth_token
        stale.expires = datetime.now(timezone.utc) - timedelta(seconds=60)
        return {"ID": stale.call_method("profile")["result"]["ID"], "renewed": stale.auth_token != before}

    @step
    def expiredBatch():
        stale.auth_token = given["expired"]["access_token"]
        return stale.call_batch({"me": ("profile", None)})["result"]["result"]["me"]["ID"]

    @step
    def noRefreshToken():
        return signed_in(given["expired"], refresh_token=None).call_method("profile")

print(json.dumps({"client": "b24pysdk", "version": SDK_VERSION, "steps": steps}))
