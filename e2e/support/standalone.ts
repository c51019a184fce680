import { fileURLToPath } from 'node:url';
import { type Client, createClient } from '@simple-scheduler/client';
import { cleanEnv, type Spawned, start } from './service.ts';

const MAIN = fileURLToPath(new URL('../../services/standalone/dist/main.js', import.meta.url));

export interface LogLine {
  readonly msg: string;
  readonly level: string;
  readonly [field: string]: unknown;
}

export interface Standalone extends AsyncDisposable {
  readonly process: Spawned;
  readonly apiUrl: string;
  readonly docsUrl: string;
  readonly healthUrl: string;
  readonly client: Client;
  logged(): LogLine[];
}

/** The built standalone service in this folder, whether or not it gets so far as to serve. */
export function spawnStandalone(folder: string, settings: Record<string, string>): Spawned {
  const named = Object.entries(settings).map(([name, value]) => [`SIMPLE_SCHEDULER_${name}`, value]);
  return start('standalone', process.execPath, [MAIN], { ...cleanEnv(), ...Object.fromEntries(named) }, folder);
}

/** The same, once it serves. */
export async function startStandalone(folder: string, settings: Record<string, string>): Promise<Standalone> {
  const service = spawnStandalone(folder, settings);
  const ready = logLine(await service.line((line) => line.includes('"msg":"ready"')));
  const apiUrl = String(ready['api']);
  return {
    process: service,
    apiUrl,
    docsUrl: String(ready['docs']),
    healthUrl: `http://${String(ready['health'])}`,
    client: createClient({ baseUrl: apiUrl }),
    logged: () => service.lines.map(logLine),
    [Symbol.asyncDispose]: async () => {
      await service.stop();
    },
  };
}

export function logLine(text: string): LogLine {
  return JSON.parse(text) as LogLine;
}
