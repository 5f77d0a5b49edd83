import { EMPTY_ORGANISATION, IdentityRecord, buildOrganisation } from '@keyward/identity';
import { describe, expect, it } from 'vitest';
import { identityContextOf } from './identity-context.js';

describe('what an alert knows of its identity', () => {
  it('comes from the organisation', () => {
    const glass = IdentityRecord.parse({
      id: 'p-glass',
      displayName: 'Break glass 1',
      kind: 'break_glass',
      privileged: true,
      criticality: 'critical',
    });
    const organisation = buildOrganisation({ identities: [glass], assets: [], groups: [], roles: [], tickets: [] });
    expect(identityContextOf(organisation, 'p-glass')).toEqual({
      displayName: 'Break glass 1',
      criticality: 2,
      privileged: true,
      kind: 'break_glass',
    });
  });

  it('is that of an ordinary person when nobody knows the identity', () => {
    expect(identityContextOf(EMPTY_ORGANISATION, 'okta:ghost@example.com')).toEqual({
      displayName: 'okta:ghost@example.com',
      criticality: 1,
      privileged: false,
      kind: 'human',
    });
  });
});
