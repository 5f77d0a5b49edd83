import type { VerdictView } from '@keyward/contract';
import { Button, Modal, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../api/client.js';
import { Failure } from '../../parts/Failure.js';

const MIN_REASON = 3;

/** Takes a verdict back, with a reason. */
export function UndoDialog({ verdict, onClose }: { readonly verdict: VerdictView | undefined; readonly onClose: () => void }) {
  return (
    <Modal opened={verdict !== undefined} onClose={onClose} title="Take the verdict back">
      {verdict && <UndoForm verdict={verdict} onDone={onClose} />}
    </Modal>
  );
}

function UndoForm({ verdict, onDone }: { readonly verdict: VerdictView; readonly onDone: () => void }) {
  const [reason, setReason] = useState('');
  const client = useQueryClient();
  const undo = useMutation({
    mutationFn: () => call('verdicts.undo', { params: { uid: verdict.uid }, query: { reason } }),
    onSuccess: async () => {
      await Promise.all(['alerts', 'verdicts', 'overview', 'identities'].map((topic) => client.invalidateQueries({ queryKey: [topic] })));
      notifications.show({ message: 'Verdict taken back.' });
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
      <p className="kw-muted kw-small">
        From then on scores are as if it had not been given.
        {verdict.kind === 'benign' ? ' Its alert is open again.' : ' Its events count as usual again.'}
      </p>
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
