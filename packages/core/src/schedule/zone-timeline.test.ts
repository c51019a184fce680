import { describe, expect, it } from 'vitest';
import { tickSource, validateTimezone } from './index.ts';
import { zoneTimeline } from './zone-timeline.ts';

describe('validateTimezone', () => {
  it.each(['UTC', 'Europe/Berlin', 'europe/berlin', 'Etc/GMT+5', 'EST5EDT', 'Asia/Kathmandu'])('accepts %s', (zone) => {
    expect(validateTimezone(zone)).toBeNull();
  });

  it.each(['', '+02:00', '-0500', 'local', 'system', 'Mars/Olympus', '../etc/passwd', 'Europe/Berlin\n', 'Z'])(
    'refuses %j and shows a right name',
    (zone) => {
      expect(validateTimezone(zone)).toBe(
        `timezone ${JSON.stringify(zone)} is unknown; use an IANA name, for example "Europe/Berlin" or "UTC"`,
      );
    },
  );

  it('refuses long names without repeating them', () => {
    expect(validateTimezone('A'.repeat(100_000))).toMatch(/^timezone is longer than 64 characters/);
  });
});

describe('zoneTimeline', () => {
  it('gives the segments around a change, with the offset before as the frontier of the wall clock', () => {
    const berlin = zoneTimeline('Europe/Berlin');
    const changeAt = Date.UTC(2026, 2, 29, 1);
    expect(berlin.segmentAt(changeAt - 1)).toMatchObject({ endAt: changeAt, offsetMs: 3_600_000 });
    expect(berlin.segmentAt(changeAt)).toMatchObject({
      startAt: changeAt,
      startsWithChange: true,
      offsetMs: 7_200_000,
      frontier: changeAt + 3_600_000,
    });
  });

  it('tiles time without holes or overlaps in every zone the platform knows', () => {
    for (const zone of Intl.supportedValuesOf('timeZone')) {
      const timeline = zoneTimeline(zone);
      let segment = timeline.segmentAt(Date.UTC(2025, 0, 1));
      while (segment.startAt < Date.UTC(2027, 0, 1)) {
        const following = timeline.segmentAt(segment.endAt);
        if (following.startAt !== segment.endAt) expect.fail(`${zone} has a hole at ${segment.endAt}`);
        if (following.startsWithChange !== (following.offsetMs !== segment.offsetMs)) {
          expect.fail(`${zone} mistakes ${following.startAt} for a change, or a change for none`);
        }
        segment = following;
      }
    }
  });

  it('has one noon a day in every zone the platform knows', () => {
    const range = { after: Date.UTC(2024, 11, 31, 12), at: Date.UTC(2026, 11, 31, 12) };
    for (const timezone of Intl.supportedValuesOf('timeZone')) {
      const count = tickSource({ kind: 'cron', expression: '0 12 * * *', timezone }).count(range);
      expect([729, 730, 731], timezone).toContain(count);
    }
  });
});
