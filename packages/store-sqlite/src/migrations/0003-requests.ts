/** Requests under an idempotency key, and which of them have no answer yet. */
export const sql = `
CREATE TABLE requests (
  id TEXT NOT NULL PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  "runId" TEXT NOT NULL,
  "createdAt" INTEGER NOT NULL,
  answer TEXT
);
CREATE INDEX requests_age ON requests ("createdAt");
CREATE INDEX requests_open ON requests (id) WHERE answer IS NULL;
`;
