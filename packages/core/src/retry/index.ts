export * from './chance.ts';
export * from './retry-delay.ts';
