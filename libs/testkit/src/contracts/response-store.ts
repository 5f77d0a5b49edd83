import type { Grant } from '@keyward/identity';
import type { Effect } from '@keyward/response';
import type { DeliveryState, ResponseStore } from '@keyward/stages';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoreUnderTest } from './ledger-store.js';

const AT = Date.UTC(2026, 2, 2, 9);
const grant = (uid: string, identity: string, state: Grant['state']): Grant => ({
  uid,
  identity,
  system: 'entra',
  principal: `${identity}@example.com`,
  entitlement: 'entra:role:Owner "of" \\ all',
  jit: true,
  state,
  endsAt: AT,
  eventUids: ['e1', 'e2'],
});
const effect = (chain: string, seq: number, state: Effect['state'], more: Partial<Effect> = {}): Effect => ({
  uid: `effect-${chain}`,
  chain,
  seq,
  prevHash: `h${seq - 1}`,
  hash: `h${seq}`,
  at: AT + seq * 1_000,
  state,
  mode: 'enforce',
  rule: 'r1',
  alertUid: `alert-${chain}`,
  identity: 'p-anna',
  grantUid: 'grant-1',
  entitlement: 'entra:role:Owner',
  connector: 'entra-pim',
  reason: `it's "needed" \u0000`,
  actor: 'keyward',
  approvals: ['bob@example.com'],
  detail: 'HTTP 200',
  ...more,
});

