const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How far an instant lies from now, as people say it: `in 3 m`, `2 s ago`, `in 3 h 12 m`, `now`. */
export function relativeTime(instant: string, nowMs: number): string {
  const distanceMs = Date.parse(instant) - nowMs;
  const length = coarse(Math.abs(distanceMs));
  if (length === '') return 'now';
  return distanceMs > 0 ? `in ${length}` : `${length} ago`;
}

/** How long something took: `850 ms`, `1.2 s`, `4 m 10 s`. */
export function lengthOfTime(ms: number): string {
  if (ms < SECOND) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < MINUTE) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (ms < HOUR) return two(ms, MINUTE, 'm', SECOND, 's');
  return coarse(ms);
}

function coarse(ms: number): string {
  if (ms < SECOND) return '';
  const seconds = Math.round(ms / SECOND);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(ms / MINUTE);
  if (minutes < 60) return `${minutes} m`;
  if (minutes < 24 * 60) return two(minutes * MINUTE, HOUR, 'h', MINUTE, 'm');
  const hours = Math.round(ms / HOUR);
  return hours < 7 * 24 ? two(hours * HOUR, DAY, 'd', HOUR, 'h') : `${Math.round(ms / DAY)} d`;
}

function two(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % large) / small);
  const head = `${Math.floor(ms / large)} ${largeName}`;
  return rest === 0 ? head : `${head} ${rest} ${smallName}`;
}
