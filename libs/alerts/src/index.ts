export * from './alert.js';
export * from './alert-ledger.js';
export * from './cloud-event.js';
export * from './entity-risk.js';
export * from './fold-findings.js';
export * from './identity-context.js';
export * from './life-cycle.js';
export * from './ocsf-detection-finding.js';
