import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { privateFolder, removeFolder } from '@simple-scheduler/testkit';
import type { ProjectName } from './arguments.ts';
import { runCommand } from './command.ts';
import { type Tally, tallyOf, type VitestReport } from './tally.ts';

export interface ProjectRun {
  readonly project: ProjectName;
  readonly filters: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly timeLimitMs: number;
}

/** Runs one project of vitest and counts its tests. */
export async function runProject({ project, filters, env, timeLimitMs }: ProjectRun): Promise<Tally> {
  const folder = await privateFolder('report');
  const file = join(folder, 'report.json');
  try {
    const args = ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const code = await runCommand({ command: 'vitest', args: [...args, ...filters], env, timeLimitMs });
    const text = await readFile(file, 'utf8').catch(() => undefined);
    return tallyOf(text === undefined ? undefined : (JSON.parse(text) as VitestReport), code);
  } finally {
    await removeFolder(folder);
  }
}
