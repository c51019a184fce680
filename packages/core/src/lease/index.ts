export * from './fair-share.ts';
