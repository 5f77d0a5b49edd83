import { MIN_PASSWORD_LENGTH, type SessionInfo } from '@keyward/contract';
import { Button, PasswordInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../../api/client.js';
import { ApiError } from '../../api/client.js';
import { useField } from '../../parts/use-field.js';
import { explainError, type Explained } from '../../api/explain-error.js';

/** The own password. After a first login nothing else works until it is changed. */
export function ChangePassword({ forced, onDone }: { readonly forced: boolean; readonly onDone?: () => void }) {
  const current = useField('');
  const next = useField('');
  const again = useField('');
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: () => call('session.password', { body: { current: current.value, next: next.value } }),
    onSuccess: (session: SessionInfo) => {
      client.setQueryData(['session'], session);
      onDone?.();
    },
  });
  const differs = again.value !== '' && again.value !== next.value;
  const short = next.value !== '' && next.value.length < MIN_PASSWORD_LENGTH;
  const said = change.isError ? explainChange(change.error) : undefined;
  return (
    <form
      className="kw-stack"
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate();
      }}
    >
      {forced && <p className="kw-muted">Choose a password of your own before you go on.</p>}
      {said && (
        <div className="kw-banner" data-tone="danger" role="alert">
          <span>
            <strong>{said.title}.</strong> {said.detail}
          </span>
        </div>
      )}
      <PasswordInput label="Current password" autoComplete="current-password" {...current} />
      <PasswordInput
        label="New password"
        autoComplete="new-password"
        description={`At least ${MIN_PASSWORD_LENGTH} characters`}
        error={short ? `${MIN_PASSWORD_LENGTH - next.value.length} more characters` : undefined}
        {...next}
      />
      <PasswordInput
        label="New password again"
        autoComplete="new-password"
        error={differs ? 'This is not the same as above' : undefined}
        {...again}
      />
      <Button
        type="submit"
        loading={change.isPending}
        disabled={current.value === '' || next.value.length < MIN_PASSWORD_LENGTH || again.value !== next.value}
      >
        Change password
      </Button>
    </form>
  );
}

/** Signed in as they are, nobody mistyped a user name here. */
function explainChange(error: unknown): Pick<Explained, 'title' | 'detail'> {
  const wrong = error instanceof ApiError && error.problem?.code === 'auth.wrong_credentials';
  return wrong ? { title: 'The current password is wrong', detail: 'Type the one that you signed in with just now.' } : explainError(error);
}
