import type { Address } from '../address.ts';
import { definePart } from '../part.ts';
import type { SettingsPart } from '../part.ts';
import type { ServiceName } from '../variable.ts';
import { address } from '../values.ts';

export interface HealthSettings {
  readonly address: Address;
}

const DEFAULTS: Readonly<Record<ServiceName, Address>> = {
  scheduler: { port: 9090 },
  custodian: { port: 9091 },
  executor: { port: 9092 },
  // Neither has a health server of its own in the contract; a process that has one anyway stays on this machine.
  api: { host: '127.0.0.1', port: 9093 },
  cli: { host: '127.0.0.1', port: 0 },
  standalone: { host: '127.0.0.1', port: 9090 },
};

export const healthSettings: SettingsPart<HealthSettings> = definePart(
  {
    address: {
      name: 'HEALTH_URL',
      help: 'Address of `/healthz`, `/readyz` and `/metrics`; default `:9090` for the scheduler, `:9091` for the custodian.',
      example: ':9090',
      schema: address,
    },
  },
  ({ address: given }, { service }) => ({ address: given ?? DEFAULTS[service] }),
);
