import { spellingOf } from '../spelling.js';

/** Members of Graph's records, and of the envelope of diagnostic settings, that are more than one word. */
export const vendorsSpelling = spellingOf([
  ...['operationName', 'operationVersion', 'operationType', 'resultType', 'resultSignature', 'resultDescription', 'resultReason'],
  ...['callerIpAddress', 'correlationId', 'resourceId', 'tenantId', 'durationMs', 'httpRequest', 'eventTimestamp', 'eventDataId'],
  ...['createdDateTime', 'userPrincipalName', 'userDisplayName', 'userId', 'userType', 'appDisplayName', 'appId', 'ipAddress'],
  ...['ipAddressFromResourceProvider', 'clientAppUsed', 'userAgent', 'deviceDetail', 'deviceId', 'displayName', 'operatingSystem'],
  ...['isCompliant', 'isManaged', 'trustType', 'countryOrRegion', 'geoCoordinates', 'errorCode', 'failureReason', 'additionalDetails'],
  ...['conditionalAccessStatus', 'appliedConditionalAccessPolicies', 'authenticationDetails', 'authenticationMethod'],
  ...['authenticationStepResultDetail', 'authenticationMethodsUsed', 'authenticationRequirement', 'authenticationProtocol'],
  ...['mfaDetail', 'authMethod', 'isInteractive', 'signInEventTypes', 'signInIdentifier', 'alternateSignInName', 'sessionId'],
  ...['uniqueTokenIdentifier', 'resourceDisplayName', 'servicePrincipalId', 'servicePrincipalName', 'clientCredentialType'],
  ...['managedIdentityType', 'networkLocationDetails', 'networkType', 'autonomousSystemNumber', 'riskDetail', 'riskState'],
  ...['riskLevel', 'riskLevelAggregated', 'riskLevelDuringSignIn', 'riskEventType', 'riskEventTypes', 'riskType'],
  ...['riskLastUpdatedDateTime', 'detectedDateTime', 'lastUpdatedDateTime', 'detectionTimingType', 'additionalInfo'],
  ...['activityDateTime', 'activityDisplayName', 'loggedByService', 'initiatedBy', 'targetResources', 'modifiedProperties'],
  ...['oldValue', 'newValue', 'groupType', 'provisioningAction', 'provisioningStatusInfo', 'sourceIdentity', 'targetIdentity'],
]);
