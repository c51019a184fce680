import { ObjectId } from 'mongodb';

/** Ids of 24 lower-case hex characters take 12 bytes; what else someone may look up stays a string and finds nothing. */
export type PackedId = ObjectId | string;

const PACKABLE = /^[0-9a-f]{24}$/;

/** Sorts as the hex text does, among packed ids. */
export function packId(id: string): PackedId {
  return PACKABLE.test(id) ? ObjectId.createFromHexString(id) : id;
}

export function unpackId(packed: PackedId): string {
  return typeof packed === 'string' ? packed : packed.toHexString();
}

/** First 48 bits of a run id hold its creation time. */
const RUN_ID_TIMES = 2 ** 48;

/** The least id that a run created at this time (epoch ms) may have; null: every id is smaller. */
export function leastRunId(createdAt: number): ObjectId | null {
  const at = Math.max(0, Math.ceil(createdAt));
  return at >= RUN_ID_TIMES ? null : ObjectId.createFromHexString(at.toString(16).padStart(12, '0').padEnd(24, '0'));
}
