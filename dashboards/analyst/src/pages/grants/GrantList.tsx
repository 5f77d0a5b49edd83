import type { GrantView } from '@keyward/contract';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { entitlementName } from '../../format/words.js';
import { EffectTag, GrantTag } from '../../parts/marks.js';
import { RoleButton } from '../../parts/RoleButton.js';
import { TimeText } from '../../parts/TimeText.js';
import { Countdown } from './Countdown.js';
import { DecisionDialog, type Asked } from './DecisionDialog.js';

/** Whether there is something left to take back. */
export const isOpenGrant = (grant: Pick<GrantView, 'state'>): boolean => ['active', 'approved', 'eligible'].includes(grant.state);
/** A revocation that is under way already. */
export const isBeingRevoked = (grant: Pick<GrantView, 'effect'>): boolean =>
  grant.effect !== null && ['approved', 'revoking', 'revoked'].includes(grant.effect.state);

/** Grants in a narrow column, each with its button. */
export function GrantList({ grants, alertUid }: { readonly grants: readonly GrantView[]; readonly alertUid?: string }) {
  return (
    <ul>
      {grants.map((grant) => (
        <li key={grant.uid} style={{ padding: '8px 14px', borderTop: '1px solid var(--kw-border)' }}>
          <div className="kw-row">
            <Link to="/grants" search={{ grant: grant.uid, tab: 'history' }} className="kw-cell-title">
              {entitlementName(grant.entitlement).name}
            </Link>
            <GrantTag state={grant.state} />
            {grant.effect !== null && <EffectTag state={grant.effect.state} />}
          </div>
          <div className="kw-cell-sub">
            {entitlementName(grant.entitlement).where} · {grant.principal}
            {grant.approver !== null && ` · approved by ${grant.approver}`}
          </div>
          {grant.justification !== null && <div className="kw-cell-sub">“{grant.justification}”</div>}
          <div className="kw-row" style={{ marginTop: 6 }}>
            <span className="kw-small kw-muted">
              {isOpenGrant(grant) ? (
                grant.endsAt === null ? (
                  <Countdown endsAt={null} />
                ) : (
                  <>
                    ends in <Countdown endsAt={grant.endsAt} />
                  </>
                )
              ) : (
                <>
                  ended <TimeText at={grant.endedAt ?? grant.endsAt} />
                </>
              )}
            </span>
            <span className="kw-push">
              <RevokeButton grant={grant} {...(alertUid === undefined ? {} : { alertUid })} />
            </span>
          </div>
        </li>
      ))}
    </ul>
  );
}

export function RevokeButton({ grant, alertUid }: { readonly grant: GrantView; readonly alertUid?: string }) {
  const [asked, setAsked] = useState<Asked>();
  if (!isOpenGrant(grant)) return null;
  const busy = isBeingRevoked(grant);
  return (
    <>
      <RoleButton
        needs="responder"
        size="compact-xs"
        variant="outline"
        color="red"
        disabled={busy}
        title={busy ? 'It is being revoked' : undefined}
        onClick={() => {
          setAsked({
            kind: 'revoke',
            grantUid: grant.uid,
            entitlement: grant.entitlement,
            who: grant.identity.displayName,
            ...(alertUid === undefined ? {} : { alertUid }),
          });
        }}
      >
        Revoke
      </RoleButton>
      <DecisionDialog
        asked={asked}
        onClose={() => {
          setAsked(undefined);
        }}
      />
    </>
  );
}
