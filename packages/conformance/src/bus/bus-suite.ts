import { describe } from 'vitest';
import { perTest } from '../per-test.ts';
import { actionTests } from './actions.ts';
import { controlTests } from './control.ts';
import type { BusHarness } from './harness.ts';
import { loadTests } from './load.ts';
import { recoveryTests } from './recovery.ts';
import { statusTests } from './statuses.ts';
import { topologyTests } from './topology.ts';

/** What every MessageBus driver must do. `setup` is called for each test and gives it a broker that it shares with none. */
export function busSuite(name: string, setup: () => Promise<BusHarness>): void {
  describe(`MessageBus: ${name}`, () => {
    const current = perTest('broker', setup);
    describe('actions', () => {
      actionTests(current);
    });
    describe('statuses and heartbeats', () => {
      statusTests(current);
    });
    describe('control', () => {
      controlTests(current);
    });
    describe('topology', () => {
      topologyTests(current);
    });
    describe('closing and recovery', () => {
      recoveryTests(current);
    });
    describe('load', () => {
      loadTests(current);
    });
  });
}
