import type { Grant } from '@keyward/identity';
import type { GrantRevoker, RevokeOptions, RevokeResult } from '@keyward/response';
import { ConflictError, RateLimitedError, UnavailableError } from '@keyward/runtime';
import { z } from 'zod';
import { activeInstances, assignmentOf, type Assignment } from './assignment.js';
import type { GraphApi } from './graph-api.js';
import type { EntraPimSettings } from './settings.js';

const RequestAnswer = z.object({ id: z.string(), status: z.string().nullish() });
/** Graph codes for an assignment that is not there. */
const ABSENT_CODES = ['RoleAssignmentDoesNotExist', 'SubjectNotFound', 'ResourceNotFound', 'Request_ResourceNotFound'];
/** An activation can't be ended in its first five minutes. */
const TOO_SHORT_CODE = 'ActiveDurationTooShort';
const TOO_SHORT_PAUSE_MS = 60_000;
const FAILED_STATUSES = ['Failed', 'Denied', 'AdminDenied', 'PendingApproval', 'PendingAdminDecision', 'Invalid'];

/** Takes PIM assignments back by `adminRemove`, then the user's sign-in sessions. */
export class EntraPimRevoker implements GrantRevoker {
  readonly id: string;
  readonly product = 'entra_pim';
  readonly #settings: EntraPimSettings;
  readonly #graph: GraphApi;

  constructor(id: string, settings: EntraPimSettings, graph: GraphApi) {
    this.id = id;
    this.#settings = settings;
    this.#graph = graph;
  }

  async revoke(grant: Grant, options: RevokeOptions): Promise<RevokeResult> {
    const assignment = await this.#mapped(assignmentOf(grant, this.#graph, options.signal), options.signal);
    const reference = await this.#adminRemove(assignment, options);
    if (options.dryRun) return reference === undefined ? { kind: 'already_absent' } : { kind: 'dry_run', reference };
    // Also when it was gone already: an earlier try may have been cut off between the two calls.
    const sessionsEnded = this.#settings.endSessions ? await this.#endSessions(assignment.principalId, options.signal) : 0;
    return reference === undefined ? { kind: 'already_absent' } : { kind: 'revoked', sessionsEnded, reference };
  }

  async verify(grant: Grant, signal: AbortSignal): Promise<readonly string[]> {
    const assignment = await this.#mapped(assignmentOf(grant, this.#graph, signal), signal);
    // One look: the directory answers old truths for some seconds, and whoever asks looks again.
    return this.#mapped(activeInstances(assignment, this.#graph, signal), signal);
  }

  /** @returns the request's id, or undefined when nothing was assigned */
  async #adminRemove(assignment: Assignment, { reason, dryRun, idempotencyKey, signal }: RevokeOptions): Promise<string | undefined> {
    const { kind, ...target } = assignment;
    const path =
      kind === 'role'
        ? '/roleManagement/directory/roleAssignmentScheduleRequests'
        : '/identityGovernance/privilegedAccess/group/assignmentScheduleRequests';
    const answer = await this.#graph.call('POST', path, signal, {
      action: 'adminRemove',
      ...target,
      justification: reason,
      isValidationOnly: dryRun,
      ticketInfo: { ticketNumber: idempotencyKey, ticketSystem: 'Keyward' },
    });
    if (answer.ok) return this.#accepted(answer.json);
    if (ABSENT_CODES.includes(answer.code) || answer.error instanceof ConflictError) {
      // Somebody else may have been faster, or the wrong thing was asked for: what is active decides.
      const standing = await activeInstances(assignment, this.#graph, signal);
      if (standing.length === 0) return undefined;
    }
    if (answer.code === TOO_SHORT_CODE) {
      throw new RateLimitedError('entra_pim.too_early', 'Entra ends no activation in its first five minutes.', {
        context: { connector: this.id, retryAfterMs: TOO_SHORT_PAUSE_MS },
      });
    }
    throw answer.error;
  }

  #accepted(json: unknown): string {
    const request = RequestAnswer.safeParse(json);
    if (!request.success)
      throw new UnavailableError('entra_pim.unreadable', 'Graph answered with another shape than its documentation says.');
    const { id, status } = request.data;
    if (status && FAILED_STATUSES.includes(status)) {
      throw new ConflictError('entra_pim.not_carried_out', `Entra took the request but did not carry it out (${status}).`, {
        context: { connector: this.id, requestId: id },
      });
    }
    return id;
  }

  /** Graph does not say how many sessions ended: 1 stands for all of the user's, 0 for a principal that has none (a service principal, a group). */
  async #endSessions(principalId: string, signal: AbortSignal): Promise<number> {
    const answer = await this.#graph.call('POST', `/users/${encodeURIComponent(principalId)}/revokeSignInSessions`, signal);
    if (answer.ok) return 1;
    if (ABSENT_CODES.includes(answer.code)) return 0;
    throw answer.error;
  }

  /** An abort is told in our own words, whichever step it met. */
  async #mapped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (signal.aborted) throw new UnavailableError('entra_pim.aborted', 'The work was broken off.', { context: { connector: this.id } });
      throw error;
    }
  }
}
