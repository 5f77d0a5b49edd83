import type { EventDetail } from '@keyward/contract';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { COMMON_P, formatOdds } from '../../format/number.js';
import { words } from '../../format/words.js';
import { whatHappened } from '../../parts/EventTimeline.js';
import { IdentityLink, RowsLink } from '../../parts/links.js';
import { Meter, Tag } from '../../parts/marks.js';
import { TimeText } from '../../parts/TimeText.js';
import { TermsExplained } from '../../parts/TermsExplained.js';

export function EventDetails({ detail }: { readonly detail: EventDetail }) {
  const { summary } = detail;
  const [raw, setRaw] = useState<'event' | 'ocsf'>();
  const facts: readonly (
    readonly [string, string | null, Readonly<Record<string, string>> | undefined] | readonly [string, string | null]
  )[] = [
    ['Operation', summary.code],
    ['Class', `${words(summary.class)}, ${words(summary.activity).toLowerCase()}`],
    ['Account', summary.account],
    ['Held by', (detail.event.heldBy ?? []).map(({ identity, through }) => `${identity} (${words(through).toLowerCase()})`).join('; ')],
    ['Target', summary.target],
    ['Address', summary.ip, summary.ip === null ? undefined : { ip: summary.ip }],
    ['Network', summary.network, summary.network === null ? undefined : { network: summary.network }],
    ['Owner of the network', summary.asOrg],
    [
      'Place',
      [summary.city, summary.country].filter((part) => part !== null).join(', '),
      summary.country === null ? undefined : { country: summary.country },
    ],
    ['Device', summary.device, summary.device === null ? undefined : { device: summary.device }],
    ['Application', summary.application, summary.application === null ? undefined : { application: summary.application }],
    [
      summary.resourceKind === null ? 'Resource' : words(summary.resourceKind),
      summary.resource,
      summary.resource === null ? undefined : { resource: summary.resource },
    ],
    ['Said', summary.detail],
    ['Command', detail.event.command ?? null],
    ['Session', detail.event.session?.uid ?? null],
    ['Id at the source', detail.event.nativeId],
  ];
  return (
    <div className="kw-stack">
      <div>
        <h2 style={{ fontSize: 15 }} className="kw-wrap">
          {whatHappened(summary)}
        </h2>
        <div className="kw-row" style={{ marginTop: 4 }}>
          <TimeText at={summary.time} full />
          <Tag>{words(summary.source)}</Tag>
          <Tag tone={summary.outcome === 'failure' ? 'danger' : 'positive'}>{summary.outcome}</Tag>
          <IdentityLink identity={summary.identity} />
        </div>
      </div>
      {detail.alerts.length > 0 && (
        <div className="kw-banner">
          <span>
            Part of{' '}
            {detail.alerts.map((alert, i) => (
              <span key={alert.uid}>
                {i > 0 && ', '}
                <Link to="/alerts/$uid" params={{ uid: alert.uid }}>
                  {alert.title}
                </Link>
              </span>
            ))}
          </span>
        </div>
      )}
      <section className="kw-stack" style={{ gap: 6 }}>
        <div className="kw-row">
          <h3 style={{ fontSize: 13 }}>Score</h3>
          <Meter score={detail.score} label="Score" />
          <span className="kw-muted kw-small">
            {detail.p >= COMMON_P ? 'usual for its kind' : `as unusual as ${formatOdds(detail.p)} events of its kind`}
          </span>
        </div>
        {detail.terms.length > 0 ? (
          <>
            <ol className="kw-reasons">
              {detail.terms.slice(0, 4).map((term) => (
                <li key={term.feature}>{term.sentence}</li>
              ))}
            </ol>
            <TermsExplained terms={detail.terms} score={detail.score} notEvaluated={detail.notEvaluated} />
          </>
        ) : (
          <>
            <p className="kw-muted">Nothing about this event could be compared with what is usual.</p>
            {detail.notEvaluated.length > 0 && (
              <p className="kw-small kw-muted kw-wrap">
                Not evaluated: {detail.notEvaluated.map(({ feature, why }) => `${words(feature).toLowerCase()} (${why})`).join(', ')}
              </p>
            )}
          </>
        )}
      </section>
      {detail.findings.length > 0 && (
        <section className="kw-stack" style={{ gap: 6 }}>
          <h3 style={{ fontSize: 13 }}>Findings</h3>
          {detail.findings.map((finding) => (
            <p key={finding.uid} className="kw-wrap">
              <strong>{finding.title}.</strong> {finding.sentence}
            </p>
          ))}
        </section>
      )}
      <section>
        <dl className="kw-kv">
          {facts.map(([label, value, query]) =>
            value === null || value === '' ? null : (
              <div key={label} style={{ display: 'contents' }}>
                <dt>{label}</dt>
                <dd className={label === 'Command' || label === 'Id at the source' ? 'kw-mono' : undefined}>
                  {query === undefined ? (
                    value
                  ) : (
                    <RowsLink link={{ to: 'events', query }} label={`Events with the same ${label.toLowerCase()}: ${value}`}>
                      {value}
                    </RowsLink>
                  )}
                </dd>
              </div>
            ),
          )}
        </dl>
      </section>
      <section className="kw-stack" style={{ gap: 6 }}>
        <div className="kw-row kw-small">
          <button
            type="button"
            className="kw-button-plain"
            aria-expanded={raw === 'event'}
            onClick={() => {
              setRaw(raw === 'event' ? undefined : 'event');
            }}
          >
            Canonical event
          </button>
          {detail.ocsf !== null && (
            <button
              type="button"
              className="kw-button-plain"
              aria-expanded={raw === 'ocsf'}
              onClick={() => {
                setRaw(raw === 'ocsf' ? undefined : 'ocsf');
              }}
            >
              OCSF 1.8
            </button>
          )}
          <span className="kw-push kw-muted">
            snapshot {detail.snapshot.slice(0, 12)}, stratum {detail.stratum}
          </span>
        </div>
        {raw !== undefined && (
          <pre className="kw-json" tabIndex={0} aria-label="Event as JSON">
            {JSON.stringify(raw === 'event' ? detail.event : detail.ocsf, null, 2)}
          </pre>
        )}
      </section>
    </div>
  );
}
