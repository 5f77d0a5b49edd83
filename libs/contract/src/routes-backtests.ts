import * as backtests from './backtests.js';
import { route } from './route.js';

/** What a change would have done with the stored history. */
export const backtestRoutes = {
  'backtests.create': route({
    method: 'POST',
    path: '/v1/backtests',
    tag: 'backtests',
    access: 'analyst',
    status: 202,
    summary: 'Try a change of budget, detections, duties or response policy on the stored history; one runs at a time',
    body: backtests.NewBacktest,
    response: backtests.BacktestSummary,
  }),
  'backtests.list': route({
    method: 'GET',
    path: '/v1/backtests',
    tag: 'backtests',
    access: 'viewer',
    status: 200,
    summary: 'The newest backtests, without their results',
    response: backtests.BacktestList,
  }),
  'backtests.settings': route({
    method: 'GET',
    path: '/v1/backtests/settings',
    tag: 'backtests',
    access: 'viewer',
    status: 200,
    summary: 'What is in force, and what a change may touch',
    response: backtests.BacktestSettings,
  }),
  'backtests.show': route({
    method: 'GET',
    path: '/v1/backtests/:id',
    tag: 'backtests',
    access: 'viewer',
    status: 200,
    summary: 'How far it is, and what came of it',
    response: backtests.BacktestDetail,
  }),
  'backtests.cancel': route({
    method: 'DELETE',
    path: '/v1/backtests/:id',
    tag: 'backtests',
    access: 'analyst',
    status: 200,
    summary: 'Stop one that waits or runs',
    response: backtests.BacktestSummary,
  }),
} as const;
