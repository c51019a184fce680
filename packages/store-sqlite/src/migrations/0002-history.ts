/** What a job's past is read and pruned by: its runs in the order of their ticks, and how far they may be gone. */
export const sql = `
ALTER TABLE jobs ADD COLUMN "prunedTo" INTEGER;
ALTER TABLE runs ADD COLUMN "scheduledAt" INTEGER;
ALTER TABLE runs ADD COLUMN "trigger" TEXT;
UPDATE runs SET "scheduledAt" = json_extract(rest, '$.scheduledAt'), "trigger" = json_extract(rest, '$.trigger');
CREATE INDEX runs_time ON runs ("jobUid", "scheduledAt", id);
`;
