import * as linking from './linking.js';
import { route } from './route.js';

/** Whose the accounts of directories are. */
export const linkingRoutes = {
  'links.list': route({
    method: 'GET',
    path: '/v1/links',
    tag: 'organisation',
    access: 'viewer',
    status: 200,
    summary: 'Accounts of directories and whose they are, conflicts first',
    query: linking.AccountLinkQuery,
    response: linking.AccountLinkPage,
  }),
  'links.summary': route({
    method: 'GET',
    path: '/v1/links/summary',
    tag: 'organisation',
    access: 'viewer',
    status: 200,
    summary: 'How many accounts of each system belong to somebody, and how many are in conflict',
    response: linking.LinkSummary,
  }),
  'links.unresolved': route({
    method: 'GET',
    path: '/v1/links/unresolved',
    tag: 'organisation',
    access: 'viewer',
    status: 200,
    summary: 'Accounts that events named and the organisation does not know',
    query: linking.UnresolvedQuery,
    response: linking.UnresolvedAccounts,
  }),
  'links.decide': route({
    method: 'POST',
    path: '/v1/links/decisions',
    tag: 'organisation',
    access: 'analyst',
    status: 201,
    summary: 'Say whose an account is; comes before every rule, for events after it',
    body: linking.NewLinkDecision,
    response: linking.LinkDecisionView,
  }),
  'links.undo': route({
    method: 'DELETE',
    path: '/v1/links/decisions/:uid',
    tag: 'organisation',
    access: 'analyst',
    status: 204,
    summary: 'Take a decision back: the rules hold again',
    query: linking.LinkDecisionUndo,
  }),
} as const;
