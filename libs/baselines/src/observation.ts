import { isPrivateIp, networkOf, type AccessEvent } from '@keyward/events';
import type { Level } from './levels.js';
import { counterpart, givesRight } from './privileged-act.js';

/**
 * What an event may be used for.
 * - `habit`: something the actor did and succeeded in; it is scored, and teaches.
 * - `password_known`: a sign-in that failed at the second factor only. Whoever it was knows the password, so it is scored; it teaches nothing.
 * - `none`: says nothing about habits (wrong password, logoff, expiry, an act of the system itself).
 */
export type Use = 'habit' | 'password_known' | 'none';

export interface Observation {
  readonly use: Use;
  /** Why it is `none`. */
  readonly why: string;
  /** Value of each level the event speaks of; parents are part of their child's name where the child alone is not unique. */
  readonly values: Readonly<Partial<Record<Level, string>>>;
  /** False for background refreshes of a person's tokens: their hour is the machine's choice. */
  readonly deliberate: boolean;
  /** Hash of the resource, where one is named: how the day's targets are told apart. */
  readonly target: string | undefined;
}

/** Acts that end something: their time and place is that of a timer as often as a person's. */
const ENDING = new Set(['logoff', 'logout', 'session_end', 'session_closed', 'expire', 'expired', 'close', 'end']);
export const WITH_SECOND_FACTOR = 'with second factor';
export const WITHOUT_SECOND_FACTOR = 'without second factor';
const SECOND_FACTOR_UNKNOWN = 'second factor unknown';
const MAX_VALUE_LENGTH = 80; // a resource name may be a path of kilobytes; a profile may not

/** Assess, advance and the snapshot's count read the same event one after the other. (A WeakMap of all events costs the garbage collector a quarter of the time.) */
let last: { readonly event: AccessEvent; readonly observation: Observation } | undefined;

/** Reads an event; the next call with the same object is free. Events are never changed after ingest. */
export function observe(event: AccessEvent): Observation {
  if (last?.event === event) return last.observation;
  const observation = read(event);
  last = { event, observation };
  return observation;
}

function read(event: AccessEvent): Observation {
  const { use, why } = useOf(event);
  if (use === 'none') return { use, why, values: {}, deliberate: false, target: undefined };
  const values: Values = {};
  readNetwork(event, values);
  readDevice(event, values);
  readSignIn(event, values);
  readResource(event, values);
  if (event.privilege) readPrivilege(event, event.privilege.entitlement, values);
  return {
    use,
    why,
    values,
    deliberate: event.auth?.interactive !== false,
    target: values.res === undefined ? undefined : hash32(values.res),
  };
}

function useOf(event: AccessEvent): { use: Use; why: string } {
  if (!event.actor) return { use: 'none', why: 'nobody is named as the actor' };
  if (event.actor.kind === 'system') return { use: 'none', why: 'an act of the system itself' };
  if (ENDING.has(event.activity) || event.privilege?.change === 'expired' || event.credential?.act === 'session_closed')
    return { use: 'none', why: 'the end of something says nothing about habits' };
  if (event.outcome === 'success') return { use: 'habit', why: '' };
  if (event.class !== 'authentication') return { use: 'none', why: 'a refused act says nothing about habits' };
  const { failure, factorResult } = event.auth ?? {};
  return failure === 'bad_factor' || factorResult === 'denied' || factorResult === 'timeout'
    ? { use: 'password_known', why: '' }
    : { use: 'none', why: 'a failed sign-in says nothing about habits' };
}

type Values = Partial<Record<Level, string>>;

function readNetwork({ src }: AccessEvent, values: Values): void {
  if (src?.ip === undefined) return;
  const origin = originOf(src.ip, src.asn, src.geo?.country);
  if (!origin) return;
  values.net = origin.net;
  values.cty = origin.cty;
  values.asn = origin.asn;
}

/** What an address says, with the provider and country that it came with. */
interface Origin {
  readonly provider: number | undefined;
  readonly country: string | undefined;
  readonly net: string;
  readonly cty: string;
  readonly asn: string;
}

/** Made once for each address: nearly every act comes from where another one came from. */
function originOf(ip: string, provider: number | undefined, country: string | undefined): Origin | undefined {
  const known = origins.get(ip);
  if (known && known.provider === provider && known.country === country) return known;
  const net = networkOf(ip);
  if (net === undefined) return undefined;
  const isInside = provider === undefined && country === undefined && isPrivateIp(ip);
  const cty = isInside ? 'private' : clip(country ?? '?');
  const asn = isInside
    ? 'private'
    : `${provider === undefined ? 'unknown provider' : `AS${provider}`} (${cty === '?' ? 'unknown country' : cty})`;
  const origin = { provider, country, net, cty, asn };
  if (origins.size >= MOST_REMEMBERED) origins.clear();
  origins.set(ip, origin);
  return origin;
}
const MOST_REMEMBERED = 20_000;
const origins = new Map<string, Origin>();

