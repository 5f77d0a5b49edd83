import { ROLES, Role, type User, type UserChange, type UserWithPassword } from '@keyward/contract';
import { Button, Menu, Modal, NativeSelect, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../api/client.js';
import { usersQuery } from '../../api/queries.js';
import { useSession } from '../../app/session.js';
import { words } from '../../format/words.js';
import { Tag } from '../../parts/marks.js';
import { Async } from '../../parts/states.js';
import { Table } from '../../parts/Table.js';
import { TimeText } from '../../parts/TimeText.js';
import { useField } from '../../parts/use-field.js';
import { AddingPanel, type MadeSecret } from './AddingPanel.js';
import { Failure } from '../../parts/Failure.js';

export function UsersPanel() {
  const query = useQuery(usersQuery);
  return (
    <AddingPanel title="Users" add="Add a user" form={(onDone) => <AddUser onDone={onDone} />}>
      {(onSecret) => (
        <Async query={query} rows={4}>
          {({ items }) => (
            <Table columns={['User', 'Role', 'State', 'Last login', { title: 'Change', hidden: true }]} cards>
              {items.map((user) => (
                <UserRow key={user.name} user={user} onSecret={onSecret} />
              ))}
            </Table>
          )}
        </Async>
      )}
    </AddingPanel>
  );
}

const passwordOf = ({ user, password }: UserWithPassword): MadeSecret => ({
  title: `Password of ${user.name}`,
  secret: password,
  note: 'It has to be changed at the first login.',
});

function UserRow({ user, onSecret }: { readonly user: User; readonly onSecret: (made: MadeSecret) => void }) {
  const self = useSession().user === user.name;
  const client = useQueryClient();
  const done = (): void => void client.invalidateQueries({ queryKey: ['users'] });
  const change = useMutation({
    mutationFn: (body: UserChange) => call('users.change', { params: { name: user.name }, body }),
    onSuccess: done,
  });
  const reset = useMutation({
    mutationFn: () => call('users.reset_password', { params: { name: user.name } }),
    onSuccess: (made) => {
      onSecret(passwordOf(made));
      done();
    },
  });
  const remove = useMutation({ mutationFn: () => call('users.delete', { params: { name: user.name } }), onSuccess: done });
  const [deleting, setDeleting] = useState(false);
  const failed = change.error ?? reset.error ?? remove.error;
  return (
    <tr>
      <td data-main>
        <span className="kw-cell-title">{user.displayName}</span>
        <div className="kw-cell-sub">
          {user.name}
          {self && ', you'}
        </div>
        {failed && <Failure error={failed} />}
      </td>
      <td data-label="Role">
        <NativeSelect
          size="xs"
          w={130}
          aria-label={`Role of ${user.name}`}
          disabled={self || change.isPending}
          value={user.role}
          data={ROLES.map((role) => ({ value: role, label: words(role) }))}
          onChange={(event) => {
            change.mutate({ role: Role.parse(event.currentTarget.value) });
          }}
        />
      </td>
      <td data-label="State">
        <span className="kw-row" style={{ gap: 4 }}>
          <Tag tone={user.disabled ? 'danger' : 'positive'}>{user.disabled ? 'disabled' : 'active'}</Tag>
          {user.mustChangePassword && <Tag tone="warning">new password</Tag>}
        </span>
      </td>
      <td data-label="Last login">
        <TimeText at={user.lastLoginAt} />
      </td>
      <td data-right>
        <Menu position="bottom-end">
          <Menu.Target>
            <Button size="compact-xs" variant="default" disabled={self} aria-label={`Change ${user.name}`}>
              Change
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              onClick={() => {
                change.mutate({ disabled: !user.disabled });
              }}
            >
              {user.disabled ? 'Enable' : 'Disable, and end the sessions'}
            </Menu.Item>
            <Menu.Item
              onClick={() => {
                reset.mutate();
              }}
            >
              Make a new password
            </Menu.Item>
            <Menu.Item
              color="red"
              onClick={() => {
                setDeleting(true);
              }}
            >
              Delete
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
        <Modal
          opened={deleting}
          onClose={() => {
            setDeleting(false);
          }}
          title={`Delete ${user.displayName}?`}
        >
          <div className="kw-stack">
            <p>
              <span className="kw-mono">{user.name}</span> is signed out everywhere and cannot sign in again. What they did stays in the
              audit log and in the history of alerts. This cannot be undone; to keep the account, disable it instead.
            </p>
            <div className="kw-row">
              <Button
                color="red"
                size="xs"
                loading={remove.isPending}
                onClick={() => {
                  remove.mutate(undefined, {
                    onSettled: () => {
                      setDeleting(false);
                    },
                  });
                }}
              >
                Delete the user
              </Button>
              <Button
                variant="default"
                size="xs"
                data-autofocus
                onClick={() => {
                  setDeleting(false);
                }}
              >
                Keep
              </Button>
            </div>
          </div>
        </Modal>
      </td>
    </tr>
  );
}

function AddUser({ onDone }: { readonly onDone: (made: MadeSecret) => void }) {
  const name = useField('');
  const displayName = useField('');
  const role = useField<Role>('analyst', (text) => Role.parse(text));
  const client = useQueryClient();
  const add = useMutation({
    mutationFn: () =>
      call('users.create', {
        body: { name: name.value, role: role.value, ...(displayName.value === '' ? {} : { displayName: displayName.value }) },
      }),
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: ['users'] });
      onDone(passwordOf(made));
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
      <TextInput label="User name" description="Lower case, without spaces" autoComplete="off" {...name} data-autofocus />
      <TextInput label="Name as people write it" autoComplete="off" {...displayName} />
      <NativeSelect
        label="Role"
        description="Each may do all that those before it may"
        {...role}
        data={ROLES.map((value) => ({ value, label: words(value) }))}
      />
      <Button type="submit" loading={add.isPending} disabled={name.value === ''}>
        Add
      </Button>
    </form>
  );
}
