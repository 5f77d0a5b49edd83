import { join } from 'node:path';

/** The demo's response policy: rules ask for an approval, nothing is taken by itself. @param pam host and port of the demo's PAM */
export function demoPolicy(pam: string, dataDirectory: string): string {
  return `# Written by "npm start" for the demo. Your own: KEYWARD_POLICY_FILE=<file>.
version: 1
rules:
  - id: stop-intruders
    when: { detections: [mfa_fatigue, impossible_travel, password_spray_success, jit_self_approval], minSeverity: high }
    mode: approve
  - id: observe-everything
connectors:
  - id: demo-pam
    product: webhook
    grants: ['*']
    settings: { url: 'http://${pam}/revoke', verifyUrl: 'http://${pam}/standing', secretEnvs: [KEYWARD_DEMO_PAM_SECRET] }
sinks:
  - id: alerts-file
    product: file
    settings: { path: '${join(dataDirectory, 'alerts.ndjson')}' }
guardRails:
  maxRevocationsPerHour: 10
`;
}
