import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { endWithMe, hasEnded } from '@simple-scheduler/testkit';
import type { Execution, FromPeer, PeerName, PeerPlace, Tasks, ToPeer } from './protocol.ts';

const STOP_TIME_LIMIT_MS = 15_000;

/** A peer's process, seen from the one that started it. */
export interface PeerProcess extends AsyncDisposable {
  readonly pid: number;
  /** Executions so far; a few ms old. */
  readonly received: number;
  add(tasks: Tasks): Promise<void>;
  start(): Promise<void>;
  countDone(): Promise<number>;
  /** All of them, in order. */
  executions(): Promise<Execution[]>;
}

/** Starts it and has it make what it needs in its place. It ends with this process, however that ends. */
export async function startPeer(peer: PeerName, place: PeerPlace): Promise<PeerProcess> {
  const child = fork(fileURLToPath(new URL('peer-process.ts', import.meta.url)), {
    detached: true,
    serialization: 'advanced',
    execArgv: ['--conditions=x-source'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${peer} did not start`);
  endWithMe(pid);
  const ended = once(child, 'exit').then(() => hasEnded(pid));
  const executions: Execution[] = [];
  let received = 0;
  let waiting: { resolve(answer: number | undefined): void; reject(error: Error): void } | undefined;
  child.on('message', (message: FromPeer) => {
    if (message.kind === 'received') received = message.count;
    else if (message.kind === 'executions') executions.push(...message.executions);
    else if (message.kind === 'done') waiting?.resolve(message.answer);
    else waiting?.reject(new Error(`${peer}: ${message.message}`));
  });
  const ask = (message: ToPeer): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      waiting = { resolve, reject };
      void ended.then(() => reject(new Error(`${peer} ended`)));
      child.send(message);
    });
  await ask({ kind: 'open', peer, place });
  return {
    pid,
    get received() {
      return received;
    },
    add: async (tasks) => void (await ask({ kind: 'add', tasks })),
    start: async () => void (await ask({ kind: 'start' })),
    countDone: async () => (await ask({ kind: 'count' })) ?? 0,
    executions: async () => {
      executions.length = 0;
      await ask({ kind: 'report' });
      return executions;
    },
    [Symbol.asyncDispose]: async () => {
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_TIME_LIMIT_MS);
      if (child.connected) await ask({ kind: 'stop' }).catch((error: Error) => console.error(error.message));
      if (child.connected) child.disconnect();
      await ended;
      clearTimeout(late);
    },
  };
}
