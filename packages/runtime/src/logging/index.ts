export { scrubLine } from './scrub.ts';
