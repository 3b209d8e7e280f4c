/** Where we differ on purpose, or had to choose. "They" is the public documentation, or what clients observe of the original. */

export interface Departure {
  they: string;
  we: string;
  why: string;
}

export interface Area {
  name: string;
  departures: readonly Departure[];
}

const recentList: Area = {
  name: 'The recent list',
  departures: [
    { they: 'An unparsable `LAST_SYNC_DATE` or `LAST_UPDATE` is taken for no date: the answer covers another window.', we: 'It is an error that names the parameter.', why: 'A client that syncs must not get a full list, or half a one, for a typo.' },
    { they: '`LAST_UPDATE`, even empty, replaces `LAST_SYNC_DATE`.', we: 'Of two dates the later counts; an empty one is as good as none.', why: 'An empty field of a form must not cancel a filter.' },
    { they: 'Both dates reach 7 days back.', we: '`LAST_UPDATE` reaches back as far as the list itself, 30 days; `LAST_SYNC_DATE` 7 days.', why: 'The page gives the limit of 7 days to `LAST_SYNC_DATE` alone.' },
    { they: 'Only the format with seconds and a numeric offset is a date.', we: 'Also understood: fractions, `Z`, a `+` that became a space, no offset (the portal\'s zone; of a repeated hour the earlier one), a bare date (its midnight there).', why: 'All of them are sent by hand or by standard libraries.' },
    { they: '`SKIP_CHAT=Y` skips groups and open chats, not channels.', we: 'It skips everything but private dialogs and open lines.', why: 'The page says group chats; a channel is nothing else to a reader of the list.' },
    { they: 'A flag is set by exactly `Y`.', we: '`Y`, `1`, `true` and `True` set it; `N`, `0`, `false` and nothing do not; anything else is an error.', why: 'The official clients encode true in all these ways.' },
    { they: '`message.file` may be an object, `message.attach` a text.', we: 'Both are booleans.', why: 'As on the page im.recent.get.' },
    { they: 'Task chats have the letter `C`, `entity_link` has two keys.', we: '`TASKS_TASK` chats have the letter `X`, `entity_link` always its three texts, `chat` carries `title` beside `name`.', why: 'As on the page.' },
    { they: '`has_reminder` is always false.', we: 'It is true from when a reminder comes due until it is done.', why: 'The page documents the field.' },
    { they: 'Muting, reading everything and deleting a message that was seen do not move `date_update`; deleting the last message moves it back.', we: 'Each moves it forward, for those whose row looks different.', why: 'Otherwise a client that syncs never learns of it.' },
    { they: '`manager_list` names the caller or nobody.', we: 'It names all managers, the owner included.', why: 'As on the page, and as im.dialog.get does.' },
    { they: 'A private row without messages has no `uuid`.', we: 'It is null.', why: 'One shape for all rows.' },
    { they: '`im.recent.list` sorts by `date_last_activity`, im.recent.get by the message\'s date.', we: 'Both sort by pin, then the last message, then the chat\'s id.', why: 'One order, and one without ties.' },
    { they: 'Pages of `im.recent.list` overlap, may be short, and report more where there is none.', we: 'Pages are full, `hasMore` is exact, `next` is `OFFSET` plus `LIMIT`. On a list that stands still no row is repeated; on one that moves none is lost, whichever node answers and whenever one restarts: what has changed and come up since the page before comes first, and where it is more than a page has room for, on the pages after it. Rows may come again where they changed, or where one user walks several times at once. A client may take an hour from one page to the next; after that, or where it jumps, an `OFFSET` only counts rows.', why: 'A client that pages until the end must see each chat.' },
    { they: '`LAST_MESSAGE_DATE` is inclusive: the last row comes again.', we: 'The list goes on after the page that ended with it, as with `OFFSET`. A page may hold a few rows more than `LIMIT`, so that its date is like no other of the walk; the last one holds all that is left.', why: 'A date has seconds and names no row. In doubt (more than an hour after the page, or for a date of one\'s own) rows come again rather than never.' },
    { they: 'What `PARSE_TEXT` parses is not documented.', we: 'Addresses that stand by themselves become `[URL]`; it goes before `GET_ORIGINAL_TEXT`.', why: 'As is observed.' },
    { they: 'Pins that the list does not show take room.', we: 'One of them gives way to a new pin when there are 45, and comes back unpinned.', why: 'Nobody can unpin what they cannot see, and never more than 45 are shown.' },
    { they: 'A private dialog with somebody whom an extranet user no longer shares a group with stays in the colleague\'s list.', we: 'Neither lists nor counts it; no method opens it by either of its names; it comes back as it was with a shared chat.', why: 'A row that nobody can open is none.' },
    { they: 'Pinning a pinned row at the limit of 45 gives false.', we: 'It gives true, as everywhere else.', why: 'It is pinned as asked.' },
    { they: '`im.recent.unread` takes `Y` and `N`.', we: 'Also `mark` and `unmark`.', why: 'The PHP SDK sends these words.' },
  ],
};

