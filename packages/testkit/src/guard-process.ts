// Runs as a process of its own, outliving the one that started it by a moment. It is told on standard input what that one
// owns; when the input ends, however the owner ended (even by kill -9), it ends the owned process groups and removes the
// owned folders. So no signal handler is needed anywhere and nothing is left behind.
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { GuardMessage } from './guard.ts';

const groups = new Set<number>();
const folders = new Set<string>();

const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  const message = JSON.parse(line) as GuardMessage;
  if ('ownGroup' in message) groups.add(message.ownGroup);
  if ('dropGroup' in message) groups.delete(message.dropGroup);
  if ('ownFolder' in message) folders.add(message.ownFolder);
  if ('dropFolder' in message) folders.delete(message.dropFolder);
});
input.on('close', () => {
  for (const group of groups) {
    try {
      process.kill(-group, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  }
  // A process that is being killed may still write for a moment: `maxRetries` outlasts it.
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});
