import { createHash } from 'node:crypto';
import type { RequestKey } from '@simple-scheduler/engine';
import type { FastifyRequest } from 'fastify';
import { badRequest } from '../problem/refusal.ts';

/** Digests of the caller's `Idempotency-Key` and of what came with it: of one length, whatever they send. */
export function requestKeyOf(request: FastifyRequest, body: unknown): RequestKey | undefined {
  const header = request.headers['idempotency-key'];
  if (header === undefined) return undefined;
  const key = [header].flat().join(', ');
  if (!/^[\x21-\x7e][\x20-\x7e]{0,254}$/.test(key))
    throw badRequest('Idempotency-Key', 'must be 1 to 255 visible ASCII characters');
  return { key: digest(key), fingerprint: digest(body === undefined ? '' : JSON.stringify(body, inOrder)) };
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The order of an object's keys makes no other body. */
function inOrder(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