const counters: Area = {
  name: 'Counters and reading',
  departures: [
    { they: 'Messages made unread in a hidden dialog count in the totals, where no row shows them.', we: 'What the list leaves out counts nowhere; it counts again once the row is back.', why: 'The row, the totals and the page always show the same number.' },
    { they: 'Messages written while a user was inactive never count for them.', we: 'They are unread when the user returns.', why: 'A counter says what one has not read.' },
    { they: 'A mark on a private dialog adds one to the totals even where messages are unread.', we: 'A mark counts as one only where nothing is unread.', why: 'Nothing is counted twice.' },
    { they: '`im.dialog.read` leaves the mark.', we: 'Reading takes the mark away, whatever method reads.', why: 'Who has read a dialog is done with it; the original\'s newer methods do the same.' },
    { they: 'A message deleted after it was seen goes on counting for those who had not read it.', we: 'It no longer counts for anybody.', why: 'There is nothing left to read.' },
    { they: 'What `unread` of a message in its history means beside the counter is not documented.', we: 'Just the messages that the counter counts have it.', why: 'Two numbers for one thing disagree.' },
    { they: '`im.dialog.unread` always gives true.', we: 'Without access it gives false.', why: 'As `im.dialog.read` does.' },
    { they: 'Reading pages of history around a message that does not exist gives nothing.', we: 'One that has been deleted since still works as `LAST_ID` and `FIRST_ID`.', why: 'A walk through the history must not end because somebody deleted a message.' },
  ],
};

const messages: Area = {
  name: 'Messages',
  departures: [
    { they: '`im.message.add` knows no `KEYBOARD_OVERSIZE` and `MENU_OVERSIZE`.', we: 'It has both.', why: 'im.message.update documents them, and the limit is the same.' },
    { they: '`im.message.update` spells it `menu_ERROR`.', we: '`MENU_ERROR`.', why: 'As im.message.add does; clients compare codes without regard to case.' },
    { they: '`PARAMS_ERROR` for whatever else goes wrong.', we: 'Never sent: every failure has its own code.', why: 'Nothing is left for it.' },
    { they: 'A repeated `TEMPLATE_ID` fails while the first send is under way, and is forgotten after a month.', we: 'Repeated by the same user into the same chat it always gives the first message\'s id, until that message is gone without a trace.', why: 'A client that repeats a send must neither fail nor send twice.' },
    { they: '`TEMPLATE_ID` is one space for everybody.', we: 'It is its sender\'s and the chat\'s own.', why: 'Another\'s choice must not keep a message from being sent.' },
    { they: 'ATTACH, KEYBOARD and MENU with a bad value anywhere: not documented.', we: 'Bad structure (types, links, ids, required fields) is an error; bad decoration (colours, sizes, display hints) is dropped.', why: 'A wrong colour should not stop a message, a wrong link should.' },
    { they: 'Links are http(s) addresses or begin with `/`.', we: 'The same, but `//host`, `/\\\\host` and paths with control characters are refused.', why: 'A browser would take them to another host.' },
    { they: 'Editing ends after a time that the portal sets, three days unless set.', we: 'It ends only where it is set (`portal set --edit-limit`), and not for administrators and for what managers delete of others.', why: 'On one\'s own server nothing ends unasked.' },
    { they: 'What of a message is searched is not documented.', we: 'Its text as it was written, codes included, in any case and script.', why: 'What was found can be seen in it.' },
    { they: 'Links are previewed unless the message says otherwise.', we: 'Only where the portal allows it (`portal set --link-previews`): the page is looked at some time after the send, never at a private address, and believed for a day.', why: 'A server should not call strangers unasked.' },
    { they: 'An attachment of a message that is sent on goes along with its buttons.', we: 'Buttons and menus stay behind.', why: 'They are for those to whom they were shown.' },
    { they: 'Whether a deleted message can be liked is not documented.', we: 'It cannot: `MESSAGE_ID_ERROR`; deleting takes the likes away.', why: 'There is nothing left to like.' },
  ],
};

