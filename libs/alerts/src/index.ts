export * from './alert.js';
export * from './alert-ledger.js';
export * from './entity-risk.js';
export * from './fold-findings.js';
export * from './identity-context.js';
export * from './life-cycle.js';
