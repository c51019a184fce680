import { describe, expect, test } from 'vitest';
import { readJobFile } from './job-file.ts';

const faultsOf = async (text: string): Promise<readonly string[]> => (await readJobFile('jobs.yaml', text)).faults;

describe('a file of jobs', () => {
  test.each([
    ['a list', '- name: a\n- name: b\n'],
    ['a sheet', 'jobs:\n  - name: a\n  - name: b\n'],
    ['documents, empty ones between them', 'name: a\n---\n# none\n---\n- name: b\n...\n'],
    ['JSON', '{"jobs": [{"name": "a"}, {"name": "b"}]}'],
  ])('may be %s', async (_what, text) => {
    const { jobs, faults } = await readJobFile('jobs.yaml', text);
    expect({ names: jobs.map(({ job }) => job.name), faults }).toEqual({ names: ['a', 'b'], faults: [] });
  });

  test('has durations as people write them, defaults, and what jobs share once', async () => {
    const { jobs, set } = await readJobFile(
      'jobs.yaml',
      [
        'set: billing',
        'jobs:',
        '  - &base',
        '    name: a',
        '    interval: 1h30m',
        '    retryDelay: 500',
        '    payload: { at: 2026-03-01T08:00:00Z, n: 010, no: no }',
        '  - <<: *base',
        '    name: b',
      ].join('\n'),
    );
    expect(set).toBe('billing');
    expect(jobs.map(({ job }) => [job.name, job.interval, job.retryDelay, job.enabled])).toEqual([
      ['a', 5_400_000, 500, true],
      ['b', 5_400_000, 500, true],
    ]);
    expect(jobs[0]?.job.payload).toEqual({ at: '2026-03-01T08:00:00Z', n: 10, no: 'no' });
  });
});

describe('faults', () => {
  test('are all told, each with its line', async () => {
    const text = [
      'set: not a name',
      'jobs:',
      '  - name: first',
      '    interval: 0',
      '    cron: "* * * * *"',
      '  - interval: 5m',
      '  - name: third',
      '    intervall: 5m',
      '    maxRetries: many',
      '    meta:',
      '      team: 7',
      '    heartbeat: 2026-03-01T08:00:00Z',
      '  - just text',
      '  - name: fifth',
      '    onSuccess: first',
      '    misfireGrace: soon',
      'other: 1',
    ].join('\n');
    expect(await faultsOf(text)).toEqual([
      'jobs.yaml:1: set must be a name, as those of jobs',
      'jobs.yaml:4: first: interval must be at least 1 ms',
      'jobs.yaml:5: first: cron: a job has one schedule: give interval or cron, not both',
      'jobs.yaml:6: name is missing',
      'jobs.yaml:8: third: intervall is not a field of a job',
      'jobs.yaml:9: third: maxRetries must be a whole number',
      expect.stringMatching(/^jobs\.yaml:11: third: meta\.team: /),
      'jobs.yaml:12: third: heartbeat is read-only; leave it out',
      'jobs.yaml:13: a job must be a mapping of fields to values',
      'jobs.yaml:15: fifth: onSuccess is not available yet; leave it out',
      'jobs.yaml:16: fifth: misfireGrace must be a whole number of milliseconds',
      'jobs.yaml:17: other is unknown here; there are jobs and set',
    ]);
  });

  test('between fields and between jobs are found too', async () => {
    expect(await faultsOf('- name: a\n  interval: 5m\n  cron: "* * * * *"\n- name: b\n- name: b\n')).toEqual([
      'jobs.yaml:3: a: cron: a job has one schedule: give interval or cron, not both',
      'jobs.yaml:5: b is declared before, at jobs.yaml:4',
    ]);
    expect(await faultsOf('set: a\njobs: []\n---\nset: b\njobs:\n')).toEqual([
      'jobs.yaml:4: the set is named a before',
    ]);
  });

  test('in the writing itself are found in every document', async () => {
    const faults = await faultsOf('name: [a\n---\nname: b\nname: c\n---\nname: d\n  x: 1\n');
    expect(faults.map((fault) => fault.split(':')[1])).toEqual(['2', '4', '6', '6']);
    for (const fault of faults) expect(fault).toMatch(/^jobs\.yaml:\d+: [^\n]+$/);
    expect(await faultsOf('*nothing\n')).toEqual([expect.stringContaining('jobs.yaml:1: ')]);
    const laughs = [
      'a: &a [x, x, x, x, x, x, x, x, x]',
      ...'bcdefgh'.split('').map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefg'[i]}`).join(', ')}]`),
    ];
    expect(await faultsOf(laughs.join('\n'))).toEqual([expect.stringMatching(/^jobs\.yaml:1: Excessive alias count/)]);
  });

  test('of other kinds of files are told in a sentence', async () => {
    for (const text of ['just text', '7', 'kind: Job\n']) {
      expect(await faultsOf(text)).toEqual([
        'jobs.yaml:1: give a list of jobs, `jobs:` with such a list, or a job with its name',
      ]);
    }
    expect(await faultsOf('jobs: many')).toEqual(['jobs.yaml:1: jobs must be a list of jobs']);
    for (const text of ['', '# none\n---\n']) {
      expect(await faultsOf(text)).toEqual(['jobs.yaml:1: nothing is declared; write `jobs: []` for no jobs']);
    }
    expect(await readJobFile('jobs.yaml', 'jobs: []')).toEqual({ jobs: [], faults: [] });
  });
});
