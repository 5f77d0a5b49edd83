import { NewLinkDecision, type AccountLinkView } from '@keyward/contract';
import type { Organisation } from './organisation.js';

/** Accounts of the mock's directory: one in conflict, one that somebody decided. */
const links = new WeakMap<Organisation, AccountLinkView[]>();

export function linksOf(organisation: Organisation): AccountLinkView[] {
  const known = links.get(organisation);
  if (known) return known;
  const [a, b] = organisation.people;
  if (!a || !b) return [];
  const base = { system: 'ldap', displayName: 'Shared mailbox', email: 'it@example.com', employeeId: null, active: true, decision: null };
  const made: AccountLinkView[] = [
    {
      ...base,
      name: 'it-desk',
      state: 'conflict',
      identity: null,
      rules: [],
      reason: 'several_identities',
      candidates: [a, b].map(({ id, displayName }) => ({ identity: { id, displayName }, rules: ['email'] })),
    },
    {
      ...base,
      name: 'adm',
      state: 'linked',
      identity: { id: a.id, displayName: a.displayName },
      rules: ['employee_id'],
      reason: null,
      candidates: [],
    },
  ];
  links.set(organisation, made);
  return made;
}

export function linkSummaryOf(organisation: Organisation) {
  const all = linksOf(organisation);
  const count = (state: AccountLinkView['state']): number => all.filter((link) => link.state === state).length;
  const counts = { linked: count('linked'), decided: count('decided'), own: count('own'), conflicts: count('conflict') };
  return { conflicts: counts.conflicts, systems: [{ system: 'ldap', accounts: all.length, ...counts }] };
}

export function decideLink(organisation: Organisation, body: unknown, author: string) {
  const { name, identity, reason } = NewLinkDecision.parse(body);
  const link = linksOf(organisation).find((one) => one.name === name);
  if (!link) return undefined;
  const who = organisation.people.find((person) => person.id === identity);
  const ref = who ? { id: who.id, displayName: who.displayName } : null;
  const decision = { uid: `link-${name}`, identity: ref, author, at: new Date().toISOString(), reason };
  Object.assign(link, { state: 'decided', identity: ref ?? { id: `ldap:${name}`, displayName: name }, decision });
  return decision;
}

export function undoLink(organisation: Organisation, uid: string): Record<string, never> | undefined {
  const link = linksOf(organisation).find((one) => one.decision?.uid === uid);
  if (!link) return undefined;
  Object.assign(link, { state: 'conflict', identity: null, decision: null });
  return {};
}
