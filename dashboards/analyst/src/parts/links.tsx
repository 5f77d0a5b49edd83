import { sourceOfSubject, type IdentityRef, type Link as ContractLink } from '@keyward/contract';
import { Link } from '@tanstack/react-router';
import { Fragment, type ReactNode } from 'react';
import { withFilters, type RouterSearch } from '../filters/search.js';
import { formatCount } from '../format/number.js';
import { words } from '../format/words.js';

/** Pages that lists of the contract stand on. Effects are a tab of the grants page. */
const PAGES = { alerts: '/alerts', events: '/events', identities: '/identities', grants: '/grants', effects: '/grants' } as const;

export function targetOf(link: ContractLink): { readonly to: (typeof PAGES)[keyof typeof PAGES]; readonly search: Record<string, string> } {
  return { to: PAGES[link.to], search: link.to === 'effects' ? { tab: effectTab(link.query), ...link.query } : link.query };
}
const effectTab = (query: Readonly<Record<string, string>>): string => (query['state'] === 'awaiting_approval' ? 'approve' : 'effects');

/** Leads to the rows behind a number. */
export function RowsLink({
  link,
  className,
  children,
  label,
}: {
  readonly link: ContractLink;
  readonly className?: string;
  readonly children: ReactNode;
  readonly label?: string;
}) {
  return (
    <Link {...targetOf(link)} {...(className === undefined ? {} : { className })} aria-label={label}>
      {children}
    </Link>
  );
}
/** A number that leads to its rows; where there are none, there is nothing to lead to. */
export const CountLink = ({ count, link, label }: { readonly count: number; readonly link: ContractLink; readonly label: string }) =>
  count === 0 ? (
    <span className="kw-num kw-muted">0</span>
  ) : (
    <RowsLink link={link} className="kw-num" label={`${formatCount(count)} ${label}`}>
      {formatCount(count)}
    </RowsLink>
  );

export function IdentityLink({ identity, strong = false }: { readonly identity: IdentityRef; readonly strong?: boolean }) {
  const source = sourceOfSubject(identity.id);
  if (source !== undefined) {
    return (
      <Link to="/sources/$source" params={{ source }} search={{}} className={strong ? 'kw-cell-title' : 'kw-link-plain kw-wrap'}>
        {words(source)}
      </Link>
    );
  }
  return (
    <Link
      to="/identities/$id"
      params={{ id: identity.id }}
      className={strong ? 'kw-cell-title' : 'kw-link-plain kw-wrap'}
      title={identity.id}
    >
      <Breakable text={identity.displayName} />
    </Link>
  );
}
/** An account that is nobody known is named `entra:name@example.com`: it breaks there, not in the middle of a word. */
const Breakable = ({ text }: { readonly text: string }) =>
  text.split(/(?<=[:@])/).map((part, i) => (
    <Fragment key={i}>
      {i > 0 && <wbr />}
      {part}
    </Fragment>
  ));

/** Opens the event in the drawer, on whatever page it stands. */
export function EventLink({
  uid,
  children,
  className,
}: {
  readonly uid: string;
  readonly children: ReactNode;
  readonly className?: string;
}) {
  return (
    <Link
      to="."
      search={(before: RouterSearch) => withFilters(before, { event: uid })}
      {...(className === undefined ? {} : { className })}
      resetScroll={false}
    >
      {children}
    </Link>
  );
}

/** MITRE ATT&CK technique: its page is not linked, since an analyst's browser may not reach the internet. */
export const AttackTags = ({ ids }: { readonly ids: readonly string[] }) =>
  ids.length === 0 ? null : (
    <span className="kw-row">
      {ids.map((id) => (
        <span key={id} className="kw-tag" title={`MITRE ATT&CK technique ${id}`}>
          {id}
        </span>
      ))}
    </span>
  );
