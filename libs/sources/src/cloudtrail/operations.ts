import type { Authentication, Credential, Privilege, Resource } from '@keyward/events';
import type { ActivityOf, ClassifiedActivity } from '../ocsf-export/activities.js';

/** Why a record says nothing about access: a metric label, so a closed set. */
export type CloudTrailIgnored = 'read_only' | 'data_event' | 'service_call' | 'insight' | 'digest';

/** What an operation means beyond class and activity. Lists are names of request parameters: the first that is there counts. */
interface Meaning {
  /** The account acted on. */
  readonly target?: readonly string[];
  /** What it gives or takes. */
  readonly gives?: {
    readonly change: Extract<Privilege['change'], 'granted' | 'revoked'>;
    readonly kind: 'group' | 'policy' | 'permission_set';
    readonly named: readonly string[];
  };
  readonly resource?: { readonly kind: Resource['kind']; readonly named: readonly string[] };
  readonly act?: Credential['act'];
  readonly auth?: Pick<Authentication, 'method' | 'step'>;
  /** A session on a machine, through the service. */
  readonly privileged?: true;
}
export type Operation = ClassifiedActivity & Meaning;

const USER = ['userName', 'username', 'userId', 'memberId', 'principalId'];
const GROUP = ['groupName', 'groupId'];
const ROLE = ['roleName', 'roleArn'];
const POLICY = ['policyName', 'policyArn'];
const SECRET = ['secretId', 'name', 'names', 'path', 'secretIdList'];
const MACHINE = ['target', 'instanceId', 'instanceIds', 'targets'];

const account = (activity: ActivityOf<'account_change'>, more: Meaning = {}): Operation => ({
  class: 'account_change',
  activity,
  target: USER,
  ...more,
});
const entity = (
  activity: ActivityOf<'entity_management'>,
  kind: Resource['kind'],
  named: readonly string[],
  more: Meaning = {},
): Operation => ({
  class: 'entity_management',
  activity,
  resource: { kind, named },
  ...more,
});
const group = (activity: ActivityOf<'group_management'>, more: Meaning = {}): Operation => ({
  class: 'group_management',
  activity,
  resource: { kind: 'group', named: GROUP },
  ...more,
});
const signIn = (activity: ActivityOf<'authentication'>, more: Meaning = {}): Operation => ({ class: 'authentication', activity, ...more });
const member = (change: 'granted' | 'revoked'): Operation =>
  group(change === 'granted' ? 'add_user' : 'remove_user', { target: USER, gives: { change, kind: 'group', named: GROUP } });
const userPolicy = (change: 'granted' | 'revoked'): Operation =>
  account(change === 'granted' ? 'attach_policy' : 'detach_policy', { gives: { change, kind: 'policy', named: POLICY } });
const groupPolicy = (change: 'granted' | 'revoked'): Operation =>
  group(change === 'granted' ? 'attach_policies' : 'detach_policies', { gives: { change, kind: 'policy', named: POLICY } });
const rolePolicy = (change: 'granted' | 'revoked'): Operation => ({
  class: 'user_access',
  activity: change === 'granted' ? 'assign_privileges' : 'revoke_privileges',
  target: ROLE,
  resource: { kind: 'role', named: ROLE },
  gives: { change, kind: 'policy', named: POLICY },
});
const assignment = (change: 'granted' | 'revoked'): Operation => ({
  class: 'user_access',
  activity: change === 'granted' ? 'assign_role' : 'remove_role',
  target: ['principalId'],
  resource: { kind: 'role', named: ['permissionSetArn'] },
  gives: { change, kind: 'permission_set', named: ['permissionSetArn'] },
});

