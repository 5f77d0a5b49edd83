import { inspect } from 'node:util';
import { deliveryId } from '@keyward/alerts';
import type { AlertSink, Delivery } from '@keyward/response';
import { AppError, describeError } from '@keyward/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anAlert } from '../response-builders.js';

export type SinkTrouble = 'refused' | 'gone' | 'rate_limited' | 'unavailable' | 'hangs';

export interface SinkFixture {
  readonly sink: AlertSink;
  /** Ids of what has arrived, in order, repeats too; the fixture checks authenticity by itself. */
  arrived(): Promise<readonly { readonly id: string; readonly event: Readonly<Record<string, unknown>> }[]>;
  readonly secrets: readonly string[];
  /** Makes the next delivery meet trouble. */
  readonly troubles: Partial<Record<SinkTrouble, () => Promise<void> | void>>;
  stop(): Promise<void>;
}

const EXPECTED: Readonly<Record<SinkTrouble, 'reject' | 'retry'>> = {
  refused: 'reject',
  gone: 'reject',
  rate_limited: 'retry',
  unavailable: 'retry',
  hangs: 'retry',
};

/** What every sink promises. Its fixture should time out within two seconds. */
export function alertSinkContract(product: string, make: () => Promise<SinkFixture>, troubles: readonly SinkTrouble[]): void {
  describe(`alert sink contract: ${product}`, () => {
    let fixture: SinkFixture;
    const alert = anAlert();
    const delivery: Delivery = { id: deliveryId(alert), alert, link: 'https://keyward.example.com/alerts/alert-1' };
    const never = new AbortController().signal;
    beforeEach(async () => {
      fixture = await make();
    });
    afterEach(async () => {
      await fixture.stop();
    });

    it('delivers a CloudEvents envelope around an OCSF Detection Finding', async () => {
      await fixture.sink.deliver(delivery, never);
      const [arrived] = await fixture.arrived();
      expect(arrived?.event).toMatchObject({
        specversion: '1.0',
        id: delivery.id,
        type: 'dev.keyward.alert.created',
        time: '2026-01-05T09:00:00.000Z',
        data: { class_uid: 2004, finding_info: { uid: alert.uid, src_url: delivery.link } },
      });
    });

    it('gives every try of one delivery the same id and the same body', async () => {
      await fixture.sink.deliver(delivery, never);
      await fixture.sink.deliver(delivery, never);
      const arrived = await fixture.arrived();
      expect(arrived.map(({ id }) => id)).toEqual([delivery.id, delivery.id]);
      expect(arrived[0]?.event).toEqual(arrived[1]?.event);
    });

    it('sends nothing when the signal has aborted already', async () => {
      await expect(fixture.sink.deliver(delivery, AbortSignal.abort())).rejects.toMatchObject({ disposition: 'retry' });
      expect(await fixture.arrived()).toEqual([]);
    });

    it.each(troubles)('says whether to try again when the receiver is: %s', async (trouble) => {
      await fixture.troubles[trouble]?.();
      const error: unknown = await fixture.sink.deliver(delivery, never).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(AppError);
      expect(error).toMatchObject({ disposition: EXPECTED[trouble] });
      if (trouble === 'rate_limited') expect((error as AppError).context['retryAfterMs']).toBeGreaterThan(0);
      const said = `${describeError(error)} ${inspect(error, { depth: 10 })} ${JSON.stringify(error)} ${inspect(fixture.sink, { depth: 10, showHidden: true })}`;
      for (const secret of fixture.secrets) expect(said).not.toContain(secret);
    });
  });
}
