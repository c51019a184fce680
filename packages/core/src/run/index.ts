export * from './transition.ts';
export * from './deadlines.ts';
export * from './watch.ts';
export * from './record.ts';
