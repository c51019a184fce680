import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { endWithMe, hasEnded } from '@simple-scheduler/testkit';

export interface BareServer extends AsyncDisposable {
  readonly pid: number;
  readonly url: string;
}

export interface BareAnswer {
  readonly body: string;
  /** Beside those that the framework makes. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Gives each of these answers at its route, in a process of its own. It ends with this process, however that ends. */
export async function startBareServer(answers: Readonly<Record<string, BareAnswer>>): Promise<BareServer> {
  const child = fork(fileURLToPath(new URL('bare-process.ts', import.meta.url)), { detached: true });
  const { pid } = child;
  if (pid === undefined) throw new Error('The bare server did not start');
  endWithMe(pid);
  const ended = once(child, 'exit').then(() => hasEnded(pid));
  const failed = ended.then(() => Promise.reject(new Error('The bare server ended')));
  failed.catch(() => {}); // told to whoever waits for its address
  child.send(answers);
  const [url] = (await Promise.race([once(child, 'message'), failed])) as [string];
  return {
    pid,
    url,
    [Symbol.asyncDispose]: async () => {
      child.disconnect();
      await ended;
    },
  };
}
