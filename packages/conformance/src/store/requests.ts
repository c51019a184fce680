import type { RequestRecord } from '@simple-scheduler/engine';
import { describe, expect, it } from 'vitest';
import { type Db, race } from './harness.ts';
import { fullRunRecord, newUid, requestRecord, runRecord, T0 } from './records.ts';

export function requestTests(db: Db): void {
  describe('requests under a key', () => {
    it('keeps the first of an id, and gives it to whoever comes later', async () => {
      const [first, other] = [requestRecord(), requestRecord()];
      expect(await db.store.getRequest(first.id)).toBeNull();
      expect(await db.store.keepRequest(first)).toStrictEqual(first);
      const second = { ...requestRecord(), id: first.id, fingerprint: 'beef', createdAt: T0 + 9 };
      expect(await db.second.keepRequest(second)).toStrictEqual(first);
      expect(await db.second.getRequest(first.id)).toStrictEqual(first);
      expect(await db.store.keepRequest(other)).toStrictEqual(other);
      expect(await db.store.getRequest(first.id.slice(0, -1))).toBeNull();
    });

    it('is decided once where many come at the same time', async () => {
      const id = `${newUid()}:run:1`;
      const kept = await race(db, 12, (store) => store.keepRequest({ ...requestRecord(), id }));
      expect(new Set(kept.map(({ runId }) => runId)).size).toBe(1);
      const answers = await race(db, 12, (store) => store.answerRequest(id, runRecord({ id: kept[0]?.runId ?? '' })));
      expect(new Set(answers.map((answer) => answer?.tickKey)).size).toBe(1);
    });

    it('has one answer, the first', async () => {
      const request = await db.store.keepRequest(requestRecord());
      const answer = fullRunRecord({ id: request.runId, payload: { 'a\0b': 'x\ud800', $set: [1, null] } });
      expect(await db.store.answerRequest(request.id, answer)).toStrictEqual(answer);
      expect(await db.second.answerRequest(request.id, runRecord())).toStrictEqual(answer);
      expect(await db.second.getRequest(request.id)).toStrictEqual({ ...request, answer });
      expect(await db.second.keepRequest(requestRecord({ id: request.id }))).toStrictEqual({ ...request, answer });
      expect(await db.store.answerRequest('none', answer)).toBeNull();
      expect(await db.store.getRequest('none')).toBeNull();
    });

    it('lists those without an answer by id, page by page', async () => {
      const requests = Array.from({ length: 7 }, () => requestRecord());
      for (const request of requests.toReversed()) await db.store.keepRequest(request);
      await db.store.answerRequest(requests[3]?.id ?? '', runRecord());
      const open = requests.filter((_, i) => i !== 3);
      const pages: RequestRecord[][] = [await db.second.openRequests({ limit: 4 })];
      pages.push(await db.second.openRequests({ limit: 4, after: pages[0]?.at(-1)?.id ?? '' }));
      expect(pages).toStrictEqual([open.slice(0, 4), open.slice(4)]);
    });

    it('forgets the old ones, answered or not, up to a limit', async () => {
      const requests = Array.from({ length: 6 }, (_, i) => requestRecord({ createdAt: T0 + i }));
      for (const request of requests) await db.store.keepRequest(request);
      await db.store.answerRequest(requests[1]?.id ?? '', runRecord());
      expect(await db.store.forgetRequests(T0, 10)).toBe(0);
      expect(await db.store.forgetRequests(T0 + 4, 3)).toBe(3);
      expect(await db.second.forgetRequests(T0 + 4, 3)).toBe(1);
      const left = await Promise.all(requests.map(({ id }) => db.second.getRequest(id)));
      expect(left.map((request) => request !== null)).toStrictEqual([false, false, false, false, true, true]);
      // The key is free again.
      const again = requestRecord({ id: requests[0]?.id ?? '', createdAt: T0 + 99 });
      expect(await db.store.keepRequest(again)).toStrictEqual(again);
    });

    it('tells a run that is there by its id alone', async () => {
      const { tickKey: _, ...run } = runRecord({ trigger: 'manual' });
      expect(await db.store.insertRuns([run])).toStrictEqual(['created']);
      expect(await db.second.insertRuns([{ ...run, slot: 'x' }])).toStrictEqual(['exists']);
    });
  });
}
