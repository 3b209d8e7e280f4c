import type { createClient } from 'redis';
import { inTime } from '../base/in-time.ts';
import type { OpenLine } from '../db/wakes/channel.ts';

export type RedisClient = ReturnType<typeof createClient>;

const CONNECT_TIMEOUT_MS = 3000;

/** Wakes by publish and subscribe, on two connections: one that listens may do nothing else on older servers. */
export function redisLine(connect: () => RedisClient, channel: string): OpenLine {
  return async (onText) => {
    const clients = [connect(), connect()] as const;
    const [listening, sending] = clients;
    const lost = new Promise<void>((resolve) => {
      for (const client of clients) client.on('error', () => resolve()).on('end', () => resolve());
    });
    const close = async () => {
      for (const client of clients) if (client.isOpen) client.destroy();
    };
    const open = async () => {
      await Promise.all(clients.map((client) => client.connect()));
      await listening.subscribe(channel, onText);
    };
    try {
      await inTime(open(), CONNECT_TIMEOUT_MS);
    } catch (error) {
      await close();
      throw error;
    }
    return {
      send: (text) => sending.publish(channel, text),
      check: () => Promise.all(clients.map((client) => client.ping())),
      lost,
      close,
    };
  };
}
