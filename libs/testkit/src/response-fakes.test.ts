import {
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  NotFoundError,
  RateLimitedError,
  UnauthenticatedError,
  UnavailableError,
} from '@keyward/runtime';
import { alertSinkContract } from './contracts/alert-sink.contract.js';
import { grantRevokerContract } from './contracts/grant-revoker.contract.js';
import { aGrant } from './response-builders.js';
import { InMemoryRevoker, InMemorySink } from './response-fakes.js';

const rateLimited = () => new RateLimitedError('fake.rate_limited', 'Slower.', { context: { retryAfterMs: 1_000 } });

grantRevokerContract(
  'in memory',
  () => {
    const grant = aGrant();
    const revoker = new InMemoryRevoker('fake', [grant.uid]);
    const meet = (trouble: Error | 'hang') => () => {
      revoker.failNext(trouble);
    };
    return Promise.resolve({
      revoker,
      grant,
      isActive: () => Promise.resolve(revoker.active.has(grant.uid)),
      secrets: ['it has none'],
      troubles: {
        unauthenticated: meet(new UnauthenticatedError('fake.unauthenticated', 'No.')),
        forbidden: meet(new ForbiddenError('fake.forbidden', 'No.')),
        not_found: meet(new NotFoundError('fake.not_found', 'No.')),
        conflict: meet(new ConflictError('fake.conflict', 'No.')),
        rate_limited: meet(rateLimited()),
        unavailable: meet(new UnavailableError('fake.unavailable', 'Later.')),
        hangs: meet('hang'),
      },
      stop: () => Promise.resolve(),
    });
  },
  ['unauthenticated', 'forbidden', 'not_found', 'conflict', 'rate_limited', 'unavailable', 'hangs'],
);

alertSinkContract(
  'in memory',
  () => {
    const sink = new InMemorySink('fake');
    const meet = (trouble: Error | 'hang') => () => {
      sink.failNext(trouble);
    };
    return Promise.resolve({
      sink,
      arrived: () => Promise.resolve(sink.arrived.map(({ id, event }) => ({ id, event: { ...event } }))),
      secrets: [],
      troubles: {
        refused: meet(new InvalidInputError('fake.refused', 'No.')),
        gone: meet(new NotFoundError('fake.gone', 'No.')),
        rate_limited: meet(rateLimited()),
        unavailable: meet(new UnavailableError('fake.unavailable', 'Later.')),
        hangs: meet('hang'),
      },
      stop: () => Promise.resolve(),
    });
  },
  ['refused', 'gone', 'rate_limited', 'unavailable', 'hangs'],
);
