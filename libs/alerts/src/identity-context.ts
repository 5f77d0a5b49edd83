import type { Organisation } from '@keyward/identity';
import type { IdentityContext } from './fold-findings.js';

/** What risk and titles need to know of an identity; an unknown one is an ordinary human of medium criticality. */
export function identityContextOf(organisation: Organisation, identity: string): IdentityContext {
  const record = organisation.identity(identity);
  return {
    displayName: record?.displayName ?? identity,
    criticality: organisation.criticalityOf(identity),
    privileged: record?.privileged ?? false,
    kind: record?.kind ?? 'human',
  };
}
