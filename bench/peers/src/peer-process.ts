// A peer in a process of its own; told over the channel to its parent what to do, one thing after another.
import { openAgenda } from './agenda.ts';
import { openBullmq } from './bullmq.ts';
import { openGraphileWorker } from './graphile-worker.ts';
import { openPgBoss } from './pg-boss.ts';
import type { Execution, FromPeer, Peer, PeerName, PeerPlace, ToPeer } from './protocol.ts';

const OPENERS: Readonly<Record<PeerName, (place: PeerPlace) => Promise<Peer>>> = {
  agenda: openAgenda,
  bullmq: openBullmq,
  'pg-boss': openPgBoss,
  'graphile-worker': openGraphileWorker,
};
const COUNT_INTERVAL_MS = 20;
const EXECUTIONS_PER_MESSAGE = 5_000;

const executions: Execution[] = [];
let opened: Peer | undefined;
let counting: NodeJS.Timeout | undefined;

const tell = (message: FromPeer): void => void process.send?.(message);
let previous = Promise.resolve();
process.on('message', (message: ToPeer) => {
  previous = previous
    .then(() => obey(message))
    .then(
      (answer) => tell(answer === undefined ? { kind: 'done' } : { kind: 'done', answer }),
      (error: Error) => tell({ kind: 'failed', message: error.stack ?? error.message }),
    );
});
process.on('disconnect', () => process.exit(0));

async function obey(message: ToPeer): Promise<number | undefined> {
  if (message.kind === 'open') {
    opened = await OPENERS[message.peer](message.place);
    return undefined;
  }
  if (opened === undefined) throw new Error('It is opened first');
  if (message.kind === 'add') await opened.add(message.tasks);
  if (message.kind === 'count') return opened.countDone();
  if (message.kind === 'report') report();
  if (message.kind === 'start') {
    await opened.start((execution) => executions.push(execution));
    counting = setInterval(() => tell({ kind: 'received', count: executions.length }), COUNT_INTERVAL_MS);
  }
  if (message.kind === 'stop') {
    clearInterval(counting);
    await opened.stop();
  }
  return undefined;
}

function report(): void {
  for (let from = 0; from === 0 || from < executions.length; from += EXECUTIONS_PER_MESSAGE) {
    const part = executions.slice(from, from + EXECUTIONS_PER_MESSAGE);
    tell({ kind: 'executions', executions: part, last: from + EXECUTIONS_PER_MESSAGE >= executions.length });
  }
}