/** What every store of responses must do. */
export function responseStoreContract(name: string, make: () => Promise<StoreUnderTest<ResponseStore>>): void {
  describe(`${name} keeps the contract of a response store`, () => {
    let under: StoreUnderTest<ResponseStore>;
    beforeAll(async () => {
      under = await make();
    });
    afterAll(() => under.close());

    it('finds open grants by identity, in their newest state', async () => {
      const { store } = under;
      await store.upsertGrants([
        { grant: grant('g1', 'open-1', 'active'), version: 1 },
        { grant: grant('g2', 'open-1', 'eligible'), version: 1 },
        { grant: grant('g3', 'open-2', 'active'), version: 1 },
        { grant: grant('g4', 'open-3', 'active'), version: 1 },
      ]);
      await store.upsertGrants([{ grant: grant('g3', 'open-2', 'revoked'), version: 2 }]);
      await store.upsertGrants([{ grant: grant('g3', 'open-2', 'active'), version: 1 }]);
      expect((await store.openGrants(['open-1', 'open-2'])).map((one) => one.uid)).toEqual(['g1', 'g2']);
      expect(await store.grant('g3')).toEqual(grant('g3', 'open-2', 'revoked'));
      expect(await store.grant('none')).toBeUndefined();
      expect(await store.openGrants([])).toEqual([]);
    });

    it('keeps each link of a chain once and exactly, oldest first', async () => {
      const { store } = under;
      const links = [effect('c1', 0, 'approved'), effect('c1', 1, 'revoking'), effect('c1', 2, 'revoked')];
      await store.appendEffects(links.slice(0, 2));
      await store.appendEffects(links.slice(1));
      expect(await store.effectsOf(['alert-c1', 'alert-none'])).toEqual(links);
      expect(await store.effect('effect-c1')).toEqual(links);
      expect(await store.chainHead('c1')).toEqual({ seq: 2, hash: 'h2' });
      expect(await store.chainHead('empty')).toBeUndefined();
    });

    it('finds what was taken away since an instant', async () => {
      const { store } = under;
      const later = AT + 10_000_000;
      await store.appendEffects([
        effect('c2', 0, 'revoked', { at: later - 1 }),
        effect('c2', 1, 'revoked', { at: later }),
        effect('c2', 2, 'held', { at: later + 1 }),
        effect('c2', 3, 'verified', { at: later + 2 }),
      ]);
      expect((await store.revocationsSince(later)).map((one) => one.seq)).toEqual([1, 3]);
    });

    it('keeps the newest state of a delivery', async () => {
      const { store } = under;
      const delivery: DeliveryState = {
        id: 'siem/alert-1.3',
        sink: 'siem',
        alertUid: 'alert-1',
        alertVersion: 3,
        state: 'pending',
        attempts: 1,
        lastError: `timeout "x"`,
        updatedAt: AT,
      };
      await store.saveDelivery(delivery);
      await store.saveDelivery({ ...delivery, state: 'delivered', attempts: 2, lastError: undefined, updatedAt: AT + 5 });
      expect(await store.deliveries(['siem/alert-1.3', 'none'])).toEqual(
        new Map([['siem/alert-1.3', { ...delivery, state: 'delivered', attempts: 2, lastError: undefined, updatedAt: AT + 5 }]]),
      );
    });

    it('finds deliveries that are still to be made, oldest first', async () => {
      const { store } = under;
      const delivery = (id: string, state: DeliveryState['state'], updatedAt: number): DeliveryState => ({
        id,
        sink: 'siem',
        alertUid: id,
        alertVersion: 1,
        state,
        attempts: 0,
        lastError: undefined,
        updatedAt,
      });
      for (const one of [delivery('w3', 'pending', AT + 3), delivery('w1', 'pending', AT + 1), delivery('w2', 'pending', AT + 2)]) {
        await store.saveDelivery(one);
      }
      await store.saveDelivery(delivery('w1', 'delivered', AT + 4));
      await store.saveDelivery(delivery('w4', 'failed', AT));
      expect(await store.pendingDeliveries(10)).toEqual([delivery('w2', 'pending', AT + 2), delivery('w3', 'pending', AT + 3)]);
      await store.saveDelivery({ ...delivery('w5', 'pending', AT + 9), sink: 'chat' });
      expect((await store.pendingDeliveries(1)).map((one) => one.id)).toEqual(['w2', 'w5']);
    });

    it('finds effects that wait for the machine, with all their steps', async () => {
      const { store } = under;
      const before = (await store.unfinishedEffects(100)).map((one) => one.uid);
      await store.appendEffects([
        effect('c3', 0, 'approved'),
        effect('c3', 1, 'revoking'),
        effect('c4', 0, 'revoked'),
        effect('c4', 1, 'verified'),
        effect('c5', 0, 'awaiting_approval'),
      ]);
      const found = (await store.unfinishedEffects(100)).filter((one) => !before.includes(one.uid));
      expect(found.map((one) => `${one.uid} ${one.state}`)).toEqual(['effect-c3 approved', 'effect-c3 revoking']);
      await store.appendEffects([effect('c6', 0, 'approved'), effect('c7', 0, 'approved', { connector: 'postgresql' })]);
      const [mine, other] = [await store.unfinishedEffects(1), await store.unfinishedEffects(100)].map((rows) =>
        rows.map((one) => one.uid),
      );
      expect(mine).toContain('effect-c7');
      expect(mine).not.toContain('effect-c6');
      expect(other).toContain('effect-c6');
    });

    it('counts JIT grants that are active at an instant', async () => {
      const { store } = under;
      const active = await store.countActiveGrants(AT + 500);
      await store.upsertGrants([
        { grant: { ...grant('n1', 'count', 'active'), startsAt: AT, endsAt: AT + 1_000 }, version: 1 },
        { grant: { ...grant('n2', 'count', 'active'), startsAt: AT + 600, endsAt: AT + 1_000 }, version: 1 },
        { grant: { ...grant('n3', 'count', 'revoked'), startsAt: AT, endsAt: AT + 1_000 }, version: 1 },
        { grant: { ...grant('n4', 'count', 'active'), endsAt: AT + 400 }, version: 1 },
        { grant: { ...grant('n5', 'count', 'active'), jit: false, endsAt: AT + 1_000 }, version: 1 },
      ]);
      expect(await store.countActiveGrants(AT + 500)).toBe(active + 1);
    });
  });
}
