/** What the services are written for, as `engines` in their package.json says. */
const OLDEST_MAJOR = 24;

/** What to tell whoever starts a service on a Node that is too old for it; undefined where it is not. */
export function nodeTooOld(version: string): string | undefined {
  if (Number.parseInt(version, 10) >= OLDEST_MAJOR) return undefined;
  return `needs Node ${OLDEST_MAJOR} or newer, and this is Node ${version} (${process.execPath})`;
}
