import type { JobRecord } from '@simple-scheduler/core';
import type { Store } from '@simple-scheduler/engine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Db } from './harness.ts';
import { editOf } from './job-edits.ts';
import { jobRecord, newUid, T0, without } from './records.ts';

const JOBS = 5;
const MANAGERS = 3;

const job = fc.nat({ max: JOBS - 1 });
const manager = fc.nat({ max: MANAGERS - 1 });
/** Mostly the present token, sometimes one that is past or still to come. */
const drift = fc.constantFrom(0, 0, 0, -1, 1);
/** Mostly the job's holder, sometimes another. */
const by = fc.constantFrom('holder', 'holder', 'holder', 0, 1, 2);
const command = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('take' as const), manager, limit: fc.nat({ max: 4 }) }) },
  fc.record({ kind: fc.constant('release' as const), by, job, drift }),
  fc.record({ kind: fc.constant('releaseOf' as const), manager }),
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      by,
      job,
      drift,
      tickDrift: drift,
      last: fc.boolean(),
    }),
  },
  fc.record({ kind: fc.constant('switch' as const), job }),
  fc.record({ kind: fc.constant('move' as const), job, free: fc.boolean() }),
  fc.record({ kind: fc.constant('replace' as const), job }),
  fc.record({ kind: fc.constant('orphans' as const), registered: manager }),
);
type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;

/** What a store must hold after these commands, kept in the plainest way there is. */
class Model {
  readonly jobs = new Map<string, JobRecord>();
  readonly managers: readonly string[] = Array.from({ length: MANAGERS }, newUid);
  readonly #store: Store;
  readonly #names: readonly string[];
  #time = T0;

  constructor(store: Store) {
    this.#store = store;
    const prefix = newUid();
    this.#names = Array.from({ length: JOBS }, (_, i) => `${prefix}.${i}`);
  }

