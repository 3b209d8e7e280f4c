<?php

namespace Digest\Tests;

/** A portal for the tests: the server of the npm package `tidemark`, in a folder that goes with it. */
final class TestPortal
{
    /** Address of a webhook of the administrator's. */
    public readonly string $admin;
    private string $folder;
    private array $environment;
    private mixed $server;
    private array $ready;

    public function __construct()
    {
        $this->folder = sys_get_temp_dir() . '/portal-' . bin2hex(random_bytes(6));
        $this->environment = ['TIDEMARK_DATA' => $this->folder] + getenv();
        $command = ['npx', 'tidemark', 'serve', '--empty', '--json', '--port', '0', '--tls-port', '0', '--log-level', 'error'];
        $this->server = proc_open($command, [1 => ['pipe', 'w']], $pipes, null, $this->environment);
        // One line, once it is ready: its addresses, a webhook of the administrator's, and its process.
        $this->ready = json_decode(fgets($pipes[1]), true, 512, JSON_THROW_ON_ERROR);
        $this->admin = $this->ready['admin']['webhook'];
    }

    /** Runs a command on the portal. Returns what it prints as JSON. */
    public function tidemark(string ...$command): array
    {
        $process = proc_open(['npx', 'tidemark', ...$command, '--json'], [1 => ['pipe', 'w']], $pipes, null, $this->environment);
        $printed = stream_get_contents($pipes[1]);
        if (proc_close($process) !== 0) {
            throw new \RuntimeException('failed: tidemark ' . implode(' ', $command));
        }
        return json_decode($printed, true, 512, JSON_THROW_ON_ERROR);
    }

    /** @return string the address of a webhook of the new user's */
    public function addUser(string $name): string
    {
        $user = $this->tidemark('user', 'add', '--name', $name)['id'];
        return $this->tidemark('webhook', 'add', '--user', (string) $user, '--scope', 'im,user')['url'];
    }

    public function stop(): void
    {
        // The server itself: npx does not pass signals on.
        proc_close(proc_open(['kill', (string) $this->ready['pid']], [], $pipes));
        proc_close($this->server);
        proc_close(proc_open(['rm', '-r', $this->folder], [], $pipes));
    }
}
