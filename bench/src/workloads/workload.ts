import type { Parameters } from '../parameters.ts';
import type { BenchServers } from '../servers.ts';

export interface WorkloadContext {
  readonly servers: BenchServers;
  readonly parameters: Parameters;
  /** Where services leave their CPU profiles; undefined: none are taken. */
  readonly profileFolder: string | undefined;
  /** For the one who waits. */
  readonly say: (text: string) => void;
}

/** JSON: what was measured, grouped as the workload sees fit. */
export type Measurement = Readonly<Record<string, unknown>>;

export type Workload = (context: WorkloadContext) => Promise<Measurement>;