const texts: Area = {
  name: 'The text of the last message',
  departures: [
    { they: 'A name or title that holds codes acts as markup in the lines of the messenger and in mentions.', we: 'It reads as it was written: a zero-width space after its bracket keeps a code from being one.', why: 'A name is no markup.' },
    { they: 'Styles do not nest: `[b][i]x[/i][/b]` leaves codes behind.', we: 'Codes pair like parentheses, so it is `x`.', why: 'The page promises a text without BB codes.' },
    { they: '`[code]`, `[quote]`, `[img]`, `[list]`, `[*]`, `[disk]`, `[timestamp]` and `[user=all]` stay.', we: 'They are removed or replaced by a word too.', why: 'The same promise.' },
    { they: 'What is between `[code]` and `[/code]` is treated like other text.', we: 'It stays as it was written.', why: 'Brackets in it are no codes.' },
    { they: 'Only `\\n` becomes a space.', we: 'So do `\\r` and the other line breaks of Unicode.', why: 'The page promises one line.' },
    { they: 'A sticker leaves no mark in the text.', we: 'It leaves ` [Sticker]`, as files and attachments leave theirs.', why: 'A row must show something.' },
  ],
};

const chats: Area = {
  name: 'Chats',
  departures: [
    { they: 'Chats of external entities begin without a greeting.', we: 'Every chat begins with a line that says who created it.', why: 'A chat without any message is not in the list.' },
    { they: 'Leaving posts a line in some kinds of chats.', we: 'Leaving and removing always post one, and it raises no counter.', why: 'The others should see it, and need not be called for it.' },
    { they: 'A change of the owner is said to nobody.', we: 'A line says so, and it raises no counter; who owned the chat stays as a manager.', why: 'Members should know to whom they can turn.' },
    { they: 'Whether a chat whose owner may not leave can be passed on is not documented.', we: 'It cannot.', why: 'The owner could leave then.' },
    { they: 'Whether a chat whose picture may not be changed can be recoloured is not documented.', we: 'It cannot.', why: 'The colour stands for the picture.' },
    { they: '`im.chat.get` finds the chat of whoever asks.', we: 'It finds one that the caller is in, or may look into.', why: 'The number of a chat that one cannot open is of no use, and nobody\'s business.' },
    { they: 'Who may do what in a chat is set in the web client.', we: '`tidemark.chat.permissions.set`; nobody is locked out of the settings for good.', why: 'The same must be possible for programs.' },
    { they: 'Every portal has a general chat.', we: 'Where an administrator has made one (`ENTITY_TYPE` `GENERAL`), whoever `user.add` adds as an employee is in it from the start, and leaves it when dismissed.', why: 'A portal need not have one.' },
    { they: 'A comment moves the channel up in `im.recent.list` for those who are subscribed, and brings it back where it is hidden.', we: 'Their row counts as changed (`date_update`), and stays where its last post puts it.', why: 'Both lists have one order.' },
    { they: 'Every member of a channel is a silenced member of each thread.', we: 'Who is subscribed is a member, nobody else; anybody in the channel may read and write.', why: 'A thread need not have a row for each of ten thousand people.' },
    { they: 'Whether a private dialog can be silenced is not documented.', we: 'It cannot: `ACCESS_ERROR`, "This chat cannot be muted".', why: 'The page documents the error for kinds that cannot be muted; the original offers it for chats.' },
  ],
};

