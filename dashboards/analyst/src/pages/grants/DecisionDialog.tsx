import type { NewDecision } from '@keyward/contract';
import { Button, Checkbox, Modal, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../api/client.js';
import { entitlementName } from '../../format/words.js';
import { Failure } from '../../parts/Failure.js';

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
const MIN_REASON = 3;

/** Every decision has a reason, and taking something away is confirmed. */
export function DecisionDialog({ asked, onClose }: { readonly asked: Asked | undefined; readonly onClose: () => void }) {
  return (
    <Modal opened={asked !== undefined} onClose={onClose} title={asked ? TITLES[asked.kind] : ''}>
      {asked && <DecisionForm asked={asked} onDone={onClose} />}
    </Modal>
  );
}

function DecisionForm({ asked, onDone }: { readonly asked: Asked; readonly onDone: () => void }) {
  const [reason, setReason] = useState('');
  const [sure, setSure] = useState(asked.kind === 'deny');
  const client = useQueryClient();
  const decide = useMutation({
    mutationFn: () => call('decisions.create', { body: bodyOf(asked, reason) }),
    onSuccess: () => {
      notifications.show({ message: 'Decision recorded. Keyward carries it out now; the page shows how it went.' });
      for (const topic of ['grants', 'effects', 'alerts', 'identities', 'overview']) void client.invalidateQueries({ queryKey: [topic] });
      onDone();
    },
  });
  const { name, where } = entitlementName(asked.entitlement);
  return (
    <form
      className="kw-stack"
      onSubmit={(event) => {
        event.preventDefault();
        decide.mutate();
      }}
    >
      <p className="kw-wrap">
        <strong>{name}</strong> {where === '' ? '' : `(${where}) `}of <strong>{asked.who}</strong>
      </p>
      <p className="kw-muted kw-small">{EFFECTS[asked.kind]}</p>
      {decide.isError && <Failure error={decide.error} />}
      <Textarea
        label="Reason"
        description="Goes into the decision log and into the system's own audit log"
        required
        withAsterisk={false}
        autosize
        minRows={2}
        maxRows={6}
        maxLength={1000}
        data-autofocus
        value={reason}
        onChange={(event) => {
          setReason(event.currentTarget.value);
        }}
      />
      {asked.kind !== 'deny' && (
        <Checkbox
          size="xs"
          checked={sure}
          label={asked.kind === 'revoke' ? 'Yes, take this access away' : 'Yes, this access may be taken away'}
          onChange={(event) => {
            setSure(event.currentTarget.checked);
          }}
        />
      )}
      <Button
        type="submit"
        color={asked.kind === 'deny' ? 'blue' : 'red'}
        loading={decide.isPending}
        disabled={reason.trim().length < MIN_REASON || !sure}
      >
        {asked.kind === 'revoke' ? 'Revoke' : asked.kind === 'approve' ? 'Approve' : 'Deny'}
      </Button>
    </form>
  );
}

function bodyOf(asked: Asked, reason: string): NewDecision {
  if (asked.kind !== 'revoke') return { kind: asked.kind, effectUid: asked.effectUid, reason };
  return { kind: 'revoke', grantUid: asked.grantUid, reason, ...(asked.alertUid === undefined ? {} : { alertUid: asked.alertUid }) };
}
