import type { NewDecision } from '@keyward/contract';
import { Modal } from '@mantine/core';
import { call } from '../../api/client.js';
import { entitlementName } from '../../format/words.js';
import { ReasonedForm } from '../../parts/ReasonedForm.js';

/** A decision without its reason. */
export type Asked =
  | { readonly kind: 'revoke'; readonly grantUid: string; readonly alertUid?: string; readonly entitlement: string; readonly who: string }
  | { readonly kind: 'approve' | 'deny'; readonly effectUid: string; readonly entitlement: string; readonly who: string };

const TITLES = { revoke: 'Revoke the grant', approve: 'Approve the revocation', deny: 'Deny the revocation' } as const;
const EFFECTS = {
  revoke:
    'Keyward asks the system that issued it to take it back, ends the sessions where it can, and then looks whether the access is gone.',
  approve: 'Once enough people have approved, the grant is taken back in its system.',
  deny: 'The grant stays as it is, and this is on record.',
} as const;
const SUBMITS = { revoke: 'Revoke', approve: 'Approve', deny: 'Deny' } as const;
const CONFIRMS = { revoke: 'Yes, take this access away', approve: 'Yes, this access may be taken away' } as const;

/** Every decision has a reason, and taking something away is confirmed. */
export function DecisionDialog({ asked, onClose }: { readonly asked: Asked | undefined; readonly onClose: () => void }) {
  return (
    <Modal opened={asked !== undefined} onClose={onClose} title={asked ? TITLES[asked.kind] : ''}>
      {asked && <DecisionForm asked={asked} onDone={onClose} />}
    </Modal>
  );
}

function DecisionForm({ asked, onDone }: { readonly asked: Asked; readonly onDone: () => void }) {
  const { name, where } = entitlementName(asked.entitlement);
  return (
    <ReasonedForm
      act={(reason) => call('decisions.create', { body: bodyOf(asked, reason) })}
      changes={['grants', 'effects', 'alerts', 'identities', 'overview']}
      done="Decision recorded. Keyward carries it out now; the page shows how it went."
      onDone={onDone}
      submit={SUBMITS[asked.kind]}
      danger={asked.kind !== 'deny'}
      readers="Goes into the decision log and into the system's own audit log"
      {...(asked.kind === 'deny' ? {} : { confirm: CONFIRMS[asked.kind] })}
    >
      <p className="kw-wrap">
        <strong>{name}</strong> {where === '' ? '' : `(${where}) `}of <strong>{asked.who}</strong>
      </p>
      <p className="kw-muted kw-small">{EFFECTS[asked.kind]}</p>
    </ReasonedForm>
  );
}

function bodyOf(asked: Asked, reason: string): NewDecision {
  if (asked.kind !== 'revoke') return { kind: asked.kind, effectUid: asked.effectUid, reason };
  return { kind: 'revoke', grantUid: asked.grantUid, reason, ...(asked.alertUid === undefined ? {} : { alertUid: asked.alertUid }) };
}
