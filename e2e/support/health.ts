import type { Spawned } from './service.ts';

export interface HealthReport {
  readonly status: number;
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly reason?: string }>>;
}

/** What a service said when it was ready. */
export async function readyFields(service: Spawned): Promise<Readonly<Record<string, string>>> {
  const line = await service.line((text) => text.includes('"msg":"ready"'));
  return JSON.parse(line) as Record<string, string>;
}

/** `/readyz` at an address such as `127.0.0.1:9090`. */
export async function readyz(address: string): Promise<HealthReport> {
  const response = await fetch(`http://${address}/readyz`);
  const { checks } = (await response.json()) as Pick<HealthReport, 'checks'>;
  return { status: response.status, checks };
}

/** The values of a metric, those of all its labels added up; 0 where nothing was counted yet. */
export async function metric(service: Spawned, name: string): Promise<number> {
  const { health } = await readyFields(service);
  const text = await (await fetch(`http://${health}/metrics`)).text();
  const samples = text.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  return samples.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
