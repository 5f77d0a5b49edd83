import { SOURCE_IDS } from '@keyward/contract';
import { Button, Modal, NativeSelect, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../api/client.js';
import { tokensQuery } from '../../api/queries.js';
import { DAY_MS } from '../../format/time.js';
import { words } from '../../format/words.js';
import { Tag } from '../../parts/marks.js';
import { Panel } from '../../parts/Panel.js';
import { Async, EmptyState } from '../../parts/states.js';
import { TimeText } from '../../parts/TimeText.js';
import { Failure, OnceShown } from './OnceShown.js';

export function TokensPanel() {
  const query = useQuery(tokensQuery);
  const client = useQueryClient();
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string>();
  const revoke = useMutation({
    mutationFn: (id: string) => call('tokens.revoke', { params: { id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['tokens'] }),
  });
  return (
    <Panel
      title="API tokens"
      note="for programs that send records or read alerts"
      side={
        <Button
          size="compact-xs"
          onClick={() => {
            setAdding(true);
          }}
        >
          Make a token
        </Button>
      }
      flush
    >
      {revoke.isError && <Failure error={revoke.error} />}
      <div style={{ padding: query.data ? 0 : '0 14px' }}>
        <Async query={query} rows={4}>
          {({ items }) =>
            items.length === 0 ? (
              <EmptyState title="No token was made yet" />
            ) : (
              <div className="kw-table-box">
                <table className="kw-table" data-cards>
                  <thead>
                    <tr>
                      <th>Token</th>
                      <th>May</th>
                      <th>Made</th>
                      <th>Last used</th>
                      <th>Ends</th>
                      <th>
                        <span className="kw-hidden">Revoke</span>
                      </th>
                    </tr>
                  </thead>
                  <tbody>
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
                                revoke.mutate(token.id);
                              }}
                              aria-label={`Revoke the token ${token.name}`}
                            >
                              Revoke
                            </Button>
                          )}
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )
          }
        </Async>
      </div>
      <Modal
        opened={adding}
        onClose={() => {
          setAdding(false);
        }}
        title="Make a token"
      >
        <AddToken
          onDone={(token) => {
            setAdding(false);
            setSecret(token);
          }}
        />
      </Modal>
      <OnceShown
        title="Your new token"
        secret={secret}
        note="Keyward keeps only its hash."
        onClose={() => {
          setSecret(undefined);
        }}
      />
    </Panel>
  );
}

const SCOPES = [
  { value: 'ingest:*', label: 'Send records of every source' },
  ...SOURCE_IDS.map((source) => ({ value: `ingest:${source}`, label: `Send records of ${words(source)}` })),
  { value: 'read', label: 'Read, as a viewer' },
  { value: 'respond', label: 'Decide, as a responder' },
];
function AddToken({ onDone }: { readonly onDone: (token: string) => void }) {
  const [name, setName] = useState('');
  const [scope, setScope] = useState('ingest:*');
  const [days, setDays] = useState('90');
  const client = useQueryClient();
  const add = useMutation({
    mutationFn: () =>
      call('tokens.create', {
        body: { name, scopes: [scope], ...(days === '' ? {} : { expiresAt: new Date(Date.now() + Number(days) * DAY_MS).toISOString() }) },
      }),
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: ['tokens'] });
      onDone(made.token);
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
      <TextInput
        label="Name"
        description="What will use it"
        autoComplete="off"
        value={name}
        data-autofocus
        onChange={(event) => {
          setName(event.currentTarget.value);
        }}
      />
      <NativeSelect
        label="It may"
        value={scope}
        data={SCOPES}
        onChange={(event) => {
          setScope(event.currentTarget.value);
        }}
      />
      <NativeSelect
        label="It ends"
        value={days}
        data={[
          { value: '30', label: 'in 30 days' },
          { value: '90', label: 'in 90 days' },
          { value: '365', label: 'in a year' },
          { value: '', label: 'never' },
        ]}
        onChange={(event) => {
          setDays(event.currentTarget.value);
        }}
      />
      <Button type="submit" loading={add.isPending} disabled={name.trim() === ''}>
        Make it
      </Button>
    </form>
  );
}
