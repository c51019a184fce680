export * from './log.ts';
export { scrubLine } from './scrub.ts';
