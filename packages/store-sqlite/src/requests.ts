import type { RunRecord } from '@simple-scheduler/core';
import type { RequestRecord, RequestStore } from '@simple-scheduler/engine';
import type { Database, Row } from './database.ts';

const COLUMNS = 'id, fingerprint, "runId", "createdAt", answer';
const KEEP = `INSERT INTO requests (${COLUMNS}) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`;
const ONE = `SELECT ${COLUMNS} FROM requests WHERE id = ?`;
const ANSWER = 'UPDATE requests SET answer = ? WHERE id = ? AND answer IS NULL';
const OPEN = `SELECT ${COLUMNS} FROM requests INDEXED BY requests_open WHERE answer IS NULL AND id > ? ORDER BY id LIMIT ?`;
const FORGET = `DELETE FROM requests WHERE id IN
  (SELECT id FROM requests WHERE "createdAt" < ? ORDER BY "createdAt" LIMIT ?)`;

export function requestMethods(db: Database): RequestStore {
  const find = (id: string): RequestRecord | null => {
    const row = db.get(ONE, id);
    return row === undefined ? null : toRequest(row);
  };
  return {
    async getRequest(id) {
      return find(id);
    },

    async keepRequest(request) {
      const { id, fingerprint, runId, createdAt, answer } = request;
      const text = answer === undefined ? null : JSON.stringify(answer);
      return db.write(() => {
        db.run(KEEP, id, fingerprint, runId, createdAt, text);
        return find(id) ?? request;
      });
    },

    async answerRequest(id, answer) {
      return db.write(() => {
        db.run(ANSWER, JSON.stringify(answer), id);
        return find(id)?.answer ?? null;
      });
    },

    async openRequests({ after = '', limit }) {
      return db.all(OPEN, after, limit).map(toRequest);
    },

    async forgetRequests(createdBefore, limit) {
      return db.run(FORGET, createdBefore, limit);
    },
  };
}

function toRequest([id, fingerprint, runId, createdAt, answer]: Row): RequestRecord {
  const request = { id, fingerprint, runId, createdAt } as RequestRecord;
  return answer === null ? request : { ...request, answer: JSON.parse(answer as string) as RunRecord };
}