const notices: Area = {
  name: 'Notifications',
  departures: [
    { they: 'Notifications are messages of a chat of their own.', we: 'They are in no chat: `chat_id` is 0.', why: 'There is nothing that one could do with such a chat.' },
    { they: 'A `TAG` is unique in an application.', we: 'For each user who is told.', why: 'Who tells many the same must not take it away from the one before.' },
    { they: 'A webhook without `CLIENT_ID` has no tags.', we: 'They are those of its user, as are those of a `CLIENT_ID`; to delete by a tag it must be given.', why: 'Nobody takes away what others have sent.' },
    { they: 'Only modules of the portal ask for answers.', we: '`im.notify` and its like take `BUTTONS`. What is chosen or answered comes to whoever asked as a notification.', why: '`im.notify.confirm` and `im.notify.answer` need something to answer.' },
    { they: 'Whom one may tell something is not documented.', we: 'Whom one may meet; for others the result is false.', why: 'As with messages.' },
    { they: 'Whose notification can be deleted by its id is not documented.', we: 'The one that one has got, or has sent.', why: 'Both may take it away.' },
    { they: '`CONVERT_TEXT` makes HTML.', we: 'It gives the text without codes.', why: 'What is inserted into a page unchecked should not be markup.' },
  ],
};

const users: Area = {
  name: 'Users',
  departures: [
    { they: 'Dates of `user.*` come as `{}` or in the site\'s format.', we: 'All are ATOM.', why: 'The former are accidents of serialisation.' },
    { they: '`user.get` without rows has no `total`.', we: 'It is 0.', why: 'One shape for all answers.' },
    { they: 'Whether an extranet user may add people to chats is not documented.', we: 'Those with whom they share one already; people of the portal add anybody.', why: 'Adding somebody lets both meet.' },
    { they: 'Only extranet users are limited in whose profiles they see.', we: 'Nobody but administrators sees a guest without a shared chat; a guest sees of people who have left a chat no more than their name.', why: 'One rule for profiles and dialogs.' },
    { they: '`user.add` invites by mail and requires a department.', we: 'The user is there at once, with or without a department.', why: 'There is no mail, and scripts need the id.' },
    { they: 'An unknown name in a filter finds everybody or nobody.', we: 'It is an error that names it; beside FILTER unknown names are passed over.', why: 'A typing error must not look like an answer, and clients add parameters of their own.' },
    { they: 'What no date, number or flag can be finds nobody.', we: 'It is an error that names the field; an empty flag or kind of user is as good as none.', why: 'The same.' },
    { they: 'Filters may be of any size.', we: '30 conditions, 500 values of up to 255 characters, 5 signs `%` in a pattern, 8 parts, patterns and ranges of text (sorting by a text counts as three), 3 fields to sort by.', why: 'One request must not hold up the others.' },
    { they: 'Filters may name fields that the scope does not show.', we: 'That is an error.', why: 'Asking often enough would show them.' },
    { they: 'How texts are compared and sorted is up to the database.', we: 'Without regard to case in every script, in the order of Unicode.', why: 'Both engines answer alike.' },
    { they: 'What becomes of those in a department that is deleted is not documented.', we: 'They and the departments below come to the one above; the top cannot be deleted or moved.', why: 'The structure stays a tree, and nobody falls out of it.' },
    { they: '`idle` is false in rows.', we: 'It is the date that `im.user.status.idle.start` says, until `.end`.', why: 'What was said can be seen.' },
    { they: '`im.search.user.list` knows only that something begins so.', we: 'Each word of FIND must begin a word of the name, the position or a department; dismissed people, bots and people from open lines are not found.', why: 'As `user.search` with FIND.' },
    { they: 'What `user.counters` counts is not documented.', we: 'It has one code, `im`: all that is unread in the messenger.', why: 'There is nothing else here to count.' },
    { they: 'Guests read the departments.', we: 'They see none.', why: 'The structure is the company\'s own.' },
    { they: 'The year of a birthday is kept.', we: 'Only day and month are; `PERSONAL_BIRTHDAY` has the year 2000.', why: 'Nothing that a messenger shows needs the year.' },
  ],
};

