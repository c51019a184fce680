import { IANAZone } from 'luxon';
import { boundedCache } from './bounded-cache.ts';

const DAY_MS = 86_400_000;
const CHUNK_MS = 32 * DAY_MS;
/**
 * Offsets are read this far apart, and two different neighbours are bisected. The tz database has no two changes of a
 * zone less than a week apart since 1970; a pair between two readings would go unseen.
 */
const SAMPLE_MS = 2 * DAY_MS;
/** Changes are no longer looked for from here on (2200): nobody knows them, and a walk to the year 9999 stays cheap. */
const LAST_CHUNK = Math.floor(Date.UTC(2200, 0, 1) / CHUNK_MS);
/** Beyond every instant that is asked for. */
const END_AT = Date.UTC(10_000, 0, 3);
/** About ninety years of chunks; a zone that is asked for more starts afresh. */
const MAX_CHUNKS_KEPT = 1024;
const MAX_ZONES_KEPT = 512;
const MAX_ZONE_LENGTH = 64;

/** A stretch of time with one offset, cut where convenient: a neighbour may have the same offset. */
export interface ZoneSegment {
  readonly startAt: number;
  /** Exclusive. */
  readonly endAt: number;
  /** Wall time minus UTC. */
  readonly offsetMs: number;
  /**
   * How far the wall clock had ever got when this offset came in force. Wall times of the segment before it happen for
   * the second time; wall times from it to the segment's first, where that is later, were skipped.
   */
  readonly frontier: number;
  /** The offset changes at `startAt`. */
  readonly startsWithChange: boolean;
}

export interface ZoneTimeline {
  /** The segment that holds an instant from 1970 on. Its neighbours are at `endAt` and `startAt - 1`. */
  segmentAt(at: number): ZoneSegment;
}

/** The timeline of a valid zone, kept for the next caller. `validateTimezone` says whether a zone is valid. */
export function zoneTimeline(timezone: string): ZoneTimeline {
  return timelineBySpelling(timezone);
}

/** What is wrong with a time zone name, or null. Names are IANA's; offsets such as +02:00 have no rules and are not. */
export function validateTimezone(timezone: string): string | null {
  const example = 'use an IANA name, for example "Europe/Berlin" or "UTC"';
  if (timezone.length > MAX_ZONE_LENGTH) return `timezone is longer than ${MAX_ZONE_LENGTH} characters; ${example}`;
  return isKnownZone(timezone) ? null : `timezone ${JSON.stringify(timezone)} is unknown; ${example}`;
}

// Both ask Intl for a formatter, which takes longer than everything else that is done for a tick: once per spelling.
const isKnownZone = boundedCache(
  MAX_ZONES_KEPT,
  (timezone) => /^[A-Za-z]/.test(timezone) && IANAZone.isValidZone(timezone),
);
const timelineBySpelling = boundedCache(MAX_ZONES_KEPT, (timezone) => cachedTimeline(canonicalZone(timezone)));

/** One spelling per zone: luxon keeps a formatter for every spelling it is given, for ever. */
function canonicalZone(timezone: string): string {
  return new Intl.DateTimeFormat('en-US', { timeZone: timezone }).resolvedOptions().timeZone;
}

const cachedTimeline = boundedCache(MAX_ZONES_KEPT, (zone) => {
  const iana = IANAZone.create(zone);
  const offsetAt = (at: number): number => Math.round(iana.offset(at) * 60_000);
  return zone === 'UTC' || zone.startsWith('Etc/') ? fixedTimeline(offsetAt(0)) : timelineOf(offsetAt);
});

/** The timeline behind a function from instants to offsets in ms, whose changes are at least two days apart. */
export function timelineOf(offsetAt: (at: number) => number): ZoneTimeline {
  const chunks = new Map<number, readonly ZoneSegment[]>();
  return {
    segmentAt(at) {
      const index = Math.min(Math.floor(at / CHUNK_MS), LAST_CHUNK);
      let segments = chunks.get(index);
      if (segments === undefined) {
        if (chunks.size >= MAX_CHUNKS_KEPT) chunks.clear();
        segments = chunkSegments(offsetAt, index);
        chunks.set(index, segments);
      }
      const found = segments.find((segment) => at < segment.endAt);
      if (found === undefined) throw new RangeError(`no zone segment holds the instant ${at}`);
      return found;
    },
  };
}

function fixedTimeline(offsetMs: number): ZoneTimeline {
  const frontier = Number.NEGATIVE_INFINITY;
  const always = { startAt: -CHUNK_MS, endAt: END_AT, offsetMs, frontier, startsWithChange: false };
  return { segmentAt: () => always };
}

/** The segments of one chunk of time. The two days before it tell how far the wall clock had got by its start. */
function chunkSegments(offsetAt: (at: number) => number, index: number): ZoneSegment[] {
  const startAt = index * CHUNK_MS;
  const endAt = index === LAST_CHUNK ? END_AT : startAt + CHUNK_MS;
  const sampledTo = startAt + (index === LAST_CHUNK ? 0 : CHUNK_MS);
  const segments: ZoneSegment[] = [];
  let open = {
    startAt: startAt - SAMPLE_MS,
    offsetMs: offsetAt(startAt - SAMPLE_MS),
    frontier: Number.NEGATIVE_INFINITY,
  };

  function close(closeAt: number): void {
    if (closeAt <= Math.max(startAt, open.startAt)) return;
    const isCut = open.startAt < startAt;
    segments.push({ ...open, startAt: isCut ? startAt : open.startAt, endAt: closeAt, startsWithChange: !isCut });
  }

  for (let sampleAt = startAt; sampleAt <= sampledTo; sampleAt += SAMPLE_MS) {
    const offsetMs = offsetAt(sampleAt);
    if (offsetMs === open.offsetMs) continue;
    const changeAt = firstChange(offsetAt, sampleAt - SAMPLE_MS, sampleAt);
    close(changeAt);
    open = { startAt: changeAt, offsetMs, frontier: changeAt + open.offsetMs };
  }
  close(endAt);
  return segments;
}

/** The first whole second in (from, to] whose offset differs from the one at `from`. */
function firstChange(offsetAt: (at: number) => number, from: number, to: number): number {
  const offsetMs = offsetAt(from);
  let same = from / 1000;
  let changed = to / 1000;
  while (changed - same > 1) {
    const middle = Math.floor((same + changed) / 2);
    if (offsetAt(middle * 1000) === offsetMs) same = middle;
    else changed = middle;
  }
  return changed * 1000;
}
