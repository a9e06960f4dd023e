export * from './address.ts';
export * from './assert.ts';
export type { Brand } from './brand.ts';
export * from './hash.ts';
export * from './names.ts';
export * from './protocol.ts';
export * from './random.ts';
export * from './state.ts';
export * from './time.ts';