const files: Area = {
  name: 'Files',
  departures: [
    { they: 'The folder of a chat shows all its files to every member.', we: 'A file is seen by whoever sees a message that shows it, and by who sent it.', why: 'Whoever joined without the history has no part in its files.' },
    { they: '`im.disk.file.commit` gives `{}` as dates, and `file` as the type of a picture.', we: 'It gives dates and the true type.', why: 'As in the history.' },
    { they: 'The address of `im.v2.File.download` works once.', we: 'It works for ten minutes, and asks for the rights each time.', why: 'A download that breaks off goes on by ranges.' },
    { they: 'HEIC and other pictures may be previewed.', we: 'JPEG, PNG, WebP, GIF and AVIF are; anything else, and whatever cannot be decoded within its limits, is a plain file.', why: 'What is decoded is what strangers send.' },
    { they: 'A type is told by the ending of the name.', we: 'It is told by the content.', why: 'A name says what its sender wants.' },
  ],
};

const fetched: Area = {
  name: 'Events that are fetched',
  departures: [
    { they: 'A subscription of `im.v2.Event.subscribe` never ends.', we: 'It ends when nothing has been fetched for 30 days.', why: 'What nobody fetches is not to be written for ever.' },
    { they: 'What the data of offline events of the messenger hold is not documented.', we: 'Ids only: what they are about is read with the rights of then.', why: 'The same thing that happens again is one row, and what waits holds no texts.' },
    { they: 'Whether what was recorded can be fetched by somebody who has left the chat is not documented.', we: 'It cannot: it is left out, and confirmed with the rest.', why: 'A queue is no way around what may be read.' },
  ],
};

