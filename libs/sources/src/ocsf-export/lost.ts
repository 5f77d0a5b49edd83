import type { AccessEvent, Account } from '@keyward/events';
import { accountName } from '../account-name.js';
import { compact, type OcsfObject } from './objects.js';

/** Source `ocsf` reads as much of a message. */
const MAX_MESSAGE = 1_000;

/**
 * What OCSF's attributes lose of an event, in Keyward's own words under `unmapped.keyward`, so that source `ocsf` reads the very same event back:
 * accounts of another directory than the product's, a target without an actor, the step of a sign-in, the kind of a network ... `null`: there is none,
 * although an attribute that the class demands seems to say one.
 */
export function lostOf(event: AccessEvent): OcsfObject | undefined {
  const { actor, target, src, auth, command, detail, session, class: of } = event;
  const isCommand = of === 'process_activity';
  const members = compact({
    actor: actor === undefined ? target && null : isReadBack(actor, event) ? undefined : actor,
    target: target && (isCommand || actor === undefined || target.name === actor.name || !isReadBack(target, event)) ? target : undefined,
    src: src && (Object.keys(src).some((key) => !PLAIN.has(key)) || (src.ip === undefined && src.hostname === undefined)) ? src : undefined,
    auth: auth ?? (of === 'authentication' && event.resource?.kind === 'application' ? null : undefined),
    command: command !== undefined && (!isCommand || command.trim() !== command || command === '') ? command : undefined,
    detail: detail !== undefined && (detail.trim() !== detail || detail === '' || detail.length > MAX_MESSAGE) ? detail : undefined,
    session: isCommand && session !== undefined && session.kind === undefined ? session : undefined,
  });
  return Object.keys(members).length === 0 ? undefined : members;
}

const PLAIN: ReadonlySet<string> = new Set(['ip', 'port', 'hostname']);

/** Whether the OCSF user of this account gives the same account again. */
const isReadBack = (account: Account, { source }: AccessEvent): boolean =>
  account.system === source &&
  source !== 'windows' &&
  accountName(account.name) === account.name &&
  account.name !== 'unknown' &&
  (account.email === undefined || account.email.includes('@')) &&
  account.identity === undefined;
