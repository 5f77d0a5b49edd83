import { describe, expect, it } from 'vitest';
import { AllowedPeers, isNetwork } from './allowed-peers.js';

describe('senders that are listened to', () => {
  const peers = new AllowedPeers(['192.0.2.0/25', '198.51.100.7', '2001:db8::/32', '::1']);
  it.each(['192.0.2.1', '192.0.2.127', '::ffff:192.0.2.9', '198.51.100.7', '2001:db8::5', '::1'])(
    'are those of the networks: %s',
    (address) => {
      expect(peers.has(address)).toBe(true);
    },
  );
  it.each(['192.0.2.128', '198.51.100.8', '::ffff:198.51.100.8', '2001:db9::1', '127.0.0.1', '', undefined])(
    'are no others: %s',
    (address) => {
      expect(peers.has(address)).toBe(false);
    },
  );
  it.each(['10.0.0.0/33', '10.0.0', '::/129', 'example.com', '10.0.0.0/', '/8', ''])(
    'can not be named by what is no network: %s',
    (text) => {
      expect(isNetwork(text)).toBe(false);
      expect(() => new AllowedPeers([text])).toThrow(TypeError);
    },
  );
});
