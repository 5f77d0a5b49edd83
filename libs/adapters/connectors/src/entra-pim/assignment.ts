import type { Grant } from '@keyward/identity';
import { InvalidInputError, NotFoundError } from '@keyward/runtime';
import { z } from 'zod';
import type { GraphApi } from './graph-api.js';

/** What Graph calls the thing that a grant is: a directory role, or membership or ownership of a group that PIM governs. */
export type Assignment =
  | { readonly kind: 'role'; readonly principalId: string; readonly roleDefinitionId: string; readonly directoryScopeId: string }
  | { readonly kind: 'group'; readonly principalId: string; readonly groupId: string; readonly accessId: 'member' | 'owner' };

/** Scopes of Azure RBAC, which PIM governs too, by another API. A directory scope is `/`, `/administrativeUnits/<id>` or `/<object id>`. */
const AZURE_SCOPE = /^\/(?:subscriptions|providers)\//i;

const WithId = z.object({ id: z.string() });
/** Strings in an OData filter: a quote is doubled. */
const quoted = (text: string): string => encodeURIComponent(`'${text.replaceAll("'", "''")}'`);

/**
 * Entitlements `entra:role:<name>`, `entra:group:<name>` and `entra:group_owner:<name>`. Ids come from the grant, where the audit log gave them,
 * and are looked up by name otherwise.
 *
 * @throws InvalidInputError, NotFoundError when it can't be said for sure which principal, role or group is meant
 */
export async function assignmentOf(grant: Grant, graph: GraphApi, signal: AbortSignal): Promise<Assignment> {
  const [, kind = '', ...rest] = grant.entitlement.split(':');
  const name = rest.join(':');
  if (grant.scopeId !== undefined && (!grant.scopeId.startsWith('/') || AZURE_SCOPE.test(grant.scopeId))) {
    throw new InvalidInputError(
      'entra_pim.azure_resource',
      'A role on Azure resources is taken back through Azure Resource Manager, not through Graph.',
      {
        context: { grantUid: grant.uid },
      },
    );
  }
  const principalId = grant.principalId ?? (await principalIdOf(grant.principal, graph, signal));
  switch (kind) {
    case 'role': {
      const path = `/roleManagement/directory/roleDefinitions?$select=id&$filter=displayName%20eq%20${quoted(name)}`;
      const roleDefinitionId = grant.entitlementId ?? (await onlyOne(path, `role ${name}`, graph, signal));
      return { kind: 'role', principalId, roleDefinitionId, directoryScopeId: grant.scopeId ?? '/' };
    }
    case 'group':
    case 'group_owner': {
      const path = `/groups?$select=id&$filter=displayName%20eq%20${quoted(name)}`;
      const groupId = grant.entitlementId ?? (await onlyOne(path, `group ${name}`, graph, signal));
      return { kind: 'group', principalId, groupId, accessId: kind === 'group' ? 'member' : 'owner' };
    }
    default:
      throw new InvalidInputError('entra_pim.unmapped', 'Entra PIM answers for entitlements of kind role, group and group_owner.', {
        context: { grantUid: grant.uid },
      });
  }
}

async function principalIdOf(principal: string, graph: GraphApi, signal: AbortSignal): Promise<string> {
  const answer = await graph.call('GET', `/users/${encodeURIComponent(principal)}?$select=id`, signal);
  if (!answer.ok) throw answer.error;
  const user = WithId.safeParse(answer.json);
  if (!user.success) throw new NotFoundError('entra_pim.unknown_principal', 'Graph knows no such user.');
  return user.data.id;
}

async function onlyOne(path: string, what: string, graph: GraphApi, signal: AbortSignal): Promise<string> {
  const found = await graph.list(path, WithId, signal);
  const [first] = found;
  if (!first) throw new NotFoundError('entra_pim.unknown_entitlement', `Graph knows no ${what}.`);
  if (found.length > 1)
    throw new InvalidInputError('entra_pim.ambiguous', `Graph knows several of name ${what}: nothing is removed by guessing.`);
  return first.id;
}

const Instance = z.object({
  principalId: z.string(),
  assignmentType: z.string().nullish(),
  memberType: z.string().nullish(),
  roleDefinitionId: z.string().nullish(),
  directoryScopeId: z.string().nullish(),
  groupId: z.string().nullish(),
  accessId: z.string().nullish(),
});

/** What of the assignment is active now, one sentence each; empty: nothing. */
export async function activeInstances(assignment: Assignment, graph: GraphApi, signal: AbortSignal): Promise<string[]> {
  const principal = `principalId%20eq%20${quoted(assignment.principalId)}`;
  const path =
    assignment.kind === 'role'
      ? `/roleManagement/directory/roleAssignmentScheduleInstances?$filter=${principal}%20and%20roleDefinitionId%20eq%20${quoted(assignment.roleDefinitionId)}`
      : `/identityGovernance/privilegedAccess/group/assignmentScheduleInstances?$filter=${principal}`;
  const instances = await graph.list(path, Instance, signal);
  return instances.filter((instance) => isSame(assignment, instance)).map((instance) => describe(assignment, instance));
}

/** A role that stands for the whole directory stands for each part of it too. */
function isSame(assignment: Assignment, instance: z.infer<typeof Instance>): boolean {
  if (instance.principalId !== assignment.principalId) return false;
  return assignment.kind === 'role'
    ? instance.roleDefinitionId === assignment.roleDefinitionId &&
        (instance.directoryScopeId === assignment.directoryScopeId || instance.directoryScopeId === '/')
    : instance.groupId === assignment.groupId && instance.accessId === assignment.accessId;
}

function describe(assignment: Assignment, { assignmentType, memberType, directoryScopeId }: z.infer<typeof Instance>): string {
  const how = `${(assignmentType ?? 'unknown').toLowerCase()}, ${(memberType ?? 'direct').toLowerCase()}`;
  return assignment.kind === 'role'
    ? `The role is still active in scope ${directoryScopeId ?? '/'} (${how}).`
    : `The group's ${assignment.accessId === 'member' ? 'membership' : 'ownership'} is still active (${how}).`;
}
