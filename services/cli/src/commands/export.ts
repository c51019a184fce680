import type { Context } from '../context.ts';
import { declarationOf } from '../declared/changes.ts';
import type { Declaration } from '../declared/changes.ts';
import { ownerOf, OWNER_LABEL } from '../declared/ownership.ts';
import { jsonText, yamlText } from '../output/documents.ts';
import { writeResult } from '../io.ts';
import { withJob } from './naming.ts';

export interface ExportOptions {
  readonly set?: string;
  readonly meta?: Record<string, string>;
  readonly nextRunAt?: true;
}

/** Writes jobs as `apply` reads them: YAML unless JSON is asked for. All there are, where none is named. */
export async function exportJobs(context: Context, names: readonly string[], options: ExportOptions): Promise<void> {
  const { set } = options;
  const jobs: Declaration[] = [];
  const declare = { nextRunAt: options.nextRunAt === true };
  if (names.length > 0) {
    for (const name of names) {
      jobs.push(declarationOf(await withJob(context, name, () => context.client.jobs.get(name)), declare));
    }
  } else {
    const meta = { ...options.meta, ...(set === undefined ? {} : { [OWNER_LABEL]: set }) };
    for await (const job of context.client.jobs.each({ meta, limit: 500 })) jobs.push(declarationOf(job, declare));
  }
  const sheet = set === undefined ? { jobs } : { set, jobs: jobs.map((job) => unlabelled(job, set)) };
  const { output } = context.options;
  if (output === 'name') await writeResult(context.io, jobs.map(({ name }) => `${name}\n`).join(''));
  else await writeResult(context.io, output === 'json' ? `${jsonText(sheet)}\n` : await yamlText(sheet));
}

/** The set is named once for all. */
function unlabelled(job: Declaration, set: string): Declaration {
  if (job.meta === undefined || ownerOf(job) !== set) return job;
  const { meta, ...rest } = job;
  const others = Object.entries(meta).filter(([key]) => key !== OWNER_LABEL);
  return others.length === 0 ? rest : { ...rest, meta: Object.fromEntries(others) };
}