const IAM: Readonly<Record<string, Operation>> = {
  CreateUser: account('create'),
  DeleteUser: account('delete'),
  UpdateUser: account('other'),
  CreateLoginProfile: account('password_reset', { act: 'changed' }),
  UpdateLoginProfile: account('password_reset', { act: 'changed' }),
  DeleteLoginProfile: account('disable'),
  ChangePassword: account('password_change', { act: 'changed' }),
  CreateAccessKey: account('other'),
  UpdateAccessKey: account('other'),
  DeleteAccessKey: account('other'),
  UploadSSHPublicKey: account('other'),
  UpdateSSHPublicKey: account('other'),
  DeleteSSHPublicKey: account('other'),
  UploadSigningCertificate: account('other'),
  UpdateSigningCertificate: account('other'),
  DeleteSigningCertificate: account('other'),
  CreateServiceSpecificCredential: account('other'),
  ResetServiceSpecificCredential: account('other'),
  UpdateServiceSpecificCredential: account('other'),
  DeleteServiceSpecificCredential: account('other'),
  EnableMFADevice: account('mfa_factor_enable'),
  DeactivateMFADevice: account('mfa_factor_disable'),
  ResyncMFADevice: account('other'),
  CreateVirtualMFADevice: entity('create', 'device', ['virtualMFADeviceName']),
  DeleteVirtualMFADevice: entity('delete', 'device', ['serialNumber']),
  TagUser: account('other'),
  UntagUser: account('other'),
  AttachUserPolicy: userPolicy('granted'),
  PutUserPolicy: userPolicy('granted'),
  DetachUserPolicy: userPolicy('revoked'),
  DeleteUserPolicy: userPolicy('revoked'),
  PutUserPermissionsBoundary: account('attach_policy'),
  DeleteUserPermissionsBoundary: account('detach_policy'),
  CreateGroup: group('create'),
  DeleteGroup: group('delete'),
  UpdateGroup: group('update'),
  AddUserToGroup: member('granted'),
  RemoveUserFromGroup: member('revoked'),
  AttachGroupPolicy: groupPolicy('granted'),
  PutGroupPolicy: groupPolicy('granted'),
  DetachGroupPolicy: groupPolicy('revoked'),
  DeleteGroupPolicy: groupPolicy('revoked'),
  AttachRolePolicy: rolePolicy('granted'),
  PutRolePolicy: rolePolicy('granted'),
  DetachRolePolicy: rolePolicy('revoked'),
  DeleteRolePolicy: rolePolicy('revoked'),
  CreateRole: entity('create', 'role', ROLE),
  DeleteRole: entity('delete', 'role', ROLE),
  UpdateRole: entity('update', 'role', ROLE),
  UpdateRoleDescription: entity('update', 'role', ROLE),
  UpdateAssumeRolePolicy: entity('update', 'role', ROLE),
  PutRolePermissionsBoundary: entity('update', 'role', ROLE),
  DeleteRolePermissionsBoundary: entity('update', 'role', ROLE),
  CreateServiceLinkedRole: entity('create', 'role', ['aWSServiceName']),
  DeleteServiceLinkedRole: entity('delete', 'role', ROLE),
  AddRoleToInstanceProfile: entity('update', 'role', ROLE),
  RemoveRoleFromInstanceProfile: entity('update', 'role', ROLE),
  SetDefaultPolicyVersion: entity('update', 'policy', POLICY),
};

const SIGN_IN: Readonly<Record<string, Operation>> = {
  ConsoleLogin: signIn('logon', { auth: { step: 'primary' } }),
  UserAuthentication: signIn('logon', { auth: { step: 'primary' } }),
  CredentialChallenge: signIn('preauth', { auth: { step: 'primary' } }),
  CredentialVerification: signIn('preauth', { auth: { step: 'primary' } }),
  CheckMfa: signIn('preauth', { auth: { step: 'second_factor' } }),
  SwitchRole: signIn('account_switch', { auth: { step: 'session' }, resource: { kind: 'role', named: ['SwitchTo'] } }),
  RenewRole: signIn('account_switch', { auth: { step: 'session' } }),
  ExitRole: signIn('logoff'),
  GetSigninToken: signIn('authentication_ticket', { auth: { step: 'session', method: 'federated' } }),
  Logout: signIn('logoff'),
  PasswordRecoveryRequested: account('other'),
  PasswordRecoveryCompleted: account('password_reset', { act: 'changed' }),
  PasswordUpdated: account('password_change', { act: 'changed' }),
  EmailUpdated: account('other'),
};

