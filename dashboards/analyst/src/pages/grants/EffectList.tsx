import type { EffectView } from '@keyward/contract';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { effectQuery } from '../../api/queries.js';
import { plural } from '../../format/number.js';
import { entitlementName, words } from '../../format/words.js';
import { IdentityLink } from '../../parts/links.js';
import { EffectTag, Tag } from '../../parts/marks.js';
import { Async } from '../../parts/states.js';
import { TimeText } from '../../parts/TimeText.js';
import { DecisionDialog, type Asked } from './DecisionDialog.js';

/** Intended revocations: what the policy wanted, which guard rail held it, who approved, what the system said. */
export function EffectList({ effects }: { readonly effects: readonly EffectView[] }) {
  return (
    <ul>
      {effects.map((effect) => (
        <li key={effect.uid} style={{ padding: '10px 14px', borderTop: '1px solid var(--kw-border)' }}>
          <EffectItem effect={effect} />
        </li>
      ))}
    </ul>
  );
}

function EffectItem({ effect }: { readonly effect: EffectView }) {
  const [open, setOpen] = useState(false);
  const { name, where } = entitlementName(effect.entitlement);
  return (
    <div className="kw-stack" style={{ gap: 6 }}>
      <div className="kw-row">
        <EffectTag state={effect.state} />
        <Link to="/grants" search={{ grant: effect.grantUid, tab: 'history' }} className="kw-cell-title">
          {name}
        </Link>
        <span>
          <span className="kw-muted">of</span> <IdentityLink identity={effect.identity} />
        </span>
        <span className="kw-push kw-muted kw-small">
          <TimeText at={effect.at} />
        </span>
      </div>
      <div className="kw-cell-sub">
        {[where, `rule ${effect.rule}`, `mode ${effect.mode}`, `through ${effect.connector}`].filter((part) => part !== '').join(' · ')}
        {effect.alertUid !== '' && (
          <>
            {' '}
            ·{' '}
            <Link to="/alerts/$uid" params={{ uid: effect.alertUid }}>
              {effect.alertTitle ?? 'alert'}
            </Link>
          </>
        )}
      </div>
      {effect.reason !== '' && <p className="kw-wrap">{effect.reason}</p>}
      {effect.guard !== null && <p className="kw-small kw-warning">Guard rail: {words(effect.guard)}</p>}
      {effect.detail !== null && <p className="kw-small kw-wrap kw-muted">{effect.detail}</p>}
      {effect.state === 'awaiting_approval' && <Approval effect={effect} />}
      <div>
        <button
          type="button"
          className="kw-button-plain kw-small"
          aria-expanded={open}
          onClick={() => {
            setOpen(!open);
          }}
        >
          {open ? 'Hide the decision log' : 'Decision log'}
        </button>
      </div>
      {open && <Steps uid={effect.uid} />}
    </div>
  );
}

function Approval({ effect }: { readonly effect: EffectView }) {
  const [asked, setAsked] = useState<Asked>();
  const ask = (kind: 'approve' | 'deny'): void => {
    setAsked({ kind, effectUid: effect.uid, entitlement: effect.entitlement, who: effect.identity.displayName });
  };
  const needed = Math.max(1, effect.approvalsNeeded);
  return (
    <div className="kw-row">
      <span className="kw-steps" aria-hidden>
        {Array.from({ length: needed }, (_, step) => (
          <i key={step} data-on={step < effect.approvals.length || undefined} />
        ))}
      </span>
      <span className="kw-small">
        {effect.approvals.length} of {plural(needed, 'approval')}
        {effect.approvals.length > 0 && <span className="kw-muted"> by {effect.approvals.join(', ')}</span>}
      </span>
      <span className="kw-push kw-row">
        <Button
          size="compact-xs"
          color="red"
          disabled={!effect.mayDecide}
          title={effect.whyNot ?? undefined}
          onClick={() => {
            ask('approve');
          }}
        >
          Approve
        </Button>
        <Button
          size="compact-xs"
          variant="default"
          disabled={!effect.mayDecide}
          title={effect.whyNot ?? undefined}
          onClick={() => {
            ask('deny');
          }}
        >
          Deny
        </Button>
      </span>
      {effect.whyNot !== null && (
        <span className="kw-small kw-muted" style={{ flexBasis: '100%' }}>
          {effect.whyNot}
        </span>
      )}
      <DecisionDialog
        asked={asked}
        onClose={() => {
          setAsked(undefined);
        }}
      />
    </div>
  );
}

function Steps({ uid }: { readonly uid: string }) {
  const query = useQuery(effectQuery(uid));
  return (
    <Async query={query} rows={3}>
      {({ steps }) => (
        <div className="kw-table-box">
          <table className="kw-table">
            <thead>
              <tr>
                <th>When</th>
                <th>State</th>
                <th>By</th>
                <th>Said</th>
                <th title="First characters of the hash that chains this row to the one before">Hash</th>
              </tr>
            </thead>
            <tbody>
              {steps.map((step) => (
                <tr key={`${step.chain}/${step.seq}`}>
                  <td className="kw-muted">
                    <TimeText at={step.at} />
                  </td>
                  <td>
                    <EffectTag state={step.state} />
                  </td>
                  <td>{step.actor}</td>
                  <td className="kw-wrap">
                    {[step.reason, step.guard === null ? '' : `guard rail ${step.guard}`, step.detail ?? '']
                      .filter((part) => part !== '')
                      .join('; ')}
                  </td>
                  <td>
                    <Tag title={step.hash}>{step.hash.slice(0, 8)}</Tag>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Async>
  );
}
