import { networkOf, type AccessEvent } from '@keyward/events';

/** What products compare with the past, as text; undefined where an event does not say. */
export interface ObservedValues {
  readonly network: string | undefined;
  readonly asn: string | undefined;
  readonly country: string | undefined;
  readonly device: string | undefined;
  readonly browser: string | undefined;
  readonly os: string | undefined;
  readonly application: string | undefined;
  readonly resource: string | undefined;
}
export const VALUE_NAMES = ['network', 'asn', 'country', 'device', 'browser', 'os', 'application', 'resource'] as const;

/** The same values for every comparator, so that none sees more than another. */
export function observedValues({ src, device, auth, resource, credential, class: eventClass }: AccessEvent): ObservedValues {
  const application = auth?.application ?? (resource?.kind === 'application' ? resource.name : undefined);
  return {
    network: src?.ip === undefined ? undefined : networkOf(src.ip),
    asn: src?.asn === undefined ? undefined : String(src.asn),
    country: src?.geo?.country,
    device: device?.id ?? device?.userAgent,
    browser: device?.browser,
    os: device?.os,
    application: eventClass === 'authentication' ? application : undefined,
    resource: credential?.account ?? (eventClass === 'authentication' && resource?.kind === 'application' ? undefined : resource?.name),
  };
}
