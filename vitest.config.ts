import { defineConfig } from 'vitest/config';

// Tests run from source: every package names its TypeScript entry under the condition `x-source`. The end-to-end project
// imports helpers that way too, but the processes that it starts are the built ones in dist/.
const fromSource = { conditions: ['x-source'] };

// On a bare machine the first hook that asks for a server waits until it is fetched and installed.
const FETCHING_SERVERS_MS = 300_000;

export default defineConfig({
  resolve: fromSource,
  ssr: { resolve: fromSource },
  test: {
    passWithNoTests: false,
    maxWorkers: '100%', // the default leaves one core unused: of two that is half
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          testTimeout: 60_000, // a busy machine is no failure
          include: [
            'packages/*/src/**/*.test.ts',
            'services/*/src/**/*.test.ts',
            'scripts/**/*.test.{ts,mjs}',
            'bench/src/**/*.test.ts',
            'e2e/chaos/*/**/*.test.ts', // what checks the chaos run, and its plan; the run itself is end to end
          ],
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: [
            'packages/*/test/**/*.integration.test.ts',
            'services/*/test/**/*.integration.test.ts',
            'bench/peers/test/*.integration.test.ts',
          ],
          globalSetup: ['packages/testkit/src/vitest-setup.ts'],
          testTimeout: 120_000, // a broker restarts in seconds, on a busy machine in half a minute
          hookTimeout: FETCHING_SERVERS_MS,
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: { name: 'sim', include: ['packages/simulation/test/**/*.sim.test.ts'], testTimeout: 120_000 },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['e2e/**/*.e2e.test.ts', 'bench/test/*.e2e.test.ts'],
          globalSetup: ['packages/testkit/src/vitest-setup.ts'],
          testTimeout: 180_000,
          hookTimeout: FETCHING_SERVERS_MS,
          fileParallelism: false,
        },
      },
    ],
  },
});
