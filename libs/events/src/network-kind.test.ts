import { describe, expect, it } from 'vitest';
import { networkKindOf } from './network-kind.js';

describe('kind of a network, by the name of its autonomous system', () => {
  it.each([
    ['AMAZON-02', 'hosting'],
    ['DigitalOcean, LLC', 'hosting'],
    ['Hetzner Online GmbH', 'hosting'],
    ['GOOGLE-CLOUD-PLATFORM', 'hosting'],
    ['Tefincom S.A.', 'vpn'],
    ['Example VPN Hosting Ltd', 'vpn'],
    ['Cloudflarenet', 'relay'],
    ['Space Exploration Technologies Corporation', 'satellite'],
    ['T-Mobile USA, Inc.', 'mobile'],
  ])('%s is %s', (name, kind) => {
    expect(networkKindOf(name)).toBe(kind);
  });
  it.each(['Deutsche Telekom AG', 'Comcast Cable Communications, LLC', 'Siemens AG', 'Universitaet Wien', 'Microsoft Corporation', ''])(
    '%s is nothing special',
    (name) => {
      expect(networkKindOf(name)).toBeUndefined();
    },
  );
});
