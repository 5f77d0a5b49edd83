import { LINK_RULE_NAMES, type AccountLinkView, type LinkRuleName, type LinkSummary } from '@keyward/contract';
import { plural } from '../../format/number.js';

const RULES: Readonly<Record<LinkRuleName, string>> = {
  employee_id: 'employee id',
  upn: 'UPN',
  email: 'mail address',
  explicit: 'listed with the identity',
};

/** `employee id and mail address`; `nothing` where a person decided. */
export const ruleWords = (rules: readonly LinkRuleName[]): string => rules.map((rule) => RULES[rule]).join(' and ');

const sharedRules = (candidates: AccountLinkView['candidates']): LinkRuleName[] =>
  LINK_RULE_NAMES.filter((rule) => candidates.filter(({ rules }) => rules.includes(rule)).length > 1);

/** Why it can't be told whose an account is. */
export function conflictWords({ reason, candidates }: Pick<AccountLinkView, 'reason' | 'candidates'>): string {
  switch (reason) {
    case 'decision_outdated':
      return 'It was decided for an identity that is no longer there.';
    case 'several_identities':
      return `${plural(candidates.length, 'identity', 'identities')} could be meant: the same ${ruleWords(sharedRules(candidates))}.`;
    case 'rules_disagree':
      return 'The rules name different identities.';
    case null:
      return '';
  }
}

/** What directories told of, in one line. */
export function summaryWords({ systems, conflicts }: LinkSummary): string {
  const accounts = systems.reduce((sum, system) => sum + system.accounts, 0);
  const own = systems.reduce((sum, system) => sum + system.own, 0);
  const from = systems.map(({ system }) => system).join(', ');
  const parts = [
    `${plural(accounts, 'account', 'accounts')} from ${from}`,
    ...(own > 0 ? [`${own} of people whom only a directory knows`] : []),
  ];
  return conflicts > 0 ? parts.join(', ') : `${parts.join(', ')}; none is in conflict`;
}
