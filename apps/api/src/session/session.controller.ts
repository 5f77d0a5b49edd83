import { Controller, Inject } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { SessionInfo } from '@keyward/contract';
import { AppError, UnauthenticatedError } from '@keyward/runtime';
import { Audit } from '../auth/audit.js';
import { Login } from '../auth/login.js';
import { sessionInfo, Sessions, type SessionCaller } from '../auth/sessions.js';
import { Users } from '../auth/users.js';
import { Incoming, type Call } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { COOKIE, type CookieSettings } from '../tokens.js';

/** Signing in and out, and the own password. */
@Controller()
export class SessionController {
  readonly #login: Login;
  readonly #sessions: Sessions;
  readonly #users: Users;
  readonly #audit: Audit;
  readonly #cookie: CookieSettings;

  constructor(
    @Inject(Login) login: Login,
    @Inject(Sessions) sessions: Sessions,
    @Inject(Users) users: Users,
    @Inject(Audit) audit: Audit,
    @Inject(COOKIE) cookie: CookieSettings,
  ) {
    this.#login = login;
    this.#sessions = sessions;
    this.#users = users;
    this.#audit = audit;
    this.#cookie = cookie;
  }

  @Endpoint('session.login')
  async login(@Incoming() call: Call<'session.login'>): Promise<SessionInfo> {
    const { user: name, password } = call.body;
    const who = { user: name, address: call.address };
    try {
      const user = await this.#login.check(name, password, call.address);
      await this.#users.noteLogin(user);
      const session = await this.#sessions.begin(user, { address: call.address, userAgent: call.request.headers['user-agent'] ?? '' });
      await this.#audit.write(who, { action: 'session.login', object: name });
      this.#setCookie(call.reply, session);
      return sessionInfo(session);
    } catch (error) {
      if (error instanceof UnauthenticatedError) {
        await this.#audit.write(who, { action: 'session.login', object: name, outcome: 'failure', detail: error.code });
      }
      throw error;
    }
  }

  @Endpoint('session.show')
  show(@Incoming() call: Call<'session.show'>): SessionInfo {
    return sessionInfo(sessionOf(call));
  }

  @Endpoint('session.logout')
  async logout(@Incoming() call: Call<'session.logout'>): Promise<void> {
    const session = sessionOf(call);
    await this.#sessions.end(session.secret);
    await this.#audit.write(call, { action: 'session.logout', object: session.user });
    void call.reply.clearCookie(this.#cookie.name, { path: '/', secure: this.#cookie.secure, sameSite: 'strict', httpOnly: true });
  }

  @Endpoint('session.password')
  async changePassword(@Incoming() call: Call<'session.password'>): Promise<SessionInfo> {
    const session = sessionOf(call);
    try {
      // Through the login's own brake: a stolen session must not be a way to guess the password.
      await this.#login.check(session.user, call.body.current, call.address);
      const user = await this.#users.changePassword(session.user, call.body.current, call.body.next);
      await this.#audit.write(call, { action: 'session.password', object: user.name });
      const next = await this.#sessions.begin(user, { address: call.address, userAgent: call.request.headers['user-agent'] ?? '' });
      this.#setCookie(call.reply, next);
      return sessionInfo(next);
    } catch (error) {
      const detail = error instanceof AppError ? error.code : 'internal';
      await this.#audit.write(call, { action: 'session.password', object: session.user, outcome: 'failure', detail });
      if (detail === 'auth.wrong_credentials') throw new UnauthenticatedError(detail, 'The current password is wrong.');
      throw error;
    }
  }

  #setCookie(reply: FastifyReply, session: SessionCaller): void {
    void reply.setCookie(this.#cookie.name, session.secret, {
      path: '/',
      httpOnly: true,
      sameSite: 'strict',
      secure: this.#cookie.secure,
      expires: new Date(session.expiresAt),
    });
  }
}

function sessionOf(call: Pick<Call<'session.show'>, 'caller'>): SessionCaller {
  if (call.caller.kind !== 'session') throw new UnauthenticatedError('auth.required', 'Sign in first.');
  return call.caller;
}
