export * from './changes/index.ts';
export * from './bus/index.ts';
export * from './store/index.ts';
