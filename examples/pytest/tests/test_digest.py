import pytest
from digest import PortalError, send_digest


def notes(anna):
    """What she has written to herself, the newest first."""
    me = anna.call("profile")["ID"]
    return [message["text"] for message in anna.call("im.dialog.messages.get", DIALOG_ID=me)["messages"]]


def test_it_names_what_is_unread_and_how_much_of_it(anna, boris):
    for text in ("Soup?", "At noon"):
        boris.call("im.message.add", DIALOG_ID=1, MESSAGE=text)
    send_digest(anna)
    assert notes(anna)[0] == "Good morning! This waits for you:\nBoris: 2 unread, the last one: At noon"


def test_it_says_nothing_where_nothing_waits(anna):
    assert send_digest(anna) is None


def test_it_tries_again_when_it_has_called_too_often(portal, anna, boris):
    boris.call("im.message.add", DIALOG_ID=1, MESSAGE="Cake?")
    portal.tidemark("rehearse", "--webhook", portal.admin, "--method", "im.recent.get", "--error", "QUERY_LIMIT_EXCEEDED", "--next", "2")
    send_digest(anna)
    assert notes(anna)[0].endswith("Cake?")


def test_it_gives_up_in_the_end(portal, anna):
    portal.tidemark("rehearse", "--webhook", portal.admin, "--method", "im.recent.get", "--error", "QUERY_LIMIT_EXCEEDED", "--next", "4")
    with pytest.raises(PortalError) as refused:
        send_digest(anna)
    assert refused.value.code == "QUERY_LIMIT_EXCEEDED"


def test_what_is_older_than_a_week_is_left_alone(portal, anna, boris):
    boris.call("im.message.add", DIALOG_ID=1, MESSAGE="Still there?")
    portal.tidemark("clock", "advance", "8d")
    assert send_digest(anna) is None
