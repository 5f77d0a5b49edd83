import { formatDuration } from '../format/time.js';
import { ApiError, NO_ANSWER, UNREADABLE_ANSWER } from './client.js';

/** A failure in words: what happened, and what the reader can do next. */
export interface Explained {
  readonly title: string;
  readonly detail: string;
  /** Whether trying the same again may help. */
  readonly retry: boolean;
  readonly requestId?: string;
}

export function explainError(error: unknown): Explained {
  if (!(error instanceof ApiError))
    return { title: 'This page met a bug', detail: error instanceof Error ? error.message : String(error), retry: true };
  const { title, next, retry } = words(error);
  const said = error.problem?.errors?.map(fault).join('; ');
  const detail = [error.problem?.detail, said, next].filter((part) => part !== undefined && part !== '').join(' ');
  const requestId = error.problem?.requestId;
  return { title, detail, retry, ...(requestId === undefined ? {} : { requestId }) };
}

/** `body.change` says nothing to whoever filled in a form: the message names the value. */
function fault({ path, message }: { readonly path?: string | undefined; readonly message: string }): string {
  const place = path?.replace(/^body\.?(change)?\.?/, '') ?? '';
  return place === '' ? `${message}${/[.!?]$/.test(message) ? '' : '.'}` : `${place}: ${message}`;
}

interface Words {
  readonly title: string;
  readonly next: string;
  readonly retry: boolean;
}
function words(error: ApiError): Words {
  switch (error.problem?.code) {
    case 'auth.wrong_credentials':
      return { title: 'User name or password is wrong', next: 'Check both and try again.', retry: false };
    case 'rate_limited':
      return { title: 'Too much at once', next: `Wait ${wait(error.retryAfterSeconds)} and try again.`, retry: true };
    case 'auth.too_many_attempts':
      return { title: 'Too many attempts', next: `Wait ${wait(error.retryAfterSeconds)} and try again.`, retry: true };
    case 'auth.required':
      return { title: 'Your session has ended', next: 'Sign in again.', retry: false };
    case 'auth.csrf':
      return { title: 'This page is out of date', next: 'Reload it and do it again.', retry: false };
    case 'auth.forbidden':
      return { title: 'Your role may not do this', next: 'Ask an administrator for the role it needs.', retry: false };
    case 'not_found':
      return { title: 'Not found', next: 'It may have passed its retention time, or the link is incomplete.', retry: false };
    case 'conflict':
      return { title: 'Somebody else was faster', next: 'Reload to see how it stands now.', retry: true };
    case 'request.invalid':
    case 'cursor.invalid':
      // What was typed into a form is told from what stands in the address.
      if (error.problem.errors?.some(({ path }) => path?.startsWith('body') ?? false))
        return { title: 'That can’t be used', next: 'Nothing was changed.', retry: false };
      return { title: 'The request was not understood', next: 'Clear the filters and try again.', retry: false };
    case 'service.unavailable':
    case 'service.timeout':
      return {
        title: 'The event store does not answer',
        next: 'Nothing is lost: records wait in Kafka. Try again in a moment.',
        retry: true,
      };
    case undefined:
      return silent(error.status);
    default:
      return { title: error.message, next: 'Try again; if it stays, give the request id to whoever runs Keyward.', retry: true };
  }
}

function silent(status: number): Words {
  if (status === NO_ANSWER)
    return { title: 'Keyward does not answer', next: 'Check that it is running and that you are connected, then try again.', retry: true };
  if (status === UNREADABLE_ANSWER)
    return {
      title: 'The answer was not understood',
      next: 'Dashboard and API may be of different versions. Reload the page.',
      retry: true,
    };
  return { title: `Unexpected answer ${status}`, next: 'Try again in a moment.', retry: true };
}
const wait = (seconds: number | undefined): string => (seconds === undefined ? 'a minute' : formatDuration(seconds * 1000));
