/**
 * The records of the Store port. Columns are what queries and guards look at and what updates change one by one; all
 * other fields are JSON in `rest`. Column names are the names of the fields.
 */
export const sql = `
CREATE TABLE managers (
  id TEXT PRIMARY KEY,
  "startedAt" INTEGER NOT NULL,
  "heartbeatAt" INTEGER NOT NULL,
  "maxJobs" INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX managers_heartbeat ON managers ("heartbeatAt");

CREATE TABLE jobs (
  name TEXT NOT NULL PRIMARY KEY,
  uid TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  enabled INTEGER NOT NULL,
  "nextRunAt" INTEGER,
  "completedAt" INTEGER,
  "updatedAt" INTEGER NOT NULL,
  "managerId" TEXT,
  "leaseToken" INTEGER NOT NULL,
  rest TEXT NOT NULL
);
-- Serves the listing of enabled or disabled jobs.
CREATE INDEX jobs_enabled ON jobs (enabled, name);
-- The jobs that can be held: free ones (no manager) by their next tick, and how many there are.
CREATE INDEX jobs_takeable ON jobs ("managerId", "nextRunAt") WHERE enabled = 1 AND "nextRunAt" IS NOT NULL;
-- The jobs of one manager by name, and which of them changed; an advance does not touch it.
CREATE INDEX jobs_held ON jobs ("managerId", name, "updatedAt") WHERE "managerId" IS NOT NULL;

-- One row per label of a job; label is the JSON of [key, value].
CREATE TABLE labels (
  label TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (label, name)
) WITHOUT ROWID;
CREATE INDEX labels_name ON labels (name);

CREATE TABLE deletions (
  uid TEXT NOT NULL PRIMARY KEY,
  "deletedAt" INTEGER NOT NULL,
  job TEXT NOT NULL
);
CREATE INDEX deletions_age ON deletions ("deletedAt");

CREATE TABLE runs (
  id TEXT NOT NULL PRIMARY KEY,
  "jobName" TEXT NOT NULL,
  "jobUid" TEXT NOT NULL,
  "tickKey" TEXT,
  rev INTEGER NOT NULL,
  status TEXT NOT NULL,
  "createdAt" INTEGER NOT NULL,
  "publishedAt" INTEGER,
  "startedAt" INTEGER,
  "endedAt" INTEGER,
  "heartbeatAt" INTEGER,
  "cancellingAt" INTEGER,
  attempt INTEGER NOT NULL,
  attempts TEXT,
  "nextRetryAt" INTEGER,
  reason TEXT,
  progress REAL,
  message TEXT,
  output TEXT,
  error TEXT,
  "workerId" TEXT,
  slot TEXT,
  waiting INTEGER,
  owes TEXT,
  "watchAt" INTEGER,
  rest TEXT NOT NULL
);
CREATE UNIQUE INDEX runs_tick ON runs ("tickKey") WHERE "tickKey" IS NOT NULL;
CREATE UNIQUE INDEX runs_slot ON runs (slot) WHERE slot IS NOT NULL;
-- What is due to live runs, and when next.
CREATE INDEX runs_watch ON runs ("watchAt") WHERE "watchAt" IS NOT NULL AND status IN ('pending', 'running', 'cancelling');
-- The live runs of a job, and the waiting ones among them.
CREATE INDEX runs_live ON runs ("jobUid", id) WHERE status IN ('pending', 'running', 'cancelling');
CREATE INDEX runs_waiting ON runs ("jobUid", id) WHERE waiting = 1 AND status IN ('pending', 'running', 'cancelling');
-- Listings by status, of all jobs and of one; those without a status merge all of them.
CREATE INDEX runs_status ON runs (status, id);
CREATE INDEX runs_job ON runs ("jobName", status, id);
`;
