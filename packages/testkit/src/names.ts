import { randomBytes } from 'node:crypto';

/** A short name that no other test uses, such as `runs-3f9c2a71b04d`. */
export function freshName(prefix: string): string {
  return `${prefix}-${randomBytes(6).toString('hex')}`;
}

/** The name of a database that no other test uses. It comes into being with the first write. */
export function freshDatabase(): string {
  return freshName('test');
}
