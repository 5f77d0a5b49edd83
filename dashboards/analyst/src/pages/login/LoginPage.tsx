import { Button, PasswordInput, TextInput } from '@mantine/core';
import type { SessionInfo } from '@keyward/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter, useLocation } from '@tanstack/react-router';
import { useState } from 'react';
import { call } from '../../api/client.js';
import { explainError } from '../../api/explain-error.js';
import { safeNext } from './safe-next.js';

export function LoginPage() {
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const client = useQueryClient();
  const router = useRouter();
  const next = useLocation({ select: (location) => safeNext(new URLSearchParams(location.searchStr).get('next')) });
  const login = useMutation({
    mutationFn: () => call('session.login', { body: { user, password } }),
    onSuccess: (session: SessionInfo) => {
      client.clear();
      client.setQueryData(['session'], session);
      router.history.push(next);
    },
    onError: () => {
      setPassword('');
    },
  });
  const said = login.isError ? explainError(login.error) : undefined;
  return (
    <main className="kw-login">
      <form
        className="kw-login-card kw-stack"
        aria-labelledby="login-title"
        onSubmit={(event) => {
          event.preventDefault();
          login.mutate();
        }}
      >
        <div className="kw-row">
          <img src="/favicon.svg" width={30} height={30} alt="" />
          <div>
            <h1 id="login-title" style={{ fontSize: 17 }}>
              Keyward
            </h1>
            <p className="kw-muted kw-small">Watches the people who hold the keys</p>
          </div>
        </div>
        {said && (
          <div className="kw-banner" data-tone="danger" role="alert">
            <div>
              <strong>{said.title}.</strong> {said.detail}
            </div>
          </div>
        )}
        <TextInput
          label="User name"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          withAsterisk={false}
          value={user}
          onChange={(event) => {
            setUser(event.currentTarget.value);
          }}
        />
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => {
            setPassword(event.currentTarget.value);
          }}
        />
        <Button type="submit" loading={login.isPending} disabled={user === '' || password === ''}>
          Sign in
        </Button>
        <p className="kw-muted kw-small">First time here? The first login was printed when Keyward started.</p>
      </form>
    </main>
  );
}
