import type { ActivityOf } from '../ocsf-export/activities.js';
import { OPERATIONS, type CloudTrailIgnored, type Operation } from './operations.js';

/** Services that are about identities, rights and secrets: nothing that is done there is ignored. */
const IDENTITY_SERVICES: ReadonlySet<string> = new Set([
  'iam',
  'signin',
  'sts',
  'sso',
  'sso-directory',
  'sso-oauth',
  'ssooidc',
  'identitystore',
  'identitystore-scim',
  'organizations',
  'account',
  'cognito-idp',
  'cognito-identity',
  'secretsmanager',
  'access-analyzer',
  'rolesanywhere',
  'ds',
  'verifiedpermissions',
  'ram',
  'acm-pca',
  'cloudtrail',
]);
/** Calls on the data in a service, of which there are millions: objects, rows, messages, invocations. */
const DATA_CALLS: Readonly<Record<string, RegExp>> = {
  s3: /^(?:Get|Head|Put|Delete|Copy|Restore|Select|List)(?:Object|Objects|ObjectsV2|Parts|ObjectTagging|ObjectAcl|ObjectVersions)$|^(?:Create|Complete|Abort)MultipartUpload$|^UploadPart/,
  lambda: /^Invoke/,
  dynamodb: /^(?:Get|Put|Update|Delete|Query|Scan|BatchGet|BatchWrite|Transact|Execute)/,
  sqs: /^(?:Send|Receive|Delete)Message/,
  sns: /^Publish/,
  kinesis: /^(?:Get|Put)Record/,
  kms: /^(?:Encrypt|GenerateDataKey|GenerateMac|VerifyMac|Sign|Verify|GenerateRandom)/,
};
const READ =
  /^(?:Get|List|Describe|Head|Lookup|Search|BatchGet|BatchDescribe|Query|Scan|Select|View|Filter|Check|Validate|Preview|Simulate|Estimate|Discover|Download|Test|Detect|Generate(?:Credential|Service|Organizations)\w*Report)/;
/** Reads that hand out what lets somebody in: a machine's password, a login to a database, a registry, a fleet. */
const HANDS_OUT =
  /^Get(?:PasswordData|ClusterCredentials|ClusterCredentialsWithIAM|Credentials|AuthorizationToken|InstanceAccessDetails|DevEnvironmentCredentials|EmbedUrl|RelationalDatabaseMasterUserPassword)$|^DownloadDefaultKeyPair$|^RequestAccessToken/;
const VERBS: readonly (readonly [RegExp, ActivityOf<'entity_management'> & ActivityOf<'api_activity'>])[] = [
  [READ, 'read'],
  [/^(?:Create|Add|Run|Register|Import|Allocate|Request|Invite|Put|Upload|Provision|Launch|Publish)/, 'create'],
  [/^(?:Delete|Remove|Terminate|Deregister|Release|Leave|Close|Purge|Revoke|Disassociate|Detach)/, 'delete'],
];
/** Failures that say somebody reached for what he may not have. */
const DENIED = /access ?denied|unauthori[sz]ed|forbidden|not ?authorized|permission/i;

export interface Call {
  /** `iam` of `iam.amazonaws.com`. */
  readonly service: string;
  readonly name: string;
  readonly readOnly: boolean | undefined;
  readonly category: string | undefined;
  readonly type: string | undefined;
  readonly errorCode: string | undefined;
  /** Made by a service of AWS on its own account. */
  readonly byService: boolean;
}

/**
 * What a call means. Calls of identity services are all kept; of the others: what changes something and what was denied. Reading elsewhere, and
 * calls on data, are ignored, since they are millions and say who looked at a list.
 */
export function classify(call: Call): Operation | { readonly ignored: CloudTrailIgnored } {
  const { service, name, errorCode } = call;
  if (call.category === 'Insight' || call.type === 'AwsCloudTrailInsight') return { ignored: 'insight' };
  const known = Object.hasOwn(OPERATIONS, service) ? OPERATIONS[service] : undefined;
  const operation = known !== undefined && Object.hasOwn(known, name) ? known[name] : undefined;
  const signsIn = operation?.class === 'authentication';
  const isRead = call.readOnly ?? READ.test(name);
  if (call.byService && isRead && !signsIn) return { ignored: 'service_call' };
  if (call.byService && service === 'kms') return { ignored: 'service_call' };
  if (operation) return operation;
  if (HANDS_OUT.test(name)) return { class: 'entity_management', activity: 'read', resource: { kind: 'secret', named: HANDED } };
  const denied = errorCode !== undefined && DENIED.test(errorCode);
  if ((call.category === 'Data' || (Object.hasOwn(DATA_CALLS, service) && DATA_CALLS[service]?.test(name))) && !denied)
    return { ignored: 'data_event' };
  const verb = VERBS.find(([pattern]) => pattern.test(name))?.[1] ?? (isRead ? 'read' : 'update');
  if (IDENTITY_SERVICES.has(service) || service === 'kms') {
    if (verb === 'read') return { class: 'api_activity', activity: 'read' };
    return { class: 'entity_management', activity: verb, resource: { kind: kindOf(service, name), named: NAMES } };
  }
  if (isRead && !denied) return { ignored: 'read_only' };
  return { class: 'api_activity', activity: verb };
}

const HANDED = ['instanceId', 'instanceName', 'clusterIdentifier', 'workgroupName', 'relationalDatabaseName', 'domain'];
const NAMES = [
  'policyName',
  'policyArn',
  'policyId',
  'roleName',
  'name',
  'accountId',
  'keyId',
  'secretId',
  'analyzerName',
  'permissionSetArn',
  'instanceProfileName',
  'sAMLProviderArn',
  'openIDConnectProviderArn',
  'userPoolId',
  'trailName',
];

function kindOf(service: string, name: string): 'policy' | 'secret' | 'account' | 'role' | 'group' | 'other' {
  if (service === 'secretsmanager' || service === 'kms' || service === 'acm-pca') return 'secret';
  if (/polic|provider|permissionset|trail|logging|scp|region/i.test(name)) return 'policy';
  if (/role|instanceprofile/i.test(name)) return 'role';
  if (/group/i.test(name)) return 'group';
  return /account|user|organization/i.test(name) ? 'account' : 'other';
}
