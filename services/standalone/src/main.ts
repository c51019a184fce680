import { verifyDatabase } from '@simple-scheduler/drivers';
import { PREFIX, runService } from '@simple-scheduler/runtime';
import { startStandalone } from './app.ts';
import { readArguments } from './arguments.ts';
import { refuseBusOfItsOwn, standaloneParts } from './settings.ts';

const given = readArguments(process.argv.slice(2));
if (given.kind === 'print') {
  (given.exitCode === 0 ? process.stdout : process.stderr).write(given.text);
  process.exit(given.exitCode);
}

const overrides = Object.fromEntries(Object.entries(given.overrides).map(([name, text]) => [`${PREFIX}${name}`, text]));

await runService({
  service: 'standalone',
  parts: standaloneParts,
  env: { ...process.env, ...overrides },
  cwd: process.cwd(),
  verify: async (settings) => [...(await verifyDatabase(settings)), ...refuseBusOfItsOwn(settings)],
  start: startStandalone,
});
