<?php

namespace Digest;

/** Calls a portal by the address of a webhook. */
final class Portal
{
    private const TRIES = 4;

    /** @param float $pause seconds before a call is tried again; each further pause is twice as long */
    public function __construct(private string $webhook, private float $pause = 1.0)
    {
    }

    /** @throws PortalError */
    public function call(string $method, array $params = []): mixed
    {
        for ($attempt = 1; ; $attempt++) {
            $answer = $this->post($method, $params);
            if (!isset($answer['error'])) {
                return $answer['result'];
            }
            if ($answer['error'] !== 'QUERY_LIMIT_EXCEEDED' || $attempt === self::TRIES) {
                throw new PortalError($method, $answer['error'], $answer['error_description'] ?? '');
            }
            usleep((int) ($this->pause * 1e6 * 2 ** ($attempt - 1)));
        }
    }

    private function post(string $method, array $params): array
    {
        $context = stream_context_create(['http' => [
            'method' => 'POST',
            'header' => 'Content-Type: application/json',
            'content' => json_encode((object) $params, JSON_THROW_ON_ERROR),
            'ignore_errors' => true,
        ]]);
        return json_decode(file_get_contents($this->webhook . $method, false, $context), true, 512, JSON_THROW_ON_ERROR);
    }
}
