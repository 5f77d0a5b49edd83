import { route } from './route.js';
import * as verdicts from './verdicts.js';

/** What people say of alerts, and scoring learns from. */
export const verdictRoutes = {
  'verdicts.list': route({
    method: 'GET',
    path: '/v1/verdicts',
    tag: 'verdicts',
    access: 'viewer',
    status: 200,
    summary: 'Verdicts on alerts, newest first',
    query: verdicts.VerdictQuery,
    response: verdicts.VerdictPage,
  }),
  'verdicts.preview': route({
    method: 'POST',
    path: '/v1/alerts/:uid/verdicts/preview',
    tag: 'verdicts',
    access: 'analyst',
    status: 200,
    summary: 'What a verdict would change; changes nothing',
    body: verdicts.VerdictWish,
    response: verdicts.VerdictPreview,
  }),
  'verdicts.create': route({
    method: 'POST',
    path: '/v1/alerts/:uid/verdicts',
    tag: 'verdicts',
    access: 'analyst',
    status: 201,
    summary: 'Say that an alert was benign or malicious: sets its status, and scoring learns it',
    body: verdicts.NewVerdict,
    response: verdicts.VerdictView,
  }),
  'verdicts.undo': route({
    method: 'DELETE',
    path: '/v1/verdicts/:uid',
    tag: 'verdicts',
    access: 'analyst',
    status: 200,
    summary: 'Take a verdict back: from then on scores are as if it had not been given, and its alert is open again',
    query: verdicts.VerdictUndo,
    response: verdicts.VerdictView,
  }),
} as const;
