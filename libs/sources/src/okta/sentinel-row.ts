import { isObject, list, text, type JsonObject } from '../json.js';

/**
 * A row of Microsoft Sentinel's table `OktaV2_CL`, whose columns are ASIM's names, as the System Log event that it was made of.
 *
 * @see https://github.com/Azure/Azure-Sentinel "Okta Single Sign-On", parser `OktaSSO`
 * @returns undefined when it is no such row
 */
export function fromSentinelRow(row: JsonObject): JsonObject | undefined {
  const eventType = text(row['EventOriginalType']);
  if (eventType === undefined) return undefined;
  return {
    uuid: row['EventOriginalUid'],
    published: row['TimeGenerated'],
    eventType,
    legacyEventType: row['LegacyEventType'],
    displayMessage: row['EventMessage'],
    severity: row['OriginalSeverity'],
    outcome: { result: row['OriginalOutcomeResult'] ?? row['EventResult'], reason: row['EventOriginalResultDetails'] },
    actor: {
      id: row['OriginalUserId'] ?? row['ActorUserId'],
      type: row['OriginalUserType'] ?? row['ActorUserType'],
      alternateId: row['OriginalActorAlternateId'] ?? row['ActorUsername'],
      displayName: row['ActorDisplayName'],
    },
    client: {
      ipAddress: row['SrcIpAddr'],
      device: row['OriginalClientDevice'],
      id: row['SrcDvcId'],
      zone: row['SrcZone'],
      userAgent: { rawUserAgent: row['HttpUserAgent'], os: row['SrcDvcOs'], browser: row['ActingAppName'] },
      geographicalContext: {
        city: row['SrcGeoCity'],
        state: row['SrcGeoRegion'],
        country: row['SrcGeoCountry'],
        geolocation: { lat: row['SrcGeoLatitude'], lon: row['SrcGeoLongtitude'] ?? row['SrcGeoLongitude'] },
      },
    },
    authenticationContext: { externalSessionId: row['ActorSessionId'], credentialType: row['LogonMethod'] },
    securityContext: {
      asNumber: row['SecurityContextAsNumber'],
      asOrg: row['SecurityContextAsOrg'],
      isProxy: row['SecurityContextIsProxy'],
    },
    debugContext: { debugData: opened(row['DebugData']) },
    request: requestOf(opened(row['Request'])),
    target: opened(row['OriginalTarget']),
    transaction: { id: row['TransactionId'], type: row['TransactionType'], detail: opened(row['TransactionDetail']) },
  };
}

/** The column holds the list of hops, or the object around it. */
const requestOf = (request: unknown): unknown => (isObject(request) ? request : { ipChain: list(request) });

/** Exports write dynamic columns as text. */
function opened(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
