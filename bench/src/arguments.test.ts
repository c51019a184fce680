import { describe, expect, test } from 'vitest';
import { parseBenchArguments } from './arguments.ts';
import { WORKLOADS } from './parameters.ts';

const parse = (...args: string[]) => parseBenchArguments(args, 'results');
const sizes = (...args: string[]) => parse(...args).plans.map(({ parameters }) => parameters.jobs);

test('without arguments every workload runs, and results are kept', () => {
  const { plans, smoke, profile, out } = parse();
  expect(new Set(plans.map(({ workload }) => workload))).toEqual(new Set(WORKLOADS));
  expect({ smoke, profile, out }).toEqual({ smoke: false, profile: false, out: 'results' });
});

test('the floor is first, since other figures are shares of it', () => {
  expect(parse().plans[0]?.workload).toBe('floor');
});

test('a smoke run is small, keeps nothing and needs no further server', () => {
  const { plans, smoke, out } = parse('--smoke');
  expect({ smoke, out }).toEqual({ smoke: true, out: undefined });
  expect(plans.every(({ parameters }) => parameters.hasty && parameters.jobs <= 1_000)).toBe(true);
  expect(plans.map(({ workload }) => workload)).not.toContain('peers');
  expect(parse('--smoke', '--out', 'x').out).toBe('x');
});

test('workloads are named one by one or with commas, and run in that order', () => {
  expect(parse('--workload', 'w2,w5', '--workload', 'floor').plans.map(({ workload }) => workload)).toEqual([
    ...['w2', 'w2'],
    ...['w5', 'w5', 'w5', 'w5'],
    'floor',
  ]);
});

test('a given size replaces each of the usual ones once', () => {
  expect(sizes('--workload', 'w1', '--topology', 'own')).toEqual([10, 100, 500, 1_000, 2_000]);
  expect(sizes('--workload', 'w1', '--jobs', '7', '--topology', 'own')).toEqual([7]);
  const topologies = parse('--workload', 'w1', '--jobs', '7').plans.map(({ parameters }) => parameters.topology);
  expect(topologies).toEqual(['own', 'shared']);
  expect(sizes('--workload', 'w7', '--jobs', '7')).toEqual([7, 7]);
});

test('settings of the storage engine are told with each result', () => {
  const { wiredTiger, plans } = parse('--workload', 'w4', '--wired-tiger', 'eviction_dirty_target=15');
  expect([wiredTiger, plans[0]?.parameters.wiredTiger]).toEqual([
    'eviction_dirty_target=15',
    'eviction_dirty_target=15',
  ]);
  expect(parse('--workload', 'w4').wiredTiger).toBe('');
});

test('w5 may have no jobs, others may not', () => {
  expect(sizes('--workload', 'w5', '--jobs', '0')).toEqual([0]);
  expect(() => parse('--workload', 'w1', '--jobs', '0')).toThrow('w1 takes at least one job');
});

test('peers are chosen by name and by load', () => {
  const chosen = parse('--workload', 'peers', '--peer', 'bullmq,pg-boss', '--load', 'w2').plans;
  expect(chosen.map(({ parameters: { peer, load } }) => `${peer} ${load}`)).toEqual(['bullmq w2', 'pg-boss w2']);
});

test('the limit of a peer that no target is about runs on request only', () => {
  const limits = (...args: string[]) =>
    parse('--workload', 'peers', ...args)
      .plans.filter(({ parameters }) => parameters.load === 'limit')
      .map(({ parameters: { peer } }) => peer);
  expect(limits()).toEqual(['agenda']);
  expect(limits('--load', 'limit')).toEqual(['agenda', 'bullmq']);
  expect(limits('--load', 'limit', '--peer', 'bullmq')).toEqual(['bullmq']);
});

describe('is refused:', () => {
  test.each([
    [['--workload', 'w9'], '--workload takes floor, w1'],
    [['--jobs', '1.5'], '--jobs takes a whole number from 0'],
    [['--jobs', ''], '--jobs takes a whole number'],
    [['--jobs', '1000001'], '--jobs takes a whole number'],
    [['--seconds', '0'], '--seconds takes a whole number from 1'],
    [['--topology', 'both'], '--topology takes own, shared, not both'],
    [['--signal', 'SIGHUP'], '--signal takes SIGKILL, SIGTERM'],
    [['--peer', 'cron'], '--peer takes agenda'],
    [['--load', 'limit', '--peer', 'agenda,pg-boss'], 'not for pg-boss'],
    [['--fast'], '--fast'],
  ])('%j', (args, message) => {
    expect(() => parse(...args)).toThrow(message);
  });
});
