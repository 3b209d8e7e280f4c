<?php

namespace Digest;

/** The morning digest: one message to oneself about every dialog that waits. */
final class Digest
{
    private const WEEK = 7 * 24 * 60 * 60;

    public function __construct(private Portal $portal)
    {
    }

    /** @return int|null the id of the message; null when nothing waits, or only what is older than a week */
    public function send(): ?int
    {
        $now = strtotime($this->portal->call('server.time'));
        $rows = $this->portal->call('im.recent.get', ['SKIP_OPENLINES' => 'Y']);
        $waiting = array_filter($rows, fn (array $row) => $row['counter'] > 0 && $now - strtotime($row['message']['date']) < self::WEEK);
        if ($waiting === []) {
            return null;
        }
        $lines = array_map(fn (array $row) => "{$row['title']}: {$row['counter']} unread, the last one: {$row['message']['text']}", $waiting);
        $me = $this->portal->call('profile')['ID'];
        return $this->portal->call('im.message.add', ['DIALOG_ID' => $me, 'MESSAGE' => implode("\n", ['Good morning! This waits for you:', ...$lines])]);
    }
}
