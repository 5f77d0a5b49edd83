import { route } from './route.js';

export const SCIM_MEDIA_TYPE = 'application/scim+json';
const consumes = [SCIM_MEDIA_TYPE, 'application/json'] as const;
const shared = { tag: 'scim', access: 'scim', produces: SCIM_MEDIA_TYPE } as const;

/** SCIM 2.0 (RFC 7643, RFC 7644): Okta, Entra and others bring users and groups. Bodies and answers are the standard's, errors too. */
export const scimRoutes = {
  'scim.config': route({
    ...shared,
    method: 'GET',
    path: '/scim/v2/ServiceProviderConfig',
    status: 200,
    summary: 'What this SCIM server can do',
  }),
  'scim.types': route({ ...shared, method: 'GET', path: '/scim/v2/ResourceTypes', status: 200, summary: 'Users and groups' }),
  'scim.type': route({ ...shared, method: 'GET', path: '/scim/v2/ResourceTypes/:id', status: 200, summary: 'One resource type' }),
  'scim.schemas': route({ ...shared, method: 'GET', path: '/scim/v2/Schemas', status: 200, summary: 'Attributes of users and groups' }),
  'scim.schema': route({ ...shared, method: 'GET', path: '/scim/v2/Schemas/:id', status: 200, summary: 'One schema' }),
  'scim.users.list': route({
    ...shared,
    method: 'GET',
    path: '/scim/v2/Users',
    status: 200,
    summary: "Users of the token's system: filter, startIndex, count, sortBy, attributes, excludedAttributes",
  }),
  'scim.users.create': route({ ...shared, method: 'POST', path: '/scim/v2/Users', status: 201, summary: 'Create a user', consumes }),
  'scim.users.show': route({ ...shared, method: 'GET', path: '/scim/v2/Users/:id', status: 200, summary: 'One user' }),
  'scim.users.replace': route({ ...shared, method: 'PUT', path: '/scim/v2/Users/:id', status: 200, summary: 'Replace a user', consumes }),
  'scim.users.patch': route({
    ...shared,
    method: 'PATCH',
    path: '/scim/v2/Users/:id',
    status: 200,
    summary: 'Change a user; active false closes the account at that instant',
    consumes,
  }),
  'scim.users.delete': route({ ...shared, method: 'DELETE', path: '/scim/v2/Users/:id', status: 204, summary: 'Delete a user' }),
  'scim.groups.list': route({ ...shared, method: 'GET', path: '/scim/v2/Groups', status: 200, summary: "Groups of the token's system" }),
  'scim.groups.create': route({ ...shared, method: 'POST', path: '/scim/v2/Groups', status: 201, summary: 'Create a group', consumes }),
  'scim.groups.show': route({ ...shared, method: 'GET', path: '/scim/v2/Groups/:id', status: 200, summary: 'One group' }),
  'scim.groups.replace': route({
    ...shared,
    method: 'PUT',
    path: '/scim/v2/Groups/:id',
    status: 200,
    summary: 'Replace a group',
    consumes,
  }),
  'scim.groups.patch': route({
    ...shared,
    method: 'PATCH',
    path: '/scim/v2/Groups/:id',
    status: 200,
    summary: 'Change a group: its name, or members added and removed',
    consumes,
  }),
  'scim.groups.delete': route({ ...shared, method: 'DELETE', path: '/scim/v2/Groups/:id', status: 204, summary: 'Delete a group' }),
} as const;
