import type { RequestRecord, RequestStore } from '@simple-scheduler/engine';
import type { MemoryDatabase } from './memory-database.ts';

export function requestStore({ requests }: MemoryDatabase): RequestStore {
  const inOrder = (): RequestRecord[] => [...requests.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    getRequest: async (id) => structuredClone(requests.get(id)) ?? null,
    keepRequest: async (request) => {
      if (!requests.has(request.id)) requests.set(request.id, structuredClone(request));
      return structuredClone(requests.get(request.id) as RequestRecord);
    },
    answerRequest: async (id, answer) => {
      const request = requests.get(id);
      if (request === undefined) return null;
      const kept = { ...request, answer: request.answer ?? structuredClone(answer) };
      requests.set(id, kept);
      return structuredClone(kept.answer);
    },
    openRequests: async ({ after, limit }) =>
      structuredClone(
        inOrder()
          .filter((request) => request.answer === undefined && (after === undefined || request.id > after))
          .slice(0, limit),
      ),
    forgetRequests: async (createdBefore, limit) => {
      const old = [...requests.values()]
        .filter((request) => request.createdAt < createdBefore)
        .sort((a, b) => a.createdAt - b.createdAt)
        .slice(0, Math.max(0, limit));
      for (const { id } of old) requests.delete(id);
      return old.length;
    },
  };
}
