import { once } from 'node:events';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { waitFor } from '@simple-scheduler/testkit';
import { expect, test } from 'vitest';
import { cliUnderTest } from './run-cli.ts';

const API = 'http://127.0.0.1:8080/api';

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s in the middle of a renewal leaves no lock to wait for',
  async (signal) => {
    const waiting: Socket[] = [];
    const silent = createServer((socket) => void waiting.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    await using cli = await cliUnderTest({ SIMPLE_SCHEDULER_URL: API });
    try {
      const folder = join(cli.folder, 'config');
      const file = join(folder, 'credentials.json');
      const issuer = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
      const tokens = { accessToken: 'old', refreshToken: 'r', expiresAt: 1 };
      const logins = { [API]: { issuer, clientId: 'c', flow: 'browser', tokens } };
      await mkdir(folder, { mode: 0o700 });
      await writeFile(file, JSON.stringify({ version: 1, logins }), { mode: 0o600 });
      const running = cli.start(['list', 'jobs']);
      await waitFor(() => waiting.length > 0, { timeoutMs: 60_000, message: 'a question to the issuer' });
      await access(`${file}.lock`);
      running.process.kill(signal);
      expect(await running.outcome).toEqual({ code: null, out: '', err: '' });
      await expect(access(`${file}.lock`)).rejects.toMatchObject({ code: 'ENOENT' });
      await access(file);
    } finally {
      for (const socket of waiting) socket.destroy();
      silent.close();
    }
  },
);
