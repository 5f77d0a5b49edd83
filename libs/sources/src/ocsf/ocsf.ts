import { at, isObject, list } from '../json.js';
import type { Source } from '../source.js';
import { parseOcsf } from './parse-event.js';
import { ocsfPush } from './push.js';

/** Any system that writes OCSF 1.x events of identity and access, API activity, and commands; Keyward's own export too. */
export const ocsf: Source = {
  id: 'ocsf',
  product: { vendor: 'Open Cybersecurity Schema Framework', name: 'OCSF' },
  envelopeKeys: ['events', 'records'],
  push: ocsfPush,
  unwrap,
  parse: parseOcsf,
};

/** A list of events, or one in a CloudEvents envelope. */
function unwrap(value: unknown): readonly unknown[] {
  if (!isObject(value) || value['class_uid'] !== undefined) return [value];
  for (const key of ['events', 'records']) if (Array.isArray(value[key])) return list(value[key]);
  const inside = at(value, 'data');
  return value['specversion'] !== undefined && isObject(inside) ? [inside] : [value];
}
