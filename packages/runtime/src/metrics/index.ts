export * from './meter.ts';
export * from './metrics-table.ts';
