import type { LedgerStore, StoredLedger } from '@keyward/stages';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

export interface StoreUnderTest<S> {
  readonly store: S;
  close(): Promise<void>;
}

const ledger = (id: string, throughOffset: number, state = `{"at":${throughOffset}}`): StoredLedger => ({
  id,
  partition: 3,
  throughOffset,
  throughPlace: throughOffset % 2 === 0 ? '' : `1790000000000 ${throughOffset} access.raw.okta/0`,
  state,
});

/** What every store of ledgers must do. */
export function ledgerStoreContract(name: string, make: () => Promise<StoreUnderTest<LedgerStore>>): void {
  describe(`${name} keeps the contract of a ledger store`, () => {
    let under: StoreUnderTest<LedgerStore>;
    beforeAll(async () => {
      under = await make();
    });
    afterAll(() => under.close());

    it('gives back what was saved, at once and exactly', async () => {
      const saved = ledger('identity:p-"änna"\u0000\\', 9_007_199_254_740_991, JSON.stringify({ text: '\u0000 \\ " 🔑 <b>' }));
      await under.store.save('assess', [saved]);
      expect((await under.store.load('assess', [saved.id])).get(saved.id)).toEqual(saved);
    });

    it('leaves out what was never saved, and asks for nothing when there is nothing to ask', async () => {
      expect(await under.store.load('assess', ['identity:nobody'])).toEqual(new Map());
      expect(await under.store.load('assess', [])).toEqual(new Map());
    });

    it('keeps the stages apart', async () => {
      await under.store.save('assess', [ledger('identity:both', 1)]);
      await under.store.save('alert', [ledger('identity:both', 2)]);
      expect((await under.store.load('assess', ['identity:both'])).get('identity:both')?.throughOffset).toBe(1);
      expect((await under.store.load('alert', ['identity:both'])).get('identity:both')?.throughOffset).toBe(2);
    });

    it('keeps the state with the highest offset, whatever was written last', async () => {
      await under.store.save('assess', [ledger('identity:zombie', 20)]);
      await under.store.save('assess', [ledger('identity:zombie', 10)]);
      expect((await under.store.load('assess', ['identity:zombie'])).get('identity:zombie')).toEqual(ledger('identity:zombie', 20));
    });

    it('of states that were released at one offset keeps the one that contains most', async () => {
      const released = (throughPlace: string): StoredLedger => ({ ...ledger('identity:together', 31, throughPlace), throughPlace });
      const places = ['1790000000000 9 access.raw.entra/0', '1790000000000 7 access.raw.okta/0', '1790000000000 10 access.raw.okta/0'];
      for (const place of places) {
        await under.store.save('assess', [released(place)]);
        expect((await under.store.load('assess', ['identity:together'])).get('identity:together')).toEqual(released(place));
      }
    });

    it('loads many at once', async () => {
      const many = Array.from({ length: 5_000 }, (_, index) => ledger(`network:198.51.${index}.0/24`, index));
      await under.store.save('assess', many);
      const found = await under.store.load(
        'assess',
        many.map((one) => one.id),
      );
      expect([...found.values()].sort((a, b) => a.throughOffset - b.throughOffset)).toEqual(many);
    });
  });
}