const STS: Readonly<Record<string, Operation>> = {
  AssumeRole: signIn('account_switch', { auth: { step: 'session' }, resource: { kind: 'role', named: ['roleArn'] } }),
  AssumeRoot: signIn('account_switch', { auth: { step: 'session' }, resource: { kind: 'role', named: ['targetPrincipal'] } }),
  AssumeRoleWithSAML: signIn('logon', { auth: { step: 'primary', method: 'federated' }, resource: { kind: 'role', named: ['roleArn'] } }),
  AssumeRoleWithWebIdentity: signIn('logon', {
    auth: { step: 'primary', method: 'federated' },
    resource: { kind: 'role', named: ['roleArn'] },
  }),
  GetSessionToken: signIn('authentication_ticket', { auth: { step: 'session', method: 'token' } }),
  GetFederationToken: signIn('authentication_ticket', { auth: { step: 'session', method: 'token' } }),
};

/** IAM Identity Center: portal, administration, its own directory. */
const SSO: Readonly<Record<string, Operation>> = {
  Authenticate: signIn('logon', { auth: { step: 'primary', method: 'federated' } }),
  Federate: signIn('logon', {
    auth: { step: 'session', method: 'federated' },
    resource: { kind: 'role', named: ['role_name', 'roleName'] },
  }),
  Logout: signIn('logoff'),
  CreateToken: signIn('authentication_ticket', { auth: { step: 'session', method: 'token' } }),
  CreateTokenWithIAM: signIn('authentication_ticket', { auth: { step: 'session', method: 'token' } }),
  StartDeviceAuthorization: signIn('preauth', { auth: { step: 'session' } }),
  GetRoleCredentials: signIn('authentication_ticket', {
    auth: { step: 'session' },
    resource: { kind: 'role', named: ['role_name', 'roleName'] },
  }),
  CreateAccountAssignment: assignment('granted'),
  DeleteAccountAssignment: assignment('revoked'),
  CreateUser: account('create'),
  CreateUsers: account('create'),
  DeleteUser: account('delete'),
  UpdateUser: account('other'),
  DisableUser: account('disable'),
  EnableUser: account('enable'),
  UpdatePassword: account('password_change', { act: 'changed' }),
  AdminResetPassword: account('password_reset', { act: 'changed' }),
  ResetPassword: account('password_reset', { act: 'changed' }),
  CompleteVirtualMfaDeviceRegistration: account('mfa_factor_enable'),
  CompleteWebauthnDeviceRegistration: account('mfa_factor_enable'),
  DeleteMfaDeviceForUser: account('mfa_factor_disable'),
  UpdateMfaDeviceForUser: account('other'),
  CreateGroup: group('create'),
  DeleteGroup: group('delete'),
  UpdateGroup: group('update'),
  AddMemberToGroup: member('granted'),
  RemoveMemberFromGroup: member('revoked'),
  CreateGroupMembership: member('granted'),
  DeleteGroupMembership: member('revoked'),
};

const COGNITO: Readonly<Record<string, Operation>> = {
  InitiateAuth: signIn('logon', { target: [], auth: { step: 'primary' } }),
  AdminInitiateAuth: signIn('logon', { auth: { step: 'primary' } }),
  RespondToAuthChallenge: signIn('logon', { auth: { step: 'second_factor' } }),
  AdminRespondToAuthChallenge: signIn('logon', { auth: { step: 'second_factor' } }),
  GlobalSignOut: signIn('logoff'),
  AdminUserGlobalSignOut: signIn('logoff'),
  SignUp: account('create'),
  AdminCreateUser: account('create'),
  AdminDeleteUser: account('delete'),
  DeleteUser: account('delete'),
  AdminDisableUser: account('disable'),
  AdminEnableUser: account('enable'),
  AdminSetUserPassword: account('password_reset', { act: 'changed' }),
  AdminResetUserPassword: account('password_reset', { act: 'changed' }),
  ChangePassword: account('password_change', { act: 'changed' }),
  ForgotPassword: account('other'),
  ConfirmForgotPassword: account('password_reset', { act: 'changed' }),
  AdminSetUserMFAPreference: account('other'),
  SetUserMFAPreference: account('other'),
  AdminUpdateUserAttributes: account('other'),
  AdminAddUserToGroup: member('granted'),
  AdminRemoveUserFromGroup: member('revoked'),
  CreateGroup: group('create'),
  DeleteGroup: group('delete'),
  UpdateGroup: group('update'),
};

