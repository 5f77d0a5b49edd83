import { route } from './route.js';
import * as sources from './sources.js';

/** How the sources do. */
export const sourceRoutes = {
  'sources.list': route({
    method: 'GET',
    path: '/v1/sources',
    tag: 'sources',
    access: 'viewer',
    status: 200,
    summary: 'Health of every source that has sent anything in the last 8 weeks',
    query: sources.SourceQuery,
    response: sources.SourceList,
  }),
  'sources.show': route({
    method: 'GET',
    path: '/v1/sources/:source',
    tag: 'sources',
    access: 'viewer',
    status: 200,
    summary: 'One source: reasons with a sample each, accounts of nobody known, addresses without a place, alarms',
    query: sources.SourceQuery,
    response: sources.SourceDetail,
  }),
} as const;
