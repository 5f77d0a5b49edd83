import type { AccessEvent, SourceId } from '@keyward/events';
import { sourceById } from '../registry.js';
import { activityId, CLASSES } from './activities.js';
import { lostOf } from './lost.js';
import {
  authFactors,
  authProtocol,
  compact,
  endpointObject,
  entityObject,
  groupObject,
  resourceObject,
  UNKNOWN_USER,
  userObject,
  type OcsfObject,
} from './objects.js';

export const OCSF_VERSION = '1.8.0';

/** What every exported event has; the rest depends on its class. */
export interface OcsfEvent extends OcsfObject {
  readonly class_uid: number;
  readonly category_uid: number;
  readonly activity_id: number;
  readonly type_uid: number;
  readonly severity_id: number;
  readonly status_id: number;
  /** Epoch ms UTC. */
  readonly time: number;
  readonly metadata: OcsfObject;
}

const CATEGORY_NAMES: Readonly<Record<number, string>> = {
  1: 'System Activity',
  3: 'Identity & Access Management',
  6: 'Application Activity',
};
const SEVERITY_NAMES = ['Unknown', 'Informational', 'Low', 'Medium', 'High'] as const;

/**
 * An event as OCSF 1.8 JSON: Authentication 3002, Authorize Session 3003, Account Change 3001, User Access Management 3005, Group Management 3006,
 * Entity Management 3004, API Activity 6003, and a command in a privileged session as Process Activity 1007. What OCSF has no attribute for
 * (privilege, credential, ticket, the vendor's own risk) stands under `unmapped`, in Keyward's words.
 */
export function toOcsf(event: AccessEvent): OcsfEvent {
  const definition = CLASSES[event.class];
  const activity = activityId(event.class, event.activity);
  const activityName = caption(event.activity);
  const severity = severityOf(event);
  return {
    class_uid: definition.uid,
    class_name: definition.name,
    category_uid: definition.category,
    category_name: CATEGORY_NAMES[definition.category],
    activity_id: activity,
    activity_name: activityName,
    type_uid: definition.uid * 100 + activity,
    type_name: `${definition.name}: ${activityName}`,
    severity_id: severity,
    severity: SEVERITY_NAMES[severity],
    status_id: event.outcome === 'success' ? 1 : 2,
    status: event.outcome === 'success' ? 'Success' : 'Failure',
    time: event.time,
    metadata: metadataOf(event),
    ...compact({
      message: event.detail,
      status_detail: event.detail,
      status_code: event.auth?.failure,
      actor: actorOf(event),
      src_endpoint: endpointObject(event.src),
      http_request: event.device?.userAgent !== undefined && definition.category !== 1 ? { user_agent: event.device.userAgent } : undefined,
      unmapped: unmappedOf(event),
      ...classMembers(event),
    }),
  };
}

function metadataOf(event: AccessEvent): OcsfObject {
  return { version: OCSF_VERSION, product: productOf(event.source), uid: event.nativeId, event_code: event.code, log_name: event.source };
}

function productOf(source: SourceId): OcsfObject {
  const product = sourceById(source)?.product;
  return product ? { name: product.name, vendor_name: product.vendor } : { name: source };
}

/** Informational; a failure is low; the vendor's own verdict raises it. What Keyward itself thinks stands in its findings. */
function severityOf(event: AccessEvent): 1 | 2 | 3 | 4 {
  switch (event.vendorRisk?.level) {
    case 'high':
      return 4;
    case 'medium':
      return 3;
    case 'low':
      return 2;
    case 'none':
    case undefined:
      return event.outcome === 'success' ? 1 : 2;
  }
}

/** API and Process Activity require an actor. */
function actorOf(event: AccessEvent): OcsfObject | undefined {
  const required = event.class === 'api_activity' || event.class === 'process_activity';
  const session = event.session && compact({ uid: event.session.uid, credential_uid: event.session.tokenId });
  if (!event.actor) return required ? compact({ user: UNKNOWN_USER, session }) : session && { session };
  return compact({ user: userObject(event.actor), session });
}

/** Whom it concerns: the account acted on, else who acted. */
const subjectOf = (event: AccessEvent): OcsfObject => {
  const account = event.target ?? event.actor;
  return account ? userObject(account) : UNKNOWN_USER;
};

function classMembers(event: AccessEvent): Record<string, unknown> {
  const { auth, privilege, resource } = event;
  const entitlements = privilege ? [privilege.entitlement] : undefined;
  switch (event.class) {
    case 'authentication':
      return {
        user: subjectOf(event),
        service: { name: auth?.application ?? (resource?.kind === 'application' ? resource.name : productOf(event.source)['name']) },
        dst_endpoint: resource?.host === undefined ? undefined : { hostname: resource.host },
        session: sessionOf(event),
        is_mfa: auth?.mfa,
        auth_factors: authFactors(auth?.method),
        ...authProtocol(auth?.protocol),
      };
    case 'authorize_session':
      return { user: subjectOf(event), privileges: entitlements ?? [resource?.name ?? event.code], session: sessionOf(event) };
    case 'account_change':
      return { user: subjectOf(event), auth_factors: authFactors(auth?.method) };
    case 'user_access':
      return {
        user: subjectOf(event),
        privileges: entitlements,
        resource: resource && resourceObject(resource),
        resources: resource && [resourceObject(resource)],
      };
    case 'group_management':
      return { group: groupObject(event), user: event.target && userObject(event.target), privileges: entitlements };
    case 'entity_management':
      return { entity: entityObject(event), user: event.target && userObject(event.target) };
    case 'api_activity':
      return {
        api: { operation: event.code },
        src_endpoint: endpointObject(event.src) ?? { svc_name: productOf(event.source)['name'] },
        resources: resource && [resourceObject(resource)],
        user: event.target && userObject(event.target),
      };
    case 'process_activity':
      return {
        process: compact({ cmd_line: event.command ?? '', user: event.target && userObject(event.target) }),
        device: compact({ hostname: resource?.host ?? resource?.name, type_id: 0, type: 'Unknown' }),
        user: event.target && userObject(event.target),
      };
  }
}

const sessionOf = (event: AccessEvent): OcsfObject | undefined =>
  event.session && compact({ uid: event.session.uid, credential_uid: event.session.tokenId, is_mfa: event.auth?.mfa });

function unmappedOf(event: AccessEvent): OcsfObject | undefined {
  const { privilege, credential, ticket, vendorRisk, quantity, resource, device } = event;
  const kind = event.session?.kind;
  const members = compact({
    privilege,
    credential,
    ticket,
    vendor_risk: vendorRisk,
    quantity,
    resource,
    device,
    session_kind: kind,
    keyward: lostOf(event),
  });
  return Object.keys(members).length === 0 ? undefined : members;
}

/** `assign_privileges` is `Assign Privileges`. */
const caption = (activity: string): string => activity.replace(/(?:^|_)([a-z])/g, (_, letter: string) => ` ${letter.toUpperCase()}`).trim();
