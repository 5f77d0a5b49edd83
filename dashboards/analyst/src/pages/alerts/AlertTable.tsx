import type { AlertSummary } from '@keyward/contract';
import { Checkbox } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { words } from '../../format/words.js';
import { CountLink, IdentityLink } from '../../parts/links.js';
import { EffectTag, Meter, SeverityMark, StatusTag } from '../../parts/marks.js';
import { TimeText } from '../../parts/TimeText.js';

interface Props {
  readonly alerts: readonly AlertSummary[];
  readonly cursor: number;
  readonly selected: ReadonlySet<string>;
  readonly onCursor: (index: number) => void;
  readonly onToggle: (uid: string) => void;
  readonly onToggleAll: () => void;
}
export function AlertTable({ alerts, cursor, selected, onCursor, onToggle, onToggleAll }: Props) {
  const all = alerts.every((alert) => selected.has(alert.uid));
  return (
    <div className="kw-table-box">
      <table className="kw-table" data-cards>
        <thead>
          <tr>
            <th style={{ width: 30 }}>
              <Checkbox
                size="xs"
                aria-label="Select all loaded alerts"
                checked={all}
                indeterminate={!all && selected.size > 0}
                onChange={onToggleAll}
              />
            </th>
            <th>Severity</th>
            <th>Alert</th>
            <th>Identity</th>
            <th>Score</th>
            <th>Risk</th>
            <th>Status</th>
            <th data-right>Events</th>
            <th data-right>Last event</th>
          </tr>
        </thead>
        <tbody>
          {alerts.map((alert, index) => (
            <tr
              key={alert.uid}
              id={`alert-${alert.uid}`}
              data-cursor={index === cursor || undefined}
              aria-current={index === cursor || undefined}
              onMouseDown={() => {
                onCursor(index);
              }}
            >
              <td data-check>
                <Checkbox
                  size="xs"
                  aria-label={`Select ${alert.title}`}
                  checked={selected.has(alert.uid)}
                  onChange={() => {
                    onToggle(alert.uid);
                  }}
                />
              </td>
              <td data-mark>
                <SeverityMark severity={alert.severity} />
              </td>
              <td data-main style={{ minWidth: 260 }}>
                <Link to="/alerts/$uid" params={{ uid: alert.uid }} className="kw-cell-title">
                  {alert.title}
                </Link>
                <div className="kw-cell-sub">{alert.why}</div>
                <div className="kw-cell-sub">{[...alert.detections, ...alert.sources].map(words).join(' · ')}</div>
              </td>
              <td data-label="Identity">
                <IdentityLink identity={alert.identity} />
              </td>
              <td data-label="Score">
                <Meter score={alert.score} label="Score" />
              </td>
              <td data-label="Identity risk">
                <Meter score={alert.entityRisk} label="Identity risk" />
              </td>
              <td data-label="Status">
                <span className="kw-row" style={{ gap: 4 }}>
                  <StatusTag status={alert.status} />
                  {alert.response !== null && <EffectTag state={alert.response} />}
                </span>
                {alert.statusBy !== null && <span className="kw-cell-sub">{alert.statusBy}</span>}
              </td>
              <td data-label="Events" data-right>
                <CountLink
                  count={alert.events}
                  label="events the alert stands on"
                  link={{ to: 'events', query: { alert: alert.uid, sort: 'oldest' } }}
                />
              </td>
              <td data-label="Last event" data-right>
                <TimeText at={alert.lastTime} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Events around an alert: its identity, from its first event to just behind its last (`to` is exclusive). */
export function eventsOf(alert: AlertSummary): Record<string, string> {
  return { identity: alert.identity.id, from: alert.firstTime, to: new Date(Date.parse(alert.lastTime) + 1).toISOString(), sort: 'oldest' };
}
