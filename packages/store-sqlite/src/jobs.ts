import type { JobRecord } from '@simple-scheduler/core';
import type { JobEdit, JobStore } from '@simple-scheduler/engine';
import type { Database } from './database.ts';
import { jobListing } from './job-listing.ts';
import { findJob, JOB_FIELDS, replaceLabels } from './job-rows.ts';

const INSERT = `INSERT INTO jobs (${JOB_FIELDS.columns}) VALUES (${JOB_FIELDS.placeholders}) ON CONFLICT DO NOTHING`;
const REPLACE = `UPDATE jobs SET (${JOB_FIELDS.columns}) = (${JOB_FIELDS.placeholders}) WHERE name = ?`;
const SELECT_MANY = `SELECT ${JOB_FIELDS.columns} FROM jobs WHERE name IN (SELECT value FROM json_each(?))`;

type JobMethods = Pick<JobStore, 'insertJob' | 'getJob' | 'getJobs' | 'listJobs' | 'editJob'>;

export function jobMethods(db: Database): JobMethods {
  return {
    async insertJob(job) {
      return db.write(() => {
        if (db.run(INSERT, ...JOB_FIELDS.encode(job)) === 0) return 'name_taken';
        if (job.meta) replaceLabels(db, job.name, job.meta);
        return 'inserted';
      });
    },

    async getJob(name) {
      return findJob(db, name);
    },

    async getJobs(names) {
      return db.all(SELECT_MANY, JSON.stringify(names)).map((row) => JOB_FIELDS.decode(row));
    },

    async listJobs(query) {
      const { sql, values } = jobListing(query, query.limit + 1);
      const jobs = db.all(sql, ...values).map((row) => JOB_FIELDS.decode(row));
      const last = jobs.length > query.limit ? jobs[query.limit - 1] : undefined;
      return last ? { jobs: jobs.slice(0, query.limit), next: last.name } : { jobs };
    },

    async editJob(edit) {
      return db.write(() => {
        const before = findJob(db, edit.name);
        if (!before) return { outcome: 'not_found' };
        const { uid, revision, nextRunAt } = edit.guard;
        if (before.uid !== uid || before.revision !== revision || before.nextRunAt !== nextRunAt)
          return { outcome: 'conflict' };
        const job = edited(before, edit);
        db.run(REPLACE, ...JOB_FIELDS.encode(job), edit.name);
        if (edit.set.meta || edit.unset.includes('meta')) replaceLabels(db, edit.name, job.meta);
        return { outcome: 'updated', job };
      });
    },
  };
}

function edited(before: JobRecord, { set, unset, free }: JobEdit): JobRecord {
  const job: Record<string, unknown> = { ...before, ...set, revision: before.revision + 1 };
  for (const field of unset) delete job[field];
  if (free) delete job['managerId'];
  return job as unknown as JobRecord;
}
