import { parseArgs } from 'node:util';

export const STEPS = ['format', 'lint', 'build', 'types', 'imports', 'unit', 'sim', 'integration', 'e2e'] as const;

export type StepName = (typeof STEPS)[number];

/** Steps that are vitest projects of the same name, in the order in which they run. */
const PROJECTS = ['unit', 'sim', 'integration', 'e2e'] as const satisfies readonly StepName[];

export type ProjectName = (typeof PROJECTS)[number];

export function isProject(step: StepName): step is ProjectName {
  return (PROJECTS as readonly StepName[]).includes(step);
}

export interface TestArguments {
  readonly steps: readonly StepName[];
  /** Passed to vitest: parts of file names. */
  readonly filters: readonly string[];
}

export const USAGE = `npm test -- [--only STEP]… [--project PROJECT]… [part of a test file's path]…
  steps:    ${STEPS.join(', ')}
  projects: ${PROJECTS.join(', ')} (the same as the steps; e2e runs what the step build made)
  Without any, everything runs. A part of a path needs a project: npm test -- --project unit packages/core`;

/** @throws TypeError with what is wrong about the arguments. */
export function parseTestArguments(args: readonly string[]): TestArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { only: { type: 'string', multiple: true }, project: { type: 'string', multiple: true } },
  });
  const named = [...(values.only ?? []), ...(values.project ?? [])].flatMap((value) => value.split(','));
  for (const name of named) {
    if (!(STEPS as readonly string[]).includes(name)) throw new TypeError(`There is no step ${name}`);
  }
  const stranger = STEPS.find((step) => !isProject(step) && (named.length === 0 || named.includes(step)));
  if (positionals.length > 0 && stranger !== undefined) {
    throw new TypeError(`${positionals.join(' ')} selects test files, which ${stranger} has none of: name a project`);
  }
  if (named.includes('e2e')) named.push('build'); // it runs what the build made
  const steps = named.length === 0 ? STEPS : STEPS.filter((step) => named.includes(step));
  return { steps, filters: positionals };
}
