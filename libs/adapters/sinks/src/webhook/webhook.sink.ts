import { toCloudEvent } from '@keyward/alerts';
import { errorForStatus, secretFrom, signWebhook, webhookKey } from '@keyward/outbound';
import type { AlertSink, Delivery } from '@keyward/response';
import type { Secret } from '@keyward/runtime';
import { z } from 'zod';
import { defineSink, type SinkDeps } from '../sink.js';

const WebhookSinkSettings = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('https unless the operator allow-lists the host'),
  secretEnvs: z
    .array(z.string())
    .min(1)
    .max(4)
    .describe('NAMES of the environment variables with the signing secrets (whsec_...), newest first'),
});
type WebhookSinkSettings = z.infer<typeof WebhookSinkSettings>;

/** Standard Webhooks, body OCSF Detection Finding in CloudEvents: what a SIEM takes. */
export const webhook = defineSink({
  product: 'webhook',
  settings: WebhookSinkSettings,
  create: (id, settings, deps) =>
    new WebhookSink(
      id,
      settings,
      settings.secretEnvs.map((name) => secretFrom(deps.env, name)),
      deps,
    ),
});

class WebhookSink implements AlertSink {
  readonly id: string;
  readonly product = 'webhook';
  readonly #url: string;
  readonly #secrets: readonly Secret[];
  readonly #deps: SinkDeps;

  constructor(id: string, settings: WebhookSinkSettings, secrets: readonly Secret[], deps: SinkDeps) {
    secrets.forEach(webhookKey); // a bad secret is found at start, not with the first alert
    this.id = id;
    this.#url = settings.url;
    this.#secrets = secrets;
    this.#deps = deps;
  }

  async deliver(delivery: Delivery, signal: AbortSignal): Promise<void> {
    const { http, clock, productVersion, source } = this.#deps;
    const body = JSON.stringify(toCloudEvent(delivery.alert, { id: delivery.id, link: delivery.link, productVersion, source }));
    // The id stays, the time is that of this try: a receiver rejects old timestamps.
    const signed = signWebhook({ id: delivery.id, timestamp: Math.floor(clock.now() / 1000), body, secrets: this.#secrets });
    const headers = { 'content-type': 'application/cloudevents+json', 'user-agent': `keyward/${productVersion}`, ...signed };
    const response = await http.send({ method: 'POST', url: this.#url, headers, body, signal });
    const error = errorForStatus(response, { code: 'sink_webhook', now: clock.now(), context: { sink: this.id } });
    if (error) throw error;
  }
}
