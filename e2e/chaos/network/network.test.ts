import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Network } from './network.ts';

let network: Network;
let port: number;
const served: Socket[] = [];
const server = createServer((socket) => {
  served.push(socket);
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => socket.write(`heard ${chunk}`));
});

beforeEach(async () => {
  network = new Network();
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening');
  port = (server.address() as { port: number }).port;
});
afterEach(() => network.close());

async function dial(from: string): Promise<Socket> {
  const door = await network.openDoor({ from, to: 'server', port });
  const socket = connect({ port: door.port, host: '127.0.0.1' });
  socket.setEncoding('utf8');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Does not wait until it is let in. */
async function knock(from: string): Promise<Socket> {
  const door = await network.openDoor({ from, to: 'server', port });
  return connect({ port: door.port, host: '127.0.0.1' }).on('error', () => {});
}

async function ask(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  return String((await once(socket, 'data'))[0]);
}

/** However it ends: a cut is an error too. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => (socket.destroyed ? resolve() : socket.once('close', () => resolve())));
}

/** Neither data nor an end comes while another connection, which nothing disturbs, is answered again and again. */
async function isSilent(socket: Socket): Promise<boolean> {
  let heard = false;
  const listener = (): void => void (heard = true);
  socket.on('data', listener).on('close', listener);
  const other = await dial('undisturbed');
  for (let i = 0; i < 10; i++) await ask(other, 'there?');
  other.destroy();
  socket.off('data', listener).off('close', listener);
  return !heard;
}

test('passes everything on in both directions, and the end too', async () => {
  const socket = await dial('a');
  expect(await ask(socket, 'one')).toBe('heard one');
  served.at(-1)?.end();
  await once(socket, 'end');
  socket.end();
});

test('delays both directions', async () => {
  const socket = await dial('a');
  await ask(socket, 'warm');
  const delay = network.disturb(({ from }) => from === 'a', { kind: 'delay', delayMs: 60 });
  expect(delay.met).toBe(1);
  const askedAt = performance.now();
  expect(await ask(socket, 'slow')).toBe('heard slow');
  expect(performance.now() - askedAt).toBeGreaterThanOrEqual(118);
  delay.lift();
});

test.each(['to_server', 'to_client'] as const)('keeps silent %s, and makes up for it', async (silent) => {
  const socket = await dial('a');
  await ask(socket, 'warm');
  const far = served.at(-1) as Socket;
  const heardBefore = far.bytesRead;
  const halved = network.disturb(({ from }) => from === 'a', { kind: 'halve', silent });
  socket.write('lost?');
  if (silent === 'to_client') await once(far, 'data');
  expect(await isSilent(socket)).toBe(true);
  expect(far.bytesRead > heardBefore).toBe(silent === 'to_client');
  halved.lift();
  expect(String((await once(socket, 'data'))[0])).toBe('heard lost?');
});

test('does not tell of an end in a silent direction', async () => {
  const socket = await dial('a');
  await ask(socket, 'warm');
  const halved = network.disturb(({ from }) => from === 'a', { kind: 'halve', silent: 'to_client' });
  served.at(-1)?.destroy();
  expect(await isSilent(socket)).toBe(true);
  halved.lift();
  await once(socket, 'close');
});

test('cuts what there is and what comes, for those whom it concerns', async () => {
  const [one, other] = [await dial('a'), await dial('b')];
  await Promise.all([ask(one, 'warm'), ask(other, 'warm')]);
  const cut = network.disturb(({ from }) => from === 'a', { kind: 'cut' });
  await closed(one);
  const again = await knock('a');
  await closed(again);
  expect(await ask(other, 'still there')).toBe('heard still there');
  cut.lift();
  expect(await ask(await dial('a'), 'back')).toBe('heard back');
});

test('tells clients of one door apart by what they say first', async () => {
  const door = await network.openDoor({ from: (first) => first.toString().slice(0, 1), to: 'server', port });
  const sockets = await Promise.all(
    ['x', 'y'].map(async (name) => {
      const socket = connect({ port: door.port, host: '127.0.0.1' });
      socket.on('error', () => {});
      await once(socket, 'connect');
      await ask(socket, name);
      return socket;
    }),
  );
  const cut = network.disturb(({ from }) => from === 'y', { kind: 'cut' });
  expect(cut.met).toBe(1);
  await closed(sockets[1] as Socket);
  expect(await ask(sockets[0] as Socket, 'x')).toBe('heard x');
});
