import { Button, Checkbox, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Failure } from './Failure.js';

const MIN_REASON = 3;

interface Props {
  /** Does it, with the reason that was given. */
  readonly act: (reason: string) => Promise<unknown>;
  /** What changes with it: first parts of query keys. */
  readonly changes: readonly string[];
  /** Shown once it is done: `Verdict taken back.` */
  readonly done: string;
  readonly onDone: () => void;
  /** What the button says. */
  readonly submit: string;
  readonly danger?: boolean;
  /** Whether the fields above the reason say enough. */
  readonly isReady?: boolean;
  /** Who reads the reason. */
  readonly readers?: string;
  /** A sentence to be ticked before anything is taken away. */
  readonly confirm?: string;
  /** What is done to what, and the fields that say how. */
  readonly children: ReactNode;
}

/** The form of every decision that stays on record: nothing is decided without a reason. */
export function ReasonedForm({ act, changes, done, onDone, submit, danger = false, isReady = true, readers, confirm, children }: Props) {
  const [reason, setReason] = useState('');
  const [sure, setSure] = useState(confirm === undefined);
  const client = useQueryClient();
  const decide = useMutation({
    mutationFn: () => act(reason),
    onSuccess: async () => {
      await Promise.all(changes.map((topic) => client.invalidateQueries({ queryKey: [topic] })));
      notifications.show({ message: done });
      onDone();
    },
  });
  return (
    <form
      className="kw-stack"
      onSubmit={(event) => {
        event.preventDefault();
        decide.mutate();
      }}
    >
      {decide.isError && <Failure error={decide.error} />}
      {children}
      <Textarea
        label="Reason"
        description={readers}
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
      {confirm !== undefined && (
        <Checkbox
          size="xs"
          checked={sure}
          label={confirm}
          onChange={(event) => {
            setSure(event.currentTarget.checked);
          }}
        />
      )}
      <Button
        type="submit"
        color={danger ? 'red' : 'blue'}
        loading={decide.isPending}
        disabled={reason.trim().length < MIN_REASON || !sure || !isReady}
      >
        {submit}
      </Button>
    </form>
  );
}