const transport: Area = {
  name: 'Transport',
  departures: [
    { they: 'Webhooks need HTTPS.', we: 'HTTP is served as well, next to HTTPS.', why: 'Half of the clients can only reach a local server by one of the two.' },
    { they: 'The path may carry the user\'s login.', we: 'Only the numeric id.', why: 'There are no logins.' },
    { they: 'A body that is not valid JSON is an empty set of parameters.', we: 'It is `INVALID_JSON`, with the place.', why: 'A call without its parameters does something else than was asked.' },
    { they: 'An unknown method is `Method not found!`.', we: 'The same, and where one is near, the name of the documented method that was probably meant.', why: 'Programs call names that no page has, or that have a slip in them.' },
    { they: 'What happens to a byte-order mark before a body is not documented.', we: 'It is ignored, and UTF-16 with a mark is read, in JSON and in forms.', why: 'Editors and PowerShell write it.' },
    { they: 'Raw characters in an address go through, in whatever way the front end takes them.', we: 'UTF-8 and spaces count as if percent-encoded, and the connection is closed after the answer. Control characters are refused with 400; so is an address whose first raw byte comes in a later packet than its beginning.', why: 'Scripts paste addresses together; Node\'s parser refuses such bytes, and what it has read before is gone by then.' },
    { they: 'Parameters beyond the limits of PHP are dropped.', we: '`TOO_MANY_PARAMETERS`, `PARAMETERS_TOO_DEEP`, `REQUEST_TOO_LARGE` (2 MiB).', why: 'The same.' },
    { they: 'Bytes that are not UTF-8 become replacement characters.', we: '`WRONG_ENCODING`, with the parameter\'s name.', why: 'What is stored must be what was sent.' },
    { they: 'Wrong values are cast to something.', we: '`ERROR_ARGUMENT` names the parameter, unless the page gives it a code of its own.', why: 'The same.' },
    { they: 'JSON answers escape `/`, `<`, `>`, `&` and quotes as PHP does.', we: 'They escape what JSON requires.', why: 'Every JSON parser reads both alike, and answers are shorter.' },
    { they: 'Answers to OPTIONS do not list methods.', we: '`Access-Control-Allow-Methods` is there.', why: 'Browsers accept both; proxies like it.' },
    { they: 'XML names elements by any key.', we: 'A key that cannot name an element becomes `<item key="…">`; characters that XML cannot hold become U+FFFD.', why: 'Otherwise it is no XML.' },
    { they: 'A command of a batch that is no text is passed over in silence.', we: 'It is an error under its key.', why: 'Clients wait for an answer to each command.' },
    { they: '`batch` may be smuggled into a batch by its spelling.', we: 'In any spelling it is not allowed.', why: 'As meant.' },
    { they: 'Commands of a batch by webhook share one account of operating time, and know no webhook.', we: 'They count and answer as single calls of that webhook.', why: 'A batch should be nothing but several calls.' },
    { they: 'Commands in a JSON map run in the order in which they are written.', we: 'Numeric keys in JSON run in ascending order; in forms, as sent.', why: 'JSON objects have no order, and numeric keys lose theirs when they are read.' },
    { they: 'A command may hold any number of references.', we: 'A thousand, and two million characters of what they stand for; results over four million characters cannot be referred to.', why: 'One request must not hold up the others.' },
    { they: 'The rate is limited by a front end that may answer with HTML.', we: 'It is always JSON, and refused calls do not count.', why: 'Clients parse JSON; who waits should get through.' },
    { they: 'Rates and operating time are limited on all plans.', we: 'Not on `self-hosted`, the default.', why: 'On one\'s own machine nobody else is to be protected.' },
    { they: 'Events are delivered once, or lost.', we: 'At least once: again after a failure, eight times within a day, and recorded for a week.', why: 'Nothing should be lost because a handler restarts.' },
    { they: 'Messages of chats are not among the events that can be bound.', we: '`ONIMV2MESSAGEADD`, `ONIMV2MESSAGEUPDATE`, `ONIMV2MESSAGEDELETE`, `ONIMV2REACTIONCHANGE`, `ONIMV2JOINCHAT` can be, with the data that the polling methods document.', why: 'Applications should not have to poll.' },
    { they: 'A handler gets the tokens of its `auth_type` user, else of whoever acts, with all scopes of the application.', we: 'Of its `auth_type` user, else of whoever has bound it; with the scopes of the token that it was bound with, for no longer than that sign-in is refreshed, and only while who has bound it may still use the application and read what it is about. `auth_type` 0, for administrators, gives an access token of whoever acts, which ends by itself, and in `ONAPPTEST` the administrator\'s; a refresh token only ever goes to whoever has bound the handler.', why: 'A token must not reach who did not have it, nor grow on the way.' },
    { they: '`event.test` reaches whoever has bound `ONAPPTEST`, as the one who tests.', we: 'As the one who has bound it.', why: 'The same.' },
    { they: 'The loop guard counts down from one generation of events to the next.', we: 'Also through `event.test`, refreshed tokens and what is bound with such a token.', why: 'Otherwise a handler that binds itself again never ends.' },
    { they: '`ONUSERADD` carries the user\'s fields.', we: 'Those that `user.get` would show to the handler\'s user and scopes; guests hear only of people they share a chat with.', why: 'An event is no way around what may be read.' },
    { they: 'Slow handlers get lower priority.', we: 'Each address has a lane of its own, one delivery at a time and in order; after a failure it rests, up to a minute.', why: 'A dead handler delays nobody else.' },
    { they: 'Handlers may have any address with a dot.', we: 'Only public ones, unless the portal allows others.', why: 'A portal must not be a way into its own network.' },
  ],
};

