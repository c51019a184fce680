export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

export const PASSED: Tally = { passed: 1, failed: 0 };
export const FAILED: Tally = { passed: 0, failed: 1 };

export function sum(tallies: Iterable<Tally>): Tally {
  let [passed, failed] = [0, 0];
  for (const tally of tallies) {
    passed += tally.passed;
    failed += tally.failed;
  }
  return { passed, failed };
}

export function lineOf({ passed, failed }: Tally): string {
  return `${passed} passed, ${failed} failed`;
}

/** The part of vitest's JSON report that is counted. */
export interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/**
 * Counts a report strictly: a test that was skipped or left as a note did not pass, a file that could not be loaded or whose
 * hooks failed counts, and so do an error outside any test (seen by the exit code) and a project without any test.
 */
export function tallyOf(report: VitestReport | undefined, exitCode: number | null): Tally {
  if (report === undefined) return FAILED;
  const statuses = report.testResults.flatMap((file) => file.assertionResults.map(({ status }) => status));
  const passed = statuses.filter((status) => status === 'passed').length;
  let failed = statuses.length - passed;
  for (const { status, assertionResults } of report.testResults) {
    const isCounted = assertionResults.some((assertion) => assertion.status !== 'passed');
    if (status !== 'passed' && !isCounted) failed++;
  }
  if (failed === 0 && (exitCode !== 0 || passed === 0)) failed = 1;
  return { passed, failed };
}
