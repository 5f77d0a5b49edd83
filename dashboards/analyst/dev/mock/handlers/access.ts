import { NewApiToken, NewUser, UserChange } from '@keyward/contract';
import { page } from '../lists.js';
import { iso, type Handlers } from './handler.js';

export const ACCESS: Handlers = {
  'users.list': ({ organisation }) => ({ items: organisation.users }),
  'users.create': ({ organisation, body }) => {
    const { name, role, displayName } = NewUser.parse(body);
    const at = iso(organisation.now);
    const user = {
      name,
      displayName: displayName ?? name,
      role,
      disabled: false,
      mustChangePassword: true,
      createdAt: at,
      changedAt: at,
      lastLoginAt: null,
    };
    organisation.users.push(user);
    return { user, password: 'made-once-and-shown-once' };
  },
  'users.change': ({ organisation, params, body }) => {
    const user = organisation.users.find((one) => one.name === params['name']);
    const change = UserChange.parse(body);
    if (user) Object.assign(user, change);
    return user;
  },
  'users.reset_password': ({ organisation, params }) => {
    const user = organisation.users.find((one) => one.name === params['name']);
    return user ? { user: { ...user, mustChangePassword: true }, password: 'another-one-shown-once' } : undefined;
  },
  'tokens.list': ({ organisation }) => ({ items: organisation.tokens }),
  'tokens.create': ({ organisation, body, user }) => {
    const { name, scopes, expiresAt } = NewApiToken.parse(body);
    const record = {
      id: `t${organisation.tokens.length + 1}`,
      name,
      scopes,
      hint: 'kw_new0',
      createdBy: user,
      createdAt: iso(organisation.now),
      expiresAt: expiresAt ?? null,
      lastUsedAt: null,
      revokedAt: null,
    };
    organisation.tokens.push(record);
    return { token: 'kw_new0secretsecretsecret', record };
  },
  'audit.list': ({ organisation, query }) =>
    page(
      organisation.users.map((user, i) => ({
        id: `a${i}`,
        at: iso(organisation.now - i * 60_000),
        user: user.name,
        action: 'session.login',
        object: user.name,
        outcome: i === 2 ? 'failure' : 'success',
        detail: '',
        address: '192.0.2.7',
      })),
      query,
    ),
};
