export { changeFeedSuite } from './feed-suite.ts';
export type { FeedSetup, FeedUnderTest } from './harness.ts';
