import type { Grant } from '@keyward/identity';
import { InvalidInputError } from '@keyward/runtime';

/**
 * Fills `{entitlement.name}`, `{principal}` and the like with what the grant says.
 *
 * @throws InvalidInputError `connector.unmapped` when the grant lacks it
 */
export function fillTemplate(template: string, grant: Grant): string {
  const [system, kind, ...name] = grant.entitlement.split(':');
  const values: Readonly<Record<string, string | undefined>> = {
    'entitlement.system': system,
    'entitlement.kind': kind,
    'entitlement.name': name.join(':'),
    entitlementId: grant.entitlementId,
    principal: grant.principal,
    // `anna@example.com` and the managed account `appsvc@db1` are `anna` and `appsvc` on the server itself.
    'principal.local': grant.principal.split('@', 1)[0],
    principalId: grant.principalId,
  };
  return template.replaceAll(/\{([^}]*)\}/g, (_whole, placeholder: string) => {
    const value = Object.hasOwn(values, placeholder) ? values[placeholder] : undefined;
    if (value === undefined || value === '') {
      throw new InvalidInputError('connector.unmapped', `The grant does not say {${placeholder}}, which the mapping needs.`, {
        context: { grantUid: grant.uid },
      });
    }
    return value;
  });
}
