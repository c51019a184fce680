/**
 * What changed, in the order of the commits: numbered by the one writer that SQLite has, in the transaction of the change.
 * `mark` tells a number from the same number in a database that was put back from a copy. There is always a last row:
 * where the newest change is counted from.
 */
export const sql = `
CREATE TABLE changes (
  seq INTEGER PRIMARY KEY,
  mark INTEGER NOT NULL DEFAULT (abs(random() % 4294967296)),
  kind TEXT,
  id TEXT,
  deleted INTEGER NOT NULL DEFAULT 0
);
INSERT INTO changes (kind) VALUES (NULL);

CREATE TRIGGER jobs_inserted AFTER INSERT ON jobs BEGIN
  INSERT INTO changes (kind, id) VALUES ('job', NEW.name);
END;
-- How far its runs may be gone ("prunedTo") shows nowhere.
CREATE TRIGGER jobs_updated
  AFTER UPDATE OF revision, enabled, "nextRunAt", "completedAt", "updatedAt", "managerId", rest ON jobs BEGIN
  INSERT INTO changes (kind, id) VALUES ('job', NEW.name);
END;
CREATE TRIGGER jobs_deleted AFTER DELETE ON jobs BEGIN
  INSERT INTO changes (kind, id, deleted) VALUES ('job', OLD.name, 1);
END;
CREATE TRIGGER runs_inserted AFTER INSERT ON runs BEGIN
  INSERT INTO changes (kind, id) VALUES ('run', NEW.id);
END;
CREATE TRIGGER runs_updated AFTER UPDATE ON runs BEGIN
  INSERT INTO changes (kind, id) VALUES ('run', NEW.id);
END;
CREATE TRIGGER runs_deleted AFTER DELETE ON runs BEGIN
  INSERT INTO changes (kind, id, deleted) VALUES ('run', OLD.id, 1);
END;
-- The newest 100,000 are kept, and up to 999 more.
CREATE TRIGGER changes_cut AFTER INSERT ON changes WHEN NEW.seq % 1000 = 0 BEGIN
  DELETE FROM changes WHERE seq <= NEW.seq - 100000;
END;
`;
