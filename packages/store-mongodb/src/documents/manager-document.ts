/** A registered scheduler; `_id` is the manager's id. `heartbeatAt` is the database's time. */
export interface ManagerDocument {
  readonly _id: string;
  readonly startedAt: Date;
  readonly maxJobs: number;
  readonly heartbeatAt: Date;
}
