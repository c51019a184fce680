import { fork } from 'node:child_process';
import { once } from 'node:events';
import { endWithMe, hasEnded } from '@simple-scheduler/testkit';

export interface HttpProcess extends AsyncDisposable {
  readonly pid: number;
  /** Without a path. */
  readonly url: string;
}

/**
 * Runs this file in a process of its own, gives it its set-up as the first message and takes its address as the answer. It ends with
 * this process, however that ends.
 * @throws where it ends before that
 */
export async function startHttpProcess(file: URL, setup: object): Promise<HttpProcess> {
  const child = fork(file, { detached: true });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${file.pathname} did not start`);
  endWithMe(pid);
  const ended = once(child, 'exit').then(() => hasEnded(pid));
  const failed = ended.then(() => Promise.reject(new Error(`${file.pathname} ended`)));
  failed.catch(() => {}); // told to whoever waits for its address
  child.send(setup);
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
