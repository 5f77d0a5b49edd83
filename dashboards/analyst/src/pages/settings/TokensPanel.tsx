import { SOURCE_IDS, type ApiToken } from '@keyward/contract';
import { Button, Modal, NativeSelect, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../api/client.js';
import { tokensQuery } from '../../api/queries.js';
import { DAY_MS } from '../../format/time.js';
import { words } from '../../format/words.js';
import { Tag } from '../../parts/marks.js';
import { Async, EmptyState } from '../../parts/states.js';
import { Table } from '../../parts/Table.js';
import { TimeText } from '../../parts/TimeText.js';
import { useField } from '../../parts/use-field.js';
import { AddingPanel, type MadeSecret } from './AddingPanel.js';
import { Failure } from '../../parts/Failure.js';

export function TokensPanel() {
  const query = useQuery(tokensQuery);
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: (id: string) => call('tokens.revoke', { params: { id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['tokens'] }),
  });
  const [revoking, setRevoking] = useState<ApiToken>();
  const close = (): void => {
    setRevoking(undefined);
  };
  return (
    <AddingPanel
      title="API tokens"
      note="for programs that send records or read alerts"
      add="Make a token"
      form={(onDone) => <AddToken onDone={onDone} />}
    >
      {() => (
        <>
          {revoke.isError && <Failure error={revoke.error} />}
          <Async query={query} rows={4}>
            {({ items }) =>
              items.length === 0 ? (
                <EmptyState title="No token was made yet" />
              ) : (
                <Table columns={['Token', 'May', 'Made', 'Last used', 'Ends', { title: 'Revoke', hidden: true }]} cards>
                  {items.map((token) => (
                    <tr key={token.id}>
                      <td data-main>
                        <span className="kw-cell-title">{token.name}</span>
                        <div className="kw-cell-sub kw-mono">{token.hint}…</div>
                      </td>
                      <td data-label="May">
                        <span className="kw-row" style={{ gap: 4 }}>
                          {token.scopes.map((scope) => (
                            <Tag key={scope}>{scope}</Tag>
                          ))}
                        </span>
                      </td>
                      <td data-label="Made">
                        <TimeText at={token.createdAt} /> <span className="kw-cell-sub">{token.createdBy}</span>
                      </td>
                      <td data-label="Last used">
                        {token.lastUsedAt === null ? <span className="kw-muted">never</span> : <TimeText at={token.lastUsedAt} age />}
                      </td>
                      <td data-label="Ends">
                        {token.revokedAt !== null ? (
                          <Tag tone="danger">revoked</Tag>
                        ) : token.expiresAt === null ? (
                          <span className="kw-muted">never</span>
                        ) : (
                          <TimeText at={token.expiresAt} />
                        )}
                      </td>
                      <td data-right>
                        {token.revokedAt === null && (
                          <Button
                            size="compact-xs"
                            variant="outline"
                            color="red"
                            loading={revoke.isPending && revoke.variables === token.id}
                            onClick={() => {
                              setRevoking(token);
                            }}
                            aria-label={`Revoke the token ${token.name}`}
                          >
                            Revoke
                          </Button>
                        )}
                      </td>
                    </tr>
                  ))}
                </Table>
              )
            }
          </Async>
          <Modal opened={revoking !== undefined} onClose={close} title={`Revoke the token ${revoking?.name ?? ''}?`}>
            <div className="kw-stack">
              <p>Whoever uses it is refused from now on, and records that they send are not taken. This cannot be undone.</p>
              <div className="kw-row">
                <Button
                  color="red"
                  size="xs"
                  onClick={() => {
                    if (revoking) revoke.mutate(revoking.id);
                    close();
                  }}
                >
                  Revoke the token
                </Button>
                <Button variant="default" size="xs" data-autofocus onClick={close}>
                  Keep
                </Button>
              </div>
            </div>
          </Modal>
        </>
      )}
    </AddingPanel>
  );
}

/** Sources whose vendors speak SCIM; the API takes any other system too. */
const DIRECTORIES = ['okta', 'entra', 'auth0', 'keycloak', 'duo'] as const;
const SCOPES = [
  { value: 'ingest:*', label: 'Send records of every source' },
  ...SOURCE_IDS.map((source) => ({ value: `ingest:${source}`, label: `Send records of ${words(source)}` })),
  ...DIRECTORIES.map((system) => ({ value: `scim:${system}`, label: `Bring users and groups of ${words(system)} (SCIM)` })),
  { value: 'read', label: 'Read, as a viewer' },
  { value: 'respond', label: 'Decide, as a responder' },
];
/** @param days from now; empty: never */
const endOf = (days: string): { readonly expiresAt?: string } =>
  days === '' ? {} : { expiresAt: new Date(Date.now() + Number(days) * DAY_MS).toISOString() };

function AddToken({ onDone }: { readonly onDone: (made: MadeSecret) => void }) {
  const name = useField('');
  const scope = useField('ingest:*');
  const days = useField('90');
  const client = useQueryClient();
  const add = useMutation({
    mutationFn: () =>
      call('tokens.create', {
        body: { name: name.value, scopes: [scope.value], ...endOf(days.value) },
      }),
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: ['tokens'] });
      onDone({ title: 'Your new token', secret: made.token, note: 'Keyward keeps only its hash.' });
    },
  });
  return (
    <form
      className="kw-stack"
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate();
      }}
    >
      {add.isError && <Failure error={add.error} />}
      <TextInput label="Name" description="What will use it" autoComplete="off" {...name} data-autofocus />
      <NativeSelect label="It may" {...scope} data={SCOPES} />
      <NativeSelect
        label="It ends"
        {...days}
        data={[
          { value: '30', label: 'in 30 days' },
          { value: '90', label: 'in 90 days' },
          { value: '365', label: 'in a year' },
          { value: '', label: 'never' },
        ]}
      />
      <Button type="submit" loading={add.isPending} disabled={name.value.trim() === ''}>
        Make it
      </Button>
    </form>
  );
}
