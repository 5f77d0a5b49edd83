import {
  IconActivity,
  IconBell,
  IconFlask,
  IconGauge,
  IconGavel,
  IconKey,
  IconPlugConnected,
  IconSettings,
  IconUsers,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { facetsQuery, pulseQuery } from '../api/queries.js';
import { formatShort } from '../format/number.js';
import { PulseWords } from '../parts/PulseWords.js';
import { queueQuery } from '../pages/grants/approve-queue.js';

/** The pages, and how much waits on each. */
export function SideBar() {
  const facets = useQuery(facetsQuery);
  const queue = useQuery(queueQuery);
  const pulse = useQuery(pulseQuery);
  const open = facets.data?.severity.reduce((sum, { count }) => sum + count, 0);
  const waiting = queue.data?.total ?? queue.data?.items.length;
  return (
    <aside className="kw-side" aria-label="Keyward">
      <Link to="/" className="kw-brand">
        <img src="/favicon.svg" alt="" /> Keyward
      </Link>
      <nav className="kw-nav" aria-label="Pages">
        <Link to="/" activeOptions={{ exact: true, includeSearch: false }}>
          <IconGauge aria-hidden /> Overview
        </Link>
        <Link to="/alerts" search={{ status: 'new,in_progress' }} activeOptions={{ includeSearch: false }}>
          <IconBell aria-hidden /> Alerts
          {open !== undefined && open > 0 && (
            <span className="kw-nav-count" title="Open alerts">
              {formatShort(open)}
            </span>
          )}
        </Link>
        <Link to="/identities" activeOptions={{ includeSearch: false }}>
          <IconUsers aria-hidden /> Identities
        </Link>
        <Link to="/grants" search={waiting !== undefined && waiting > 0 ? { tab: 'approve' } : {}} activeOptions={{ includeSearch: false }}>
          <IconKey aria-hidden /> Grants
          {waiting !== undefined && waiting > 0 && (
            <span className="kw-nav-count" title="Revocations that await approval">
              {formatShort(waiting)}
            </span>
          )}
        </Link>
        <Link to="/events" activeOptions={{ includeSearch: false }}>
          <IconActivity aria-hidden /> Events
        </Link>
        <Link to="/verdicts" search={{ state: 'in_force' }} activeOptions={{ includeSearch: false }}>
          <IconGavel aria-hidden /> Verdicts
        </Link>
        <Link to="/backtests" activeOptions={{ includeSearch: false }}>
          <IconFlask aria-hidden /> Backtests
        </Link>
        <Link to="/sources" activeOptions={{ includeSearch: false }}>
          <IconPlugConnected aria-hidden /> Sources
        </Link>
        <Link to="/settings" activeOptions={{ includeSearch: false }}>
          <IconSettings aria-hidden /> Settings
        </Link>
      </nav>
      <div className="kw-side-foot" aria-live="off">
        {pulse.data ? <PulseWords pulse={pulse.data} /> : pulse.isError ? 'No pulse' : ' '}
      </div>
    </aside>
  );
}
