import type { CollectorKind } from './collector.js';

/** Every kind of collector, one line each. */
export const COLLECTORS: readonly CollectorKind[] = [];
