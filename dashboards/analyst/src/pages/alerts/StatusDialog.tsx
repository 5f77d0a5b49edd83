import { ALERT_STATUSES, type AlertStatus } from '@keyward/contract';
import { Button, Modal, Radio, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../api/client.js';
import { plural } from '../../format/number.js';
import { words } from '../../format/words.js';
import { Failure } from '../../parts/Failure.js';

const MEANINGS: Readonly<Record<AlertStatus, string>> = {
  new: 'Nobody has looked at it',
  in_progress: 'Somebody is looking',
  resolved: 'It was real and is dealt with',
  false_positive: 'It did not happen as the alert says',
  expected: 'It happened and was allowed, such as an announced change',
};
/** Said of an alert, these are also worth a verdict. */
const TEACHABLE: ReadonlySet<AlertStatus> = new Set(['resolved', 'false_positive', 'expected']);
interface Props {
  /** What it is about; empty: closed. */
  readonly uids: readonly string[];
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Sets the status of one or many alerts, with a note for whoever comes after. */
export function StatusDialog({ uids, onClose, onDone }: Props) {
  return (
    <Modal
      opened={uids.length > 0}
      onClose={onClose}
      title={uids.length === 1 ? 'Set the status' : `Set the status of ${plural(uids.length, 'alert')}`}
    >
      {uids.length > 0 && <StatusForm uids={uids} onDone={onDone} />}
    </Modal>
  );
}

function StatusForm({ uids, onDone }: { readonly uids: readonly string[]; readonly onDone: () => void }) {
  const [status, setStatus] = useState<AlertStatus>('in_progress');
  const [note, setNote] = useState('');
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: () => call('alerts.change_many', { body: { uids: [...uids], status, note } }),
    onSuccess: async (result) => {
      await Promise.all([client.invalidateQueries({ queryKey: ['alerts'] }), client.invalidateQueries({ queryKey: ['overview'] })]);
      const left = result.unchanged.length + result.notFound.length;
      notifications.show({
        message: `${plural(result.changed.length, 'alert')} set to ${words(status).toLowerCase()}${left > 0 ? `, ${left} left as they were` : ''}`,
      });
      onDone();
    },
  });
  const isStatus = (value: string): value is AlertStatus => ALERT_STATUSES.some((one) => one === value);
  return (
    <form
      className="kw-stack"
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate();
      }}
    >
      {change.isError && <Failure error={change.error} />}
      <Radio.Group
        aria-label="Status"
        value={status}
        onChange={(value) => {
          if (isStatus(value)) setStatus(value);
        }}
      >
        <div className="kw-stack" style={{ gap: 8 }}>
          {ALERT_STATUSES.map((value) => (
            <Radio
              key={value}
              size="xs"
              value={value}
              label={words(value)}
              description={MEANINGS[value]}
              data-autofocus={value === status || undefined}
            />
          ))}
        </div>
      </Radio.Group>
      <Textarea
        label="Note"
        placeholder="What you found, for whoever comes after"
        autosize
        minRows={2}
        maxRows={8}
        maxLength={2000}
        value={note}
        onChange={(event) => {
          setNote(event.currentTarget.value);
        }}
      />
      <Button type="submit" loading={change.isPending}>
        Set to {words(status).toLowerCase()}
      </Button>
      {TEACHABLE.has(status) && (
        <p className="kw-muted kw-small">
          A status alone teaches scoring nothing. A verdict on the page of an alert sets the status too, and shows before what would change.
        </p>
      )}
    </form>
  );
}
