export * from './fair-share.ts';
export * from './may-act.ts';