const applications: Area = {
  name: 'Applications and OAuth',
  departures: [
    { they: 'A separate authorization server issues tokens and answers `app.info` about them.', we: 'The portal itself does; `domain`, `server_endpoint` and `client_endpoint` are the address that the portal is set to (`portal set --url`), else that under which it was asked, and `app.info` has the keys of both.', why: 'A self-hosted portal must not need another server.' },
    { they: 'Whoever is signed in goes through to the application without a question.', we: 'A page names the application, what it may do and who is signed in, and asks.', why: 'A link from anywhere must not hand over somebody\'s rights.' },
    { they: 'Only `client_id` and `state` are read when a sign-in begins.', we: 'A `redirect_uri` must be the registered one, a `response_type` must be `code`; otherwise a page says so.', why: 'Generic OAuth libraries send both, and an address that is ignored hides a mistake.' },
    { they: 'The application hears nothing when the user does not agree.', we: 'It gets `error=access_denied` and its `state`.', why: 'As OAuth 2.0 has it: the application can go on.' },
    { they: 'A wrong client secret is 400 in live tests, 401 in the PHP SDK.', we: 'It is `invalid_client` with 400; an unknown client is `wrong_client` with 200; a removed application is `NOT_INSTALLED` with 401.', why: 'What live tests assert goes before what sources expect.' },
    { they: 'How often a client secret may be guessed is not documented.', we: 'After 20 wrong ones from an address, and then one in ten seconds, the answer is 503 `QUERY_LIMIT_EXCEEDED`.', why: 'Clients try that again, whereas `invalid_client` makes them give their tokens up.' },
    { they: 'A refresh token works once.', we: 'It works again for 30 seconds; a use after that ends every token of that sign-in.', why: 'A client may lose an answer; a later use means that somebody else has the token.' },
    { they: 'A code works once.', we: 'Using it again within a week ends every token of that sign-in and what was bound with them.', why: 'Two have had it, and one of them has stolen it (RFC 6749, 4.1.2).' },
    { they: 'The client secret is a parameter.', we: 'Or in an `Authorization: Basic` header, never both; a wrong one there is 401.', why: 'OAuth libraries send it so (RFC 6749, 2.3.1).' },
    { they: '`scope` of a token request is repeated in the answer.', we: 'The tokens have just these scopes; more than were granted, and a scope that names none, are `invalid_scope`.', why: 'The answer says what is so.' },
    { they: 'How many options an application may have is not documented.', we: '1000 for itself and for each user, names of up to 255 characters, values of up to 65535 as JSON, a megabyte in all.', why: 'They are meant for settings.' },
  ],
};

const push: Area = {
  name: 'Push',
  departures: [
    { they: 'A separate server tells clients; channels are kept for twelve hours.', we: 'The portal itself does. A channel ends with the webhook or sign-in that it was given to, and messages need the scope `im`.', why: 'Nobody hears more than calls would tell them.' },
    { they: 'A message is a number, by which the history of a channel goes on.', we: 'The same by `mid`, as far back as the journal goes, over restarts and nodes. Who asks for more hears `reset` of the module `tidemark`: load anew.', why: 'A client must know that it has missed something.' },
    { they: 'What a client extends, a page of the portal has begun to watch.', we: '`pull.watch.extend` begins it as well: `IM_PUBLIC_N`, `IM_PUBLIC_COMMENT_N` and `IM_SHARED_CHANNEL_LIST`, for 40 minutes.', why: 'There are no such pages.' },
    { they: '`pull.application.push.add` shows a text in the mobile application.', we: 'It is a notification of the messenger that names the application.', why: 'There is no mobile application.' },
    { they: 'Names of commands for typing, notifications and changed profiles are not documented.', we: '`startWriting`, `notification` and `userUpdate` of the module `tidemark`.', why: 'Nobody has published them.' },
    { they: '`recentUpdate` and `chatShow` are told of rows that moved for whatever reason.', we: '`recentUpdate` to whoever is subscribed to comments that go on, `chatShow` to whoever comes into a channel. Every other move of a row comes with a command of its own.', why: 'A row is told once.' },
    { they: '`chatCreate` tells of a new thread of comments.', we: 'Its first comment does, and `commentSubscribe` whoever is subscribed by it.', why: 'A thread without comments is nothing to show.' },
    { they: '`message` names the message before it, and a chat as its receiver sees it.', we: 'No `prevId`; of the chat what all members see alike.', why: 'One text is encoded for all of them.' },
  ],
};

