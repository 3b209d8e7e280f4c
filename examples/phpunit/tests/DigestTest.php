<?php

namespace Digest\Tests;

use Digest\Digest;
use Digest\Portal;
use Digest\PortalError;
use PHPUnit\Framework\TestCase;

final class DigestTest extends TestCase
{
    private static TestPortal $portal;
    private static Portal $boris;
    private Portal $anna;

    public static function setUpBeforeClass(): void
    {
        self::$portal = new TestPortal();
        self::$portal->tidemark('portal', 'set', '--rehearsals', '--movable-clock');
        self::$boris = new Portal(self::$portal->addUser('Boris'));
    }

    public static function tearDownAfterClass(): void
    {
        self::$portal->stop();
    }

    /** The administrator, to whom nothing is unread. */
    protected function setUp(): void
    {
        $this->anna = new Portal(self::$portal->admin, 0.001);
        $this->anna->call('im.dialog.read.all');
    }

    public function testItNamesWhatIsUnreadAndHowMuchOfIt(): void
    {
        $this->hears('Soup?', 'At noon');
        (new Digest($this->anna))->send();
        self::assertSame("Good morning! This waits for you:\nBoris: 2 unread, the last one: At noon", $this->note());
    }

    public function testItSaysNothingWhereNothingWaits(): void
    {
        self::assertNull((new Digest($this->anna))->send());
    }

    public function testItTriesAgainWhenItHasCalledTooOften(): void
    {
        $this->hears('Cake?');
        $this->rehearse('QUERY_LIMIT_EXCEEDED', 2);
        (new Digest($this->anna))->send();
        self::assertStringEndsWith('Cake?', $this->note());
    }

    public function testItGivesUpInTheEnd(): void
    {
        $this->rehearse('QUERY_LIMIT_EXCEEDED', 4);
        $this->expectException(PortalError::class);
        $this->expectExceptionMessage('QUERY_LIMIT_EXCEEDED');
        (new Digest($this->anna))->send();
    }

    public function testWhatIsOlderThanAWeekIsLeftAlone(): void
    {
        $this->hears('Still there?');
        self::$portal->tidemark('clock', 'advance', '8d');
        self::assertNull((new Digest($this->anna))->send());
    }

    private function hears(string ...$texts): void
    {
        foreach ($texts as $text) {
            self::$boris->call('im.message.add', ['DIALOG_ID' => 1, 'MESSAGE' => $text]);
        }
    }

    private function rehearse(string $error, int $next): void
    {
        self::$portal->tidemark('rehearse', '--webhook', self::$portal->admin, '--method', 'im.recent.get', '--error', $error, '--next', (string) $next);
    }

    /** What she has written to herself last. */
    private function note(): string
    {
        $me = $this->anna->call('profile')['ID'];
        return $this->anna->call('im.dialog.messages.get', ['DIALOG_ID' => $me])['messages'][0]['text'];
    }
}