type Device = NonNullable<AccessEvent['device']>;
/** What a device says, and what it was read from. */
interface Equipment {
  readonly device: Device;
  readonly dev: string;
  readonly brw: string;
  readonly os: string;
  readonly typ: string;
}

function readDevice({ device }: AccessEvent, values: Values): void {
  if (!device) return;
  const equipment = equipmentOf(device);
  if (!equipment) return;
  values.os = equipment.os;
  values.brw = equipment.brw;
  values.dev = equipment.dev;
  values.typ = equipment.typ;
}

function equipmentOf(device: Device): Equipment | undefined {
  const key = device.id ?? device.userAgent ?? '';
  const known = equipments.get(key);
  if (known && isSameDevice(known.device, device)) return known;
  const agent = device.userAgent === undefined ? undefined : `ua-${hash32(device.userAgent)}`;
  const named = device.id === undefined ? agent : `id-${clip(device.id)}`;
  if (named === undefined && device.browser === undefined && device.os === undefined) return undefined;
  const os = clip(device.os ?? '?');
  const brw = clip(`${device.browser ?? '?'} on ${os}`);
  const { id, userAgent, browser, os: system, type } = device;
  const read = { id, userAgent, browser, os: system, type };
  const equipment = { device: read, dev: named ?? brw, brw, os, typ: clip(type ?? '?') };
  if (equipments.size >= MOST_REMEMBERED) equipments.clear();
  equipments.set(key, equipment);
  return equipment;
}
const equipments = new Map<string, Equipment>();

const isSameDevice = (a: Device, b: Device): boolean =>
  a.id === b.id && a.userAgent === b.userAgent && a.browser === b.browser && a.os === b.os && a.type === b.type;

function readSignIn({ class: eventClass, auth, resource }: AccessEvent, values: Values): void {
  if (eventClass !== 'authentication') return;
  const app = auth?.application ?? (resource?.kind === 'application' ? resource.name : undefined);
  if (app !== undefined) values.app = clip(app);
  if (auth?.method === undefined || auth.step === 'session') return;
  values.mfa = auth.mfa === undefined ? SECOND_FACTOR_UNKNOWN : auth.mfa ? WITH_SECOND_FACTOR : WITHOUT_SECOND_FACTOR;
  values.mth = methodOf(auth.method, auth.step === 'second_factor', values.mfa);
}

/** Of a method by itself and as second factor, by what is known of a second factor. */
function methodOf(method: string, isSecond: boolean, mfa: string): string {
  let names = methods.get(method);
  if (!names) {
    if (methods.size >= MOST_REMEMBERED) methods.clear();
    methods.set(method, (names = { alone: [], second: [] }));
  }
  const known = isSecond ? names.second : names.alone;
  for (let at = 0; at < known.length; at += 1) {
    const one = known[at];
    if (one?.mfa === mfa) return one.name;
  }
  const name = `${clip(method)}${isSecond ? ' as second factor' : ''}, ${mfa}`;
  known.push({ mfa, name });
  return name;
}
interface NamedMethod {
  readonly mfa: string;
  readonly name: string;
}
const methods = new Map<string, { readonly alone: NamedMethod[]; readonly second: NamedMethod[] }>();

/** What was reached for. The application of a sign-in is A5's; a credential counts before the safe it lies in. */
function readResource({ class: eventClass, resource, credential }: AccessEvent, values: Values): void {
  if (credential) values.res = clip(`credential ${credential.account}`);
  else if (resource?.kind === 'host') values.res = clip(`host ${resource.host ?? resource.name.toLowerCase()}`);
  else if (resource && (eventClass !== 'authentication' || resource.kind !== 'application'))
    values.res = clip(`${resource.kind} ${resource.name}`);
}

function readPrivilege(event: AccessEvent, entitlement: string, values: Values): void {
  if (givesRight(event)) values.gra = clip(entitlement);
  const other = counterpart(event);
  if (other !== undefined) values.par = clip(other);
}

export const clip = (text: string): string =>
  text.length <= MAX_VALUE_LENGTH ? text : `${text.slice(0, MAX_VALUE_LENGTH - 9)}~${hash32(text)}`;

/** Of a text that is only ever compared, and long, the hash will do. */
export const shortMark = (text: string): string => (text.length <= LONGEST_MARK ? text : hash32(text));
const LONGEST_MARK = 40;

/** @returns the session's token, or its id */
export function sessionOf({ session }: AccessEvent): string | undefined {
  const mark = session?.tokenId ?? session?.uid;
  return mark === undefined ? undefined : shortMark(mark);
}

/** FNV-1a, 32 bit: short names for long text. Two user agents of one person that collide (1 in 4e9) count as one. */
export function hash32(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return `${HEX[hash >>> 24] ?? ''}${HEX[(hash >>> 16) & 255] ?? ''}${HEX[(hash >>> 8) & 255] ?? ''}${HEX[hash & 255] ?? ''}`;
}
/** A number in another base than ten costs a microsecond. */
const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
