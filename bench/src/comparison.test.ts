import { expect, test } from 'vitest';
import { compare, rowOf } from './comparison.ts';
import { BASE, type Parameters, type WorkloadName } from './parameters.ts';

const result = (workload: WorkloadName, parameters: Partial<Parameters>, measured: Record<string, unknown>) => ({
  workload,
  parameters: { ...BASE, ...parameters },
  measured,
});
const floor = result(
  'floor',
  { jobs: 10_000 },
  {
    rabbitmq: { classic: { bothWaysPerSecond: 6_000 }, quorum: { bothWaysPerSecond: 9_000 } },
    threePerRun: { messagesPerSecond: 12_000 },
    twoPerRun: { messagesPerSecond: 8_000 },
    writes: { runsPerSecond: 4_000 },
  },
);

test('the floor is each way in which the broker moves as many messages; a run is three of them, or two', () => {
  const burst = { allCompletedMs: 5_000 };
  const [usual, terse] = compare([
    floor,
    result('w2', { jobs: 10_000 }, burst),
    result('w2', { jobs: 10_000, terse: true }, burst),
  ]);
  expect(usual).toMatchObject({
    of: 'w2 10000',
    floors: {
      sameMessages: { floor: 2_500, ofFloor: 2 },
      classic: { floor: 5_000, ofFloor: 1 },
      quorum: { floor: 3_333, ofFloor: 1.5 },
      parts: { floor: 5_000, ofFloor: 1 },
    },
  });
  expect(terse).toMatchObject({
    of: 'w2 10000 terse',
    floors: {
      sameMessages: { floor: 2_500, ofFloor: 2 },
      classic: { floor: 3_333, ofFloor: 1.5 },
      quorum: { floor: 2_222, ofFloor: 2.25 },
      parts: { floor: 5_000, ofFloor: 1 },
    },
  });
});

test('a throughput is a share of each floor, and a limit some times the best limit of each peer', () => {
  const [found] = compare([
    floor,
    result('limit', { schedulers: 2 }, { runsPerSecond: 3_000 }),
    result('peers', { peer: 'agenda', load: 'limit' }, { runsPerSecond: 100 }),
    result('peers', { peer: 'agenda', load: 'limit' }, { runsPerSecond: 200 }),
    result('peers', { peer: 'agenda', load: 'w1' }, { runsPerSecond: 900 }),
  ]);
  expect(found).toEqual({
    of: 'limit 0 2 schedulers',
    figure: 'runsPerSecond',
    value: 3_000,
    floors: {
      sameMessages: { floor: 4_000, ofFloor: 0.75 },
      classic: { floor: 2_000, ofFloor: 1.5 },
      quorum: { floor: 3_000, ofFloor: 1 },
      parts: { floor: 2_000, ofFloor: 1.5 },
    },
    timesBetterThan: { agenda: 15 },
  });
});

test('a row has the first floor, and the shares of the others', () => {
  const floors = { sameMessages: { floor: 4, ofFloor: 0.75 }, classic: { floor: 2, ofFloor: 1.5 } };
  const row = { of: 'w2', figure: 'x', value: 3 };
  expect(rowOf({ ...row, floors, timesBetterThan: { agenda: 15 } })).toEqual({
    ...row,
    floor: 4,
    ofFloor: 0.75,
    ofClassic: 1.5,
    agenda: 15,
  });
  expect(rowOf(row)).toEqual(row);
});

test('lateness is compared among the same number of jobs only', () => {
  const late = (p99: number) => ({ latenessMs: { p99 } });
  const found = compare([
    result('w1', { jobs: 100 }, late(20)),
    result('w1', { jobs: 100, topology: 'shared' }, late(10)),
    result('peers', { peer: 'bullmq', load: 'w1', jobs: 100 }, late(50)),
    result('peers', { peer: 'bullmq', load: 'w1', jobs: 1_000 }, late(2)),
    result('peers', { peer: 'bullmq', load: 'w2', jobs: 100 }, late(1)),
  ]);
  expect(found).toEqual([
    { of: 'w1 100', figure: 'latenessMs.p99', value: 20, timesBetterThan: { bullmq: 2.5 } },
    { of: 'w1 100 shared', figure: 'latenessMs.p99', value: 10, timesBetterThan: { bullmq: 5 } },
  ]);
});

test('CPU is compared with the floor’s, and with peers that did the same work', () => {
  const costs = (all: number) => ({ cpuMsPer1000Runs: { all } });
  const found = compare([
    result('floor', {}, { threePerRun: costs(200), twoPerRun: costs(100), writes: costs(200) }),
    result('w2', { jobs: 10 }, costs(600)),
    result('w2', { jobs: 10, terse: true }, costs(500)),
    result('peers', { peer: 'agenda', load: 'w2', jobs: 10 }, costs(3_000)),
    result('peers', { peer: 'agenda', load: 'w1', jobs: 10 }, costs(1)),
  ]);
  expect(found).toMatchObject([
    {
      of: 'w2 10',
      floors: { sameMessages: { ofFloor: 3 }, parts: { floor: 400, ofFloor: 1.5 } },
      timesBetterThan: { agenda: 5 },
    },
    { of: 'w2 10 terse', floors: { sameMessages: { floor: 100, ofFloor: 5 } }, timesBetterThan: { agenda: 6 } },
  ]);
});

test('without a floor or peers the figure stands alone', () => {
  expect(compare([result('w2', { jobs: 5 }, { allCompletedMs: 7 })])).toEqual([
    { of: 'w2 5', figure: 'allCompletedMs', value: 7 },
  ]);
});
