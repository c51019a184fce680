import { describe } from 'vitest';
import { type FeedSetup, useFeeds } from './harness.ts';
import { followTests } from './following.ts';
import { resumeTests } from './resuming.ts';

/** Registers everything that the ChangeFeed port promises, as tests of this driver. Each test gets an empty database. */
export function changeFeedSuite(name: string, setup: FeedSetup): void {
  describe(`${name} as a ChangeFeed`, () => {
    const feeds = useFeeds(setup);
    followTests(feeds);
    resumeTests(feeds);
  });
}
