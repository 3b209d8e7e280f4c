<?php
// What CRest 1.36 sends, with PHP's own encoder and curl: forms encoded by http_build_query, a suffix on every method,
// GET without parameters, commands of a batch encoded twice. It looks at `error` only, never at the status.
$given = json_decode(getenv('CLIENT_INPUT'), true);
$steps = [];

function send(string $url, array $params): array
{
    $curl = curl_init($url);
    curl_setopt_array($curl, [
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_FOLLOWLOCATION => true,
        CURLOPT_POSTREDIR => 10,
        CURLOPT_USERAGENT => 'Bitrix24 CRest PHP 1.36',
    ]);
    if ($params !== []) {
        curl_setopt_array($curl, [CURLOPT_POST => true, CURLOPT_POSTFIELDS => http_build_query($params)]);
    }
    $answer = curl_exec($curl);
    if ($answer === false) {
        throw new Exception(curl_error($curl));
    }
    return json_decode($answer, true, 512, JSON_THROW_ON_ERROR);
}

class Refused extends Exception
{
    public string $reason = '';
}

function refuse(array $answer): never
{
    $refused = new Refused($answer['error_description']);
    $refused->reason = $answer['error'];
    throw $refused;
}

class Caller
{
    public array $tokens = [];

    public function __construct(private array $given)
    {
        $this->tokens = $given['expired'] ?? [];
    }

    public function call(string $method, array $params = []): mixed
    {
        $answer = isset($this->given['webhook'])
            ? send("{$this->given['webhook']}$method.json", $params)
            : send("{$this->tokens['client_endpoint']}$method.json", $params + ['auth' => $this->tokens['access_token']]);
        if (($answer['error'] ?? '') === 'expired_token' && $this->refresh()) {
            return $this->call($method, $params);
        }
        isset($answer['error']) and refuse($answer);
        return $answer['result'];
    }

    public function refresh(): bool
    {
        $answer = send($this->given['tokenAddress'], [
            'client_id' => $this->given['app']['client_id'],
            'grant_type' => 'refresh_token',
            'client_secret' => $this->given['app']['client_secret'],
            'refresh_token' => $this->tokens['refresh_token'],
        ]);
        isset($answer['error']) and refuse($answer);
        $this->tokens = array_merge($this->tokens, $answer);
        return true;
    }

    public function batch(array $commands, bool $halt): array
    {
        $encoded = [];
        foreach ($commands as $name => [$method, $params]) {
            $encoded[$name] = $method . ($params === [] ? '' : '?' . http_build_query($params));
        }
        return $this->call('batch', ['cmd' => $encoded, 'halt' => (int) $halt]);
    }
}

function step(string $name, callable $work): void
{
    global $steps;
    try {
        $steps[$name] = ['value' => $work()];
    } catch (Throwable $thrown) {
        $error = $thrown instanceof Refused ? $thrown->reason : get_class($thrown);
        $steps[$name] = ['error' => $error, 'text' => $thrown->getMessage()];
    }
}

$caller = new Caller($given);
$example = $given['example'];

// The first call with an expired token: everything after it uses the new one.
if (isset($given['expired'])) {
    step('expiredToken', function () use ($caller, $given) {
        $id = $caller->call('profile')['ID'];
        return [$id, $caller->tokens['access_token'] !== $given['expired']['access_token']];
    });
    step('wrongSecret', function () use ($given) {
        $wrong = new Caller(array_replace_recursive($given, ['app' => ['client_secret' => 'wrong']]));
        return $wrong->refresh();
    });
} else {
    step('withoutParameters', fn () => $caller->call('im.recent.get'));
    step('wrongSecret', function () use ($given) {
        $wrong = new Caller(['webhook' => preg_replace('~[^/]+/$~', 'wrongwrongwrong1/', $given['webhook'])] + $given);
        return $wrong->call('profile');
    });
}

