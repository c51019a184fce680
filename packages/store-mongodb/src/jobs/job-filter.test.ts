import { describe, expect, it } from 'vitest';
import { planJobQuery } from './job-filter.ts';

describe('plans of job lists', () => {
  it.each([
    [{}, 'name'],
    [{ namePrefix: 'a', after: 'b' }, 'name'],
    [{ name: 'a', enabled: true, meta: { k: 'v' } }, 'name'],
    [{ enabled: false }, 'enabled_name'],
    [{ enabled: false, namePrefix: 'a' }, 'enabled_name'],
    [{ enabled: true, meta: { k: 'v' } }, 'labels_enabled_name'],
    [{ meta: { k: 'v' }, namePrefix: 'a' }, 'labels_enabled_name'],
    [{ meta: {} }, 'name'],
  ])('read %j from the index %s', (query, hint) => {
    expect(planJobQuery({ limit: 10, ...query })?.hint).toBe(hint);
  });

  it('ask for all labels', () => {
    expect(planJobQuery({ limit: 10, meta: { a: '1', b: '2' } })?.filter).toStrictEqual({
      name: { $gt: '' },
      enabled: { $in: [false, true] },
      labels: { $all: ['["a","1"]', '["b","2"]'] },
    });
  });

  it('look for no name that is not well formed', () => {
    for (const query of [{ name: '\ud800' }, { namePrefix: 'a\udc00' }, { after: '\ud800' }])
      expect(planJobQuery({ limit: 10, ...query })).toBeNull();
  });
});
