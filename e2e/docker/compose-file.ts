import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** The parts of a service of a compose file that the tests look at; the schema says that they have these shapes. */
export interface ComposeService {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string; readonly target: string };
  readonly user?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly profiles?: readonly string[];
  readonly network_mode?: string;
  readonly stop_grace_period?: string;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly deploy?: { readonly replicas?: number };
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

/** The file as compose reads it where no variable is set: merge keys resolved, `${NAME:-default}` replaced by its default. */
export function readComposeFile(file: string): ComposeFile {
  const text = readFileSync(file, 'utf8').replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1');
  return parse(text, { merge: true }) as ComposeFile;
}

/** What must have started before a service, shared networks included. */
function startsAfter(service: ComposeService): string[] {
  const network = /^service:(.+)$/.exec(service.network_mode ?? '')?.[1];
  return [...Object.keys(service.depends_on ?? {}), ...(network === undefined ? [] : [network])];
}

/** The services in an order in which they can start. @throws where they wait for each other */
export function startOrder(services: ComposeFile['services']): string[] {
  const order: string[] = [];
  const visit = (name: string, path: readonly string[]): void => {
    if (path.includes(name)) throw new Error(`wait for each other: ${[...path, name].join(' → ')}`);
    if (order.includes(name)) return;
    const service = services[name];
    if (service === undefined) throw new Error(`${path.at(-1)} waits for ${name}, which is no service`);
    for (const before of startsAfter(service)) visit(before, [...path, name]);
    order.push(name);
  };
  for (const name of Object.keys(services)) visit(name, []);
  return order;
}