step('example', fn () => $caller->call('im.recent.get', $example));
step('flags', fn () => count($caller->call('im.recent.get', ['SKIP_DIALOG' => true, 'SKIP_CHAT' => false, 'LAST_SYNC_DATE' => null])));
step('namedBatch', fn () => $caller->batch([
    'me' => ['profile', []],
    'recent' => ['im.recent.get', $example],
    'group' => ['im.dialog.get', ['DIALOG_ID' => '$result[recent][0][id]']],
], true)['result']);
step('listBatch', fn () => $caller->batch([
    ['profile', []],
    ['im.recent.get', $example],
    ['im.dialog.get', ['DIALOG_ID' => '$result[1][0][id]']],
], true)['result']);
step('batchWithFailure', fn () => $caller->batch(['bad' => ['im.nope', []], 'after' => ['profile', []]], false)['result']);
step('text', function () use ($caller, $given) {
    $read = function (int $id) use ($caller): string {
        $messages = $caller->call('im.dialog.messages.get', ['DIALOG_ID' => 1, 'LIMIT' => 5])['messages'];
        return array_column($messages, 'text', 'id')[$id];
    };
    $params = ['DIALOG_ID' => 1, 'MESSAGE' => $given['text']];
    $ids = [$caller->call('im.message.add', $params), $caller->batch(['sent' => ['im.message.add', $params]], true)['result']['sent']];
    $texts = array_map($read, $ids);
    foreach ($ids as $id) {
        $caller->call('im.message.delete', ['MESSAGE_ID' => $id]);
    }
    return $texts;
});
step('messages', function () use ($caller, $given) {
    $keyboard = [['TEXT' => 'Open', 'LINK' => 'https://example.org/']];
    $id = $caller->call('im.message.add', ['DIALOG_ID' => 1, 'MESSAGE' => 'before', 'ATTACH' => [['MESSAGE' => 'attached']], 'KEYBOARD' => $keyboard]);
    $caller->call('im.message.update', ['MESSAGE_ID' => $id, 'MESSAGE' => "{$given['text']} changed"]);
    $liked = $caller->call('im.message.like', ['MESSAGE_ID' => $id, 'ACTION' => 'plus']);
    $page = $caller->call('im.dialog.messages.get', ['DIALOG_ID' => 1, 'LIMIT' => 1]);
    $search = fn () => count($caller->call('im.dialog.messages.search', ['CHAT_ID' => $page['chat_id'], 'SEARCH_MESSAGE' => 'CHANGED'])['messages']);
    $found = $search();
    $caller->call('im.message.delete', ['MESSAGE_ID' => $id]);
    ['text' => $text, 'params' => $params] = $page['messages'][0];
    return ['text' => $text, 'attach' => isset($params['ATTACH']), 'keyboard' => isset($params['KEYBOARD']), 'liked' => $liked, 'found' => $found, 'after' => $search()];
});
step('notices', function () use ($caller, $given) {
    $me = $caller->call('profile')['ID'];
    $id = $caller->call('im.notify.personal.add', ['USER_ID' => $me, 'MESSAGE' => $given['text']]);
    $own = function () use ($caller, $id): array {
        $page = $caller->call('im.notify.get', ['LIMIT' => 20]);
        return [$page['total_unread_count'] ?? 0, array_column($page['notifications'], 'text', 'id')[$id] ?? null];
    };
    [$before, $text] = $own();
    $caller->call('im.notify.read', ['ID' => $id, 'ONLY_CURRENT' => 'Y']);
    [$after] = $own();
    $found = count($caller->call('im.notify.history.search', ['SEARCH_TEXT' => 'Ä ö ß'])['notifications']);
    $deleted = $caller->call('im.notify.delete', ['ID' => $id]);
    return ['text' => $text, 'unread' => [$before, $after], 'found' => $found, 'deleted' => $deleted, 'left' => $own()[1] !== null];
});
step('files', function () use ($caller, $given) {
    $fields = ['name' => 'report.csv', 'content' => base64_encode("{$given['text']};1\n"), 'message' => 'Report'];
    $sent = $caller->call('im.v2.File.upload', ['dialogId' => 1, 'fields' => $fields]);
    $files = $caller->call('im.dialog.messages.get', ['DIALOG_ID' => 1, 'LIMIT' => 1])['files'];
    $url = $caller->call('im.v2.File.download', ['dialogId' => 1, 'fileId' => $sent['file']['id']])['downloadUrl'];
    $fetched = file_get_contents($url);
    $caller->call('im.message.delete', ['MESSAGE_ID' => $sent['messageId']]);
    return ['name' => $sent['file']['name'], 'shown' => $files[0]['id'] === $sent['file']['id'], 'content' => $fetched];
});
step('finding', function () use ($caller) {
    $names = fn (array $rows) => array_map(fn (array $row) => $row['NAME'] ?? $row['name'] ?? $row['title'], array_values($rows));
    $other = $caller->call('im.user.get', ['ID' => 1])['name'];
    return [
        'user' => in_array($other, $names($caller->call('im.search.user.list', ['FIND' => $other])), true),
        'chat' => in_array('Zürich ✈ 東京', $names($caller->call('im.search.chat.list', ['FIND' => 'Zürich'])), true),
        'profile' => in_array('Anna', $names($caller->call('user.search', ['FIND' => 'ann'])), true),
        'nobody' => count($caller->call('user.search', ['FIND' => 'zzzz'])),
    ];
});
// Notifier scripts paste the address together, Cyrillic and spaces as they are.
step('rawAddress', function () use ($caller, $given) {
    $address = $given['webhook'] ?? $caller->tokens['client_endpoint'];
    $auth = isset($given['webhook']) ? '' : "&auth={$caller->tokens['access_token']}";
    $answer = json_decode(file_get_contents("{$address}im.message.add?DIALOG_ID=1&MESSAGE=Привет, мир!$auth"), true);
    $id = $answer['result'];
    $text = array_column($caller->call('im.dialog.messages.get', ['DIALOG_ID' => 1, 'LIMIT' => 5])['messages'], 'text', 'id')[$id];
    $caller->call('im.message.delete', ['MESSAGE_ID' => $id]);
    return $text;
});
step('time', fn () => $caller->call('server.time'));
step('unknownMethod', fn () => $caller->call('im.nope'));
step('busy', fn () => $caller->call($given['busyMethod']));

echo json_encode(['client' => 'PHP (as CRest 1.36 sends)', 'version' => PHP_VERSION, 'steps' => $steps]), "\n";