  async start(): Promise<void> {
    for (const name of this.#names) await this.#insert(name);
  }

  /** Leaves the database as empty as it was. */
  async clear(): Promise<void> {
    for (const present of this.jobs.values()) expect(await this.#store.deleteJob(present)).toBe('deleted');
    for (const deletion of await this.#store.listDeletions(1_000)) await this.#store.forgetDeletion(deletion.uid);
    for (const id of this.managers) await this.#store.removeManager(id);
  }

  async apply(next: Command): Promise<void> {
    switch (next.kind) {
      case 'take':
        return await this.#take(this.#manager(next.manager), next.limit);
      case 'release':
        return await this.#release(this.#caller(next), this.#job(next.job), next.drift);
      case 'releaseOf': {
        const id = this.#manager(next.manager);
        return this.#expectFreed(await this.#store.releaseJobsOf([id], JOBS), (held) => held.managerId === id);
      }
      case 'advance':
        return await this.#advance(this.#caller(next), this.#job(next.job), next);
      case 'switch': {
        const target = this.#job(next.job);
        return await this.#edit(target, { enabled: !target.enabled }, true);
      }
      case 'move': {
        const target = this.#job(next.job);
        return await this.#edit(
          target,
          { nextRunAt: this.#tick(), epoch: target.epoch + 1 },
          next.free || !target.managerId,
        );
      }
      case 'replace': {
        const target = this.#job(next.job);
        expect(await this.#store.deleteJob(target)).toBe('deleted');
        this.jobs.delete(target.name);
        return await this.#insert(target.name);
      }
      case 'orphans': {
        const id = this.#manager(next.registered);
        await this.#store.renewManager({ id, startedAt: T0, maxJobs: 0 });
        this.#expectFreed(await this.#store.releaseOrphans(JOBS), (held) => held.managerId !== id);
        return await this.#store.removeManager(id);
      }
    }
  }

  async compare(): Promise<void> {
    for (const [name, expected] of this.jobs) expect(await this.#store.getJob(name)).toStrictEqual(expected);
    const takeable = [...this.jobs.values()].filter((j) => j.enabled && j.nextRunAt !== undefined);
    const free = takeable.filter((j) => j.managerId === undefined);
    expect(await this.#store.countTakeable()).toStrictEqual({ total: takeable.length, free: free.length });
    expect(await this.#store.anyFree()).toBe(free.length > 0);
    for (const id of this.managers) {
      const held = this.#names.flatMap((name) => {
        const { managerId, nextRunAt, leaseToken } = this.jobs.get(name) ?? jobRecord();
        return managerId === id ? [{ name, nextRunAt, leaseToken }] : [];
      });
      expect(await this.#store.heldJobs(id, { limit: 100 })).toStrictEqual(held);
    }
  }

  async #insert(name: string): Promise<void> {
    const created = jobRecord({ name, nextRunAt: this.#tick() });
    expect(await this.#store.insertJob(created)).toBe('inserted');
    this.jobs.set(name, created);
  }

  async #take(id: string, limit: number): Promise<void> {
    const candidates = [...this.jobs.values()]
      .filter((j) => j.enabled && j.managerId === undefined && j.nextRunAt !== undefined)
      .sort((a, b) => (a.nextRunAt ?? 0) - (b.nextRunAt ?? 0))
      .slice(0, limit);
    const expected = candidates.map((j) => ({ name: j.name, nextRunAt: j.nextRunAt, leaseToken: j.leaseToken + 1 }));
    const taken = await this.#store.takeFreeJobs(id, limit);
    expect(taken.sort((a, b) => a.nextRunAt - b.nextRunAt)).toStrictEqual(expected);
    for (const j of candidates) this.jobs.set(j.name, { ...j, managerId: id, leaseToken: j.leaseToken + 1 });
  }

  async #release(id: string, target: JobRecord, tokenDrift: number): Promise<void> {
    const freed = await this.#store.releaseJobs(id, [
      { name: target.name, leaseToken: target.leaseToken + tokenDrift },
    ]);
    this.#expectFreed(freed, (held) => held.name === target.name && held.managerId === id && tokenDrift === 0);
  }

  async #advance(id: string, target: JobRecord, how: Command & { kind: 'advance' }): Promise<void> {
    const { name, uid, epoch, leaseToken, nextRunAt = T0 } = target;
    const to = how.last ? null : this.#tick();
    const advance = {
      name,
      uid,
      epoch,
      managerId: id,
      leaseToken: leaseToken + how.drift,
      from: nextRunAt + how.tickDrift,
      to,
    };
    const holds = target.managerId === id && how.drift === 0 && how.tickDrift === 0;
    expect(await this.#store.advanceJobs([advance])).toStrictEqual([holds ? 'advanced' : 'fenced']);
    if (holds)
      this.jobs.set(name, to === null ? without(target, 'managerId', 'nextRunAt') : { ...target, nextRunAt: to });
  }

  async #edit(
    target: JobRecord,
    set: Partial<Pick<JobRecord, 'enabled' | 'nextRunAt' | 'epoch'>>,
    free: boolean,
  ): Promise<void> {
    const expected = { ...(free ? without(target, 'managerId') : target), ...set, revision: target.revision + 1 };
    expect(await this.#store.editJob(editOf(target, { set, free }))).toStrictEqual({
      outcome: 'updated',
      job: expected,
    });
    this.jobs.set(target.name, expected);
  }

  #expectFreed(count: number, wanted: (held: JobRecord) => boolean): void {
    const freed = [...this.jobs.values()].filter((j) => j.managerId !== undefined && wanted(j));
    expect(count).toBe(freed.length);
    for (const j of freed) this.jobs.set(j.name, without(j, 'managerId'));
  }

  #manager(index: number): string {
    return this.managers[index] as string;
  }

  #caller(next: Command & { kind: 'release' | 'advance' }): string {
    return typeof next.by === 'string' ? (this.#job(next.job).managerId ?? this.#manager(0)) : this.#manager(next.by);
  }

  #job(index: number): JobRecord {
    return this.jobs.get(this.#names[index] as string) as JobRecord;
  }

  /** Each tick is another one, so that the order of takings is known. */
  #tick(): number {
    this.#time += 10;
    return this.#time;
  }
}

export function leaseModelTests(db: Db): void {
  describe('leases in any order', () => {
    it('do what a plain model of them does', { timeout: 120_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 25, size: 'max' }), async (commands) => {
          const model = new Model(db.store);
          await model.start();
          try {
            for (const next of commands) {
              await model.apply(next);
              await model.compare();
            }
          } finally {
            await model.clear();
          }
        }),
        { numRuns: 25, endOnFailure: false },
      );
    });
  });
}