const SECRETS: Readonly<Record<string, Operation>> = {
  GetSecretValue: entity('read', 'secret', SECRET, { act: 'checked_out' }),
  BatchGetSecretValue: entity('read', 'secret', SECRET),
  PutSecretValue: entity('update', 'secret', SECRET, { act: 'changed' }),
  UpdateSecret: entity('update', 'secret', SECRET),
  RotateSecret: entity('update', 'secret', SECRET, { act: 'changed' }),
  RotationSucceeded: entity('update', 'secret', SECRET, { act: 'changed' }),
  CreateSecret: entity('create', 'secret', SECRET),
  DeleteSecret: entity('delete', 'secret', SECRET),
  RestoreSecret: entity('resume', 'secret', SECRET),
};

const SSM: Readonly<Record<string, Operation>> = {
  StartSession: signIn('logon', { privileged: true, auth: { step: 'session' }, resource: { kind: 'host', named: MACHINE } }),
  ResumeSession: signIn('logon', { privileged: true, auth: { step: 'session' } }),
  TerminateSession: signIn('logoff', { privileged: true }),
  SendCommand: { class: 'process_activity', activity: 'launch', resource: { kind: 'host', named: MACHINE } },
  GetParameter: entity('read', 'secret', SECRET),
  GetParameters: entity('read', 'secret', SECRET),
  GetParametersByPath: entity('read', 'secret', SECRET),
  GetParameterHistory: entity('read', 'secret', SECRET),
  PutParameter: entity('update', 'secret', SECRET),
  DeleteParameter: entity('delete', 'secret', SECRET),
  DeleteParameters: entity('delete', 'secret', SECRET),
};

const KEY = ['keyId', 'targetKeyId', 'aliasName'];
const KMS: Readonly<Record<string, Operation>> = {
  Decrypt: entity('read', 'secret', KEY),
  ReEncrypt: entity('read', 'secret', KEY),
  CreateKey: entity('create', 'secret', KEY),
  ScheduleKeyDeletion: entity('delete', 'secret', KEY),
  DisableKey: entity('disable', 'secret', KEY),
  EnableKey: entity('enable', 'secret', KEY),
  PutKeyPolicy: entity('update', 'secret', KEY),
  CreateGrant: entity('update', 'secret', KEY),
  RevokeGrant: entity('update', 'secret', KEY),
  RetireGrant: entity('update', 'secret', KEY),
};

const CONNECT: Readonly<Record<string, Operation>> = {
  SendSSHPublicKey: signIn('logon', { auth: { step: 'session', method: 'key' }, resource: { kind: 'host', named: MACHINE } }),
  SendSerialConsoleSSHPublicKey: signIn('logon', { auth: { step: 'session', method: 'key' }, resource: { kind: 'host', named: MACHINE } }),
  OpenTunnel: signIn('logon', { auth: { step: 'session' }, resource: { kind: 'host', named: ['remoteHost', ...MACHINE] } }),
};

/** Operations by service, without `.amazonaws.com`. */
export const OPERATIONS: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
  iam: IAM,
  signin: SIGN_IN,
  sts: STS,
  sso: SSO,
  'sso-directory': SSO,
  identitystore: SSO,
  'sso-oauth': SSO,
  ssooidc: SSO,
  'cognito-idp': COGNITO,
  secretsmanager: SECRETS,
  ssm: SSM,
  kms: KMS,
  'ec2-instance-connect': CONNECT,
};
