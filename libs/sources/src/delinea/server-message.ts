import { managedAccount } from '../account-name.js';
import { defined } from '../json.js';
import type { ManagedAccount } from '../vault-event.js';

/**
 * What stands in an event's `msg`: `[[SecretServer]] Event: [Secret] Action: [View] By User: anna Item Name: root on db1 (Item Id: 12)
 * Container Name: Linux (Container Id: 3) Details: ...`. Names may hold anything, so only the marks between them are looked for.
 */
export interface ServerMessage {
  readonly object: string | undefined;
  readonly verb: string | undefined;
  readonly byUser: string | undefined;
  readonly item: string | undefined;
  readonly itemId: string | undefined;
  readonly container: string | undefined;
  readonly containerId: string | undefined;
  readonly details: string | undefined;
}

const HEAD = /Event: \[([^\]]{1,100})\] Action: \[([^\]]{1,100})\]/;
const MAX_LENGTH = 20_000;
/** Each is looked for once: a name that holds a mark itself costs no more than that its parts are wrong. */
const MARKS = { user: /\bBy User: /, item: / Item Name: ?/i, container: / Container Name: ?/i, details: / Details:? / } as const;
const ID = / \((?:Item|Container) Id: (\d{1,12})\)/;

/** @param text `msg` of an event; what is longer than 20,000 characters is cut */
export function readServerMessage(text: string): ServerMessage {
  const message = text.slice(0, MAX_LENGTH);
  const head = HEAD.exec(message);
  const rest = message.slice(head === null ? 0 : head.index + head[0].length);
  const found = Object.entries(MARKS)
    .map(([name, pattern]) => ({ name, mark: pattern.exec(rest) }))
    .flatMap(({ name, mark }) => (mark === null ? [] : [{ name, from: mark.index, to: mark.index + mark[0].length }]))
    .toSorted((a, b) => a.from - b.from);
  // Details are the last part: marks inside them are prose.
  const details = found.find(({ name }) => name === 'details');
  const marks = found.filter(({ from }) => details === undefined || from <= details.from);
  const part = (name: keyof typeof MARKS): string | undefined => {
    const index = marks.findIndex((one) => one.name === name);
    const mark = marks[index];
    return mark && rest.slice(mark.to, name === 'details' ? undefined : marks[index + 1]?.from);
  };
  const item = withId(part('item'));
  const container = withId(part('container'));
  return {
    object: head?.[1],
    verb: head?.[2],
    byUser: given(part('user')),
    item: item.name,
    itemId: item.id,
    container: container.name,
    containerId: container.id,
    details: given(part('details')),
  };
}

/** `root on db1 (Item Id: 12)` */
function withId(written: string | undefined): { readonly name: string | undefined; readonly id: string | undefined } {
  if (written === undefined) return { name: undefined, id: undefined };
  const id = ID.exec(written);
  return { name: given(id === null ? written : written.slice(0, id.index)), id: id?.[1] };
}

const given = (value: string | undefined): string | undefined => {
  const trimmed = value?.trim();
  return trimmed === undefined || trimmed === '' ? undefined : trimmed;
};

const BRACKETED_HOST = /\bHost: \[([^\]]{1,255})\]/;
const BRACKETED_USER = /\bUsername: \[([^\]]{1,255})\]/;
const ACCOUNT_NAME =
  /\bAccount Name: ([^\s:][^:]{0,200}?)(?= {1,3}(?:Account Domain|Target Server|Host|Ticket\w*|Reason|Comment|Notes)\b ?\w*:|$)/;
const ACCOUNT_DOMAIN = /\bAccount Domain: (\S{1,255})/;
const TARGET_SERVER = /\bTarget Server: (\S{1,255})/;

/** The account that a secret holds, as far as the details of the event name it; else the secret by its name. */
export function managedOf(
  details: string | undefined,
  secret: string | undefined,
  secretId: string | undefined,
  folder: string | undefined,
): ManagedAccount | undefined {
  const words = details?.slice(0, 4_000) ?? '';
  const user = BRACKETED_USER.exec(words)?.[1] ?? ACCOUNT_NAME.exec(words)?.[1]?.trim();
  const host = (BRACKETED_HOST.exec(words)?.[1] ?? TARGET_SERVER.exec(words)?.[1] ?? ACCOUNT_DOMAIN.exec(words)?.[1])?.toLowerCase();
  if (user === undefined && secret === undefined) return undefined;
  const account = user === undefined ? (secret ?? '').toLowerCase() : managedAccount(user, host);
  return defined({ account, user, host, name: secret, secretId, vault: folder });
}

/** `Carla Example (Granted View)`, `Carla (Revoked Owner, Granted View)`: who got or lost a right on a secret or folder. */
export function rightIn(details: string | undefined): { readonly who: string; readonly granted: boolean } | undefined {
  const found = /^\W{0,5}([^()]{1,200}?) \(((?:Granted|Revoked) [^()]{1,200})\)/.exec(details ?? '');
  if (found?.[1] === undefined) return undefined;
  return { who: found[1].trim(), granted: (found[2] ?? '').includes('Granted') };
}

export const ticketIn = (details: string | undefined): string | undefined =>
  /\bTicket(?: ?(?:Number|Id|#))?: ?#?([\w-]{1,40})/i.exec(details ?? '')?.[1];
