// Who may import whom: the arrows of the design. A layer that is not named here is refused, so a new package says where it
// belongs before it can be used.

export interface Layer {
  /** The workspace packages, by folder name, that its sources may import; its tests may import what they declare. */
  readonly workspace: readonly string[];
  /** Third-party packages that it is limited to; any that its package.json declares when absent. */
  readonly libraries?: readonly string[];
  /** False where the code must run anywhere and on virtual time. */
  readonly nodeModules?: false;
}

const driver = ['engine', 'core', 'contracts'];
const service = ['runtime', 'drivers', ...driver, 'store-mongodb', 'store-sqlite', 'bus-rabbitmq', 'bus-memory'];

export const LAYERS: Readonly<Record<string, Layer>> = {
  'packages/contracts': { workspace: [], libraries: ['zod'], nodeModules: false },
  'packages/core': { workspace: ['contracts'], libraries: ['cron-parser', 'luxon'], nodeModules: false },
  'packages/engine': { workspace: ['core', 'contracts'], libraries: ['heap-js'], nodeModules: false },
  'packages/store-mongodb': { workspace: driver },
  'packages/store-sqlite': { workspace: driver },
  'packages/bus-rabbitmq': { workspace: driver },
  'packages/bus-memory': { workspace: driver },
  'packages/runtime': { workspace: driver },
  // Picks the drivers that the settings name: once, for all services.
  'packages/drivers': {
    workspace: ['runtime', ...driver, 'store-mongodb', 'store-sqlite', 'bus-rabbitmq', 'bus-memory'],
  },
  'packages/conformance': { workspace: driver },
  'packages/simulation': { workspace: driver },
  'packages/worker': { workspace: ['contracts'] },
  'packages/client': { workspace: ['contracts'] },
  'packages/testkit': { workspace: [] },
  'services/scheduler': { workspace: service },
  'services/custodian': { workspace: service },
  'services/api': { workspace: service },
  'services/cli': { workspace: ['client', 'contracts', 'runtime'] },
  'services/standalone': {
    workspace: [
      'runtime',
      'drivers',
      ...driver,
      'store-sqlite',
      'bus-memory',
      'worker',
      'client',
      'scheduler',
      'custodian',
      'api',
    ],
  },
};

/** Core knows the words of the contract, not the schemas. */
export const CORE_MAY_IMPORT = '@simple-scheduler/contracts/vocabulary';

/** Packages that exist for tests: no shipped file imports them. */
export const TEST_ONLY: readonly string[] = ['conformance', 'simulation', 'testkit'];
