// Starts the servers that the tests use and keeps them up until Ctrl-C, so that test runs in other terminals start at once:
// npm run servers, then put the printed variables into the environment there. Names of servers as arguments start only those.
import { obtainServers, type ServerKind } from '@simple-scheduler/testkit';

const KINDS: readonly ServerKind[] = ['mongodb', 'rabbitmq', 'keycloak'];

const named = process.argv.slice(2);
const stranger = named.find((name) => !(KINDS as readonly string[]).includes(name));
if (stranger !== undefined) {
  console.error(`There is no server ${stranger}. There are: ${KINDS.join(', ')}.`);
  process.exit(2);
}
const wished = (kind: ServerKind): boolean => named.length === 0 || named.includes(kind);
const servers = await obtainServers({
  mongodb: wished('mongodb'),
  rabbitmq: wished('rabbitmq'),
  keycloak: wished('keycloak'),
});
for (const [name, value] of Object.entries(servers.env)) console.log(`export ${name}='${value}'`);
console.log('Ctrl-C ends them.');

const asked = Promise.withResolvers<void>();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => asked.resolve());
const alive = setInterval(() => {}, 60_000); // waiting for a signal does not keep a process up
await asked.promise;
clearInterval(alive);
await servers.stop();