const extensions: Area = {
  name: 'Ours',
  departures: [
    { they: 'A client learns by dates what has changed, and not what has left the list.', we: '`tidemark.recent.changes` with tokens; `im.recent.list` takes one too.', why: 'Nothing is lost or shown for ever.' },
    { they: 'Reminders are set in the web client.', we: '`tidemark.reminder.add`, `.list` and `.done`.', why: '`has_reminder` needs them.' },
    { they: 'Comments on a channel\'s posts are written in the web client.', we: '`tidemark.comments.open` gives the thread of a post, a chat that all methods take; `im.counters.get` has `CHANNEL_COMMENT`.', why: 'Channels are half without them.' },
    { they: 'Messages are sent on, pinned and reacted to in the web client, or by bots.', we: '`FORWARD_ID` of `im.message.add`, and `forward` in the history; `tidemark.message.pin` and `.pinned.list`; `tidemark.message.react`.', why: 'The same.' },
    { they: 'Collabs come from workgroups.', we: '`im.chat.add` makes their chats with `TYPE=COLLAB`, for administrators.', why: 'There are no workgroups here.' },
    { they: 'Files and stickers come from other methods.', we: '`im.message.add` takes `FILE_ID` (files of the chat; of others it gets a copy) and `STICKER_ID`.', why: 'The list shows both.' },
    { they: '`im.chat.add` makes groups and open chats.', we: '`TYPE` may be `CHANNEL` or `OPEN_CHANNEL`; `ENTITY_DATA_1` to `_3` are kept; `ENTITY_TYPE` may be any word that is no kind of chat. Chats of the portal (`SONET_GROUP`, `GENERAL`, `CALL`, `SUPPORT24_…`, `NETWORK_DIALOG`) are for administrators.', why: 'The list shows such chats, so there must be a way to have them, but nobody may speak for a workgroup or make a chat that others cannot leave.' },
    { they: 'A second chat of a task or workgroup breaks its chats.', we: '`im.chat.add` gives the one there is: of a workgroup the portal\'s, of a task (`TASKS`, `TASKS_TASK`) the one that the caller is in.', why: 'A repeated call makes no double, and a stranger\'s chat is neither found nor in the way.' },
    { they: 'The scopes `user_basic` and `user_brief` open the `user.*` methods.', we: 'Those that read; `user.add` and `user.update` need `user`.', why: 'Who may not see an address must not set it.' },
    { they: 'What happens to the last administrator is not documented.', we: '`user.update` does not dismiss the last active one: `LAST_ADMINISTRATOR`.', why: 'Nobody could let anybody in again.' },
    { they: 'The portal is administered in the web client.', we: '`tidemark.people.*`, `.chats.*`, `.webhooks.*`, `.applications.*`, `.settings.*`, `.rehearsals.*`, `.deliveries.*`, `.calls.list` and `.figures.get` (scope `tidemark.admin`), for administrators and no application.', why: 'Whatever `/admin/` and the command line do, scripts must be able to do.' },
    { they: 'Absences and kinds of users come from other modules.', we: '`user.add` and `user.update` take `ABSENT_UNTIL` and `EXTERNAL_AUTH_ID`.', why: 'The same.' },
  ],
};

export const areas: readonly Area[] = [recentList, counters, messages, texts, chats, notices, users, files, transport, fetched, applications, push, extensions];
