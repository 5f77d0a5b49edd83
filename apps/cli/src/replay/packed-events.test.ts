import type { AccessEvent, LedgerEntry } from '@keyward/events';
import { describe, expect, it } from 'vitest';
import { TextBuffer, isPrimary, ledgerOf, packEntry, unpackEntry } from './packed-events.js';

const event: AccessEvent = {
  ...{ uid: 'e-1', nativeId: 'n-1', source: 'okta', time: 1, class: 'authentication', activity: 'logon' },
  ...{ code: 'user.session.start', outcome: 'success' },
} as const;

describe('a packed entry', () => {
  const entries: readonly LedgerEntry[] = [
    { ledger: 'identity', key: 'okta:anna@example.com', part: 'actor', primary: true, event },
    { ledger: 'credential', key: 'root@db1', part: 'target', primary: false, event },
    { ledger: 'network', key: '2001:db8:0::/48', part: 'network', primary: false, event },
    { ledger: 'credential', key: 'root@db1', part: 'credential', primary: true, event },
  ];
  it.each(entries)('is the same again: $ledger $key as $part', (entry) => {
    const packed = packEntry(entry);
    expect(unpackEntry(packed, event)).toEqual(entry);
    expect([ledgerOf(packed), isPrimary(packed)]).toEqual([`${entry.ledger}:${entry.key}`, entry.primary]);
  });
  it('is nothing else', () => {
    expect(() => unpackEntry('x+identity:p-1', event)).toThrow('no packed entry');
    expect(() => unpackEntry('a+person:p-1', event)).toThrow('no packed entry');
  });
});

describe('a text buffer', () => {
  it('holds what was written, whatever its length and alphabet, and begins anew when it was taken', () => {
    const text = new TextBuffer();
    const pieces = ['plain', 'Ünïcödé', '日本語 '.repeat(20_000), '👩‍💻', 'x'.repeat(200_000)];
    const written = pieces.map((piece) => text.write(piece));
    text.copy(Buffer.from('--copied--'), 2, 8);
    expect(written).toEqual(pieces.map((piece) => Buffer.byteLength(piece)));
    expect(Buffer.from(text.take()).toString('utf8')).toBe(`${pieces.join('')}copied`);
    expect(text.take().length).toBe(0);
  });
});
