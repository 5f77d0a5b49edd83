import type { AccountLinkView } from '@keyward/contract';
import { Button, Modal, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../api/client.js';
import { Failure } from '../../parts/Failure.js';

const MIN_REASON = 3;

/** Takes a decision on an account back, with a reason. */
export function LinkUndoDialog({ link, onClose }: { readonly link: AccountLinkView | undefined; readonly onClose: () => void }) {
  return (
    <Modal opened={link !== undefined} onClose={onClose} title="Take the decision back">
      {link?.decision && <UndoForm uid={link.decision.uid} onDone={onClose} />}
    </Modal>
  );
}

function UndoForm({ uid, onDone }: { readonly uid: string; readonly onDone: () => void }) {
  const [reason, setReason] = useState('');
  const client = useQueryClient();
  const undo = useMutation({
    mutationFn: () => call('links.undo', { params: { uid }, query: { reason } }),
    onSuccess: async () => {
      await Promise.all(['links', 'identities'].map((topic) => client.invalidateQueries({ queryKey: [topic] })));
      notifications.show({ message: 'Decision taken back.' });
      onDone();
    },
  });
  return (
    <form
      className="kw-stack"
      onSubmit={(event) => {
        event.preventDefault();
        undo.mutate();
      }}
    >
      <p className="kw-muted kw-small">The rules say again whose the account is, for events from now on.</p>
      {undo.isError && <Failure error={undo.error} />}
      <Textarea
        label="Reason"
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
      <Button type="submit" loading={undo.isPending} disabled={reason.trim().length < MIN_REASON}>
        Take back
      </Button>
    </form>
  );
}
