import { parseArgs } from 'node:util';

const USAGE = `Simple Scheduler in one process: API, scheduler, custodian, and a sample job with a worker.

  --no-sample   without the sample job and its worker (also SIMPLE_SCHEDULER_SAMPLE=false)
  --help        this text

Settings are environment variables; docs/settings.md lists them.
`;

/** What was asked for: `overrides` are settings without prefix. `text` is to be printed instead, with this exit code. */
export type Arguments =
  | { readonly kind: 'run'; readonly overrides: Readonly<Record<string, string>> }
  | { readonly kind: 'print'; readonly text: string; readonly exitCode: number };

export function readArguments(args: readonly string[]): Arguments {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { 'no-sample': { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
      strict: true,
    });
    if (values.help === true) return { kind: 'print', text: USAGE, exitCode: 0 };
    return { kind: 'run', overrides: values['no-sample'] === true ? { SAMPLE: 'false' } : {} };
  } catch (error) {
    return { kind: 'print', text: `${(error as Error).message}\n\n${USAGE}`, exitCode: 2 };
  }
}
