export * from './bus/index.ts';
export * from './store/index.ts';
