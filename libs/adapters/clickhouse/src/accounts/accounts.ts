import type { ClickHouse } from '../client.js';
import { AuditStore } from './audit-store.js';
import { LoginAttemptStore } from './login-attempt-store.js';
import { SessionStore } from './session-store.js';
import { TokenStore } from './token-store.js';
import { UserStore } from './user-store.js';

/** Who may use Keyward, and what they did with it. */
export interface AccountStores {
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly tokens: TokenStore;
  readonly loginAttempts: LoginAttemptStore;
  readonly audit: AuditStore;
}

export const createAccountStores = (clickhouse: ClickHouse): AccountStores => ({
  users: new UserStore(clickhouse),
  sessions: new SessionStore(clickhouse),
  tokens: new TokenStore(clickhouse),
  loginAttempts: new LoginAttemptStore(clickhouse),
  audit: new AuditStore(clickhouse),
});
