import { isoInstant } from '@keyward/events';
import type { Alert } from './alert.js';
import { toDetectionFinding, type DetectionFindingOptions } from './ocsf-detection-finding.js';

export interface CloudEventOptions extends DetectionFindingOptions {
  /** Stable: the delivery's id. */
  readonly id: string;
  /** URI-reference of this Keyward; its public address, or `urn:keyward`. */
  readonly source?: string | undefined;
}

/** A CloudEvents 1.0 envelope in structured JSON. */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: 'dev.keyward.alert.created' | 'dev.keyward.alert.updated';
  /** Event time: when what the alert tells of happened. */
  readonly time: string;
  readonly subject: string;
  readonly datacontenttype: 'application/json';
  readonly dataschema: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Id of an alert version's delivery: the same on every try and after every replay. No dots, as Standard Webhooks asks. */
export const deliveryId = (alert: Pick<Alert, 'uid' | 'version'>): string => `alert-${alert.uid}-${alert.version}`;

/** An alert in its envelope. Pure: tries of one delivery have the same bytes. */
export function toCloudEvent(alert: Alert, options: CloudEventOptions): CloudEvent {
  return {
    specversion: '1.0',
    id: options.id,
    source: options.source ?? 'urn:keyward',
    type: alert.version === 1 ? 'dev.keyward.alert.created' : 'dev.keyward.alert.updated',
    time: isoInstant(alert.lastTime),
    subject: alert.identity,
    datacontenttype: 'application/json',
    dataschema: 'https://schema.ocsf.io/1.8.0/classes/detection_finding',
    data: toDetectionFinding(alert, options),
  };
}
