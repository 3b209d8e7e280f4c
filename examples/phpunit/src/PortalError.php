<?php

namespace Digest;

final class PortalError extends \RuntimeException
{
    public function __construct(string $method, public readonly string $error, string $text)
    {
        parent::__construct("$method: $error: $text");
    }
}
