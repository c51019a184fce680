import type { Db } from 'mongodb';

/**
 * One step of the schema. Numbers never change and are never used again. A step may run twice, or be cut off and begin
 * anew, when its process dies: it must arrive at the same end each time.
 */
export interface Migration {
  readonly number: number;
  readonly name: string;
  up(db: Db): Promise<void>;
}
